"""Reading cases: one, a list, the board for tasks. Every read is one or a few plain statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases import asks, board
from gateway.cases.plans import Plans
from gateway.cases.problems import CaseUnknown
from gateway.cases.standing import Standing
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, region_prefix

_ID = text("SELECT id FROM cases WHERE case_no = :case_no")
_BOARD = text("SELECT * FROM case_procedures WHERE case_id = :case ORDER BY position, round")
_TIMELINE = text("SELECT at, actor, notes FROM case_timeline WHERE case_id = :case ORDER BY seq")
_BOARDS = text("""
    SELECT * FROM case_procedures WHERE case_id = ANY(CAST(:cases AS uuid[])) ORDER BY case_id, position, round""")
_TIMELINES = text("""
    SELECT case_id, at, notes FROM case_timeline WHERE case_id = ANY(CAST(:cases AS uuid[])) ORDER BY case_id, seq""")
_ASKED = text(
    "SELECT * FROM gateway_tasks WHERE case_id = :case AND closed_at IS NULL ORDER BY opened_at, id"
)

Rows = Sequence[Any]  # mappings of column to value


@dataclass(frozen=True, slots=True)
class Found:
    """A case with its board, timeline and the gateway's own open tasks."""

    standing: Standing
    rows: Rows
    timeline: Rows
    asked: Rows


async def case_id(tx: Transaction, case_no: str) -> UUID:
    """Raises CaseUnknown."""
    case = (await tx.execute(_ID, {"case_no": case_no})).scalar()
    if case is None:
        raise CaseUnknown()
    return case


async def locked(tx: Transaction, case_no: str, plans: Plans) -> Standing:
    """The case under its row lock. Raises CaseUnknown."""
    case = await case_id(tx, case_no)
    return (await board.load(tx, [case], plans))[case]


async def standing_of(tx: Transaction, case_no: str, plans: Plans) -> Standing:
    """The case as it stands, unlocked. Raises CaseUnknown."""
    case = await case_id(tx, case_no)
    return (await board.load(tx, [case], plans, lock=False))[case]


async def with_board(tx: Transaction, standing: Standing) -> Found:
    """The rest of what a case page shows."""
    case = {"case": standing.id}
    rows = (await tx.execute(_BOARD, case)).mappings().all()
    timeline = (await tx.execute(_TIMELINE, case)).mappings().all()
    asked = [named(row) for row in (await tx.execute(_ASKED, case)).mappings().all()]
    return Found(standing, rows, timeline, asked)


async def lines_of(tx: Transaction, cases: Sequence[UUID]) -> Mapping[UUID, tuple[Rows, Rows]]:
    """Board rows and timeline of each case, two statements for them all."""
    found: dict[UUID, tuple[list[Any], list[Any]]] = {case: ([], []) for case in cases}
    if cases:
        for place, statement in enumerate((_BOARDS, _TIMELINES)):
            for row in (await tx.execute(statement, {"cases": list(cases)})).mappings():
                found[row["case_id"]][place].append(row)
    return found


def named(row: Any) -> dict[str, Any]:
    """A gateway task with the name of its kind."""
    return {**row, "name": asks.NAMES[row["kind"]][0]}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """`status`: any of these. `after`: the last item's (submitted_at, id) of the page before."""

    status: tuple[str, ...] = ()
    life_event: str | None = None
    region: str | None = None
    person: UUID | None = None
    after: tuple[datetime, UUID] | None = None
    limit: int = 50


async def list_cases(tx: Transaction, chosen: CaseFilter, actor: Actor) -> Rows:
    """Heads of cases, newest first, in the reader's scope; one more than asked tells that there is a next page."""
    conditions, parameters = _scope(actor)
    if chosen.status:
        conditions.append("status = ANY(:status)")
        parameters["status"] = list(chosen.status)
    if chosen.life_event:
        conditions.append("life_event = :life_event")
        parameters["life_event"] = chosen.life_event
    if chosen.region:
        conditions.append("region LIKE :region")
        parameters["region"] = region_prefix(chosen.region) + "%"
    if chosen.person:
        conditions.append("(subject = :person OR applicant = :person OR :person = ANY(reporters))")
        parameters["person"] = chosen.person
    if chosen.after:
        conditions.append("(submitted_at, id) < (:after_at, :after_id)")
        parameters |= {"after_at": chosen.after[0], "after_id": chosen.after[1]}
    statement = f"""
        SELECT id, case_no, life_event, plan, region, status, version, submitted_at, channel, changed_at, open_types
        FROM cases WHERE {" AND ".join(conditions) or "true"}
        ORDER BY submitted_at DESC, id DESC LIMIT :most"""
    return (await tx.execute(text(statement), {**parameters, "most": chosen.limit + 1})).mappings().all()


def _scope(actor: Actor) -> tuple[list[str], dict[str, Any]]:
    """The rows a reader may list: his own cases, his owner's rows, his region (design 7)."""
    if actor.kind == "citizen":
        return ["(applicant = :me OR :me = ANY(reporters))"], {"me": actor.person}
    if actor.role in ("auditor", "operator"):
        return [], {}
    own = "EXISTS (SELECT 1 FROM case_procedures p WHERE p.case_id = cases.id AND p.owner = :owner)"
    if actor.kind == "department":
        return [own], {"owner": actor.owner}
    here = """(region LIKE :mine OR EXISTS
        (SELECT 1 FROM jsonb_each_text(regions) r WHERE r.value LIKE :mine))"""
    conditions, parameters = [here], {"mine": region_prefix(actor.region) + "%"}
    if actor.role in ("registrar", "funeral_home", "provider"):
        conditions.append(own)
        parameters["owner"] = actor.owner or ""
    return conditions, parameters
