"""Grants and meetings: each locks its person first and is refused for months after a death (design 5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons, refuse_after_death
from kernel.errors import Conflict, NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.months import month_of
from services.eldercare.commands.effects import state_care

Meeting = Literal["visit", "meal", "delivery"]

_ALLOWANCE = text(
    """INSERT INTO allowances (id, person, kind, payee, amount_fen, granted_on, region, state)
       VALUES (:id, :person, :kind, :payee, :amount_fen, :granted_on, :region, 'active')"""
)
_LOCK_BED = text("SELECT region FROM beds WHERE id = :bed FOR UPDATE")
_TAKEN = text("SELECT 1 FROM stays WHERE bed = :bed AND until IS NULL AND ended_by IS NULL")
_STAY = text(
    """INSERT INTO stays (id, person, bed, since, region, state)
       VALUES (:id, :person, :bed, :since, :region, 'active')"""
)
_REQUEST = text(
    """INSERT INTO bed_requests (id, person, home, asked_on, region, state)
       SELECT :id, :person, home, :asked_on, region, 'waiting' FROM beds WHERE home = :home LIMIT 1"""
)
_MEETINGS = {
    "visit": text("INSERT INTO visits (id, person, made_at) VALUES (:id, :person, :at)"),
    "meal": text("INSERT INTO meals (id, person, taken_at) VALUES (:id, :person, :at)"),
}
_NEXT_VISIT = text(
    """UPDATE visit_plans SET next_on = CAST(:day AS date) + every_days
        WHERE person = :person AND ended_by IS NULL AND next_on <= CAST(:day AS date) + every_days"""
)
_DELIVERED = text(
    """UPDATE home_orders SET state = 'delivered', delivered_at = :at
        WHERE id = :order AND person = :person AND state = 'booked' AND ended_by IS NULL AND held_by IS NULL"""
)
_PAUSES = text(
    """SELECT p.id, ARRAY(SELECT CAST(each.value AS uuid) FROM jsonb_each_text(c.persons) AS each) AS persons
         FROM procedures p JOIN case_files c ON c.case_id = p.case_id
        WHERE p.subject = :person AND p.type = 'eldercare.pause_services' AND p.state = 'done' ORDER BY p.id"""
)


class BedTaken(Conflict):
    """这张床位已经有人。
    The bed is taken."""

    how = "请选择其他床位，或列入轮候。"
    how_en = "Choose another bed or join the waiting list."


class BedUnknown(NotFound):
    """没有这张床位。
    There is no such bed."""

    how = "请核对床位编号。"
    how_en = "Check the bed's number."


class HomeUnknown(NotFound):
    """没有这家养老机构。
    There is no such care home."""

    how = "请核对机构编号。"
    how_en = "Check the home's id."


class OrderNotOpen(Conflict):
    """这张服务单不能交付：不存在、已交付、已暂停或已取消。
    This order cannot be delivered: unknown, delivered, suspended or cancelled."""

    how = "请刷新服务单后再试。"
    how_en = "Reload the order and try again."


@dataclass(frozen=True, slots=True)
class AllowanceGrant:
    """`granted_on` is the first month paid (any day of it); `amount_fen` per month."""

    person: UUID
    kind: Literal["old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy"]
    payee: UUID
    amount_fen: int
    granted_on: date
    region: str


async def grant_allowance(tx: Transaction, grant: AllowanceGrant, *, at: datetime) -> UUID:
    """Grant an allowance. Raises DeadFromThen for a month after the person's death."""
    dead_from = (await lock_persons(tx, [grant.person]))[grant.person]
    refuse_after_death(dead_from, month_of(grant.granted_on))
    allowance = uuid4()
    await tx.execute(
        _ALLOWANCE,
        {
            "id": allowance, "person": grant.person, "kind": grant.kind, "payee": grant.payee,
            "amount_fen": grant.amount_fen, "granted_on": grant.granted_on, "region": grant.region,
        },
    )  # fmt: skip
    await state_care(tx, {grant.person}, at=at)
    return allowance


async def admit(tx: Transaction, person: UUID, bed: UUID, *, since: date, at: datetime) -> UUID:
    """Give a bed to a person. Raises BedUnknown, BedTaken, DeadFromThen."""
    dead_from = (await lock_persons(tx, [person]))[person]
    refuse_after_death(dead_from, since)
    region = (await tx.execute(_LOCK_BED, {"bed": bed})).scalar()
    if region is None:
        raise BedUnknown()
    if (await tx.execute(_TAKEN, {"bed": bed})).first():
        raise BedTaken()
    stay = uuid4()
    await tx.execute(_STAY, {"id": stay, "person": person, "bed": bed, "since": since, "region": region})
    await state_care(tx, {person}, at=at)
    return stay


async def ask_for_bed(tx: Transaction, person: UUID, home: UUID, *, asked_on: date) -> UUID:
    """Put a person on a home's waiting list (EC-022). Raises HomeUnknown, DeadFromThen."""
    dead_from = (await lock_persons(tx, [person]))[person]
    refuse_after_death(dead_from, asked_on)
    request = uuid4()
    values = {"id": request, "person": person, "home": home, "asked_on": asked_on}
    if (await tx.execute(_REQUEST, values)).rowcount != 1:
        raise HomeUnknown()
    return request


async def met(
    tx: Transaction, person: UUID, meeting: Meeting, *, at: datetime, order: UUID | None = None
) -> list[UUID]:
    """Record that somebody of ours met the person; gives the pauses that must be told of this sign of life.

    Raises OrderNotOpen when a delivery's order is not booked any more.
    """
    pauses = (await tx.execute(_PAUSES, {"person": person})).all()
    # All people of those cases at once: whoever is told of the sign locks them too, and in this order.
    await lock_persons(tx, {person, *(other for pause in pauses for other in pause.persons)})
    if meeting == "delivery":
        if (await tx.execute(_DELIVERED, {"order": order, "person": person, "at": at})).rowcount != 1:
            raise OrderNotOpen()
    else:
        await tx.execute(_MEETINGS[meeting], {"id": uuid4(), "person": person, "at": at})
    if meeting == "visit":
        await tx.execute(_NEXT_VISIT, {"person": person, "day": at.date()})
    return [pause.id for pause in await tx.execute(_PAUSES, {"person": person})]
