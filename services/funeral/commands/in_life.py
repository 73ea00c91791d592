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
from services.funeral.problems import AwardAfterDeathStands, AwardedBefore, AwardTakenBack, AwardUnknown

_GIVE = text(
    """INSERT INTO eco_awards (id, person, mode, kind, amount_fen, funding_source, region, payee, granted_at, paid_at,
              decided_by)
       VALUES (:id, :person, 'in_life', :kind, :amount_fen, :funding_source, :region, :person, :at, :at, :decided_by)
       ON CONFLICT (person, mode) WHERE cancelled_at IS NULL DO NOTHING RETURNING id"""
)

_SEEN = text("SELECT person FROM eco_awards WHERE id = :id AND mode = 'in_life'")
_STANDING = text("SELECT amount_fen, funding_source, cancelled_at FROM eco_awards WHERE id = :id FOR UPDATE")
_AFTER_DEATH = text(
    "SELECT 1 FROM eco_awards WHERE person = :person AND mode = 'after_death' AND cancelled_at IS NULL"
)
_CANCEL = text(
    "UPDATE eco_awards SET cancelled_at = :at, cancelled_by = :by, cancel_reason = :reason WHERE id = :id"
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


async def take_back(tx: Transaction, award: UUID, *, by: str, reason: str, at: datetime) -> int:
    """The award stands no more; gives the fen that the person has to give back.

    Raises AwardUnknown, AwardTakenBack, and AwardAfterDeathStands where the award after death was worked out with it.
    """
    person: UUID | None = (await tx.execute(_SEEN, {"id": award})).scalar()
    if person is None:
        raise AwardUnknown()
    await lock_persons(tx, [person])
    standing = (await tx.execute(_STANDING, {"id": award})).one()
    if standing.cancelled_at is not None:
        raise AwardTakenBack()
    if (await tx.execute(_AFTER_DEATH, {"person": person})).first():
        raise AwardAfterDeathStands()
    await tx.execute(_CANCEL, {"id": award, "at": at, "by": by, "reason": reason})
    fen: int = standing.amount_fen
    if fen:
        why = "eco_burial_award in life taken back"
        back = BookMoney("recoverable", "eco_award", fen, standing.funding_source, why, person, person)
        await post_money(tx, [back], at=at)
    return fen
