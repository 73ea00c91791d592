"""Reading a person with the household, as far as one reader may see (api.md: GET /api/v1/people/{person})."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases import board, queries
from gateway.cases.handled import status_of, waits_for
from gateway.cases.readers import sight_of as case_sight
from gateway.cases.views import local
from gateway.desk import Desk
from gateway.people import relatives
from gateway.people.sight import Sight, Subject, sight_of
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, role_may

_MOST_CASES = 50
_OTHERS = text("""
    SELECT p.person, p.region, p.household,
           coalesce((SELECT f.state ->> 'life' FROM fact_statements f
                     WHERE f.person = p.person AND f.fact = 'life'), 'alive') AS life,
           (SELECT r.relation FROM person_relations r WHERE r.person = p.person AND r.relative = :reader) AS reader_is,
           EXISTS (SELECT FROM cases c WHERE c.subject = p.person AND :reader = ANY(c.kin)
                   AND c.confirmed AND NOT c.doubted
                   AND c.status NOT IN ('withdrawn', 'revoking', 'revoked')) AS proven,
           p.household IS NOT NULL AND p.household = (
               SELECT m.household FROM people m WHERE m.person = :reader) AS same_household
    FROM people p WHERE p.person = ANY(CAST(:persons AS uuid[])) ORDER BY p.person""")
_TASKS = text("""
    SELECT case_id, task_id, task ->> 'name' AS name, task_role, task_region, task ->> 'due_at' AS due_at
    FROM case_procedures WHERE case_id = ANY(CAST(:cases AS uuid[])) AND task_id IS NOT NULL
      AND state IN ('open', 'paused', 'undoing', 'stuck') ORDER BY task ->> 'due_at' NULLS LAST, position""")
_OFFERS = text("""
    SELECT case_id, type FROM case_procedures
    WHERE case_id = ANY(CAST(:cases AS uuid[])) AND state = 'offered' ORDER BY position""")


@dataclass(frozen=True, slots=True)
class Seen:
    """A person and the household as this reader sees them; `hidden` members are there, and are not shown."""

    known: relatives.Known
    sights: Mapping[UUID, Sight]
    lives: Mapping[UUID, str]
    regions: Mapping[UUID, str | None]
    details: Mapping[UUID, Mapping[str, Any]]
    hidden: int

    @property
    def shown(self) -> list[UUID]:
        """Whom the reader sees anything of, the person first."""
        return [person for person, sight in self.sights.items() if sight is not Sight.NOTHING]


async def see(tx: Transaction, desk: Desk, actor: Actor, person: UUID) -> Seen | None:
    """None for somebody the register does not know. What is not this reader's has sight `nothing`."""
    known = await relatives.read(tx, person)
    if known is None:
        return None
    people = [person, *known.household]
    details = await desk.register.details(tx, [*people, *known.relations])
    rows = {row.person: row for row in await tx.execute(_OTHERS, {"persons": people, "reader": actor.person})}
    sights = {
        one: sight_of(actor, _subject(rows[one], details.get(one, {})), on=desk.clock.today())
        for one in people
    }
    hidden = sum(sights[one] is Sight.NOTHING for one in known.household)
    return Seen(
        known, sights, {one: rows[one].life for one in people}, {one: rows[one].region for one in people}, details,
        hidden,
    )  # fmt: skip


def _subject(row: Any, details: Mapping[str, Any]) -> Subject:
    born = details.get("birth_date")
    return Subject(
        row.person, row.region, row.life, date.fromisoformat(born) if born else None, row.reader_is, row.proven,
        bool(row.same_household),
    )  # fmt: skip


async def cases_of(tx: Transaction, desk: Desk, actor: Actor, person: UUID) -> list[dict[str, Any]]:
    """The person's cases in the reader's scope: how they stand, what they wait for, what may be decided."""
    found = await queries.list_cases(tx, queries.CaseFilter(person=person, limit=_MOST_CASES), actor)
    ids = [row["id"] for row in found]
    events = await desk.plans.of(tx, {row["plan"] for row in found})
    told = await _as_told(tx, desk, actor, found)
    tasks = await _tasks(tx, ids) if role_may(actor.role, Action.LIST_TASKS) else {}
    offers: dict[UUID, list[str]] = {}
    for row in await tx.execute(_OFFERS, {"cases": ids}):
        offers.setdefault(row.case_id, []).append(row.type)
    return [
        {
            "case_no": row["case_no"], "life_event": row["life_event"], "title": events[row["plan"]].title,
            "status": told[row["id"]][0], "submitted_at": local(row["submitted_at"]),
            "waits_for": told[row["id"]][1], "offers": offers.get(row["id"], []), "tasks": tasks.get(row["id"], []),
        }
        for row in found
    ]  # fmt: skip


async def _as_told(
    tx: Transaction, desk: Desk, actor: Actor, found: Sequence[Mapping[str, Any]]
) -> dict[UUID, tuple[str, list[str]]]:
    """Status and open rows of each case as this reader may know them: a family's sight hides what was found out."""
    if actor.kind != "citizen":
        return {row["id"]: (row["status"], list(row["open_types"])) for row in found}
    standings = await board.load(tx, [row["id"] for row in found], desk.plans, lock=False)
    told = {}
    for case, standing in standings.items():
        sight = case_sight(actor, standing)
        told[case] = (status_of(standing, sight, at=desk.clock.now()).value, waits_for(standing, sight))
    return told


async def _tasks(tx: Transaction, cases: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in await tx.execute(_TASKS, {"cases": list(cases)}):
        found.setdefault(row.case_id, []).append(
            {
                "id": str(row.task_id), "name": row.name, "role": row.task_role, "region": row.task_region,
                "due_at": local(row.due_at),
            }
        )  # fmt: skip
    return found
