"""An award for an eco-burial enjoyed in life: the person first, once, and in the books (FN-015)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons, refuse_after_death
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.funeral.commands.books import post_money
from services.funeral.domain.effects import BookMoney
from services.funeral.problems import AwardedBefore

_GIVE = text(
    """INSERT INTO eco_awards (id, person, mode, kind, amount_fen, funding_source, region, payee, granted_at, paid_at,
              decided_by)
       VALUES (:id, :person, 'in_life', :kind, :amount_fen, :funding_source, :region, :person, :at, :at, :decided_by)
       ON CONFLICT (person, mode) WHERE cancelled_at IS NULL DO NOTHING RETURNING id"""
)


@dataclass(frozen=True, slots=True)
class InLife:
    """Who, which kind, where, how many fen of whose budget, and who decided it."""

    person: UUID
    kind: str
    region: str
    amount_fen: int
    funding_source: str
    decided_by: str


async def award_in_life(tx: Transaction, decision: InLife, *, at: datetime) -> UUID:
    """Given and paid at once. Raises AwardedBefore, DeadFromThen."""
    dead = await lock_persons(tx, [decision.person])
    refuse_after_death(dead[decision.person], month_of(at.astimezone(TZ).date()))
    award = uuid4()
    values = {name: getattr(decision, name) for name in InLife.__slots__}
    if (await tx.execute(_GIVE, {"id": award, **values, "at": at})).first() is None:
        raise AwardedBefore()
    money = BookMoney("eco_award", "paid", decision.amount_fen, decision.funding_source, "eco_burial_award in life",
                      decision.person, decision.person)  # fmt: skip
    if decision.amount_fen:
        await post_money(tx, [money], at=at)
    return award
