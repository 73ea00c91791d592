"""Steps: those of the terms, and the two every owner may add (a supplement, a signature)."""

from datetime import datetime, time, timedelta

from casework.procedure import Procedure
from contracts.terms import Limit, LimitUnit, Step, StepDecision, Terms
from kernel.public_service.clock import TZ

SUPPLEMENT = "supplement"
SIGN_UNDO = "sign_undo"
SIGN_CORRECTION = "sign_correction"

_NOT_HUMAN = frozenset({"system", "department"})
_REASON = {
    "type": "object",
    "properties": {"note": {"type": "string", "maxLength": 1000}},
    "additionalProperties": False,
}


def is_human(step: Step) -> bool:
    """Whether somebody decides this step on a task."""
    return step.actor not in _NOT_HUMAN


def find_step(terms: Terms, step_id: str | None, extra: Step | None = None) -> Step | None:
    """The step of that name: the module's extra one, or one of the terms; None when there is none."""
    if step_id is None:
        return None
    if extra is not None and extra.id == step_id:
        return extra
    return next((step for step in terms.steps if step.id == step_id), None)


def first_human_step(terms: Terms) -> Step | None:
    return next((step for step in terms.steps if is_human(step)), None)


def supplement(terms: Terms, *, name: str) -> Step:
    """The question behind an unknown predicate, put to whoever decides first (else the township)."""
    human = first_human_step(terms)
    return Step(
        id=SUPPLEMENT,
        name=name,
        actor=human.actor if human else "township_officer",
        level=human.level if human else "township",
        decisions=(
            StepDecision(id="yes", name="是，继续办理", to=terms.first_step.id, data=_REASON),
            StepDecision(id="no", name="否，不适用", ends="not_applicable", data=_REASON, needs_reason=True),
        ),
    )


def sign_undo() -> Step:
    """A human's signature under the undo of what a human decided (design 5)."""
    return Step(
        id=SIGN_UNDO,
        name="签批撤销",
        actor="county_supervisor",
        level="county",
        decisions=(StepDecision(id="sign", name="同意撤销", ends="done", data=_REASON),),
    )


def sign_correction(name: str = "签批更正结果") -> Step:
    """A human's signature under a correction that cuts or refuses something of the living (design 5)."""
    return Step(
        id=SIGN_CORRECTION,
        name=name,
        actor="county_supervisor",
        level="county",
        decisions=(
            StepDecision(id="sign", name="同意", ends="done", data=_REASON),
            StepDecision(id="keep", name="维持原决定", ends="done", data=_REASON, needs_reason=True),
        ),
    )


def waits_until(procedure: Procedure, step: Step) -> datetime | None:
    """Until when a system step waits; None when it does not. Days pass whole: the wait ends as the next one begins."""
    wait = step.not_before
    if wait is None:
        return None
    start = procedure.occurred_at
    if wait.counted_from == "accepted" and procedure.opened_at is not None:
        start = procedure.opened_at
    return wait_ends(wait, start)


def wait_ends(wait: Limit, start: datetime) -> datetime | None:
    """The end of a wait that begins at `start`; None for one without an amount."""
    if wait.amount is None:
        return None
    if wait.unit is LimitUnit.HOUR:
        return start + timedelta(hours=wait.amount)
    return datetime.combine(start.astimezone(TZ).date() + timedelta(days=wait.amount + 1), time(), TZ)


def region_of(step: Step, region: str) -> str:
    """Where a step is decided: the procedure's region, widened to the step's level."""
    widths = {"county": 6, "city": 4, "province": 2}
    if step.level is None or step.level not in widths:
        return region
    return region[: widths[step.level]].ljust(6, "0")


def passes_point_of_no_return(procedure: Procedure, steps: tuple[str, ...]) -> bool:
    """Whether one of the steps that start now is the point of no return."""
    return procedure.terms.point_of_no_return in steps
