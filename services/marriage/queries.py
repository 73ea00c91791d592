"""Set-based reads of marriages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView
from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.marriage.domain import Affairs, Marriage

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
# The newest thing known of each person: a standing marriage, then the one that ended last, then what was imported.
_STATES = text(
    """SELECT w.person, coalesce(c.state, s.state) AS state,
              CASE WHEN c.state = 'married' THEN CASE WHEN c.husband = w.person THEN c.wife ELSE c.husband END END
                   AS spouse,
              CASE WHEN c.state = 'married' THEN c.registered_on ELSE c.ended_on END AS since,
              c.died = w.person AS dead
         FROM unnest(CAST(:persons AS uuid[])) AS w(person)
         LEFT JOIN LATERAL (
              SELECT * FROM couples x WHERE x.husband = w.person OR x.wife = w.person
               ORDER BY x.state = 'married' DESC, x.ended_on DESC NULLS LAST, x.id LIMIT 1) c ON true
         LEFT JOIN standings s ON s.person = w.person
        WHERE c.id IS NOT NULL OR s.person IS NOT NULL ORDER BY w.person"""
)


async def spouses(subjects: Sequence[UUID], *, tx: Transaction) -> set[UUID]:
    """Whoever is or was married to one of them: their rows are locked too."""
    return set((await tx.execute(_SPOUSES, {"persons": list(subjects)})).scalars())


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Affairs]:
    """The marriages of each procedure's subject, locked, with what became of the survivors: three statements."""
    subjects = sorted({procedure.subject for procedure in procedures})
    around = sorted({*subjects, *await spouses(subjects, tx=tx)})
    marriages = [
        Marriage(row.id, row.husband, row.wife, row.registered_on, row.state, row.ended_on, row.ended_by)
        for row in await tx.execute(_MARRIAGES, {"persons": around})
    ]
    found = await tx.execute(_UNWILLING, {"couples": [each.id for each in marriages]})
    unwilling = {(row.couple, row.person) for row in found}
    deaths = {each.subject: (each.occurred_at, each.id) for each in procedures if each.state is None}
    affairs = {subject: _affairs(subject, marriages, unwilling, deaths) for subject in subjects}
    return {procedure.id: affairs[procedure.subject] for procedure in procedures}


def _affairs(
    subject: UUID,
    marriages: Sequence[Marriage],
    unwilling: set[tuple[UUID, UUID]],
    deaths: Mapping[UUID, tuple[datetime, UUID]],
) -> Affairs:
    """`deaths`: those of this batch. Of two spouses in it the earlier death ends the marriage, not both."""
    own = tuple(
        each
        for each in marriages
        if subject in (each.husband, each.wife) and not _ended_before(each, subject, deaths)
    )
    standing = {p for m in marriages if m.state == "married" and m not in own for p in (m.husband, m.wife)}
    survivors = {each.survivor(subject) for each in own}
    return Affairs(
        subject,
        own,
        remarried=frozenset(survivors & standing),
        unwilling=frozenset(
            each.survivor(subject) for each in own if (each.id, each.survivor(subject)) in unwilling
        ),
    )


def _ended_before(marriage: Marriage, subject: UUID, deaths: Mapping[UUID, tuple[datetime, UUID]]) -> bool:
    other = deaths.get(marriage.survivor(subject))
    return marriage.state == "married" and subject in deaths and other is not None and other < deaths[subject]


async def marital_states(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The state of the fact `marital`: `{marital_state, spouse, since}`; only of people known here."""
    rows = await tx.execute(_STATES, {"persons": sorted(set(persons))})
    return {
        row.person: {
            "marital_state": row.state,
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
