"""docs/add-a-region.md does what it says: its blocks are executed in order on a copy of the catalogue."""

import re
import shutil
from pathlib import Path

import pytest

from contracts.catalog_files import DEFAULT_FOLDER, check, load_catalogue
from gateway.sign_in.directory import Directory

PAGE = DEFAULT_FOLDER.parent / "docs" / "add-a-region.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = "330600-shaoxing.yaml"


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if kind == language]


def edit(folder: Path, text: str) -> None:
    """The page's first block of YAML is the file; each later one adds entries under its key."""
    file = folder / "regions" / FILE
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        return
    content, key = file.read_text(encoding="utf-8"), text.splitlines()[0]
    assert content.count(f"\n{key}\n") == 1
    file.write_text(content.replace(f"\n{key}\n", f"\n{text}"), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "catalog"))


def test_every_block_of_the_page_works_in_order(folder: Path) -> None:
    names: dict[str, object] = {"folder": folder}
    ran = {"yaml": 0, "python": 0}
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "yaml":
            edit(folder, text)
        elif language == "python":
            exec(compile(text, str(PAGE), "exec"), names)
        if language in ran:
            ran[language] += 1
    assert ran == {"yaml": 3, "python": 4}
    assert check(folder) == []


def test_the_mistake_of_the_page_is_told_with_its_line(folder: Path) -> None:
    row = '    name: 诸暨市\n    city: "330600"'
    assert row in blocks("yaml")[0]
    edit(folder, blocks("yaml")[0].replace(row, row.replace("330600", "330700")))
    lines = (folder / "regions" / FILE).read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "330700" in text)
    file, reason = blocks("text")[0].strip().split(": ", 1)
    assert f"{file}:{line}: {reason}" in [str(fault) for fault in check(folder)]


def test_the_new_region_has_its_demo_users(folder: Path) -> None:
    edit(folder, blocks("yaml")[0])
    staff = [
        user.user
        for user in Directory(load_catalogue(folder), register=None).staff()
        if "330681" in user.user
    ]
    for role in ("window_clerk", "county_supervisor", "registrar", "funeral_home", "provider"):
        assert f"{role}-330681" in staff
    assert {"township_officer-330681-1", "township_officer-330681-2"} <= set(staff)
