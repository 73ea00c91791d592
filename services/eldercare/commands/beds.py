"""Beds of care homes: asked for, offered to whoever is next, given, left (R56, EC-022).

The way of locks: the person, then all beds of the home in order of their ids. An offer keeps a bed; nobody else gets it
until it is answered, lapses, or is withdrawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

from sqlalchemy import text

from casework.persons import lock_persons, refuse_after_death
from kernel.errors import Conflict, NotFound, StaleVersion
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.eldercare.commands.bed_offers import (
    DECLINED,
    Answered,
    close_offers,
    offer_free_beds,
    open_offers,
)
from services.eldercare.commands.facts import state_care
from services.eldercare.domain.effects import FirstPlace, MoveIn
from services.eldercare.domain.waiting_list import REFUSALS_KEPT, Priority
from services.eldercare.queries.beds import lock_homes

_BED = text("SELECT home, region FROM beds WHERE id = :bed")
_TAKEN = text("SELECT 1 FROM stays WHERE bed = :bed AND until IS NULL AND ended_by IS NULL")
_STAY = text(
    """INSERT INTO stays (id, person, bed, since, region, state, deposit_fen, fee_fen, fee_paid_through)
       VALUES (:id, :person, :bed, :since, :region, 'active', :deposit_fen, :fee_fen, :fee_paid_through)"""
)
_REQUEST = text(
    """INSERT INTO bed_requests (id, person, home, asked_on, region, state, priority)
       SELECT :id, :person, home, :asked_on, region, 'waiting', :priority FROM beds WHERE home = :home LIMIT 1
       ON CONFLICT (id) DO NOTHING"""
)
_READ_OFFER = text(
    """SELECT o.id, o.bed, o.request, o.person, o.answer_by, o.state, o.version, b.home FROM bed_offers o
         JOIN beds b ON b.id = o.bed WHERE o.id = :offer"""
)
_ADMITTED = text(
    """UPDATE bed_requests SET state = 'admitted'
        WHERE person = :person AND home = :home AND state = 'waiting' AND ended_by IS NULL"""
)
# Another bed of the home that was kept for whoever has one now.
_KEPT_NO_MORE = text(
    """UPDATE bed_offers o SET state = 'withdrawn', version = o.version + 1, closed_at = :at FROM beds b
        WHERE b.id = o.bed AND b.home = :home AND o.person = :person AND o.state = 'open'"""
)
_PRESENT = text(
    """SELECT s.person, s.bed, b.home FROM stays s JOIN beds b ON b.id = s.bed
        WHERE s.id = :stay AND s.until IS NULL AND s.ended_by IS NULL"""
)
_LEAVE = text(
    "UPDATE stays SET until = :until WHERE id = :stay AND until IS NULL AND ended_by IS NULL AND since <= :until"
)


class BedTaken(Conflict):
    """这张床位已经有人。
    The bed is taken."""

    how = "请选择其他床位，或列入轮候。"
    how_en = "Choose another bed or join the waiting list."


class BedOffered(Conflict):
    """这张床位正为轮候的老人保留。
    The bed is kept for somebody on the waiting list."""

    how = "请等待答复，或选择其他床位。"
    how_en = "Wait for the answer, or choose another bed."


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


class OfferUnknown(NotFound):
    """没有这条床位通知。
    There is no such offer of a bed."""

    how = "请刷新后再试。"
    how_en = "Reload and try again."


class OfferClosed(Conflict):
    """这条床位通知已经失效。
    This offer is not open any more."""

    how = "轮候位次仍然保留，请等待下一次通知。"
    how_en = "The place on the list is kept; wait for the next offer."


class StayUnknown(NotFound):
    """没有这条在住记录。
    Nobody stays there under this number."""

    how = "请核对入住编号。"
    how_en = "Check the stay's id."


@dataclass(frozen=True, slots=True)
class Contract:
    """What the family agreed with the home: a deposit, and a fee a month paid through a month (first day)."""

    deposit_fen: int = 0
    fee_fen: int = 0
    fee_paid_through: date | None = None


async def admit(
    tx: Transaction,
    person: UUID,
    bed: UUID,
    *,
    since: date,
    at: datetime,
    contract: Contract | None = None,
) -> UUID:
    """Give a bed to a person. Raises BedUnknown, BedTaken, BedOffered (to somebody else), DeadFromThen."""
    dead_from = (await lock_persons(tx, [person]))[person]
    refuse_after_death(dead_from, since)
    found = (await tx.execute(_BED, {"bed": bed})).first()
    if found is None:
        raise BedUnknown()
    await lock_homes(tx, [found.home])
    return await _move_in(tx, person, bed, found, since=since, at=at, contract=contract or Contract())


async def _move_in(
    tx: Transaction,
    person: UUID,
    bed: UUID,
    found: Any,
    *,
    since: date,
    at: datetime,
    contract: Contract,
    answered: Answered | None = None,
) -> UUID:
    """The locks are held."""
    if (await tx.execute(_TAKEN, {"bed": bed})).first():
        raise BedTaken()
    offers = await open_offers(tx, [bed])
    if any(offer.person != person for offer in offers):
        raise BedOffered()
    await close_offers(tx, [offer.id for offer in offers], "accepted", at=at, answered=answered)
    stay = uuid4()
    await tx.execute(
        _STAY,
        {
            "id": stay, "person": person, "bed": bed, "since": since, "region": found.region,
            "deposit_fen": contract.deposit_fen, "fee_fen": contract.fee_fen,
            "fee_paid_through": contract.fee_paid_through,
        },
    )  # fmt: skip
    await tx.execute(_ADMITTED, {"person": person, "home": found.home})
    await tx.execute(_KEPT_NO_MORE, {"person": person, "home": found.home, "at": at})
    await offer_free_beds(tx, [found.home], on=at.astimezone(TZ).date())
    await state_care(tx, {person}, at=at)
    return stay


async def ask_for_bed(
    tx: Transaction,
    person: UUID,
    home: UUID,
    *,
    asked_on: date,
    priority: Priority = "ordinary",
    at: datetime,
) -> UUID:
    """A place on a home's waiting list; a free bed is offered at once. Raises HomeUnknown, DeadFromThen."""
    dead_from = (await lock_persons(tx, [person]))[person]
    refuse_after_death(dead_from, asked_on)
    await lock_homes(tx, [home])
    request = uuid4()
    values = {"id": request, "person": person, "home": home, "asked_on": asked_on, "priority": priority}
    if (await tx.execute(_REQUEST, values)).rowcount != 1:
        raise HomeUnknown()
    await offer_free_beds(tx, [home], on=at.astimezone(TZ).date())
    return request


async def answer_offer(
    tx: Transaction,
    offer: UUID,
    answer: Literal["accept", "decline"],
    *,
    since: date,
    at: datetime,
    answered: Answered | None = None,
    version: int | None = None,
) -> UUID | None:
    """Accept: the stay. Decline: the next is asked; the place is kept twice.

    `version`: the offer as the person saw it. Raises OfferUnknown, OfferClosed, StaleVersion, DeadFromThen.
    """
    seen = (await tx.execute(_READ_OFFER, {"offer": offer})).first()
    if seen is None:
        raise OfferUnknown()
    dead_from = (await lock_persons(tx, [seen.person]))[seen.person]
    await lock_homes(tx, [seen.home])
    today = at.astimezone(TZ).date()
    standing = (await tx.execute(_READ_OFFER, {"offer": offer})).one()
    if standing.state != "open" or standing.answer_by < today:
        raise OfferClosed()
    if version not in (None, standing.version):
        raise StaleVersion(standing.version)
    if answer == "accept":
        refuse_after_death(dead_from, since)
        found = (await tx.execute(_BED, {"bed": seen.bed})).one()
        return await _move_in(
            tx, seen.person, seen.bed, found, since=since, at=at, contract=Contract(), answered=answered
        )
    await close_offers(tx, [offer], "declined", at=at, answered=answered)
    await tx.execute(DECLINED, {"requests": [seen.request], "kept": REFUSALS_KEPT, "on": today})
    await offer_free_beds(tx, [seen.home], on=today, passed=[seen.request])
    return None


async def leave_bed(tx: Transaction, stay: UUID, *, until: date, at: datetime) -> None:
    """The person moves out while alive; the bed is offered on. Raises StayUnknown."""
    seen = (await tx.execute(_PRESENT, {"stay": stay})).first()
    if seen is None:
        raise StayUnknown()
    await lock_persons(tx, [seen.person])
    await lock_homes(tx, [seen.home])
    if (await tx.execute(_LEAVE, {"stay": stay, "until": until})).rowcount != 1:
        raise StayUnknown()
    await offer_free_beds(tx, [seen.home], on=at.astimezone(TZ).date())
    await state_care(tx, {seen.person}, at=at)


async def rehouse(tx: Transaction, moves: Sequence[tuple[UUID, MoveIn | FirstPlace]]) -> None:
    """Whose bed was given away: another bed, or the first place on the list. Gather holds the locks.

    Keys follow from the old stay, so that the same undo twice makes one.
    """
    for person, move in moves:
        key = uuid5(move.item.id, "given_away")
        if isinstance(move, FirstPlace):
            values = {"person": person, "home": move.home, "asked_on": move.on, "priority": "restored"}
            await tx.execute(_REQUEST, {"id": key, **values})
            continue
        await tx.execute(
            _STAY,
            {
                "id": key, "person": person, "bed": move.bed, "since": move.on, "region": move.item.region,
                "deposit_fen": move.terms.deposit_fen, "fee_fen": move.terms.fee_fen,
                "fee_paid_through": move.terms.fee_paid_through,
            },
        )  # fmt: skip
