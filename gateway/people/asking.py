"""What the services say of people: asked now, else as they stated it last, else not known (decision 0014).

A service that is away takes nothing from the view but its own part, and that part says as of when it is known. Nothing
known is never shown as nothing held.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from casework.people_view import PersonView
from gateway.cases.owners import OwnerAway, Owners
from gateway.people.known_facts import FACTS, Copy, copies
from kernel.messaging.transaction import Transactions
from kernel.public_service.months import next_month

Known = Literal["live", "copy", "unknown"]
SHARED_KINDS = frozenset({"dibao", "edge", "rigid"})  # a household's, not one person's
# Paid month by month: the month after the last paid one is due while nothing stops it.
_RUNS = frozenset({"active"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one service says of one person. `holds` and `waits` as api.md shows them; waits none: not known."""

    known: Known
    as_of: datetime | None = None
    holds: tuple[dict[str, Any], ...] = ()
    waits: tuple[dict[str, Any], ...] | None = None
    marital_state: str | None = None
    spouse: str | None = None


Parts = Mapping[UUID, Mapping[str, Part]]


async def ask(owners: Owners, transactions: Transactions, persons: Sequence[UUID], now: datetime) -> Parts:
    """Each person's part of each service. Costs one call a service, and one statement when one of them is away."""
    asked = {"persons": [str(person) for person in persons]}
    answers = dict(
        zip(
            FACTS,
            await asyncio.gather(
                *(owners.call(owner, "POST", "/internal/v1/people/holds", json=asked) for owner in FACTS),
                return_exceptions=True,
            ),
            strict=True,
        )
    )
    for answer in answers.values():
        if isinstance(answer, BaseException) and not isinstance(answer, OwnerAway):
            raise answer
    away = [owner for owner, answer in answers.items() if isinstance(answer, OwnerAway)]
    known: dict[tuple[str, UUID], Copy] = {}
    if away:
        async with transactions.begin() as tx:
            known = await copies(tx, persons, away)
    views = {owner: _views(answer) for owner, answer in answers.items() if owner not in away}
    return {
        person: {
            owner: _live(views[owner].get(person), now)
            if owner in views
            else _copied(owner, known.get((owner, person)))
            for owner in FACTS
        }
        for person in persons
    }


def _views(answer: Any) -> dict[UUID, PersonView]:
    views = [PersonView.model_validate(view) for view in answer["people"]]
    return {view.person: view for view in views}


def _live(view: PersonView | None, now: datetime) -> Part:
    if view is None:
        return Part("live", now, waits=())
    holds = [
        _hold(hold.model_dump(mode="json"), paid=hold.paid_through, months=hold.amount_fen is not None)
        for hold in view.holds
    ]
    waits = tuple(wait.model_dump(mode="json") for wait in view.waits)
    spouse = str(view.spouse) if view.spouse else None
    return Part("live", now, tuple(holds), waits, view.marital_state, spouse)


def _copied(owner: str, copy: Copy | None) -> Part:
    """A fact says less than the service itself: no month of payment, no place on a list."""
    if copy is None:
        return Part("unknown")
    state = copy.state
    held = [*state.get("holds", ()), *state.get("items", ())]
    holds = [
        _hold({
            "id": one.get("hold"), "service": owner, "kind": one["kind"], "state": one["state"],
            "amount_fen": one.get("amount_fen"), "paid_through": None,
        }, paid=None, months=False)
        for one in held
    ]  # fmt: skip
    return Part("copy", copy.recorded_at, tuple(holds), None, state.get("marital_state"), state.get("spouse"))


def _hold(shown: dict[str, Any], *, paid: date | None, months: bool) -> dict[str, Any]:
    """With the last month paid and the next one due (`2026-03`); none where there is none, or it is not known."""
    due = next_month(paid) if paid and months and shown["state"] in _RUNS else None
    return {
        **shown,
        "last_paid_month": f"{paid:%Y-%m}" if paid else None,
        "next_due_month": f"{due:%Y-%m}" if due else None,
    }
