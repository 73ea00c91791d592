"""Places for ashes, awards, memorials."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.commands.bodies import apply_bodies
from services.funeral.commands.books import book_money
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import (
    Award,
    AwardCancelled,
    AwardChanged,
    AwardPaid,
    DeleteMemorial,
    OpenMemorial,
    Place,
    Placed,
    Unplace,
)
from services.funeral.problems import AwardedBefore, PlaceTaken

_UNPLACE = text(
    """UPDATE placements SET released_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL"""
)
_PLACE = text(
    """INSERT INTO placements (id, procedure, case_id, kind, eco_kind, place, arranged_at)
       SELECT id, procedure, case_id, kind, eco_kind, place, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cases AS uuid[]), CAST(:kinds AS text[]),
              CAST(:eco_kinds AS text[]), CAST(:places AS uuid[]))
              AS new(id, procedure, case_id, kind, eco_kind, place)
       ON CONFLICT (place) WHERE released_at IS NULL DO NOTHING RETURNING id"""
)
_PLACED = text(
    """UPDATE placements SET placed_at = :at
        WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND released_at IS NULL"""
)
_AWARD = text(
    """INSERT INTO eco_awards
              (id, person, mode, kind, amount_fen, funding_source, region, procedure, payee, granted_at)
       VALUES (:id, :person, 'after_death', :kind, :amount_fen, :funding_source, :region, :procedure, :payee, :at)
       ON CONFLICT (person, mode) WHERE cancelled_at IS NULL DO NOTHING RETURNING id"""
)
_OF_AWARD = "WHERE procedure = :procedure AND cancelled_at IS NULL"
_AWARD_PAID = text(f"UPDATE eco_awards SET paid_at = :at {_OF_AWARD}")
_AWARD_CHANGED = text(f"UPDATE eco_awards SET kind = :kind, amount_fen = :amount_fen {_OF_AWARD}")
_AWARD_CANCELLED = text(f"UPDATE eco_awards SET cancelled_at = :at {_OF_AWARD}")
_MEMORIAL = text(
    """INSERT INTO memorials (id, procedure, case_id, home, opened_at)
       SELECT id, procedure, case_id, home, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cases AS uuid[]),
              CAST(:homes AS uuid[])) AS new(id, procedure, case_id, home)
       ON CONFLICT (procedure) WHERE deleted_at IS NULL DO NOTHING"""
)
_DELETE = text(
    """WITH gone AS (UPDATE memorials SET deleted_at = :at
                      WHERE procedure = ANY(CAST(:procedures AS uuid[])) AND deleted_at IS NULL RETURNING id)
       UPDATE visits SET cancelled_at = :at FROM gone
        WHERE visits.memorial = gone.id AND visits.cancelled_at IS NULL AND visits.starts_at > :at"""
)


async def apply_settlements(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """A settlement is money alone."""
    await book_money(rulings, tx=tx, at=at)


async def apply_ashes(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Places given up first, then taken, then used; then the body, where it is buried. Raises PlaceTaken."""
    released = [procedure.id for procedure, _ in of_kind(rulings, Unplace)]
    if released:
        await tx.execute(_UNPLACE, {"procedures": released, "at": at})
    taken = of_kind(rulings, Place)
    if taken:
        columns: dict[str, Any] = {
            "ids": [uuid4() for _ in taken], **_of(taken), "kinds": [each.kind for _, each in taken],
            "eco_kinds": [each.eco_kind for _, each in taken], "places": [each.place for _, each in taken],
        }  # fmt: skip
        if len((await tx.execute(_PLACE, {**columns, "at": at})).all()) < len(taken):
            raise PlaceTaken()
    placed = [procedure.id for procedure, _ in of_kind(rulings, Placed)]
    if placed:
        await tx.execute(_PLACED, {"procedures": placed, "at": at})
    await apply_bodies(rulings, tx=tx, at=at)


def _of(effects: list[tuple[Procedure, Any]]) -> dict[str, list[UUID]]:
    return {"procedures": [p.id for p, _ in effects], "cases": [p.case for p, _ in effects]}


async def apply_awards(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Awards are a person's own few: one statement each. Raises AwardedBefore when another came first."""
    for procedure, _ in of_kind(rulings, AwardCancelled):
        await tx.execute(_AWARD_CANCELLED, {"procedure": procedure.id, "at": at})
    for procedure, award in of_kind(rulings, Award):
        values = {
            "id": uuid4(), "person": procedure.subject, "kind": award.kind, "amount_fen": award.amount_fen,
            "funding_source": award.funding_source, "region": procedure.region, "procedure": procedure.id,
            "payee": award.payee, "at": at,
        }  # fmt: skip
        if (await tx.execute(_AWARD, values)).first() is None:
            raise AwardedBefore()
    for procedure, changed in of_kind(rulings, AwardChanged):
        values = {"procedure": procedure.id, "kind": changed.kind, "amount_fen": changed.amount_fen}
        await tx.execute(_AWARD_CHANGED, values)
    for procedure, _ in of_kind(rulings, AwardPaid):
        await tx.execute(_AWARD_PAID, {"procedure": procedure.id, "at": at})
    await book_money(rulings, tx=tx, at=at)


async def apply_memorials(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Opened and deleted, each in one statement."""
    deleted = [procedure.id for procedure, _ in of_kind(rulings, DeleteMemorial)]
    if deleted:
        await tx.execute(_DELETE, {"procedures": deleted, "at": at})
    opened = of_kind(rulings, OpenMemorial)
    if opened:
        homes = [each.home for _, each in opened]
        await tx.execute(
            _MEMORIAL, {"ids": [uuid4() for _ in opened], **_of(opened), "homes": homes, "at": at}
        )
