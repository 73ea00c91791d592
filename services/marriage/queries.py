"""Set-based reads of marriages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView
from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.marriage.domain import Affairs, Death, Marriage

_SPOUSES = text(
    """SELECT CASE WHEN c.husband = w.person THEN c.wife ELSE c.husband END AS spouse
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         JOIN couples c ON c.husband = w.person OR c.wife = w.person"""
)
_MARRIAGES = text(
    """SELECT c.id, c.husband, c.wife, c.registered_on, c.state, c.ended_on, c.ended_by FROM couples c
        WHERE c.husband = ANY(CAST(:persons AS uuid[])) OR c.wife = ANY(CAST(:persons AS uuid[]))
        ORDER BY c.id FOR UPDATE"""
)
_UNWILLING = text("SELECT couple, person FROM unwilling WHERE couple = ANY(CAST(:couples AS uuid[]))")
# Deaths confirmed here that stand, whether or not they ended a marriage.
_DIED = text(
    """SELECT p.subject, p.id, c.occurred_at FROM procedures p JOIN case_files c ON c.case_id = p.case_id
        WHERE p.subject = ANY(CAST(:persons AS uuid[])) AND p.type = 'marriage.widowed' AND c.confirmed
          AND p.state IN ('open', 'done', 'not_applicable')
          AND EXISTS (SELECT 1 FROM person_locks l WHERE l.person = p.subject AND l.dead_from IS NOT NULL)
        ORDER BY c.occurred_at, p.id"""
)
# Somebody who was married here and of whom an import says something else: nobody knows what became of them.
_DOUBTFUL = text(
    "SELECT person FROM standings WHERE person = ANY(CAST(:persons AS uuid[])) AND state <> 'widowed'"
)
# The newest thing known of each person: a standing marriage, then the one that ended last, then what was imported.
_STATES = text(
    """SELECT w.person, coalesce(c.state, s.state) AS state,
              CASE WHEN c.state = 'married' THEN CASE WHEN c.husband = w.person THEN c.wife ELSE c.husband END END
                   AS spouse,
              CASE WHEN c.state = 'married' THEN c.registered_on ELSE c.ended_on END AS since,
              c.died = w.person AND NOT c.returned AS dead, c.returned AND c.died = w.person AS returned
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         LEFT JOIN LATERAL (
              SELECT * FROM couples x WHERE (x.husband = w.person OR x.wife = w.person) AND x.state <> 'void'
               ORDER BY x.state = 'married' DESC, x.ended_on DESC NULLS LAST, x.id LIMIT 1) c ON true
         LEFT JOIN standings s ON s.person = w.person
        WHERE c.id IS NOT NULL OR s.person IS NOT NULL ORDER BY w.person"""
)

_COUPLE_OF = text(
    """SELECT id, region FROM couples
        WHERE state <> 'void' AND ((husband = :one AND wife = :other) OR (husband = :other AND wife = :one))
        ORDER BY registered_on DESC, id LIMIT 1"""
)


async def couple_of(tx: Transaction, one: UUID, other: UUID) -> Any | None:
    """`id` and `region` of the newest marriage of these two; None when they were never married here."""
    return (await tx.execute(_COUPLE_OF, {"one": one, "other": other})).first()


async def spouses(subjects: Sequence[UUID], *, tx: Transaction) -> set[UUID]:
    """Whoever is or was married to one of them: their rows are locked too."""
    return set((await tx.execute(_SPOUSES, {"persons": list(subjects)})).scalars())


async def concerned(subjects: Sequence[UUID], *, tx: Transaction) -> set[UUID]:
    """The spouses, and whom these have married besides: a later marriage may be found void with the first's return."""
    near = await spouses(subjects, tx=tx)
    return near | (await spouses(sorted(near), tx=tx) if near else set())


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Affairs]:
    """The marriages of each procedure's subject, locked, with what became of the survivors: five statements."""
    subjects = sorted({procedure.subject for procedure in procedures})
    around = sorted({*subjects, *await spouses(subjects, tx=tx)})
    marriages = [
        Marriage(row.id, row.husband, row.wife, row.registered_on, row.state, row.ended_on, row.ended_by)
        for row in await tx.execute(_MARRIAGES, {"persons": around})
    ]
    found = await tx.execute(_UNWILLING, {"couples": [each.id for each in marriages]})
    unwilling = frozenset((row.couple, row.person) for row in found)
    left = {each.survivor(s) for s in subjects for each in marriages if s in each.people}
    since = await _since(tx, left, unwilling)
    deaths = {each.subject: (each.occurred_at, each.id) for each in procedures if each.state is None}
    affairs = {subject: _affairs(subject, marriages, since, deaths) for subject in subjects}
    return {procedure.id: affairs[procedure.subject] for procedure in procedures}


@dataclass(frozen=True, slots=True)
class _Since:
    """What became of the survivors of a batch: (marriage, person) pairs, and people."""

    unwilling: frozenset[tuple[UUID, UUID]]
    died: Mapping[UUID, Death]
    doubtful: frozenset[UUID]


async def _since(tx: Transaction, left: Iterable[UUID], unwilling: frozenset[tuple[UUID, UUID]]) -> _Since:
    persons = {"persons": sorted(left)}
    died = {
        row.subject: Death(row.occurred_at.astimezone(TZ).date(), row.id)
        for row in await tx.execute(_DIED, persons)
    }
    doubtful = frozenset((await tx.execute(_DOUBTFUL, persons)).scalars())
    return _Since(unwilling, died, doubtful)


def _affairs(
    subject: UUID,
    marriages: Sequence[Marriage],
    since: _Since,
    deaths: Mapping[UUID, tuple[datetime, UUID]],
) -> Affairs:
    """`deaths`: those of this batch. Of two spouses in it the earlier death ends the marriage, not both."""
    own = tuple(
        each
        for each in marriages
        if subject in each.people and each.state != "void" and not _ended_before(each, subject, deaths)
    )
    survivors = {each.survivor(subject) for each in own}
    return Affairs(
        subject,
        own,
        later={each.id: _later(each, subject, marriages) for each in own},
        unwilling=frozenset(
            each.survivor(subject) for each in own if (each.id, each.survivor(subject)) in since.unwilling
        ),
        survivor_died={person: since.died[person] for person in survivors if person in since.died},
        doubtful=since.doubtful & survivors,
    )


def _later(marriage: Marriage, subject: UUID, marriages: Sequence[Marriage]) -> tuple[Marriage, ...]:
    """What the survivor registered after this marriage, with somebody else; void ones never were."""
    survivor = marriage.survivor(subject)
    return tuple(
        each
        for each in marriages
        if survivor in each.people
        and subject not in each.people
        and each.state != "void"
        and each.registered_on >= marriage.registered_on
    )


def _ended_before(marriage: Marriage, subject: UUID, deaths: Mapping[UUID, tuple[datetime, UUID]]) -> bool:
    other = deaths.get(marriage.survivor(subject))
    return marriage.state == "married" and subject in deaths and other is not None and other < deaths[subject]


async def marital_states(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The state of the fact `marital`: `{marital_state, spouse, since}`; only of people known here.

    Who returned from a declared death to a marriage that stays ended is `divorced`: of the contract's words the one for
    a marriage that ended while both live.
    """
    rows = await tx.execute(_STATES, {"persons": sorted(set(persons))})
    return {
        row.person: {
            "marital_state": "divorced" if row.returned else row.state,
            "spouse": str(row.spouse) if row.spouse else None,
            "since": row.since.isoformat() if row.since else None,
        }
        for row in rows
        if not row.dead
    }


async def holdings(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """The marital state and the spouse of these people, as far as they are known here."""
    views: dict[UUID, PersonView] = defaultdict()
    for person, state in (await marital_states(tx, persons)).items():
        spouse = UUID(state["spouse"]) if state["spouse"] else None
        views[person] = PersonView(person=person, marital_state=state["marital_state"], spouse=spouse)
    return views
