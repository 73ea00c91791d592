"""The fact `life` of a person: alive, or confirmed dead (design 1). Told when that changes."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from casework.facts import Statement, state_facts
from gateway.cases.planner.model import Case, CaseStatus
from gateway.cases.standing import Standing
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

# Which life event ends a life: confirmation of any other says nothing about it.
ENDS_A_LIFE = frozenset({"death"})


def flipped(before: Case, after: Case) -> bool:
    """Whether a death was confirmed, moved or taken back by this move."""
    if after.event.id not in ENDS_A_LIFE:
        return False
    return _died_on(before) != _died_on(after)


def _died_on(case: Case) -> date | None:
    """The day of a confirmed death that stands, Asia/Shanghai; none otherwise."""
    if (
        not case.confirmed
        or case.status in (CaseStatus.REVOKING, CaseStatus.REVOKED)
        or case.occurred_at is None
    ):
        return None
    return case.occurred_at.astimezone(TZ).date()


async def state(tx: Transaction, standings: Sequence[Standing], *, at: datetime) -> None:
    """State the fact, each person's version one higher; one statement, none for an empty list."""
    statements = [_statement(standing) for standing in standings]
    await state_facts(tx, statements, owner="gateway", at=at)


async def hand_on(tx: Transaction, standing: Standing, nobody: UUID, *, at: datetime) -> None:
    """A death confirmed of a key that turned out to be another's: it is that person's, and not the key's."""
    if standing.case.event.id not in ENDS_A_LIFE or _died_on(standing.case) is None:
        return
    alive = Statement(person=nobody, fact="life", state={"life": "alive"}, effective_on=None)
    await state_facts(tx, [alive, _statement(standing)], owner="gateway", at=at)


def _statement(standing: Standing) -> Statement:
    died_on = _died_on(standing.case)
    life = "alive" if died_on is None else "dead"
    return Statement(person=standing.subject, fact="life", state={"life": life}, effective_on=died_on)
