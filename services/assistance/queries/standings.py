"""How people stand: their holdings and payments, locked, and the household around them. Set-based."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.assistance.domain.values import Holding, Member, Overpayment, Payment, Standing

_COLUMNS = """o.id AS overpayment, o.amount_fen AS overpaid_fen, o.repaid_fen, o.waived_fen, o.decision, h.id,
    h.kind, h.household, h.person, h.amount_fen, h.payee, h.funding_source, h.granted_on,
    h.paid_through, h.suspended_by, h.ended_by, h.ended_on"""
# The record of whoever ended the holding: an earlier one, taken back, concerns nobody any more.
_FROM = "FROM holdings h LEFT JOIN overpayments o ON o.holding = h.id AND o.found_by = h.ended_by"
_MEMBERS = text(
    """SELECT me.person AS subject, m.household, h.income_fen AS together_fen, m.person, m.birth_date, m.income_fen,
              m.left_by
         FROM household_members me JOIN household_members m ON m.household = me.household
         JOIN households h ON h.id = m.household
        WHERE me.person = ANY(CAST(:persons AS uuid[])) ORDER BY m.household, m.person"""
)
# Locked in order of id, after the persons: releases and grants take the same locks.
_HOLDINGS = text(
    f"""SELECT {_COLUMNS} {_FROM}
        WHERE h.person = ANY(CAST(:persons AS uuid[])) OR h.household = ANY(CAST(:households AS uuid[]))
        ORDER BY h.id FOR UPDATE OF h"""
)
_PAID_TO = text(
    f"""SELECT {_COLUMNS} {_FROM}
        WHERE h.payee = ANY(CAST(:persons AS uuid[])) OR h.id = ANY(CAST(:ids AS uuid[]))
        ORDER BY h.id FOR UPDATE OF h"""
)
_PAYMENTS = text(
    """SELECT p.id, p.holding, p.month, p.amount_fen, p.arrears, p.released_at, p.suspended_by, p.cancelled_by
         FROM payments p
        WHERE p.holding = ANY(CAST(:holdings AS uuid[])) AND (p.released_at IS NULL OR p.month >= :since)
        ORDER BY p.holding, p.month"""
)
_SIGNS = text(
    """SELECT person, max(seen_at) AS seen_at FROM signs_of_life
        WHERE person = ANY(CAST(:persons AS uuid[])) GROUP BY person"""
)


async def standings(
    tx: Transaction, people: Mapping[UUID, date], *, also: Iterable[UUID] = (), paid_to: bool = False
) -> dict[UUID, Standing]:
    """How these people stand, their holdings locked. `people` gives the month since which payments matter.

    `paid_to`: also what others hold and this person receives, and the holdings named in `also`.
    """
    persons = sorted(people)
    members = await _members(tx, persons)
    households = {each.household for each in members.values()}
    since = min((month_of(day) for day in people.values()), default=date.max)
    held = await _holdings(tx, _HOLDINGS, {"persons": persons, "households": sorted(households)}, since)
    received = (
        await _holdings(tx, _PAID_TO, {"persons": persons, "ids": sorted(also)}, since) if paid_to else []
    )
    signs = {row.person: row.seen_at for row in await tx.execute(_SIGNS, {"persons": persons})}
    return {
        person: Standing(
            person=person,
            household=members[person].household if person in members else None,
            household_income_fen=members[person].together_fen if person in members else None,
            members=tuple(members[person].listed) if person in members else (),
            holdings=tuple(h for h in held if _belongs(h, person, members)),
            paid_to=tuple(h for h in received if h.payee == person or h.id in set(also)),
            last_sign_of_life=signs.get(person),
        )
        for person in persons
    }


@dataclass(slots=True)
class _Together:
    """Who lives with one person, and their income together."""

    household: UUID
    together_fen: int | None
    listed: list[Member] = field(default_factory=list)


def _belongs(holding: Holding, person: UUID, members: Mapping[UUID, _Together]) -> bool:
    if holding.beneficiary is not None:
        return holding.beneficiary == person
    return person in members and holding.household == members[person].household


async def _members(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, _Together]:
    found: dict[UUID, _Together] = {}
    for row in await tx.execute(_MEMBERS, {"persons": persons}):
        together = found.setdefault(row.subject, _Together(row.household, row.together_fen))
        together.listed.append(Member(row.person, row.birth_date, row.income_fen, row.left_by))
    return found


async def _holdings(
    tx: Transaction, statement: TextClause, values: Mapping[str, Any], since: date
) -> list[Holding]:
    rows = (await tx.execute(statement, values)).all()
    payments: dict[UUID, list[Payment]] = defaultdict(list)
    if rows:
        found = await tx.execute(_PAYMENTS, {"holdings": [row.id for row in rows], "since": since})
        for row in found:
            payments[row.holding].append(
                Payment(
                    row.id, row.month, row.amount_fen, row.arrears, row.released_at is not None, row.suspended_by,
                    row.cancelled_by,
                )
            )  # fmt: skip
    return [
        Holding(
            row.id, row.kind, row.household, row.person, row.amount_fen, row.payee, row.funding_source,
            row.granted_on, row.paid_through, row.suspended_by, row.ended_by, row.ended_on, tuple(payments[row.id]),
            _overpayment(row),
        )
        for row in rows
    ]  # fmt: skip


def _overpayment(row: Any) -> Overpayment | None:
    if row.overpayment is None:
        return None
    return Overpayment(row.overpayment, row.overpaid_fen, row.repaid_fen, row.waived_fen, row.decision)


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Standing]:
    """The standing of each procedure's subject: four statements for the batch."""
    people = _people(procedures)
    found = await standings(tx, people)
    return {procedure.id: found[procedure.subject] for procedure in procedures}


def _people(procedures: Sequence[Procedure]) -> dict[UUID, date]:
    people: dict[UUID, date] = {}
    for procedure in procedures:
        died_on = procedure.occurred_at.astimezone(TZ).date()
        people[procedure.subject] = min(died_on, people.get(procedure.subject, died_on))
    return people


async def gather_paid_to(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Standing]:
    """The same, with what others hold and the subject receives, or received before this procedure changed it."""
    kept = {UUID(hold) for procedure in procedures for hold in procedure.memory.get("changed", {})}
    found = await standings(tx, _people(procedures), also=kept, paid_to=True)
    return {procedure.id: found[procedure.subject] for procedure in procedures}
