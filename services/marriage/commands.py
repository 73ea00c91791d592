"""Set-based writes of marriages, and the facts about them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from casework.facts import Statement, state_facts
from casework.persons import lock_persons, refuse_after_death
from casework.procedure import Procedure, Ruling
from kernel.messaging.transaction import Transaction
from services.marriage.domain import EndMarriage, ResumeMarriage
from services.marriage.queries import marital_states

OWNER = "marriage"

_END = text(
    """UPDATE couples c SET state = 'widowed', ended_on = new.day, ended_by = new.by, died = new.died
         FROM unnest(CAST(:couple AS uuid[]), CAST(:by AS uuid[]), CAST(:day AS date[]), CAST(:died AS uuid[]))
              AS new(couple, by, day, died)
        WHERE c.id = new.couple AND (c.state = 'married' OR c.ended_by = new.by)"""
)
_RESUME = text(
    """UPDATE couples SET state = 'married', ended_on = NULL, ended_by = NULL, died = NULL
        WHERE id = ANY(CAST(:couples AS uuid[])) AND state = 'widowed'"""
)
_PARTNERS = text("SELECT husband, wife FROM couples WHERE id = ANY(CAST(:couples AS uuid[]))")
_DECLARE = text(
    """INSERT INTO unwilling (couple, person, declared_at) VALUES (:couple, :person, :at)
       ON CONFLICT (couple, person) DO NOTHING"""
)
_REGISTER = text(
    """INSERT INTO couples (id, husband, wife, registered_on, region)
       VALUES (:id, :husband, :wife, :registered_on, :region)"""
)


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """End or resume marriages, and state the fact of everybody in them."""
    effects = [effect for _, ruling in rulings for effect in ruling.effects]
    ends = sorted((e for e in effects if isinstance(e, EndMarriage)), key=lambda e: e.couple)
    resumed = sorted(e.couple for e in effects if isinstance(e, ResumeMarriage))
    if ends:
        columns = {
            "couple": [e.couple for e in ends],
            "by": [e.by for e in ends],
            "died": [e.died for e in ends],
        }
        await tx.execute(_END, {**columns, "day": [e.on for e in ends]})
    if resumed:
        await tx.execute(_RESUME, {"couples": resumed})
    if ends or resumed:
        partners = await tx.execute(_PARTNERS, {"couples": [*(e.couple for e in ends), *resumed]})
        await _state(tx, {person for row in partners for person in row}, at)


async def _state(tx: Transaction, persons: set[UUID], at: datetime) -> None:
    states = await marital_states(tx, persons)
    statements = [Statement(person, "marital", state) for person, state in states.items()]
    await state_facts(tx, statements, owner=OWNER, at=at)


async def register(
    tx: Transaction, *, id: UUID, husband: UUID, wife: UUID, registered_on: date, region: str, at: datetime
) -> None:
    """Register a marriage. Raises DeadFromThen when one of them is recorded dead before that month."""
    dead = await lock_persons(tx, {husband, wife})
    for dead_from in dead.values():
        refuse_after_death(dead_from, registered_on.replace(day=1))
    values = {"id": id, "husband": husband, "wife": wife, "registered_on": registered_on, "region": region}
    await tx.execute(_REGISTER, values)
    await _state(tx, {husband, wife}, at)


async def declare_unwilling(tx: Transaction, *, couple: UUID, person: UUID, at: datetime) -> None:
    """Keep that the survivor does not resume the marriage (Civil Code 51)."""
    await lock_persons(tx, {person})
    await tx.execute(_DECLARE, {"couple": couple, "person": person, "at": at})
