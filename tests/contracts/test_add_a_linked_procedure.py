"""docs/add-a-linked-procedure.md does what it says: its blocks are executed in order on a copy of the catalogue."""

import re
import shutil
from pathlib import Path

import pytest

from contracts.catalog_files import DEFAULT_FOLDER, check

PAGE = DEFAULT_FOLDER.parent / "docs" / "add-a-linked-procedure.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def add_row(folder: Path, text: str) -> None:
    file = folder / "life_events" / "death.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def add_promise(folder: Path, text: str) -> None:
    file = folder / "regions" / "430000-hunan.yaml"
    content = file.read_text(encoding="utf-8")
    assert content.count("\npromises:\n") == 1
    file.write_text(content.replace("\npromises:\n", f"\npromises:\n{text}"), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "catalog"))


def test_every_block_of_the_page_works_in_order(folder: Path) -> None:
    edits = [add_row, add_promise]
    names: dict[str, object] = {"folder": folder}
    ran = 0
    for language, text in blocks():
        if language == "yaml":
            edits.pop(0)(folder, text)
        elif language == "python":
            exec(compile(text, str(PAGE), "exec"), names)
            ran += 1
    assert (edits, ran) == ([], 3)


def test_the_mistake_of_the_page_is_told_with_its_line(folder: Path) -> None:
    row = next(text for language, text in blocks() if language == "yaml")
    shown = next(text for language, text in blocks() if language == "text").strip()
    add_row(folder, row.replace("to: help}", "to: helpp}"))
    lines = (folder / "life_events" / "death.yaml").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "helpp" in text)
    file, reason = shown.split(": ", 1)
    assert f"{file}:{line}: {reason}" in [str(fault) for fault in check(folder)]
