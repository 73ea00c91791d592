"""What is shown of a person: holdings to the gateway, the fact `care` to the other services."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from casework.people_view import Hold, PersonView, Wait
from kernel.messaging.transaction import Transaction
from services.eldercare.domain.items import ASSESSMENT, REQUEST, WAITED_FOR, Item
from services.eldercare.queries.items import items_of

_OFFERED = text(
    "SELECT request FROM bed_offers WHERE person = ANY(CAST(:persons AS uuid[])) AND state = 'open'"
)
_AWAITED: Mapping[str, Literal["waiting", "requested"]] = {REQUEST: "waiting", ASSESSMENT: "requested"}


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """What each person holds, receives and waits for here, as api.md shows it.

    A place on a waiting list reads `waiting`, or `offered` while a bed is kept for the person (which one of a home's
    list comes next follows from more than the day of asking, R56: no place is told); an assessment that was asked for
    reads `requested`. One that a death ended is waited for no more.
    """
    items = await items_of(tx, persons)
    offered = set((await tx.execute(_OFFERED, {"persons": list(persons)})).scalars())
    return {
        person: PersonView(
            person=person,
            holds=tuple(_hold(item) for item in each if _is_held(item)),
            waits=tuple(_wait(item, offered) for item in each if _is_awaited(item)),
        )
        for person, each in items.items()
    }


def _hold(item: Item) -> Hold:
    return Hold(
        id=item.id, service="eldercare", kind=item.kind, state=item.shown_state, amount_fen=item.amount_fen,
        paid_through=item.paid_through,
    )  # fmt: skip


def _wait(item: Item, offered: set[UUID]) -> Wait:
    return Wait(
        id=item.id,
        service="eldercare",
        kind=item.kind,
        since=item.since,
        state="offered" if item.id in offered else _AWAITED[item.source],
    )


async def care_statements(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """The fact `care` of each person: kinds, and whether they run. Nothing that names anybody.

    A suspension is not stated: it rests on somebody's word (design 4, declared is not confirmed). What one only waits
    for is nobody else's business.
    """
    asked = sorted(persons)
    items = await items_of(tx, asked)
    return {
        person: {
            "items": [_stated(item) for item in sorted(items.get(person, ()), key=_place) if _is_held(item)]
        }
        for person in asked
    }


def _is_held(item: Item) -> bool:
    return item.source not in WAITED_FOR


def _is_awaited(item: Item) -> bool:
    return item.source in WAITED_FOR and item.held_by is None and item.ended_by is None


def _place(item: Item) -> tuple[str, UUID]:
    return item.source, item.id


def _stated(item: Item) -> dict[str, str]:
    return {"kind": item.kind, "state": "stopped" if item.ended_by else item.state}
