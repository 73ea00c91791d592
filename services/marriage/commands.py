"""Set-based writes of marriages, and the facts about them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.facts import Statement, state_facts
from casework.persons import lock_persons, refuse_after_death
from casework.procedure import Procedure, Ruling
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.marriage.domain import Declare, EndMarriage, KeepEnded, ResumeMarriage, VoidMarriage
from services.marriage.problems import CoupleUnknown, MarriageResumed, NotTheSurvivor
from services.marriage.queries import marital_states

OWNER = "marriage"
Effect = TypeVar("Effect")

_END = text(
    """UPDATE couples c SET state = 'widowed', ended_on = new.day, ended_by = new.by, died = new.died
         FROM unnest(CAST(:couple AS uuid[]), CAST(:by AS uuid[]), CAST(:day AS date[]), CAST(:died AS uuid[]))
              AS new(couple, by, day, died)
        WHERE c.id = new.couple AND (c.state = 'married' OR c.ended_by = new.by)"""
)
_INTERRUPTED = text(
    """INSERT INTO interruptions (id, couple, ended_on, ended_by, died, resumed_on)
       SELECT new.id, c.id, c.ended_on, c.ended_by, c.died, new.day
         FROM unnest(CAST(:id AS uuid[]), CAST(:couple AS uuid[]), CAST(:day AS date[])) AS new(id, couple, day)
         JOIN couples c ON c.id = new.couple AND c.state = 'widowed' WHERE new.day IS NOT NULL"""
)
_RESUME = text(
    """UPDATE couples c SET state = 'married', ended_on = NULL, ended_by = NULL, died = NULL, returned = false,
              resumed_on = coalesce(new.day, c.resumed_on)
         FROM unnest(CAST(:couple AS uuid[]), CAST(:day AS date[])) AS new(couple, day)
        WHERE c.id = new.couple AND c.state = 'widowed'"""
)
_KEEP = text(
    "UPDATE couples SET returned = true WHERE id = ANY(CAST(:couples AS uuid[])) AND state = 'widowed'"
)
_VOID = text(
    """UPDATE couples c SET state = 'void', ended_on = c.registered_on, ended_by = new.by
         FROM unnest(CAST(:couple AS uuid[]), CAST(:by AS uuid[])) AS new(couple, by) WHERE c.id = new.couple"""
)
_PARTNERS = text("SELECT husband, wife FROM couples WHERE id = ANY(CAST(:couples AS uuid[]))")
_DECLARE = text(
    """INSERT INTO unwilling (couple, person, declared_at, recorded_by) VALUES (:couple, :person, :at, :by)
       ON CONFLICT (couple, person) DO NOTHING"""
)
_COUPLE = text("SELECT husband, wife FROM couples WHERE id = :couple")
_LOCK_COUPLE = text("SELECT state, died, resumed_on FROM couples WHERE id = :couple FOR UPDATE")
_LAST_INTERRUPTION = text(
    "SELECT died FROM interruptions WHERE couple = :couple AND resumed_on = :day ORDER BY id DESC LIMIT 1"
)
# The declaration was made in time: the marriage never resumed, and its end stands as it was.
_END_AGAIN = text(
    """WITH before AS (DELETE FROM interruptions WHERE couple = :couple AND resumed_on = :day
                       RETURNING ended_on, ended_by, died)
       UPDATE couples c SET state = 'widowed', ended_on = before.ended_on, ended_by = before.ended_by,
              died = before.died, returned = true, resumed_on = NULL FROM before WHERE c.id = :couple"""
)
_REGISTER = text(
    """INSERT INTO couples (id, husband, wife, registered_on, region)
       VALUES (:id, :husband, :wife, :registered_on, :region)"""
)


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Void, resume, end or keep ended, in this order; then the fact of everybody in these marriages."""
    effects = [effect for _, ruling in rulings for effect in ruling.effects]
    voided, resumed = _sorted(effects, VoidMarriage), _sorted(effects, ResumeMarriage)
    ends, kept = _sorted(effects, EndMarriage), _sorted(effects, KeepEnded)
    if voided:
        await tx.execute(_VOID, {"couple": [e.couple for e in voided], "by": [e.by for e in voided]})
    await _resume(tx, resumed)
    await _end(tx, ends)
    if kept:
        await tx.execute(_KEEP, {"couples": [e.couple for e in kept]})
    for each in _sorted(effects, Declare):
        values = {"couple": each.couple, "person": each.person, "by": each.by}
        await tx.execute(_DECLARE, {**values, "at": datetime.combine(each.on, datetime.min.time(), TZ)})
    await _state(tx, await _partners(tx, [*resumed, *ends, *kept]), at)
    await _state(tx, await _partners(tx, voided), at, unmarried=True)


def _sorted(effects: Sequence[object], kind: type[Effect]) -> list[Any]:
    return sorted((e for e in effects if isinstance(e, kind)), key=lambda e: e.couple)


async def _resume(tx: Transaction, resumed: Sequence[ResumeMarriage]) -> None:
    if not resumed:
        return
    columns = {"couple": [e.couple for e in resumed], "day": [e.resumed_on for e in resumed]}
    await tx.execute(_INTERRUPTED, {**columns, "id": [uuid4() for _ in resumed]})
    await tx.execute(_RESUME, columns)


async def _end(tx: Transaction, ends: Sequence[EndMarriage]) -> None:
    if ends:
        columns = {name: [getattr(e, name) for e in ends] for name in ("couple", "by", "died")}
        await tx.execute(_END, {**columns, "day": [e.on for e in ends]})


async def _partners(tx: Transaction, effects: Sequence[Any]) -> set[UUID]:
    """Everybody in the marriages of these effects."""
    if not effects:
        return set()
    rows = await tx.execute(_PARTNERS, {"couples": [effect.couple for effect in effects]})
    return {person for row in rows for person in row}


async def _state(tx: Transaction, persons: set[UUID], at: datetime, *, unmarried: bool = False) -> None:
    """Publish their marital facts. `unmarried`: whoever has none left was never married, and others must hear so."""
    if not persons:
        return
    states = await marital_states(tx, persons)
    if unmarried:
        nothing = {"marital_state": None, "spouse": None, "since": None}
        states = {**dict.fromkeys(persons, nothing), **states}
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


async def declare_unwilling(
    tx: Transaction, *, couple: UUID, person: UUID, declared_at: datetime, by: str, at: datetime
) -> None:
    """Keep that the survivor does not resume the marriage (Civil Code 51); the same twice is one.

    Recorded before the court takes the death back, it keeps the marriage ended. Recorded afterwards, it ends a
    resumption again if it was made by the day of that; a later one is no declaration any more. Raises CoupleUnknown,
    NotTheSurvivor, MarriageResumed.
    """
    found = (await tx.execute(_COUPLE, {"couple": couple})).first()
    if found is None:
        raise CoupleUnknown()
    if person not in (found.husband, found.wife):
        raise NotTheSurvivor()
    await lock_persons(tx, {found.husband, found.wife})
    row = (await tx.execute(_LOCK_COUPLE, {"couple": couple})).one()
    values = {"couple": couple, "person": person, "at": declared_at, "by": by}
    if row.state == "widowed" and row.died != person:
        await tx.execute(_DECLARE, values)
        return
    if row.state != "married" or row.resumed_on is None:
        raise NotTheSurvivor()
    died = (await tx.execute(_LAST_INTERRUPTION, {"couple": couple, "day": row.resumed_on})).scalar()
    if died == person:
        raise NotTheSurvivor()
    if declared_at.astimezone(TZ).date() > row.resumed_on:
        raise MarriageResumed()
    await tx.execute(_DECLARE, values)
    await tx.execute(_END_AGAIN, {"couple": couple, "day": row.resumed_on})
    await _state(tx, {found.husband, found.wife}, at)
