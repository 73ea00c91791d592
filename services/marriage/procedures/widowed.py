"""`marriage.widowed` (R80): the surviving spouse is recorded as widowed, never told so (design 9).

Confirmed death only. A wrong match never ended the marriage; after a court revokes a declaration of death it resumes
unless the survivor has remarried or declared not to (Civil Code 51). What no rule decides goes to the registrar.
"""

from datetime import date, datetime
from typing import Any

from casework.procedure import (
    Act,
    Procedure,
    Ruling,
    done,
    not_applicable,
    opened,
    too_late,
    unchanged,
    undoing,
    undone,
)
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from kernel.public_service.clock import TZ
from services.marriage.commands import apply as apply
from services.marriage.domain import (
    Affairs,
    Declare,
    EndMarriage,
    KeepEnded,
    Marriage,
    ResumeMarriage,
    VoidMarriage,
    judge,
)
from services.marriage.problems import DeathNotConfirmed, LaterMarriageStands
from services.marriage.procedures.registrar_steps import DECIDE, REVIEW, decide_step, review_step
from services.marriage.queries import concerned
from services.marriage.queries import gather as gather

people = concerned  # whoever is left is changed too: their row is locked with the dead person's

RECORDED = frozenset({OwnerState.DONE, OwnerState.OPEN})


def open(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """The standing marriage ends on the day of death; not applicable without one. Raises DeathNotConfirmed."""
    if not procedure.confirmed:
        raise DeathNotConfirmed()
    marriage = facts.ended_by(procedure.id) or facts.standing()
    if marriage is None:
        return not_applicable("not_married", memory={"why": facts.why_not_married()})
    return _recorded(procedure, facts, marriage)


def correct(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """Another day of death moves the day."""
    marriage = facts.ended_by(procedure.id)
    if procedure.state not in RECORDED or marriage is None:
        return unchanged(procedure)
    return _recorded(procedure, facts, marriage)


def withdraw(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """A confirmed death is not withdrawn."""
    return too_late(procedure, at) if procedure.state in RECORDED else unchanged(procedure)


def undo(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """The marriage stands again where the law lets it; else the record keeps a note, or the registrar decides."""
    if procedure.state not in RECORDED:
        return unchanged(procedure)
    marriage = facts.ended_by(procedure.id)
    if marriage is None:
        return undone(UndoKind.RESTORE)
    verdict, why = judge(marriage, facts, procedure.undo_reason)
    if verdict == "a_person_decides":
        return undoing(decide_step(procedure.undo_reason), reason=why, task_facts={"reason": why})
    if verdict == "stays_ended":
        return undone(UndoKind.ANNOTATE, reason=why, effects=(KeepEnded(marriage.id),))
    return _resumed(procedure, facts, marriage, at)


def advance(procedure: Procedure, facts: Affairs, act: Act, *, at: datetime) -> Ruling:
    """The registrar's decision, where no rule decides. Raises LaterMarriageStands."""
    marriage = facts.ended_by(procedure.id)
    if act.kind != "decision" or marriage is None:
        return unchanged(procedure)
    if procedure.step == REVIEW and procedure.state is OwnerState.OPEN:
        return done(_result(procedure, marriage))
    if procedure.step != DECIDE or procedure.state is not OwnerState.UNDOING:
        return unchanged(procedure)
    if act.decision == "keep_ended":
        reason = procedure.reason or act.decision
        return undone(UndoKind.ANNOTATE, reason=reason, effects=(KeepEnded(marriage.id),))
    if act.decision == "declared_unwilling":
        on = date.fromisoformat(act.data["declared_on"])
        declared = Declare(marriage.id, marriage.survivor(procedure.subject), on, act.by)
        effects = (KeepEnded(marriage.id), declared)
        return undone(UndoKind.ANNOTATE, reason="declared_unwilling", effects=effects)
    return _restored_by_registrar(procedure, facts, marriage, act, at)


def _restored_by_registrar(
    procedure: Procedure, facts: Affairs, marriage: Marriage, act: Act, at: datetime
) -> Ruling:
    later = facts.later_of(marriage)
    voided = tuple(VoidMarriage(each.id, procedure.id) for each in later)
    if act.decision == "later_void":
        return _resumed(procedure, facts, marriage, at).with_effects(*voided)
    if any(each.state == "married" for each in later):
        raise LaterMarriageStands()
    return _resumed(procedure, facts, marriage, at)


def _resumed(procedure: Procedure, facts: Affairs, marriage: Marriage, at: datetime) -> Ruling:
    """Stands again; had the survivor died since, it ended by that death instead."""
    from_now_on = procedure.undo_reason is UndoReason.COURT_REVOKED
    resumed_on = at.astimezone(TZ).date() if from_now_on else None
    survivor = marriage.survivor(procedure.subject)
    back = ResumeMarriage(marriage.id, resumed_on)
    since = facts.survivor_died.get(survivor)
    if since is not None:
        ended = EndMarriage(marriage.id, since.procedure, since.on, survivor)
        result = {"person": str(procedure.subject), "marital_state": "widowed"}
        return undone(UndoKind.RESTORE, result=result, effects=(back, ended))
    result = {"person": str(survivor), "marital_state": "married"}
    if resumed_on is not None:
        result["from"] = resumed_on.isoformat()
    return undone(UndoKind.RESTORE, result=result, effects=(back,))


def _recorded(procedure: Procedure, facts: Affairs, marriage: Marriage) -> Ruling:
    """Recorded by itself, unless the day now lies after another marriage of the survivor: then somebody looks."""
    died_on = procedure.occurred_at.astimezone(TZ).date()
    end = EndMarriage(marriage.id, procedure.id, died_on, procedure.subject)
    result = _result(procedure, marriage)
    if any(each.registered_on < died_on for each in facts.later_of(marriage)):
        return opened(
            REVIEW, result=result, extra_step=review_step(), task_facts={"reason": "married_before_the_death"},
            effects=(end,),
        )  # fmt: skip
    return done(result, effects=(end,))


def _result(procedure: Procedure, marriage: Marriage) -> dict[str, Any]:
    return {"person": str(marriage.survivor(procedure.subject)), "marital_state": "widowed"}
