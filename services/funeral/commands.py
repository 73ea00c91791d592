"""Writes of the funeral service: slots, records, holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.procedure import Procedure, Ruling
from contracts.terms import HoldKind
from kernel.messaging.transaction import Transaction
from services.funeral.domain import Book, Finish, Release, Start
from services.funeral.problems import HoldDiffers, HoldUnknown, SlotTaken

# The index is the last word: whoever comes second inserts nothing.
_BOOK = text(
    """INSERT INTO bookings (id, procedure, cremator, starts_at, booked_at)
       SELECT id, procedure, cremator, starts_at, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cremators AS uuid[]),
              CAST(:starts AS timestamptz[])) AS new(id, procedure, cremator, starts_at)
        ORDER BY cremator, starts_at
       ON CONFLICT (cremator, starts_at) WHERE released_at IS NULL DO NOTHING RETURNING procedure"""
)
_RELEASE = text(
    """UPDATE bookings SET released_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL AND started_at IS NULL"""
)
_START = text(
    """UPDATE bookings AS row SET started_at = :at, first_operator = new.first, second_operator = new.second
         FROM unnest(CAST(:procedures AS uuid[]), CAST(:firsts AS text[]), CAST(:seconds AS text[]))
              AS new(procedure, first, second)
        WHERE row.procedure = new.procedure AND row.released_at IS NULL AND row.started_at IS NULL"""
)
_FINISH = text(
    """WITH used AS (
            UPDATE bookings SET released_at = :at
             WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL AND started_at IS NOT NULL
            RETURNING procedure, cremator, started_at, first_operator, second_operator)
       INSERT INTO cremation_records
              (id, procedure, case_id, cremator, started_at, finished_at, first_operator, second_operator)
       SELECT gen_random_uuid(), used.procedure, new.case_id, cremator, started_at, :at, first_operator, second_operator
         FROM used JOIN unnest(CAST(:procedures AS uuid[]), CAST(:cases AS uuid[])) AS new(procedure, case_id)
              ON new.procedure = used.procedure"""
)
_PLACE = text(
    """INSERT INTO holds (id, kind, source_no, case_id, person, placed_at, version)
       VALUES (:id, :kind, :source_no, :case_id, :person, :placed_at, :version) ON CONFLICT (id) DO NOTHING"""
)
_READ_HOLD = text(
    "SELECT id, kind, source_no, case_id, person, released_at FROM holds WHERE id = :id FOR UPDATE"
)
_LIFT = text(
    """UPDATE holds SET released_at = :at, release_no = :release_no, version = :version
        WHERE id = :id AND released_at IS NULL AND version < :version"""
)
_CONCERNED = text(
    """SELECT id FROM procedures
        WHERE (case_id = :case_id OR subject = :person) AND state IN ('open', 'paused')
          AND jsonb_exists(terms -> 'held_by', :kind)
        ORDER BY id"""
)


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold as the gateway hands it over: its id there, on a case or on a person."""

    id: UUID
    kind: HoldKind
    source_no: str
    placed_at: datetime
    case_id: UUID | None = None
    person: UUID | None = None
    version: int = 1


async def apply_cremations(
    rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime
) -> None:
    """Slots given back first, then taken, started, used up. Raises SlotTaken when another was quicker."""
    effects = [(procedure, effect) for procedure, ruling in rulings for effect in ruling.effects]
    released = [procedure.id for procedure, effect in effects if isinstance(effect, Release)]
    if released:
        await tx.execute(_RELEASE, {"procedures": released, "at": at})
    await _book(tx, [(procedure.id, effect) for procedure, effect in effects if isinstance(effect, Book)], at)
    started = [
        (procedure.id, *effect.operators) for procedure, effect in effects if isinstance(effect, Start)
    ]
    if started:
        procedures, firsts, seconds = zip(*started, strict=True)
        columns = {"procedures": list(procedures), "firsts": list(firsts), "seconds": list(seconds)}
        await tx.execute(_START, {**columns, "at": at})
    finished = [procedure for procedure, effect in effects if isinstance(effect, Finish)]
    if finished:
        columns = {"procedures": [p.id for p in finished], "cases": [p.case for p in finished]}
        await tx.execute(_FINISH, {**columns, "at": at})


async def _book(tx: Transaction, bookings: Sequence[tuple[UUID, Book]], at: datetime) -> None:
    if not bookings:
        return
    taken = await tx.execute(
        _BOOK,
        {
            "ids": [uuid4() for _ in bookings], "procedures": [procedure for procedure, _ in bookings],
            "cremators": [effect.slot.cremator.id for _, effect in bookings],
            "starts": [effect.slot.starts_at for _, effect in bookings], "at": at,
        },
    )  # fmt: skip
    if len(taken.all()) < len(bookings):
        raise SlotTaken()


async def place_hold(tx: Transaction, hold: NewHold) -> None:
    """Keep a hold; the same one again changes nothing. Raises HoldDiffers when its id has other content."""
    values: dict[str, Any] = {name: getattr(hold, name) for name in NewHold.__slots__}
    if (await tx.execute(_PLACE, {**values, "kind": hold.kind.value})).rowcount == 1:
        return
    kept = (await tx.execute(_READ_HOLD, {"id": hold.id})).one()
    if (kept.kind, kept.source_no, kept.case_id, kept.person) != (
        hold.kind.value, hold.source_no, hold.case_id, hold.person,
    ):  # fmt: skip
        raise HoldDiffers()


async def release_hold(
    tx: Transaction, hold: UUID, *, release_no: str, version: int, at: datetime
) -> NewHold:
    """Release a hold; again, or an older version: nothing changes. Raises HoldUnknown. Gives the hold."""
    kept = (await tx.execute(_READ_HOLD, {"id": hold})).first()
    if kept is None:
        raise HoldUnknown()
    await tx.execute(_LIFT, {"id": hold, "release_no": release_no, "version": version, "at": at})
    return NewHold(kept.id, HoldKind(kept.kind), kept.source_no, at, kept.case_id, kept.person)


async def concerned(tx: Transaction, hold: NewHold) -> list[UUID]:
    """The running procedures of the case or person whose row heeds this kind."""
    values = {"case_id": hold.case_id, "person": hold.person, "kind": hold.kind.value}
    return list((await tx.execute(_CONCERNED, values)).scalars())
