"""`marriage.widowed` (R80): the surviving spouse is recorded as widowed, never told so (design 9).

Confirmed death only. A wrong match never ended the marriage; after a court revokes a declaration of death it resumes
unless the survivor has remarried or declared not to (Civil Code 51).
"""

from datetime import datetime
from typing import Any

from casework.procedure import Act, Procedure, Ruling, done, not_applicable, too_late, unchanged, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from kernel.public_service.clock import TZ
from services.marriage.commands import apply as apply
from services.marriage.domain import Affairs, EndMarriage, Marriage, ResumeMarriage, resumes
from services.marriage.queries import gather as gather
from services.marriage.queries import spouses

people = spouses  # whoever is left is changed too: their row is locked with the dead person's


def open(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """The standing marriage ends on the day of death; not applicable without one."""
    marriage = facts.ended_by(procedure.id) or facts.standing()
    if marriage is None:
        return not_applicable("not_married")
    return done(_result(procedure, marriage), effects=(_end(procedure, marriage),))


def correct(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """Another day of death moves the day."""
    marriage = facts.ended_by(procedure.id)
    if procedure.state is not OwnerState.DONE or marriage is None:
        return unchanged(procedure)
    return done(_result(procedure, marriage), effects=(_end(procedure, marriage),))


def withdraw(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """A confirmed death is not withdrawn."""
    return too_late(procedure, at) if procedure.state is OwnerState.DONE else unchanged(procedure)


def undo(procedure: Procedure, facts: Affairs, *, at: datetime) -> Ruling:
    """The marriage stands again where the law lets it; else the record keeps a note."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    marriage = facts.ended_by(procedure.id)
    if marriage is None:
        return undone(UndoKind.RESTORE)
    survivor = marriage.survivor(procedure.subject)
    never_ended = procedure.undo_reason is not UndoReason.COURT_REVOKED
    if not resumes(survivor, facts, never_ended=never_ended):
        reason = "remarried" if survivor in facts.remarried else "declared_unwilling"
        return undone(UndoKind.ANNOTATE, reason=reason)
    result = {"person": str(survivor), "marital_state": "married"}
    return undone(UndoKind.RESTORE, result=result, effects=(ResumeMarriage(marriage.id),))


def advance(procedure: Procedure, facts: Affairs, act: Act, *, at: datetime) -> Ruling:
    """No step waits for anybody."""
    return unchanged(procedure)


def _end(procedure: Procedure, marriage: Marriage) -> EndMarriage:
    died_on = procedure.occurred_at.astimezone(TZ).date()
    return EndMarriage(marriage.id, procedure.id, died_on, procedure.subject)


def _result(procedure: Procedure, marriage: Marriage) -> dict[str, Any]:
    return {"person": str(marriage.survivor(procedure.subject)), "marital_state": "widowed"}
