import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "locks").glob("*.lock"))


def requirements(lock: Path) -> dict[str, str]:
    """Name → the whole requirement with its hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + lock.read_text(encoding="utf-8"))
    return {entry.split("==")[0].split("[")[0]: entry for entry in entries if "==" in entry}


def test_every_input_has_its_lock() -> None:
    assert {lock.stem for lock in LOCKS} == {source.stem for source in (ROOT / "locks").glob("*.in")}
    assert LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_of_a_lock_carries_hashes(lock: Path) -> None:
    assert [name for name, entry in requirements(lock).items() if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("path", sorted((ROOT / "locks").iterdir()), ids=lambda path: path.name)
def test_no_address_of_an_index_stands_in_a_lock(path: Path) -> None:
    assert (
        re.findall(r"https?://|--(?:extra-)?index-url|--find-links", path.read_text(encoding="utf-8")) == []
    )


@pytest.mark.parametrize(("narrow", "wide"), [("run", "test"), ("test", "bench")])
def test_a_wider_lock_has_the_same_versions(narrow: str, wide: str) -> None:
    def versions(name: str) -> dict[str, str]:
        found = requirements(ROOT / "locks" / f"{name}.lock")
        return {package: entry.split()[0] for package, entry in found.items()}

    assert versions(narrow).items() <= versions(wide).items()
