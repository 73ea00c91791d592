"""`eldercare.overpayment` (row 9d): what was paid for months after the death (R24, R95).

The stop has found it and booked it; here people decide: the township proposes, the county signs. Before the signature,
and before the quiet period after the death is over, nothing of it is in the public result and no letter goes out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from casework.procedure import Act, Procedure, Ruling, done, opened, too_late, unchanged, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, month_text
from services.eldercare.commands import apply as apply
from services.eldercare.domain.effects import FUND, RECOVERABLE, Book, SetOverpayment
from services.eldercare.domain.items import Care, Item, is_money
from services.eldercare.domain.overpayments import Overpayment, proposed, quiet_until, signed
from services.eldercare.domain.periods import overpaid_fen, overpaid_months
from services.eldercare.queries import gather as gather

EXAMINE, DECIDE, QUIET = "examine", "decide", "quiet"


def open(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """The township's task, with what was paid for which months."""
    return _examine(procedure, facts)


def advance(procedure: Procedure, facts: Care, act: Act, *, at: datetime) -> Ruling:
    """Proposed, signed, and told when the quiet period is over."""
    if procedure.state is not OwnerState.OPEN:
        return unchanged(procedure)
    if act.kind == "clock":
        return _told(procedure, facts, at) if procedure.step == QUIET else unchanged(procedure)
    if act.kind != "decision":
        return unchanged(procedure)
    if act.decision == "propose":
        return _propose(procedure, facts, act)
    if act.decision == "examine_again":
        returned = _each(facts, lambda record: signed(record, "return", by=act.by, at=at))
        return _examine(procedure, facts).with_effects(*returned)
    return _sign(procedure, facts, act, at)


def correct(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Another date of death, other months: what was proposed or signed is put to people again (the stop resets it)."""
    if procedure.state not in (OwnerState.OPEN, OwnerState.DONE):
        return unchanged(procedure)
    if _amounts(procedure, facts) != procedure.memory.get("amounts"):
        return _examine(procedure, facts)
    if procedure.step == QUIET:
        return _wait(procedure, at, procedure.memory)
    return unchanged(procedure)


def withdraw(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """What the state must do runs on (G5)."""
    recorded = procedure.state in (OwnerState.OPEN, OwnerState.DONE)
    return too_late(procedure, at) if recorded else unchanged(procedure)


def undo(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Nothing is claimed any more: the undo of the stop takes the records back and returns what was repaid."""
    if procedure.state not in (OwnerState.OPEN, OwnerState.DONE):
        return unchanged(procedure)
    return undone(UndoKind.ANNOTATE, result={}, memory={})


def paid_too_much(procedure: Procedure, facts: Care) -> tuple[Item, ...]:
    """The allowances that were paid for months after the death, as the case's newest version dates it.

    By the items and not by the records: with a correction both are looked at before either is written.
    """
    last = month_of(_died_on(procedure))
    return tuple(item for item in facts.items if is_money(item) and overpaid_months(item, last))


def _examine(procedure: Procedure, facts: Care) -> Ruling:
    memory = {"amounts": _amounts(procedure, facts)}
    return opened(EXAMINE, result={}, memory=memory, task_facts=_facts(procedure, facts))


def _propose(procedure: Procedure, facts: Care, act: Act) -> Ruling:
    way = str(act.data["way"])
    decision = "waive" if way == "waive" else "recover"
    effects = _each(facts, lambda record: proposed(record, decision, 1, by=act.by, reason=act.reason or ""))
    return opened(
        DECIDE, task_facts={**_facts(procedure, facts), "proposal": way},
        memory={**procedure.memory, "proposal": way}, effects=effects,
    )  # fmt: skip


def _sign(procedure: Procedure, facts: Care, act: Act, at: datetime) -> Ruling:
    """The county's word, which may differ from the proposal."""
    instalments = int(act.data["instalments"]) if act.decision == "recover" else None

    def sign(record: Overpayment) -> Overpayment:
        decided = replace(record, decision=act.decision, instalments=instalments)
        return signed(decided, act.decision, by=act.by, at=at)

    effects = (*_each(facts, sign), *_waived(facts, at, waive=act.decision == "waive"))
    if act.decision == "waive":
        return done({"decision": "waive"}, reason=act.reason, memory=dict(procedure.memory), effects=effects)
    amounts: Mapping[str, int] = procedure.memory.get("amounts", {})
    told = {"decision": "recover", "overpaid_fen": sum(amounts.values()), "instalments": instalments}
    memory = {**procedure.memory, "told": told, "reason": act.reason}
    if at >= _quiet_until(procedure):
        return done(_letter(told, at), reason=act.reason, memory=memory, effects=(*_noticed(effects, at),))
    return _wait(procedure, at, memory).with_effects(*effects)


def _wait(procedure: Procedure, at: datetime, memory: Mapping[str, Any]) -> Ruling:
    return opened(QUIET, memory=memory, wake_at=max(_quiet_until(procedure), at))


def _told(procedure: Procedure, facts: Care, at: datetime) -> Ruling:
    """The quiet period is over: the result and its reason become public, and the letter may go out."""
    effects = _each(facts, lambda record: replace(record, state="notified", notified_at=at))
    return done(
        _letter(procedure.memory.get("told", {}), at), reason=procedure.memory.get("reason"), effects=effects
    )


def _letter(told: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {**told, "letter_from": at.astimezone(TZ).date().isoformat()}


def _noticed(effects: tuple[object, ...], at: datetime) -> list[object]:
    return [
        SetOverpayment(replace(each.record, state="notified", notified_at=at))
        if isinstance(each, SetOverpayment) and each.record.state == "decided"
        else each
        for each in effects
    ]


def _open_records(facts: Care) -> list[Overpayment]:
    """The person's records that are not over."""
    mine = [record for record in facts.overpaid.values() if record.person == facts.person]
    return [record for record in mine if record.state not in ("settled", "cancelled")]


def _each(facts: Care, change: Any) -> tuple[SetOverpayment, ...]:
    return tuple(SetOverpayment(change(record)) for record in _open_records(facts))


def _waived(facts: Care, at: datetime, *, waive: bool) -> tuple[Book, ...]:
    """The fund bears what is waived."""
    on = at.astimezone(TZ).date()
    return tuple(
        Book(
            record.holding, record.person, record.payee, record.region, FUND, RECOVERABLE,
            record.outstanding_fen, "overpayment_waived", on,
        )
        for record in _open_records(facts)
        if waive and record.outstanding_fen
    )  # fmt: skip


def _amounts(procedure: Procedure, facts: Care) -> dict[str, int]:
    last = month_of(_died_on(procedure))
    return {str(item.id): overpaid_fen(item, last) for item in paid_too_much(procedure, facts)}


def _facts(procedure: Procedure, facts: Care) -> dict[str, Any]:
    """For the desks that decide: holdings, months and fen; the day before which no letter goes out."""
    last = month_of(_died_on(procedure))
    lines = [
        {
            "hold": str(item.id),
            "kind": item.kind,
            "months": [month_text(month) for month in overpaid_months(item, last)],
            "overpaid_fen": overpaid_fen(item, last),
        }
        for item in paid_too_much(procedure, facts)
    ]
    return {"overpaid": lines, "no_letter_before": quiet_until(_died_on(procedure)).isoformat()}


def _died_on(procedure: Procedure) -> date:
    return procedure.occurred_at.astimezone(TZ).date()


def _quiet_until(procedure: Procedure) -> datetime:
    return datetime.combine(quiet_until(_died_on(procedure)), time(), TZ)
