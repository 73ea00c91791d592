"""`gateway.asset_query` (R28, FN-007): where the dead person's assets are held, asked of all registers at once.

Who is entitled by data is served at once; else a clerk looks at a paper (`gateway/assets/entitlement.py`). Each source
of the catalogue row is asked by a request of its own. When all have answered, or at the promise's end, the list is
delivered with what was not answered; a later answer makes a new edition. Nothing about assets passes through here: the
answers lie sealed in the deliveries, the result counts them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from casework import generic
from casework.limits import times
from casework.procedure import Act, Procedure, Ruling, done, opened, paused, refused, unchanged
from contracts.outcomes import OwnerState
from gateway.assets.entitlement import Capacity, entitled_by_data, question, still_entitled
from gateway.assets.estate_rules import estate_rules
from gateway.procedures.asset_requests import Ask, Facts, Recall, apply_requests, gather_facts
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ

ENTITLEMENT = "entitlement"
QUERY = "query"
_CALENDAR = WorkingCalendar.load()


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Facts]:
    """Sources of each case's plan, what was proven of the applicant, and how far the answers have come."""
    return await gather_facts(procedures, tx=tx)


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Write requests to the sources, take them back, and record that they were asked."""
    await apply_requests(rulings, tx=tx, at=at)


def open(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Ask the sources, or have a clerk look at the entitlement; the limit stands still while papers are awaited."""
    if not facts.sources:  # a plan from before the sources stood in it: a clerk asks them by hand
        return generic.open(procedure, facts, at=at)
    capacity = entitled_by_data(facts.standing)
    if capacity is None:
        return _look_at_papers(facts)
    return _asked(procedure, facts, capacity, at)


def _look_at_papers(facts: Facts, **more: Any) -> Ruling:
    asked = question(facts.standing)
    told = {"claimed": facts.standing.claimed or "unknown", "capacity": asked.value if asked else "unknown"}
    return paused(ENTITLEMENT, "papers", task_facts=told, **more)


def _asked(procedure: Procedure, facts: Facts, capacity: Capacity, at: datetime) -> Ruling:
    until = _promised(procedure, at)
    memory = {
        **procedure.memory, "capacity": capacity.value, "stale": False, "until": until.isoformat(),
        "proof_ended_at": _proof_ended_at(facts),
    }  # fmt: skip
    ruling = opened(QUERY, memory=memory, result={"sources": len(facts.sources)}, wake_at=until)
    return ruling.with_effects(Ask(facts.sources, until, capacity.value))


def _proof_ended_at(facts: Facts) -> str | None:
    return facts.proof_ended_at.isoformat() if facts.proof_ended_at else None


def _promised(procedure: Procedure, at: datetime) -> datetime:
    """The promise's end, were the query accepted now: the region's limit, else that of the step [D]."""
    limit = procedure.terms.limit
    if limit.none is not None:
        limit = procedure.terms.step(QUERY).limit or limit
    due = times(limit, starts={"accepted": at, "event": at, "step": at}, calendar=_CALENDAR).due_at
    return due if due is not None else at + timedelta(days=7)


def advance(procedure: Procedure, facts: Facts, act: Act, *, at: datetime) -> Ruling:
    """A clerk's word on the entitlement, the promise's end, answers of sources."""
    if act.kind == "decision":
        return _decided(procedure, facts, act, at)
    if procedure.state is OwnerState.DONE:
        return _delivered(procedure, facts, at)
    if procedure.step != QUERY or (act.kind == "answer" and facts.pending):
        return _waiting(procedure)
    later = procedure.due_at if act.kind == "clock" else None  # a pause has moved the promise's end
    if later is not None and later > at:
        return _waiting(procedure, until=later)
    return _delivered(procedure, facts, at)


def _waiting(procedure: Procedure, *, until: datetime | None = None) -> Ruling:
    """Nothing moves; the alarm of the promise's end is set again."""
    if procedure.step != QUERY or not procedure.running:
        return unchanged(procedure)
    wake_at = until or procedure.wake_at or datetime.fromisoformat(procedure.memory["until"])
    return unchanged(procedure, wake_at=wake_at)


def _decided(procedure: Procedure, facts: Facts, act: Act, at: datetime) -> Ruling:
    if act.decision == "entitled":
        return _admitted(procedure, facts, Capacity(act.data["capacity"]), at)
    if act.decision == "not_entitled":
        result = {"next_route": act.data.get("next_route", "notary")}
        memory = {**_without_capacity(procedure), "stale": True}  # what was answered is voided
        ruling = refused(act.reason or act.decision, result=result, memory=memory)
        return ruling.with_effects(Recall("not_entitled"))
    return generic.advance(procedure, facts, act, at=at)


def _admitted(procedure: Procedure, facts: Facts, capacity: Capacity, at: datetime) -> Ruling:
    """Entitled: the list that stands is shown again; without one, or when the question has changed, it is asked."""
    edition = procedure.memory.get("edition")
    if edition is None or procedure.memory.get("stale"):
        return _asked(procedure, facts, capacity, at)
    memory = {**procedure.memory, "capacity": capacity.value}
    return _delivered(replace(procedure, memory=memory), facts, at, edition=edition)


def _without_capacity(procedure: Procedure) -> dict[str, Any]:
    return {name: value for name, value in procedure.memory.items() if name != "capacity"}


def _delivered(procedure: Procedure, facts: Facts, at: datetime, *, edition: int | None = None) -> Ruling:
    """The list as it stands now: a further edition, with what was not answered."""
    number = edition or int(procedure.memory.get("edition", 0)) + 1
    valid_until = estate_rules().valid_until(at.astimezone(TZ).date())
    memory = {
        **procedure.memory, "edition": number, "delivered_at": at.isoformat(),
        "valid_until": valid_until.isoformat(),
    }  # fmt: skip
    return done(_counted(facts, number, valid_until), memory=memory)


def _counted(facts: Facts, edition: int, valid_until: date) -> dict[str, Any]:
    """Counts alone: what was answered is nobody's but the entitled reader's."""
    return {
        "sources": facts.asked, "answered": facts.answered, "not_answered": facts.asked - facts.answered,
        "edition": edition, "valid_until": valid_until.isoformat(),
    }  # fmt: skip


def correct(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """The dead person's identity changed: asked again. The relation did: a person looks before it is taken away."""
    if not facts.sources:
        return generic.correct(procedure, facts, at=at)
    # The proof has come to an end since the sources were asked: the soft need tells so, and the question stands.
    by_proof = _proof_ended_at(facts) != procedure.memory.get("proof_ended_at")
    procedure = replace(procedure, memory={**procedure.memory, "proof_ended_at": _proof_ended_at(facts)})
    if procedure.state is OwnerState.REFUSED or procedure.step == ENTITLEMENT:
        return _look_again(procedure, facts, at, stale=not by_proof)
    capacity = procedure.memory.get("capacity")
    if capacity is None or procedure.state is OwnerState.UNDOING:
        return _waiting(procedure)
    if facts.standing.proof in ("done", "refused") and not still_entitled(Capacity(capacity), facts.standing):
        return _look_at_papers(facts, memory={**_without_capacity(procedure), "stale": not by_proof})
    if by_proof:
        return replace(_waiting(procedure), memory=procedure.memory)
    return _asked(procedure, facts, Capacity(capacity), at)


def _look_again(procedure: Procedure, facts: Facts, at: datetime, *, stale: bool) -> Ruling:
    """Refused, or in question, and something has changed."""
    memory = {**procedure.memory, "stale": stale or bool(procedure.memory.get("stale"))}
    capacity = entitled_by_data(facts.standing)
    if capacity is not None:
        return _admitted(replace(procedure, memory=memory), facts, capacity, at)
    return _look_at_papers(facts, memory=memory)


def withdraw(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Before the list is delivered nothing of it is wanted any more; afterwards it is too late."""
    ruling = generic.withdraw(procedure, facts, at=at)
    return ruling.with_effects(Recall("withdrawn")) if ruling.state is OwnerState.WITHDRAWN else ruling


def undo(procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling:
    """Annotated: the list is shown no more, what was answered is forgotten, the sources void their records."""
    ruling = generic.undo(procedure, facts, at=at)
    if ruling.state is not OwnerState.UNDONE:
        return ruling
    reason = procedure.undo_reason.value if procedure.undo_reason else "revoked"
    return replace(ruling, memory=_without_capacity(procedure)).with_effects(Recall(reason))
