"""The fact `life` of a person: alive, or confirmed dead (design 1). Told when a death is confirmed or revoked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from contracts.facts import FactStated
from gateway.cases.planner.model import Case, CaseStatus
from gateway.cases.standing import Standing
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

# Which life event ends a life: confirmation of any other says nothing about it.
ENDS_A_LIFE = frozenset({"death"})

_STATE = text("""
    UPDATE people p SET life = n.life, life_version = p.life_version + 1
    FROM unnest(CAST(:persons AS uuid[]), CAST(:lives AS text[])) AS n (person, life)
    WHERE p.person = n.person RETURNING p.person, p.life_version""")


def flipped(before: Case, after: Case) -> bool:
    """Whether a death was confirmed, moved or taken back by this move."""
    if after.event.id not in ENDS_A_LIFE:
        return False
    return _dead(before) != _dead(after) or (_dead(after) and before.occurred_at != after.occurred_at)


def _dead(case: Case) -> bool:
    return case.confirmed and case.status not in (CaseStatus.REVOKING, CaseStatus.REVOKED)


async def state(tx: Transaction, standings: Sequence[Standing], *, at: datetime) -> None:
    """Write the register and tell the fact, each person's version one higher; no statement for an empty list."""
    if not standings:
        return
    by_person = {standing.subject: standing.case for standing in standings}
    lives = ["dead" if _dead(case) else "alive" for case in by_person.values()]
    rows = await tx.execute(_STATE, {"persons": list(by_person), "lives": lives})
    for person, version in rows.all():
        case = by_person[person]
        dead = _dead(case)
        died_on = case.occurred_at.astimezone(TZ).date() if case.occurred_at and dead else None
        tx.emit(
            FactStated(
                person=person, fact="life", owner="gateway", fact_version=version, effective_on=died_on,
                recorded_at=at, state={"life": "dead" if dead else "alive", "died_on": died_on and died_on.isoformat()},
            )
        )  # fmt: skip
