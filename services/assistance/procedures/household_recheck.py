"""`assistance.household_recheck` (row 9b): what the household gets without its dead member (R01, R02, R80).

The system computes a provisional amount from who remains and what they earn; the township signs whether it stays,
rises, falls or ends. Until then the old amount is paid, and a cut counts from the month after its signature at the
earliest: nothing is taken from the living backwards. An undo gives the old amount back with arrears.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, opened, unchanged, undoing, undone
from casework.steps import sign_undo
from contracts.outcomes import OwnerState
from contracts.terms import Step, UndoKind
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_text
from services.assistance.commands import apply as apply
from services.assistance.domain.rechecking import change, end, take_back
from services.assistance.domain.values import Holding, Standing
from services.assistance.procedures.household_amounts import (
    amount_before,
    change_signed,
    first_month,
    proposal_of,
    recheckable,
    rechecked,
    signed_month,
)
from services.assistance.procedures.standards import townships_power
from services.assistance.queries import gather as gather
from services.assistance.rules.household_after_death import UNKNOWN, Explained

_CALENDAR = WorkingCalendar.load()
AT_THE_COUNTY = "sign_at_county"


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The township's task, with the amounts before and after and the rule they follow."""
    return _ask(procedure, facts, ())


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Open: computed anew. Signed already: a cut of the living is put to a human again when its month moves."""
    if procedure.running:
        return _ask(procedure, facts, ())
    if procedure.state is not OwnerState.DONE or _counted_from(procedure) == month_text(
        first_month(procedure)
    ):
        return unchanged(procedure)
    if procedure.result.get("decision") == "keep":
        first = month_text(first_month(procedure))
        return done(
            {**procedure.result, "from_month": first}, memory={**procedure.memory, "first_month": first}
        )
    return _ask(procedure, facts, _taken_back(procedure, facts, at))


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """keep: nothing changes. adjust: a new amount from a month on. stop: the holding ends."""
    if act.kind != "decision" or act.decision not in ("keep", "adjust", "stop"):
        return generic.advance(procedure, facts, act, at=at)
    held = recheckable(facts, procedure)
    changed = change_signed(act, held)
    from_month = signed_month(procedure, act, changed, at)
    effects: list[object] = []
    if act.decision == "adjust":
        effects.extend(change(held[0], act.data["amount_fen"], from_month))
    elif act.decision == "stop":
        effects.extend(effect for each in held for effect in end(each, procedure.id, from_month))
    before = {
        str(each.id): {"amount_fen": each.amount_fen, "from_month": from_month.isoformat()} for each in held
    }
    memory = {
        **procedure.memory,
        "before": before if effects else {},
        "first_month": month_text(first_month(procedure)),
        "surveyed": {name: act.data[name] for name in ("income_fen",) if name in act.data},
    }
    return done(
        _signed(procedure, act, changed, from_month), reason=act.reason, memory=memory, effects=tuple(effects)
    )


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The old amount with arrears. What a human signed needs a signature, unless the county signed the revocation."""
    if procedure.state in (OwnerState.DONE, OwnerState.UNDOING) and generic.needs_signature(procedure):
        return undoing(sign_undo())
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return undone(UndoKind.RESTORE, effects=_taken_back(procedure, facts, at), memory=dict(procedure.memory))


def _ask(procedure: Procedure, facts: Standing, effects: tuple[object, ...]) -> Ruling:
    """The task, and in the record what the amounts were computed from (design 8)."""
    decided = [(each, rechecked(procedure, facts, each)) for each in recheckable(facts, procedure)]
    result = {**_provisional(procedure, decided), **_due(procedure)}
    memory = {
        "concerns": [str(member.person) for member in facts.others_living()],
        "rules": {str(each.id): explained.record() for each, explained in decided if explained is not None},
    }
    lines = [{"hold": str(each.id), "kind": each.kind, "proposed": proposal_of(one)} for each, one in decided]
    step = _decides(procedure, [each.kind for each, _ in decided])
    return opened(
        step.id, result=result, task_facts={**result, "benefits": lines}, memory=memory, effects=effects,
        extra_step=None if step is procedure.terms.first_step else step,
    )  # fmt: skip


def _decides(procedure: Procedure, kinds: Sequence[str]) -> Step:
    """The step of the terms; the county's where the township has no power over one of the household's benefits."""
    step = procedure.terms.first_step
    opened_on = (procedure.opened_at or procedure.occurred_at).astimezone(TZ).date()
    if step.level != "township" or townships_power(procedure.type, kinds, procedure.region, opened_on):
        return step
    return step.model_copy(update={"id": AT_THE_COUNTY, "actor": "county_supervisor", "level": "county"})


def _provisional(procedure: Procedure, decided: Sequence[tuple[Holding, Explained | None]]) -> dict[str, Any]:
    """`{before_fen, provisional_fen, from_month, known_income, proposed, rule_version}`: the paid holding leads."""
    leading = decided[0][1] if decided else None
    return {
        "before_fen": sum(amount_before(procedure, each) for each, _ in decided),
        "provisional_fen": sum(one.amount_fen for _, one in decided if one is not None),
        "from_month": month_text(first_month(procedure)),
        "known_income": leading is not None and leading.change != UNKNOWN,
        "proposed": proposal_of(leading),
        "rule_version": leading.version if leading else None,
    }


def _signed(procedure: Procedure, act: Act, changed: str, from_month: date) -> dict[str, Any]:
    """Each way of ending has its own notice: `change` is increase, keep, decrease or stop."""
    result = {
        **procedure.result,
        "decision": act.decision,
        "change": changed,
        "from_month": month_text(from_month),
    }
    if act.decision == "adjust":
        result["amount_fen"] = act.data["amount_fen"]
    if procedure.step == AT_THE_COUNTY:
        result["office"] = "county_office"
    return result


def _counted_from(procedure: Procedure) -> str | None:
    """The first month that counted when it was signed; what was signed before this was kept has it in the result."""
    kept: str | None = procedure.memory.get("first_month", procedure.result.get("from_month"))
    return kept


def _due(procedure: Procedure) -> dict[str, Any]:
    """`due_on`, and whether it lies past the last calendar that has been announced (R00)."""
    limit = procedure.terms.limit
    if limit.none is not None:
        return {"due_on": None, "due_provisional": False}
    start = procedure.opened_at if limit.counted_from == "accepted" else procedure.occurred_at
    due = _CALENDAR.due(limit, start or procedure.occurred_at)
    return {"due_on": due.at.date().isoformat(), "due_provisional": due.provisional}


def _taken_back(procedure: Procedure, facts: Standing, at: datetime) -> tuple[object, ...]:
    before: Mapping[str, Any] = procedure.memory.get("before", {})
    today = at.astimezone(TZ).date()
    kept = {UUID(hold): values for hold, values in before.items()}
    return tuple(
        effect
        for holding in facts.holdings
        if holding.id in kept
        for effect in take_back(holding, procedure.id, kept[holding.id], today)
    )
