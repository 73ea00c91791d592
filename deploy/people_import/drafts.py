"""The lines of one household, read and judged by themselves: whose record it is, what it says, what is wrong.

Nothing here looks at a database; `judging` compares drafts with what stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from deploy.people_import.cells import CellFault, past_day, past_days
from deploy.people_import.columns import OBJECTS, RECORDS, Cell
from deploy.people_import.faults import Fault
from deploy.people_import.reading import Line
from kernel.errors import Problem
from kernel.public_service.identifiers import check_resident_id

# Held by all of a household together: one of a kind for the household, not for a person.
SHARED = frozenset({"dibao", "edge", "rigid"})
_ONE_OF_A_KIND = frozenset({"assistance", "allowance"})
_PAST = frozenset({past_day, past_days})


@dataclass(frozen=True, slots=True)
class Record:
    """One line as values. `object`: its key in the owner's tables; the same source and number give the same one."""

    line: int
    kind: str
    source: str
    object: UUID
    values: Mapping[str, Any]

    @property
    def number(self) -> str:
        """Whose it is, by ID number."""
        return str(self.values.get("id_number", ""))


@dataclass(slots=True)
class Draft:
    """A household as the file has it. `head` is its own line; none when it is missing."""

    lines: Sequence[Line]
    head: Record | None = None
    people: dict[str, Record] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def last_line(self) -> int:
        return self.lines[-1].number

    def numbers(self) -> set[str]:
        """Every ID number that is named, of the household or not."""
        named = ("id_number", "other_id_number", "payee_id_number")
        found = {record.values.get(name) for record in self.records for name in named}
        return {number for number in found if number} | set(self.people)

    def spouses(self) -> dict[str, str]:
        """Wife by husband and husband by wife."""
        found: dict[str, str] = {}
        for record in self.records:
            if record.kind == "marriage":
                husband, wife = record.number, str(record.values["other_id_number"])
                found |= {husband: wife, wife: husband}
        return found


def derived(*parts: str) -> UUID:
    """A key that follows from what a source calls a thing."""
    return uuid5(NAMESPACE_URL, "lianban:import:" + "/".join(parts))


def draft(lines: Sequence[Line], today: date) -> Draft:
    """Read a household; all that is wrong in itself stands in `faults`."""
    made = Draft(lines)
    for line in lines:
        if line.fault is not None:
            made.faults.append(line.fault)
        elif (record := _record(line, today, made.faults)) is not None:
            _place(made, record)
    if not made.faults:
        made.faults += _whole(made)
    return made


def _record(line: Line, today: date, faults: list[Fault]) -> Record | None:
    cells, kind = line.cells, line.cells.get("record", "")
    before = len(faults)
    if kind not in RECORDS:
        faults.append(Fault(line.number, "record", "record_unknown"))
        return None
    for name in ("source", "household"):
        if name not in cells:
            faults.append(Fault(line.number, name, "required"))
    values = _values(line, RECORDS[kind], faults)
    faults += _future(line.number, RECORDS[kind], values, today)
    for name in ("id_number", "other_id_number", "payee_id_number"):
        if name in values:
            faults += _number_faults(line.number, name, values, today, own=kind == "person")
    if kind in OBJECTS and not {"key", "record_no"} & values.keys():
        faults.append(Fault(line.number, "record_no", "record_no_missing"))
    if len(faults) > before:
        return None
    return Record(line.number, kind, cells["source"], _object(kind, cells, values), values)


def _values(line: Line, wanted: Mapping[str, Cell], faults: list[Fault]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in line.cells:
        if name not in wanted and name not in ("source", "household", "record"):
            faults.append(Fault(line.number, name, "not_used"))
    for name, cell in wanted.items():
        text = line.cells.get(name)
        if text is None:
            if cell.required:
                faults.append(Fault(line.number, name, "required"))
            continue
        try:
            values[name] = cell.read(text)
        except CellFault as fault:
            faults.append(Fault(line.number, name, fault.code))
    return values


def _future(line: int, wanted: Mapping[str, Cell], values: Mapping[str, Any], today: date) -> Iterator[Fault]:
    for name, value in values.items():
        days = value if isinstance(value, tuple) else (value,)
        if (wanted[name].read in _PAST or name == "birth_date") and any(one > today for one in days):
            yield Fault(line, name, "future")


def _number_faults(
    line: int, name: str, values: Mapping[str, Any], today: date, *, own: bool
) -> Iterator[Fault]:
    """The number itself; a person's own must also agree with the sex and birth date beside it."""
    try:
        read = check_resident_id(values[name], today)
    except Problem as problem:
        yield Fault(line, name, problem.errors[0].code)
        return
    if own and values.get("sex", read.sex) != read.sex:
        yield Fault(line, "sex", "sex_differs")
    if own and values.get("birth_date", read.birth_date) != read.birth_date:
        yield Fault(line, "birth_date", "birth_differs")


def _object(kind: str, cells: Mapping[str, str], values: Mapping[str, Any]) -> UUID:
    if "key" in values:
        return UUID(str(values["key"]))
    if kind == "household":
        return derived(cells["source"], kind, cells["household"])
    if kind in OBJECTS:
        return derived(cells["source"], kind, cells["record_no"])
    return uuid4()  # a new person's key says nothing (design 7); a relation's is never used


def _place(made: Draft, record: Record) -> None:
    if record.kind == "household":
        if made.head is not None:
            made.faults.append(Fault(record.line, "household", "household_twice"))
        elif made.people or made.records:
            made.faults.append(Fault(record.line, "household", "household_line_missing"))
        made.head = made.head or record
    elif record.kind == "person":
        if record.number in made.people:
            made.faults.append(Fault(record.line, "id_number", "person_twice"))
        made.people.setdefault(record.number, record)
    else:
        made.records.append(record)


def _whole(made: Draft) -> Iterator[Fault]:
    """What only the whole household shows."""
    first = made.lines[0].number
    if made.head is None:
        yield Fault(first, "household", "household_line_missing")
    if not made.people:
        yield Fault(first, "record", "no_person")
    objects: set[UUID] = set()
    for person in made.people.values():
        if person.object in objects:
            yield Fault(person.line, "key", "key_taken")
        objects.add(person.object)
    held: set[tuple[str, ...]] = set()
    for record in made.records:
        yield from _of_household(made, record)
        if record.kind in OBJECTS:
            if record.object in objects:
                yield Fault(record.line, "record_no", "record_twice")
            objects.add(record.object)
        if record.kind in _ONE_OF_A_KIND:
            what = str(record.values["kind"])
            holder = (record.kind, what) if what in SHARED else (record.kind, what, record.number)
            if holder in held:
                yield Fault(record.line, "kind", "benefit_twice")
            held.add(holder)
        if record.kind == "voucher" and record.values["balance_fen"] > record.values["amount_fen"]:
            yield Fault(record.line, "balance_fen", "balance")
    yield from _marriages(made)


def _of_household(made: Draft, record: Record) -> Iterator[Fault]:
    """The holder lives here. Of a couple and of two relatives one of both must."""
    pair = record.kind in ("marriage", "relation")
    other = str(record.values.get("other_id_number", ""))
    if record.number not in made.people and not (pair and other in made.people):
        yield Fault(record.line, "id_number", "not_of_household")
    if pair and other == record.number:
        yield Fault(record.line, "other_id_number", "same_person")


def _marriages(made: Draft) -> Iterator[Fault]:
    seen: set[str] = set()
    for record in made.records:
        if record.kind != "marriage":
            continue
        husband, wife = record.number, str(record.values["other_id_number"])
        if seen & {husband, wife}:
            yield Fault(record.line, "id_number", "marriage_twice")
        seen |= {husband, wife}
        if int(husband[16]) % 2 == 0 or int(wife[16]) % 2 == 1:
            yield Fault(record.line, "id_number", "same_sex")
        elif not (_aged(husband, record.values["from"], 22) and _aged(wife, record.values["from"], 20)):
            yield Fault(record.line, "from", "too_young")
        for number in (husband, wife):
            person = made.people.get(number)
            if person is not None and person.values.get("marital_state", "married") != "married":
                yield Fault(person.line, "marital_state", "not_married")


def _aged(number: str, on: date, years: int) -> bool:
    """Old enough on that day (Civil Code 1047)."""
    return (on.year - int(number[6:10]), on.strftime("%m%d")) >= (years, number[10:14])
