"""Whom a case is about, when that changes: nobody turns out to be somebody (design 1: two cases, one person).

A key behind which the register knows nobody (no number, or a number of nobody's) gives way to the person's own: the
same case goes on, what was asked about nobody is asked again, holds stay, and the fact `identity` says that the two
keys are one person. A registered person is never turned into another: such a case is moved (`gateway/cases/moving.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.facts import Statement, state_facts
from contracts.terms import HoldKind
from gateway.cases import life_fact
from gateway.cases.problems import AnotherCaseStands, AnotherPersonsNumber
from gateway.cases.standing import Standing
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction

_HOLDER = text("""
    SELECT h.person AS holder, hp.region AS region,
           (SELECT p.region IS NOT NULL FROM people p WHERE p.person = :subject) AS registered,
           ARRAY(SELECT r.relative FROM person_relations r WHERE r.person = h.person) AS relatives,
           EXISTS (SELECT 1 FROM cases c WHERE c.life_event = :life_event AND c.subject = h.person AND c.id <> :case
                   AND c.status NOT IN ('withdrawn', 'revoked')) AS reported
    FROM (SELECT 1) one
    LEFT JOIN person_identifiers h ON h.kind = :kind AND h.blind_index = :index AND h.key_version = :version
    LEFT JOIN people hp ON hp.person = h.person""")
_RENUMBER = text("""
    WITH gone AS (DELETE FROM person_identifiers WHERE person = :subject AND key_version = :version)
    INSERT INTO person_identifiers (kind, blind_index, key_version, person)
    VALUES (:kind, :index, :version, :subject)""")
# A hold is the same for ever wherever it was handed: one that must stand on another case is followed by a copy.
_FOLLOW_HOLDS = text("""
    INSERT INTO holds (id, department, source_no, case_id, kind, sealed, placed_at, follows)
    SELECT gen_random_uuid(), department, source_no || ' → ' || CAST(:case AS uuid), :case, kind, sealed, placed_at,
           coalesce(follows, id)
    FROM holds WHERE (case_id = :from_case OR (person = :from_person AND case_id IS NULL)) AND released_at IS NULL
    ON CONFLICT DO NOTHING RETURNING kind""")


@dataclass(frozen=True, slots=True)
class Subject:
    """The person after a corrected number. `known`: a nobody gave way to a person whom the register knew already."""

    known: bool
    region: str | None = None


async def renumber(
    tx: Transaction, register: Register, standing: Standing, kind: str, number: str, at: datetime
) -> Subject:
    """Give the case's person another number.

    Raises AnotherPersonsNumber when a registered person would become another, AnotherCaseStands when the person to
    whom the number belongs has a case of this event already.
    """
    subject = standing.subject
    parameters = {
        "kind": kind, "index": register.index(kind, number), "version": register.key_version, "subject": subject,
        "life_event": standing.case.event.id, "case": standing.id,
    }  # fmt: skip
    row = (await tx.execute(_HOLDER, parameters)).one()
    if row.holder == subject:
        return Subject(known=False, region=row.region)
    if row.registered:
        raise AnotherPersonsNumber()
    if row.holder is None:
        await tx.execute(_RENUMBER, parameters)
        return Subject(known=False)
    if row.reported:
        raise AnotherCaseStands()
    await _become(tx, standing, row.holder, frozenset(row.relatives), at)
    return Subject(known=True, region=row.region)


async def follow_holds(
    tx: Transaction, *, case: UUID, from_case: UUID | None, from_person: UUID
) -> frozenset[HoldKind]:
    """The kinds that now stand on the case as they do elsewhere; each is released together with the one it follows.

    The exchange hands them to the funeral service like any other.
    """
    parameters = {"case": case, "from_case": from_case, "from_person": from_person}
    return frozenset(HoldKind(kind) for kind in (await tx.execute(_FOLLOW_HOLDS, parameters)).scalars())


async def _become(
    tx: Transaction, standing: Standing, person: UUID, relatives: frozenset[UUID], at: datetime
) -> None:
    """The case is about that person from now on."""
    nobody, event = standing.subject, standing.case.event
    await follow_holds(tx, case=standing.id, from_case=None, from_person=nobody)
    standing.subject = person
    standing.persons = {**standing.persons, event.subject: person}
    known = (one for one in (standing.applicant, *standing.reporters) if one is not None)
    standing.kin = tuple(dict.fromkeys(one for one in known if one in relatives))
    merged: Mapping[str, Any] = {"identity": "merged", "into": str(person)}
    await state_facts(
        tx,
        [Statement(person=nobody, fact="identity", state=merged, effective_on=None)],
        owner="gateway",
        at=at,
    )
    await life_fact.hand_on(tx, standing, nobody, at=at)
