"""Set-based reads that procedures, routes and jobs share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from casework.people_view import Hold, PersonView
from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.assistance.domain.values import Holding, Member, Payment, Standing

_COLUMNS = """h.id, h.kind, h.household, h.person, h.amount_fen, h.payee, h.funding_source, h.granted_on,
    h.paid_through, h.suspended_by, h.ended_by, h.ended_on"""
_MEMBERS = text(
    """SELECT me.person AS subject, m.household, m.person, m.birth_date, m.income_fen, m.left_by
         FROM household_members me JOIN household_members m ON m.household = me.household
        WHERE me.person = ANY(CAST(:persons AS uuid[])) ORDER BY m.household, m.person"""
)
# Locked in order of id, after the persons: releases and grants take the same locks.
_HOLDINGS = text(
    f"""SELECT {_COLUMNS} FROM holdings h
        WHERE h.person = ANY(CAST(:persons AS uuid[])) OR h.household = ANY(CAST(:households AS uuid[]))
        ORDER BY h.id FOR UPDATE"""
)
_PAID_TO = text(
    f"""SELECT {_COLUMNS} FROM holdings h
        WHERE h.payee = ANY(CAST(:persons AS uuid[])) OR h.id = ANY(CAST(:ids AS uuid[]))
        ORDER BY h.id FOR UPDATE"""
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
_RELATIONS = text(
    """SELECT person, relative, relation FROM relatives WHERE person = ANY(CAST(:persons AS uuid[]))
        ORDER BY person, relative"""
)
_IN_NEED = text(
    """SELECT DISTINCT person, kind FROM holdings
        WHERE person = ANY(CAST(:persons AS uuid[])) AND state <> 'ended' ORDER BY person, kind"""
)
_REGIONS = text(
    """SELECT h.region FROM household_members m JOIN households h ON h.id = m.household WHERE m.person = :person
       UNION SELECT region FROM holdings WHERE person = :person ORDER BY 1"""
)
_HELD = text(
    """SELECT w.person AS beneficiary, h.id, h.kind, h.household, h.state, h.amount_fen, h.paid_through,
              h.last_payable_month
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         LEFT JOIN household_members m ON m.person = w.person AND m.left_by IS NULL
         JOIN holdings h ON h.person = w.person OR h.household = m.household
        ORDER BY w.person, h.granted_on, h.id"""
)


async def standings(
    tx: Transaction, people: Mapping[UUID, date], *, also: Iterable[UUID] = (), paid_to: bool = False
) -> dict[UUID, Standing]:
    """How these people stand, their holdings locked. `people` gives the month since which payments matter.

    `paid_to`: also what others hold and this person receives, and the holdings named in `also`.
    """
    persons = sorted(people)
    members = await _members(tx, persons)
    households = {household for household, _ in members.values()}
    since = min((month_of(day) for day in people.values()), default=date.max)
    held = await _holdings(tx, _HOLDINGS, {"persons": persons, "households": sorted(households)}, since)
    received = (
        await _holdings(tx, _PAID_TO, {"persons": persons, "ids": sorted(also)}, since) if paid_to else []
    )
    signs = {row.person: row.seen_at for row in await tx.execute(_SIGNS, {"persons": persons})}
    return {
        person: Standing(
            person=person,
            household=members[person][0] if person in members else None,
            members=members[person][1] if person in members else (),
            holdings=tuple(h for h in held if _belongs(h, person, members)),
            paid_to=tuple(h for h in received if h.payee == person or h.id in set(also)),
            last_sign_of_life=signs.get(person),
        )
        for person in persons
    }


def _belongs(holding: Holding, person: UUID, members: Mapping[UUID, tuple[UUID, tuple[Member, ...]]]) -> bool:
    if holding.beneficiary is not None:
        return holding.beneficiary == person
    return person in members and holding.household == members[person][0]


async def _members(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, tuple[UUID, tuple[Member, ...]]]:
    found: dict[UUID, tuple[UUID, list[Member]]] = {}
    for row in await tx.execute(_MEMBERS, {"persons": persons}):
        _, listed = found.setdefault(row.subject, (row.household, []))
        listed.append(Member(row.person, row.birth_date, row.income_fen, row.left_by))
    return {person: (household, tuple(listed)) for person, (household, listed) in found.items()}


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
        )
        for row in rows
    ]  # fmt: skip


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


async def relations(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, Mapping[UUID, str]]:
    """The known relatives of each person: {person: {relative: what they are to them}}."""
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for row in await tx.execute(_RELATIONS, {"persons": sorted(set(persons))}):
        found[row.person][row.relative] = row.relation
    return found


async def kinds_held(tx: Transaction, persons: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
    """The kinds of benefit that each person holds alone and that have not ended."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in await tx.execute(_IN_NEED, {"persons": sorted(set(persons))}):
        found[row.person].add(row.kind)
    return {person: frozenset(kinds) for person, kinds in found.items()}


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """What these people hold: own benefits, and their household's while they belong to it."""
    held: dict[UUID, list[Hold]] = defaultdict(list)
    for row in await tx.execute(_HELD, {"persons": list(dict.fromkeys(persons))}):
        held[row.beneficiary].append(
            Hold(
                id=row.id, service="assistance", kind=row.kind, state=row.state, amount_fen=row.amount_fen,
                paid_through=row.paid_through,
            )
        )  # fmt: skip
    return {person: PersonView(person=person, holds=tuple(held[person])) for person in held}


async def benefits(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The state of the fact `benefits` of each person: every holding with its state and last payable month."""
    asked = sorted(set(persons))
    states: dict[UUID, dict[str, Any]] = {person: {"holds": []} for person in asked}
    for row in await tx.execute(_HELD, {"persons": asked}):
        last = row.last_payable_month
        states[row.beneficiary]["holds"].append(
            {
                "hold": str(row.id), "kind": row.kind, "state": row.state, "amount_fen": row.amount_fen,
                "last_payable_month": last.isoformat() if last else None,
            }
        )  # fmt: skip
    return states


async def regions_of(tx: Transaction, person: UUID) -> list[str]:
    """Where this person lives or holds something, as far as assistance knows."""
    found = await tx.execute(_REGIONS, {"person": person})
    return [row.region for row in found]
