"""`assistance.household_recheck` (row 9b): what the household gets without its dead member (R01, R80).

The system computes a provisional amount; the township signs whether it stays, changes or ends. Waiting does not stop
payment. An undo gives the old amount back with arrears.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, opened, unchanged, undoing, undone
from casework.steps import sign_undo
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.errors import invalid
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_from_text, month_of, month_text, next_month
from services.assistance.commands import apply as apply
from services.assistance.domain.rechecking import change, end, take_back
from services.assistance.domain.values import Holding, Standing
from services.assistance.procedures.standards import dibao_standard_fen
from services.assistance.queries import gather as gather
from services.assistance.rules.household_after_death import provisional_amount

_CALENDAR = WorkingCalendar.load()


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The township's task, with the amounts before and after."""
    return _ask(procedure, facts, ())


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Open: computed anew. Signed already: a cut of the living is put to a human again when its month moves."""
    if procedure.running:
        return _ask(procedure, facts, ())
    if procedure.state is not OwnerState.DONE or procedure.result.get("from_month") == _from_month(procedure):
        return unchanged(procedure)
    if procedure.result.get("decision") == "keep":
        return done({**procedure.result, "from_month": _from_month(procedure)})
    return _ask(procedure, facts, _taken_back(procedure, facts, at))


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """keep: nothing changes. adjust: a new amount from a month on. stop: the holding ends."""
    if act.kind != "decision":
        return unchanged(procedure)
    held = _recheckable(facts)
    from_month = _given_month(procedure, act)
    effects: list[object] = []
    if act.decision == "adjust":
        effects.extend(
            effect for each in held[:1] for effect in change(each, act.data["amount_fen"], from_month)
        )
    elif act.decision == "stop":
        effects.extend(effect for each in held for effect in end(each, procedure.id, from_month))
    elif act.decision != "keep":
        return generic.advance(procedure, facts, act, at=at)
    result = {**procedure.result, "decision": act.decision, "from_month": month_text(from_month)}
    if act.decision == "adjust":
        result["amount_fen"] = act.data["amount_fen"]
    before = {
        str(each.id): {"amount_fen": each.amount_fen, "from_month": from_month.isoformat()} for each in held
    }
    memory = {"before": before if effects else {}, "concerns": _concerned(facts)}
    return done(result, reason=act.reason, memory=memory, effects=tuple(effects))


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The old amount with arrears. What a human signed needs a signature, unless the county signed the revocation."""
    if procedure.state in (OwnerState.DONE, OwnerState.UNDOING) and generic.needs_signature(procedure):
        return undoing(sign_undo())
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return undone(UndoKind.RESTORE, effects=_taken_back(procedure, facts, at), memory=dict(procedure.memory))


def _ask(procedure: Procedure, facts: Standing, effects: tuple[object, ...]) -> Ruling:
    result = _provisional(procedure, facts)
    step = procedure.terms.first_step.id
    memory = {"concerns": _concerned(facts)}
    return opened(step, result=result, task_facts=result, memory=memory, effects=effects)


def _recheckable(facts: Standing) -> tuple[Holding, ...]:
    """The household's holdings, the paid one first."""
    return tuple(sorted(facts.household_holdings(), key=lambda h: (h.kind != "dibao", h.id)))


def _concerned(facts: Standing) -> list[str]:
    return [str(member.person) for member in facts.others_living()]


def _provisional(procedure: Procedure, facts: Standing) -> dict[str, Any]:
    """`{before_fen, provisional_fen, from_month, due_on}`; the dibao standard is as of the first month that counts."""
    held = _recheckable(facts)
    before_fen = sum(_before(procedure, each) for each in held)
    dead = facts.member()
    provisional = provisional_amount(
        before_fen,
        members_before=len(facts.others_living()) + 1,
        standard_fen=dibao_standard_fen(procedure.region, month_from_text(_from_month(procedure))),
        dead_income_fen=dead.income_fen if dead else None,
    )
    return {
        "before_fen": before_fen,
        "provisional_fen": provisional.amount_fen,
        "from_month": _from_month(procedure),
        "due_on": _due_on(procedure),
        "known_income": provisional.known_income,
    }


def _before(procedure: Procedure, holding: Holding) -> int:
    kept: Mapping[str, Any] = procedure.memory.get("before", {}).get(str(holding.id), {})
    return int(kept.get("amount_fen", holding.amount_fen))


def _from_month(procedure: Procedure) -> str:
    return month_text(next_month(month_of(procedure.occurred_at.astimezone(TZ).date())))


def _given_month(procedure: Procedure, act: Act) -> date:
    given = act.data.get("from_month")
    if given is None:
        return month_from_text(_from_month(procedure))
    try:
        return month_from_text(str(given))
    except ValueError as error:
        raise invalid(
            "/data/from_month", "month_invalid", "月份不存在。", "There is no such month.",
            "请填写如 2026-03 的月份。", "Give a month such as 2026-03.",
        ) from error  # fmt: skip


def _due_on(procedure: Procedure) -> str | None:
    limit = procedure.terms.limit
    if limit.none is not None:
        return None
    start = procedure.opened_at if limit.counted_from == "accepted" else procedure.occurred_at
    return _CALENDAR.due(limit, start or procedure.occurred_at).at.date().isoformat()


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
