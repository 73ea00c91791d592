"""What the verbs see: one reading for all procedures of a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from uuid import UUID

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.eldercare.domain.items import Care, Item, StayTerms, is_money
from services.eldercare.domain.periods import overpaid_months
from services.eldercare.queries.beds import lock_homes_of, one_stay_a_bed, stay_terms
from services.eldercare.queries.items import items_of, signs_of
from services.eldercare.queries.money import charged_since, claims_of, order_terms, overpaid_after_death


async def gather_items(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Care]:
    """What each procedure's subject holds and when they were last met: all that pausing and the card look at."""
    persons = sorted({procedure.subject for procedure in procedures})
    signs, items = await signs_of(tx, persons), await items_of(tx, persons)
    care = {each: Care(each, tuple(items.get(each, ())), signs.get(each)) for each in persons}
    return {procedure.id: care[procedure.subject] for procedure in procedures}


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Care]:
    """The whole care of each procedure's subject. The homes concerned are locked, so nobody moves in meanwhile."""
    persons = sorted({procedure.subject for procedure in procedures})
    items = await items_of(tx, persons)
    held = [item for each in items.values() for item in each]
    await lock_homes_of(tx, held)
    if any(item.source == "stays" for item in held):
        items = await items_of(tx, persons)
        held = [item for each in items.values() for item in each]
    care = await _care(tx, persons, items, held, _since(procedures))
    return {procedure.id: care[procedure.subject] for procedure in procedures}


def _since(procedures: Sequence[Procedure]) -> dict[UUID, datetime]:
    """From the start of the day of death on, services are looked at; the earliest day that a procedure knows."""
    since: dict[UUID, datetime] = {}
    for procedure in procedures:
        day = datetime.combine(procedure.occurred_at.astimezone(TZ).date(), time(), TZ)
        since[procedure.subject] = min(day, since.get(procedure.subject, day))
    return since


async def _care(
    tx: Transaction,
    persons: Sequence[UUID],
    items: Mapping[UUID, Sequence[Item]],
    held: Sequence[Item],
    since: Mapping[UUID, datetime],
) -> dict[UUID, Care]:
    signs = await signs_of(tx, persons)
    charged, claims = await charged_since(tx, since), await claims_of(tx, persons)
    overpaid = await overpaid_after_death(tx, [item.id for item in held if is_money(item)])
    orders = await order_terms(tx, [item.id for item in held if item.source == "home_orders"])
    stays, items = await _stays(tx, items, [item for item in held if item.source == "stays"])
    return {
        person: Care(
            person, tuple(items.get(person, ())), signs.get(person), tuple(charged.get(person, ())),
            tuple(claims.get(person, ())), overpaid, orders, stays,
        )
        for person in persons
    }  # fmt: skip


async def _stays(
    tx: Transaction, items: Mapping[UUID, Sequence[Item]], stays: Sequence[Item]
) -> tuple[Mapping[UUID, StayTerms], Mapping[UUID, Sequence[Item]]]:
    """Terms of the stays; of two people who lay in one bed after each other, only the last can have it back."""
    if not stays:
        return {}, items
    late = one_stay_a_bed(stays, await stay_terms(tx, stays))
    if late:
        items = {
            person: [replace(item, taken=True) if item.id in late else item for item in each]
            for person, each in items.items()
        }
        stays = [item for each in items.values() for item in each if item.source == "stays"]
    return await stay_terms(tx, stays), items


async def holds_elder_card(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool]:
    """The predicate of row 15: a valid card, or one that this very procedure has cancelled."""
    items = await items_of(tx, sorted({procedure.subject for procedure in procedures}))
    return {
        procedure.id: any(
            item.kind == "elder_card" and item.ended_by in (None, procedure.id)
            for item in items.get(procedure.subject, ())
        )
        for procedure in procedures
    }


async def paid_after_death(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool]:
    """The predicate of row 9d: an allowance was paid for months after the death, as the newest version dates it."""
    items = await items_of(tx, sorted({procedure.subject for procedure in procedures}))
    return {
        procedure.id: any(
            is_money(item) and overpaid_months(item, month_of(procedure.occurred_at.astimezone(TZ).date()))
            for item in items.get(procedure.subject, ())
        )
        for procedure in procedures
    }
