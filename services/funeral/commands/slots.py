"""Slots of cremators: given back, taken, started, used up. The index is the last word."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.commands.bodies import apply_bodies
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import Book, Finish, Release, Start
from services.funeral.problems import SlotTaken

# Whoever comes second inserts nothing.
_BOOK = text(
    """INSERT INTO bookings (id, procedure, case_id, cremator, starts_at, booked_at)
       SELECT id, procedure, case_id, cremator, starts_at, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cases AS uuid[]),
              CAST(:cremators AS uuid[]), CAST(:starts AS timestamptz[]))
              AS new(id, procedure, case_id, cremator, starts_at)
        ORDER BY cremator, starts_at
       ON CONFLICT (cremator, starts_at) WHERE released_at IS NULL DO NOTHING RETURNING procedure"""
)
_RELEASE = text(
    """UPDATE bookings SET released_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL AND started_at IS NULL"""
)
_START = text(
    """UPDATE bookings AS row SET started_at = :at, first_operator = new.first, second_operator = new.second,
              body_tag = new.tag, proof = new.proof
         FROM unnest(CAST(:procedures AS uuid[]), CAST(:firsts AS text[]), CAST(:seconds AS text[]),
              CAST(:tags AS text[]), CAST(:proofs AS text[])) AS new(procedure, first, second, tag, proof)
        WHERE row.procedure = new.procedure AND row.released_at IS NULL AND row.started_at IS NULL"""
)
_FINISH = text(
    """WITH used AS (
            UPDATE bookings SET released_at = :at
             WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL AND started_at IS NOT NULL
            RETURNING procedure, cremator, started_at, first_operator, second_operator, body_tag, proof)
       INSERT INTO cremation_records (id, procedure, case_id, cremator, started_at, finished_at, first_operator,
              second_operator, body_tag, proof)
       SELECT gen_random_uuid(), used.procedure, new.case_id, cremator, started_at, :at, first_operator,
              second_operator, body_tag, proof
         FROM used JOIN unnest(CAST(:procedures AS uuid[]), CAST(:cases AS uuid[])) AS new(procedure, case_id)
              ON new.procedure = used.procedure"""
)


async def apply_cremations(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Slots given back first, then taken, started, used up; then the bodies. Raises SlotTaken."""
    released = [procedure.id for procedure, _ in of_kind(rulings, Release)]
    if released:
        await tx.execute(_RELEASE, {"procedures": released, "at": at})
    await _book(tx, of_kind(rulings, Book), at)
    started = of_kind(rulings, Start)
    if started:
        columns = {
            "procedures": [procedure.id for procedure, _ in started],
            "firsts": [effect.operators[0] for _, effect in started],
            "seconds": [effect.operators[1] for _, effect in started],
            "tags": [effect.body_tag for _, effect in started],
            "proofs": [effect.proof for _, effect in started],
        }
        await tx.execute(_START, {**columns, "at": at})
    finished: list[Procedure] = [procedure for procedure, _ in of_kind(rulings, Finish)]
    if finished:
        ids: dict[str, list[UUID]] = {
            "procedures": [p.id for p in finished], "cases": [p.case for p in finished],
        }  # fmt: skip
        await tx.execute(_FINISH, {**ids, "at": at})
    await apply_bodies(rulings, tx=tx, at=at)


async def _book(tx: Transaction, bookings: Sequence[tuple[Procedure, Book]], at: datetime) -> None:
    if not bookings:
        return
    taken = await tx.execute(
        _BOOK,
        {
            "ids": [uuid4() for _ in bookings], "procedures": [procedure.id for procedure, _ in bookings],
            "cases": [procedure.case for procedure, _ in bookings],
            "cremators": [effect.slot.cremator.id for _, effect in bookings],
            "starts": [effect.slot.starts_at for _, effect in bookings], "at": at,
        },
    )  # fmt: skip
    if len(taken.all()) < len(bookings):
        raise SlotTaken()
