"""`gateway.estate_guide` (R27, R28): where the heirs go for what; the gateway's part is referral only.

Ready at once with the rules of the day; told later what the joint query has found (soft need), as counts alone. The
family's page (`/cases/{no}/estate-guide`) puts the routes of what was found first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.procedure import Act, Procedure, Ruling, done, unchanged
from contracts.outcomes import OwnerState
from gateway.assets.estate_rules import estate_rules
from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_FOUND = text("""
    SELECT p.case_id, p.result FROM procedures p
    WHERE p.case_id = ANY(CAST(:cases AS uuid[])) AND p.type = 'gateway.asset_query' AND p.state = 'done'
    ORDER BY p.opened_at""")
_COUNTS = ("sources", "answered", "not_answered")


@dataclass(frozen=True, slots=True)
class Found:
    """How many sources have answered; none: no list was delivered."""

    counts: Mapping[str, int] | None = None


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Found]:
    """One statement for all of them; the newest list of each case."""
    rows = await tx.execute(_FOUND, {"cases": [one.case for one in procedures]})
    results = {row.case_id: parsed(row.result) for row in rows}
    counts = {case: {name: result.get(name, 0) for name in _COUNTS} for case, result in results.items()}
    return {one.id: Found(counts.get(one.case)) for one in procedures}


def open(procedure: Procedure, facts: Found, *, at: datetime) -> Ruling:
    """The guide of the day."""
    return done(_result(facts, at))


def advance(procedure: Procedure, facts: Found, act: Act, *, at: datetime) -> Ruling:
    """A late answer has reached the list."""
    return done(_result(facts, at))


def correct(procedure: Procedure, facts: Found, *, at: datetime) -> Ruling:
    """The list was delivered, or something about the dead person changed: the guide of today."""
    return done(_result(facts, at)) if procedure.state is OwnerState.DONE else unchanged(procedure)


def _result(facts: Found, at: datetime) -> dict[str, Any]:
    on = at.astimezone(TZ).date()
    routes = [{"what": one.what, "where": one.where, "how": one.how} for one in estate_rules().routes(on)]
    return {"as_of": on.isoformat(), **(facts.counts or {}), "where_to_go": routes}
