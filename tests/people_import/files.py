"""Import files for tests: lines as dicts, invented people, and the ways in which a file can be written."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from contracts.catalog_files import load_catalogue
from deploy.local.people import numbers
from deploy.local.people.generate import Population, places_of
from deploy.local.people.model import SyntheticHousehold
from deploy.local.people.rows import rows_of
from deploy.people_import.columns import COLUMNS

TODAY = date(2026, 3, 2)
TOWN = "331022901000"
Row = dict[str, str]
# Beyond the households that tests' databases hold already.
FIRST = 5000


def number(household: int, slot: int = 0, *, born: date = date(1950, 5, 17), sex: str = "male") -> str:
    """A valid number of nobody."""
    return numbers.id_number(FIRST + household, slot, born, "male" if sex == "male" else "female")


def synthetic(count: int, first: int = 0) -> list[SyntheticHousehold]:
    """Invented households that no test's database holds."""
    population = Population(places_of(load_catalogue().regions.values(), TODAY), TODAY.replace(day=1))
    return [population.household(FIRST + first + index) for index in range(count)]


def rows(household: SyntheticHousehold) -> list[Row]:
    """A generated household as rows of text."""
    return [
        {name: str(value) for name, value in row.items() if value is not None} for row in rows_of(household)
    ]


def family(nth: int = 0) -> list[Row]:
    """A couple on dibao of a source that gives no keys: household, man, woman, marriage, dibao, card, bed."""
    man, woman = number(nth), number(nth, 1, sex="female")
    common = {"source": "县低保系统", "household": f"H{nth}"}
    made: list[Row] = [
        {"record": "household", "region": TOWN, "amount_fen": "30000"},
        {"record": "person", "id_number": man, "name": "王大山", "phone": "15400000000", "marital_state": "married"},
        {"record": "person", "id_number": woman, "name": "李小花", "marital_state": "married"},
        {"record": "marriage", "record_no": f"M{nth}", "id_number": man, "other_id_number": woman,
         "from": "1975-10-01"},
        {"record": "assistance", "record_no": f"A{nth}", "id_number": man, "kind": "dibao",
         "amount_fen": "120000", "payee_id_number": man, "from": "2020-01-01", "through": "2026-02"},
        {"record": "elder_card", "record_no": f"C{nth}", "id_number": man, "number": f"YD{nth:05d}",
         "from": "2012-01-01"},
        {"record": "bed", "record_no": f"B{nth}", "id_number": woman, "kind": "institution",
         "home_name": "松鹤养老院", "number": f"X{nth}", "from": "2025-06-01"},
    ]  # fmt: skip
    return [{**common, **row} for row in made]


def changed(lines: list[Row], record: str, nth: int = 1, **cells: str) -> list[Row]:
    """The same lines with cells of the nth record of that kind set (empty: cleared). `since` stands for `from`."""
    cells = {"from" if name == "since" else name: value for name, value in cells.items()}
    places = [place for place, row in enumerate(lines) if row["record"] == record]
    copy = [dict(row) for row in lines]
    copy[places[nth - 1]].update(cells)
    return copy


def text(lines: Iterable[Row], columns: Sequence[str] = tuple(COLUMNS)) -> str:
    """CSV with the columns' own names."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: value for name, value in row.items() if value != ""} for row in lines)
    return file.getvalue()


def write(folder: Path, lines: Iterable[Row], name: str = "people.csv", encoding: str = "utf-8") -> Path:
    """The file of these rows."""
    path = folder / name
    path.write_bytes(text(lines).encode(encoding))
    return path
