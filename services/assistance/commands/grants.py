"""Granting a benefit: the person's row first, and nothing for months after a death (design 5)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from casework.facts import Statement, state_facts
from casework.persons import lock_persons, refuse_after_death
from kernel.messaging.transaction import Transaction
from kernel.public_service.months import month_of, next_month
from services.assistance.commands.effects import OWNER
from services.assistance.queries import benefits

_HOLD = text(
    """INSERT INTO holdings (id, household, person, kind, amount_fen, payee, funding_source, region, granted_on)
       VALUES (:id, :household, :person, :kind, :amount_fen, :payee, :funding_source, :region, :granted_on)"""
)
_FIRST_PAYMENT = text(
    """INSERT INTO payments (id, holding, month, amount_fen, payee)
       SELECT gen_random_uuid(), id, CAST(:month AS date), amount_fen, payee FROM holdings
        WHERE id = :id AND amount_fen > 0"""
)
_DECIDE = text(
    "UPDATE applications SET state = 'granted', decided_at = :at WHERE id = :application AND state = 'pending'"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A decision to grant. `from_month`: the first month paid (R01: the month after the decision)."""

    holding: UUID
    kind: str
    applicant: UUID
    payee: UUID
    amount_fen: int
    region: str
    granted_on: date
    funding_source: str
    household: UUID | None = None
    application: UUID | None = None

    @property
    def from_month(self) -> date:
        return next_month(month_of(self.granted_on))


async def grant(tx: Transaction, decision: Grant, *, at: datetime) -> None:
    """Grant a benefit and owe its first month. Raises DeadFromThen when applicant or payee is dead by then."""
    dead = await lock_persons(tx, {decision.applicant, decision.payee})
    for dead_from in dead.values():
        refuse_after_death(dead_from, decision.from_month)
    values = {
        "id": decision.holding, "household": decision.household, "kind": decision.kind,
        "person": None if decision.household else decision.applicant, "amount_fen": decision.amount_fen,
        "payee": decision.payee, "funding_source": decision.funding_source, "region": decision.region,
        "granted_on": decision.granted_on, "month": decision.from_month,
    }  # fmt: skip
    await tx.execute(_HOLD, values)
    await tx.execute(_FIRST_PAYMENT, values)
    if decision.application is not None:
        await tx.execute(_DECIDE, {"application": decision.application, "at": at})
    states = await benefits(tx, [decision.applicant])
    await state_facts(
        tx, [Statement(person, "benefits", state) for person, state in states.items()], owner=OWNER, at=at
    )
