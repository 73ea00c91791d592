"""A record that was two people's: one number of it becomes a person of its own (design 7: a split is a fact).

Registration and merge make or join keys; this parts them. Whoever keeps the record keeps the key and all that hangs on
it: what belongs to the other one (a benefit, a case) is moved by the offices that know it, never by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.facts import Statement, state_facts
from gateway.cases.board import as_json
from gateway.people.problems import NothingToSplit, NumberNotTheirs
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction

# The numbers of a person of this key version, locked: two splits of one record come one after the other.
_NUMBERS = text("""
    SELECT kind, blind_index FROM person_identifiers WHERE person = :person AND key_version = :version
    ORDER BY kind, blind_index FOR UPDATE""")
_BORN = text("INSERT INTO people (person, region, recorded_at) VALUES (:new, :region, :at)")
_MOVED = text("""
    UPDATE person_identifiers SET person = :new
    WHERE person = :person AND kind = :kind AND blind_index = :index AND key_version = :version""")
_DETAILS = text("""
    INSERT INTO person_details SELECT * FROM json_populate_recordset(NULL::person_details, CAST(:details AS json))""")
_SAID = text("""
    SELECT state FROM fact_statements WHERE person = :person AND fact = 'identity'""")


@dataclass(frozen=True, slots=True)
class Apart:
    """The number that is another person's, and who that is. `region`: where both are known."""

    person: UUID
    kind: str
    number: str
    name: str
    region: str | None


async def split(tx: Transaction, register: Register, apart: Apart, *, at: datetime) -> UUID:
    """The new person's key; both keys state `identity: split`. Raises NumberNotTheirs, NothingToSplit."""
    index, version = register.index(apart.kind, apart.number), register.key_version
    numbers = (await tx.execute(_NUMBERS, {"person": apart.person, "version": version})).all()
    if (apart.kind, index) not in {(row.kind, bytes(row.blind_index)) for row in numbers}:
        raise NumberNotTheirs()
    if len(numbers) < 2:
        raise NothingToSplit()
    new = uuid4()
    await tx.execute(_BORN, {"new": new, "region": apart.region, "at": at})
    moved = {"new": new, "person": apart.person, "kind": apart.kind, "index": index, "version": version}
    await tx.execute(_MOVED, moved)
    details = {"name": apart.name, "id_kind": apart.kind, "id_number": apart.number, "region": apart.region}
    await tx.execute(_DETAILS, {"details": as_json([register.details_record(new, details)])})
    await _state(tx, apart.person, new, at)
    return new


async def _state(tx: Transaction, person: UUID, new: UUID, at: datetime) -> None:
    """The record names everybody who was ever parted from it: a fact is the whole present state."""
    before: Mapping[str, Any] = (await tx.execute(_SAID, {"person": person})).scalar() or {}
    parted = [*before.get("others", ()), str(new)]
    statements = [
        Statement(person, "identity", {"identity": "split", "others": parted}),
        Statement(new, "identity", {"identity": "split", "from": str(person)}),
    ]
    await state_facts(tx, statements, owner="gateway", at=at)
