"""Grants: each locks its person first and is refused for months after a death (design 5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from casework.persons import lock_persons, refuse_after_death
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import covers
from kernel.public_service.months import month_of, previous_month
from services.eldercare.commands.facts import state_care

_ALLOWANCE = text(
    """INSERT INTO allowances (id, person, kind, payee, amount_fen, granted_on, region, state, period_months, ended_by,
                               ended_on, ends_after)
       VALUES (:id, :person, :kind, :payee, :amount_fen, :granted_on, :region, :state, :period_months, :ended_by,
               :ended_on, :ends_after)"""
)
_STOPPED_BY = text(
    """SELECT p.id, c.effective_on FROM procedures p JOIN case_files c ON c.case_id = p.case_id
        WHERE p.subject = :person AND p.type = 'eldercare.stop_benefits' AND p.state = 'done' ORDER BY p.id LIMIT 1"""
)
_IN_CHECK = text("SELECT person, region, state FROM allowances WHERE id = :id")
_CHECKED = text(
    """UPDATE allowances SET state = :state, checked_at = :at, checked_by = :by, check_reason = :reason
        WHERE id = :id AND state = 'in_check'"""
)
_ASSESSMENT = text(
    """INSERT INTO assessments (id, person, state, region, asked_on)
       VALUES (:id, :person, 'requested', :region, :asked_on)"""
)
_ASSESSED_OF = text("SELECT person FROM assessments WHERE id = :id")
_ASSESSED = text(
    """UPDATE assessments SET state = 'assessed', level = :level, assessed_at = :at
        WHERE id = :id AND state = 'requested' AND ended_by IS NULL AND held_by IS NULL"""
)


class GrantUnknown(NotFound):
    """没有这项待核对的津贴。
    There is no such allowance to check."""

    how = "请核对津贴编号。"
    how_en = "Check the allowance's id."


class GrantNotInCheck(Conflict):
    """这项津贴不在核对中。
    This allowance is not being checked."""

    how = "请刷新后再试。"
    how_en = "Reload and try again."


class NotThisSigner(Forbidden):
    """补发要由县级主管签批。
    Only the county's supervisor signs this."""


class AssessmentNotOpen(Conflict):
    """这项评估不存在、已完成、已暂停或已取消。
    This assessment is unknown, finished, suspended or cancelled."""

    how = "请刷新后再试。"
    how_en = "Reload and try again."


@dataclass(frozen=True, slots=True)
class AllowanceGrant:
    """`granted_on` is the first month paid (any day of it); `amount_fen` a month, paid `period_months` ahead."""

    person: UUID
    kind: Literal["old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy"]
    payee: UUID
    amount_fen: int
    granted_on: date
    region: str
    period_months: Literal[1, 3, 6] = 1


async def grant_allowance(tx: Transaction, grant: AllowanceGrant, *, at: datetime) -> UUID:
    """Grant an allowance. Raises DeadFromThen for a month after the person's death.

    Back-dated to months before a death that is recorded already, it opens a check: nothing is paid before the county
    has signed (design 5), and never more than through the month of death.
    """
    dead_from = (await lock_persons(tx, [grant.person]))[grant.person]
    refuse_after_death(dead_from, month_of(grant.granted_on))
    allowance = uuid4()
    await tx.execute(
        _ALLOWANCE,
        {
            "id": allowance, "person": grant.person, "kind": grant.kind, "payee": grant.payee,
            "amount_fen": grant.amount_fen, "granted_on": grant.granted_on, "region": grant.region,
            "period_months": grant.period_months, **await _standing(tx, grant.person, dead_from),
        },
    )  # fmt: skip
    await state_care(tx, {grant.person}, at=at)
    return allowance


async def _standing(tx: Transaction, person: UUID, dead_from: date | None) -> dict[str, Any]:
    """Runs, or waits for a check under the stop that would have ended it."""
    if dead_from is None:
        return {"state": "active", "ended_by": None, "ended_on": None, "ends_after": None}
    stop = (await tx.execute(_STOPPED_BY, {"person": person})).first()
    return {
        "state": "in_check", "ended_by": stop.id if stop else None,
        "ended_on": stop.effective_on if stop else None, "ends_after": previous_month(dead_from),
    }  # fmt: skip


async def check_grant(
    tx: Transaction,
    allowance: UUID,
    decision: Literal["pay", "refuse"],
    *,
    role: str,
    region: str,
    at: datetime,
    by: str | None = None,
    reason: str | None = None,
) -> None:
    """The county signs whether a grant that came after the death is paid through the month of death.

    Raises GrantUnknown, GrantNotInCheck, NotThisSigner.
    """
    seen = (await tx.execute(_IN_CHECK, {"id": allowance})).first()
    if seen is None:
        raise GrantUnknown()
    if role != "county_supervisor" or not covers(region, seen.region):
        raise NotThisSigner()
    await lock_persons(tx, [seen.person])
    state = "active" if decision == "pay" else "refused"
    signed = {"id": allowance, "state": state, "at": at, "by": by, "reason": reason}
    if (await tx.execute(_CHECKED, signed)).rowcount != 1:
        raise GrantNotInCheck()
    await state_care(tx, {seen.person}, at=at)


async def ask_for_assessment(tx: Transaction, person: UUID, *, region: str, asked_on: date) -> UUID:
    """The person waits for an ability assessment (R50). Raises DeadFromThen."""
    dead_from = (await lock_persons(tx, [person]))[person]
    refuse_after_death(dead_from, asked_on)
    key = uuid4()
    await tx.execute(_ASSESSMENT, {"id": key, "person": person, "region": region, "asked_on": asked_on})
    return key


async def assess(tx: Transaction, assessment: UUID, *, level: str, at: datetime) -> UUID:
    """The assessors came to a level; gives the person they met. Raises AssessmentNotOpen."""
    person: UUID | None = (await tx.execute(_ASSESSED_OF, {"id": assessment})).scalar()
    if person is None:
        raise AssessmentNotOpen()
    await lock_persons(tx, [person])
    if (await tx.execute(_ASSESSED, {"id": assessment, "level": level, "at": at})).rowcount != 1:
        raise AssessmentNotOpen()
    return person
