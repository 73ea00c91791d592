"""docs/import-people.md names every column and record as the importer reads them, and its sample can be imported."""

import re
from pathlib import Path

from contracts.catalog_files import DEFAULT_FOLDER, load_catalogue
from deploy.people_import.columns import COLUMNS, OBJECTS, RECORDS
from deploy.people_import.drafts import draft
from deploy.people_import.faults import _TEXTS
from deploy.people_import.reading import households, look
from tests.people_import.files import TODAY
from tests.people_import.house import House

DOCS = DEFAULT_FOLDER.parent / "docs"
PAGE = (DOCS / "import-people.md").read_text(encoding="utf-8")
SAMPLE = DOCS / "people-import-sample.csv"


def table(heading: str) -> list[list[str]]:
    """The cells of the page's table that begins with that heading."""
    lines = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_lists_every_column_with_its_chinese_name() -> None:
    assert {row[0].strip("`"): row[1] for row in table("column")} == dict(COLUMNS)


def test_the_page_lists_every_record_with_its_columns() -> None:
    told = {}
    for row in table("record"):
        cells = re.sub(r"`record_no` or `key`|\[`key`\]", "", row[1])
        may = set(re.findall(r"\[`(\w+)`\]", cells))
        told[row[0].strip("`")] = {name: name not in may for name in re.findall(r"`(\w+)`", cells)}
    read = {
        kind: {name: cell.required for name, cell in columns.items() if name not in ("record_no", "key")}
        for kind, columns in RECORDS.items()
    }
    assert told == read
    assert {row[0].strip("`") for row in table("record") if "record_no" in row[1]} == OBJECTS


def test_every_code_that_the_page_names_is_one() -> None:
    named = re.findall(
        r"`(\w+)`", PAGE.split("contradicts the register or an owner is told (")[1].split(")")[0]
    )
    assert named and set(named) <= set(_TEXTS)


def test_the_sample_is_sound_and_has_every_kind_of_record_in_every_region() -> None:
    drafts = [draft(lines, TODAY) for lines in households(SAMPLE, look(SAMPLE).encoding or "")]
    assert [fault for one in drafts for fault in one.faults] == []
    kinds = {record.kind for one in drafts for record in one.records}
    assert kinds == set(RECORDS) - {"household", "person"}
    counties = {one.head.values["region"][:6] for one in drafts if one.head}
    assert counties == set(load_catalogue().tree.demo_counties)
    assert all(number.startswith("99") for one in drafts for number in one.numbers())


async def test_the_sample_is_imported_without_a_fault(house: House, tmp_path: Path) -> None:
    copy = tmp_path / SAMPLE.name
    copy.write_bytes(SAMPLE.read_bytes())
    report = await house.importer().run_file(copy)
    assert (report.households, report.refused, report.faults) == (5, 0, 0)
