"""Reads of elder care, each one statement for many people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.people_view import Hold, PersonView
from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.eldercare.domain import REQUEST, Care, Item

_COLUMNS = ", ".join(f.name for f in fields(Item))
_ITEMS = text(
    f"SELECT person, {_COLUMNS} FROM care_items WHERE person = ANY(CAST(:persons AS uuid[])) ORDER BY id"
)
_SIGNS = text(
    """SELECT person, max(at) AS at FROM signs_of_life WHERE person = ANY(CAST(:persons AS uuid[])) GROUP BY person"""
)
# The beds of these people's stays, free or taken: whoever gives one away waits until we have decided.
_LOCK_BEDS = text(
    """SELECT id FROM beds WHERE id IN (SELECT bed FROM stays WHERE id = ANY(CAST(:stays AS uuid[])))
        ORDER BY id FOR UPDATE"""
)


async def care_of(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, Care]:
    """What each person holds and their last sign of life; a person unknown here holds nothing."""
    signs = await _signs(tx, persons)
    items = await _items(tx, persons)
    return {person: Care(person, tuple(items.get(person, ())), signs.get(person)) for person in persons}


async def _signs(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, datetime]:
    return {row.person: row.at for row in await tx.execute(_SIGNS, {"persons": list(persons)})}


async def _items(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, list[Item]]:
    found: dict[UUID, list[Item]] = defaultdict(list)
    for person, *values in await tx.execute(_ITEMS, {"persons": list(persons)}):
        found[person].append(Item(*values))
    return found


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Care]:
    """The care of each procedure's subject; ended stays' beds are locked first, so nobody moves in meanwhile."""
    persons = sorted({procedure.subject for procedure in procedures})
    care = await care_of(tx, persons)
    stays = [
        item.id for each in care.values() for item in each.items if item.source == "stays" and item.ended_by
    ]
    if stays:
        await tx.execute(_LOCK_BEDS, {"stays": stays})
        care = await care_of(tx, persons)
    return {procedure.id: care[procedure.subject] for procedure in procedures}


async def holds_elder_card(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool]:
    """The predicate of row 15: a valid card, or one that this very procedure has cancelled."""
    care = await care_of(tx, sorted({procedure.subject for procedure in procedures}))
    return {
        procedure.id: any(
            item.kind == "elder_card" and item.ended_by in (None, procedure.id)
            for item in care[procedure.subject].items
        )
        for procedure in procedures
    }


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """What each person holds here, as api.md shows it; places on a waiting list are no holding."""
    return {
        person: PersonView(
            person=person, holds=tuple(_hold(item) for item in items if item.source != REQUEST)
        )
        for person, items in (await _items(tx, persons)).items()
    }


def _hold(item: Item) -> Hold:
    return Hold(
        id=item.id, service="eldercare", kind=item.kind, state=item.shown_state, amount_fen=item.amount_fen,
        paid_through=item.paid_through,
    )  # fmt: skip


async def care_statements(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """The fact `care` of each person: kinds, and whether they run. Nothing that names anybody.

    A suspension is not stated: it rests on somebody's word (design 4, declared is not confirmed).
    """
    asked = sorted(persons)
    items = await _items(tx, asked)
    return {
        person: {"items": [_stated(item) for item in sorted(items.get(person, ()), key=_place)]}
        for person in asked
    }


def _place(item: Item) -> tuple[str, UUID]:
    return item.source, item.id


def _stated(item: Item) -> dict[str, str]:
    return {"kind": item.kind, "state": "stopped" if item.ended_by else item.state}
