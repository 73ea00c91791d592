"""People as api.md shows them: what they hold, receive and wait for, masked for the reader. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.cases.views import local
from gateway.people.asking import Part
from gateway.people.sight import Sight, kinds_seen
from kernel.public_service.identifiers import mask_id_number


def person_head(person: UUID, region: str | None, details: Mapping[str, Any]) -> dict[str, Any]:
    """Who it is, the number masked."""
    number = details.get("id_number")
    return {
        "person": str(person), "name": details.get("name"), "id_number": number and mask_id_number(number),
        "sex": details.get("sex"), "birth_date": details.get("birth_date"), "region": region,
    }  # fmt: skip


def holdings_view(parts: Mapping[str, Part], sight: Sight) -> dict[str, Any]:
    """What the services say of one person, together. `parts` tells of each as of when it is known."""
    holds = [_masked(hold, sight) for part in parts.values() for hold in part.holds]
    seen = kinds_seen(sight, {hold["kind"] for hold in holds})
    holds = [hold for hold in holds if hold["kind"] in seen]
    private = sight not in (Sight.WHOLE, Sight.KINDS)
    marital = next((part for part in parts.values() if part.marital_state is not None), None)
    return {
        "sight": sight.value, "holds": holds, "receives": [_received(hold) for hold in holds if _is_money(hold)],
        "waits": [] if private else [wait for part in parts.values() for wait in part.waits or ()],
        "marital_state": marital.marital_state if marital and not private else None,
        "spouse": marital.spouse if marital and not private else None,
        "parts": {
            owner: {"known": part.known, "as_of": local(part.as_of), "waits_known": part.waits is not None}
            for owner, part in parts.items()
        },
    }  # fmt: skip


def _masked(hold: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """`amount_shown` tells an amount that is hidden from one that there is none of."""
    if sight is Sight.KINDS:
        return {**hold, "amount_fen": None, "amount_shown": False}
    return {**hold, "amount_shown": True}


def _is_money(hold: Mapping[str, Any]) -> bool:
    return hold["amount_fen"] is not None or hold["last_paid_month"] is not None


def _received(hold: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: hold[name]
        for name in (
            "service",
            "kind",
            "state",
            "amount_fen",
            "amount_shown",
            "last_paid_month",
            "next_due_month",
        )
    }
