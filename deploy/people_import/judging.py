"""Drafts against what stands: in the register, at the owners, and earlier in the same file.

Pure. A draft is judged in the order of the file, so that it does not matter where a file is cut into chunks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.regions import inside
from deploy.people_import.drafts import OBJECTS, Draft, Record
from deploy.people_import.faults import Fault
from gateway.people.people_import import Known
from gateway.people.register import Register


@dataclass(slots=True)
class Seen:
    """What the file has said so far and no database shows yet: blind indexes and keys, nobody's data."""

    people: dict[bytes, tuple[UUID, UUID]] = field(default_factory=dict)  # index → person, household
    objects: set[UUID] = field(default_factory=set)
    claims: dict[bytes, UUID] = field(
        default_factory=dict
    )  # a card, a bed, a spouse → the record that has it
    households: set[UUID] = field(default_factory=set)

    def add(self, other: "Seen") -> None:
        self.people |= other.people
        self.objects |= other.objects
        self.claims |= other.claims
        self.households |= other.households


@dataclass(frozen=True, slots=True)
class Standing:
    """What the databases say of a chunk: people by blind index, keys that are somebody's, and the people, households
    and records that earlier lines of the same file brought."""

    people: Mapping[bytes, Known]
    taken: frozenset[UUID] = frozenset()
    brought: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """A household that may be written: the person of every number that it names, and what the file said with it."""

    draft: Draft
    persons: Mapping[str, UUID]
    said: Seen


def judge(draft: Draft, standing: Standing, seen: Seen, register: Register) -> Judged | list[Fault]:
    """The household with its people's keys, or all that contradicts it."""
    head = draft.head
    if draft.faults or head is None:
        return list(draft.faults)
    indexes = {number: register.index("resident_id", number) for number in draft.numbers()}
    faults: list[Fault] = []
    if head.object in standing.brought or head.object in seen.households:
        faults.append(Fault(head.line, "household", "household_twice"))
    persons: dict[str, UUID] = {}
    for number, index in indexes.items():
        known, earlier = standing.people.get(index), seen.people.get(index)
        own = draft.people.get(number)
        if own is not None:
            faults += _own(own, head, known, earlier, standing, seen)
        if known is not None:
            persons[number] = known.person
        elif earlier is not None:
            persons[number] = earlier[0]
        elif own is not None:
            persons[number] = own.object
    faults += [*_unknown(draft, persons), *_twice(draft, standing, seen)]
    # A card, bed or spouse is looked at last, as the owners look at theirs: one answer wherever the file is cut.
    faults = faults or list(_taken(draft, head, seen, register))
    return faults or Judged(draft, persons, _said(draft, head, persons, indexes, register))


def _own(
    own: Record,
    head: Record,
    known: Known | None,
    earlier: tuple[UUID, UUID] | None,
    standing: Standing,
    seen: Seen,
) -> list[Fault]:
    """A member against the register. What is registered stays; what is not is filled."""
    line, values = own.line, own.values
    if earlier is not None or (known is not None and known.person in standing.brought):
        return [Fault(line, "id_number", "person_twice")]
    if known is None:
        taken = own.object in seen.objects or own.object in standing.taken | standing.brought
        return [Fault(line, "key", "key_taken")] if taken else []
    faults = []
    if known.name is not None and known.name != values["name"]:
        faults.append(Fault(line, "name", "name_differs"))
    for name, registered in (("sex", known.sex), ("birth_date", known.birth_date)):
        if registered is not None and name in values and str(values[name]) != registered:
            faults.append(Fault(line, name, "register_differs"))
    if known.dead:
        faults.append(Fault(line, "id_number", "dead"))
    if known.household is not None and known.household != head.object:
        faults.append(Fault(line, "id_number", "other_household"))
    elif known.region is not None and not inside(known.region, head.values["region"]):
        faults.append(Fault(line, "region", "region_differs"))
    return faults


def _unknown(draft: Draft, persons: Mapping[str, UUID]) -> list[Fault]:
    return [
        Fault(record.line, name, "person_unknown")
        for record in draft.records
        for name in ("id_number", "other_id_number", "payee_id_number")
        if record.values.get(name) and record.values[name] not in persons
    ]


def _said(
    draft: Draft, head: Record, persons: Mapping[str, UUID], indexes: Mapping[str, bytes], register: Register
) -> Seen:
    return Seen(
        people={
            indexes[number]: (persons[number], head.object) for number in draft.people if number in persons
        },
        objects={record.object for record in draft.records if record.kind in OBJECTS}
        | {persons[number] for number in draft.people},
        claims={
            claim: record.object
            for record in draft.records
            for claim, _, _ in _claims(record, head, register)
        },
        households={head.object},
    )


def _claims(record: Record, head: Record, register: Register) -> list[tuple[bytes, str, str]]:
    """What only one record may have: (blind index, column, code of the fault when another has it)."""
    values = record.values
    if record.kind == "elder_card":
        return [(register.index("elder_card", str(values["number"])), "number", "card_taken")]
    if record.kind == "bed":
        bed = f"{head.values['region'][:6]}/{values['home_name']}/{values['number']}"
        return [(register.index("bed", bed), "number", "bed_taken")]
    if record.kind == "marriage":
        pair = (str(values["id_number"]), str(values["other_id_number"]))
        return [(register.index("married", number), "id_number", "married_to_another") for number in pair]
    return []


def _twice(draft: Draft, standing: Standing, seen: Seen) -> list[Fault]:
    """Records that an earlier household of the file has."""
    return [
        Fault(record.line, "record_no", "record_twice")
        for record in draft.records
        if record.object in seen.objects or record.object in standing.brought
    ]


def _taken(draft: Draft, head: Record, seen: Seen, register: Register) -> Iterator[Fault]:
    """Cards, beds and spouses that another record of the file has."""
    own: dict[bytes, UUID] = {}
    for record in draft.records:
        for claim, column, code in _claims(record, head, register):
            if seen.claims.get(claim, own.setdefault(claim, record.object)) != record.object:
                yield Fault(record.line, column, code)


def in_order(
    drafts: Sequence[Draft],
    standing: Standing,
    seen: Seen,
    register: Register,
    refused: Mapping[int, list[Fault]],
) -> tuple[list[Judged], dict[int, list[Fault]]]:
    """Every draft by the line where it ends: those that may be written, and the faults of the others.

    `refused`: those whom an owner has refused; nobody may lean on what they say.
    """
    local = Seen(dict(seen.people), set(seen.objects), dict(seen.claims), set(seen.households))
    accepted, faults = [], dict(refused)
    for draft in drafts:
        if draft.last_line in refused:
            continue
        verdict = judge(draft, standing, local, register)
        if isinstance(verdict, Judged):
            accepted.append(verdict)
            local.add(verdict.said)
        else:
            faults[draft.last_line] = verdict
    return accepted, faults
