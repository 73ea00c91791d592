"""Somebody of ours met a person: kept with the instant of the meeting and the instant of its telling (R54, R55).

A sign of life is an instant, never a date: a meal of yesterday that the kitchen writes down today happened yesterday.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.errors import Conflict
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.eldercare.commands.money import book
from services.eldercare.domain.effects import FUND, SETTLED, Book

Meeting = Literal["visit", "meal", "delivery", "decision", "assessment"]

_ENCOUNTER = text(
    """INSERT INTO encounters (id, person, kind, met_at, recorded_at)
       VALUES (:id, :person, CAST(:kind AS text), :at, :now)"""
)
_VISIT = text("INSERT INTO visits (id, person, made_at, recorded_at) VALUES (:id, :person, :at, :now)")
_MEAL = text("INSERT INTO meals (id, person, taken_at, recorded_at) VALUES (:id, :person, :at, :now)")
_NEXT_VISIT = text(
    """UPDATE visit_plans SET next_on = CAST(:day AS date) + every_days
        WHERE person = :person AND ended_by IS NULL AND next_on <= CAST(:day AS date) + every_days"""
)
_DELIVERED = text(
    """UPDATE home_orders SET state = 'delivered', delivered_at = :at, settled_fen = price_fen
        WHERE id = :order AND person = :person AND state IN ('booked', 'in_progress') AND ended_by IS NULL
          AND held_by IS NULL
       RETURNING id, person, provider, region, price_fen"""
)
_PAUSES = text(
    """SELECT p.id, ARRAY(SELECT CAST(each.value AS uuid) FROM jsonb_each_text(c.persons) AS each) AS persons
         FROM procedures p JOIN case_files c ON c.case_id = p.case_id
        WHERE p.subject = :person AND p.type = 'eldercare.pause_services' AND p.state = 'done' ORDER BY p.id"""
)


class OrderNotOpen(Conflict):
    """这张服务单不能办理：不存在、已交付、已暂停或已取消。
    Nothing can be done on this order: unknown, delivered, suspended or cancelled."""

    how = "请刷新服务单后再试；如果见到了本人，请登记为探访。"
    how_en = "Reload the order and try again; if somebody met the person, record a visit."


async def met(
    tx: Transaction,
    person: UUID,
    meeting: Meeting,
    *,
    at: datetime,
    now: datetime,
    order: UUID | None = None,
) -> list[UUID]:
    """Record a meeting of the instant `at`, told at `now`; gives the pauses that must be told of this sign of life.

    A delivered order is settled with its provider. Raises OrderNotOpen when it cannot be delivered any more.
    """
    pauses = (await tx.execute(_PAUSES, {"person": person})).all()
    # All people of those cases at once: whoever is told of the sign locks them too, and in this order.
    await lock_persons(tx, {person, *(other for pause in pauses for other in pause.persons)})
    values = {"id": uuid4(), "person": person, "at": at, "now": now}
    if meeting == "delivery":
        await _deliver(tx, person, order, at=at, now=now)
    elif meeting == "visit":
        await tx.execute(_VISIT, values)
        await tx.execute(_NEXT_VISIT, {"person": person, "day": at.astimezone(TZ).date()})
    elif meeting == "meal":
        await tx.execute(_MEAL, values)
    else:
        await tx.execute(_ENCOUNTER, {**values, "kind": meeting})
    return [pause.id for pause in await tx.execute(_PAUSES, {"person": person})]


async def _deliver(tx: Transaction, person: UUID, order: UUID | None, *, at: datetime, now: datetime) -> None:
    row = (await tx.execute(_DELIVERED, {"order": order, "person": person, "at": at})).first()
    if row is None:
        raise OrderNotOpen()
    if row.price_fen:
        on = at.astimezone(TZ).date()
        entry = Book(
            row.id, row.person, row.provider, row.region, FUND, SETTLED, row.price_fen, "order_delivered", on
        )
        await book(tx, [entry], at=now)
