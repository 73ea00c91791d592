"""`assistance.overpayment` (row 9d): what was paid for months after the death (R24, R95; decision 0010).

The stop has found it and booked it; here people decide: the township proposes, the county signs. Before the signature,
and before the quiet period after the death is over, nothing of it is in the public result and no letter goes out.
What is claimed is given back by the payee in instalments or waived, never set off against anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done, opened, unchanged, undone
from casework.steps import waits_until
from contracts.outcomes import OwnerState
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, month_text
from services.assistance.commands import apply as apply
from services.assistance.domain.effects import Book, HandleOverpayment
from services.assistance.domain.stopping import LEGAL_BASIS, overpaid_months
from services.assistance.domain.values import Holding, Overpayment, Standing
from services.assistance.queries import gather as gather

_EXAMINE, _DECIDE, _QUIET = "examine", "decide", "quiet"


@dataclass(frozen=True, slots=True)
class Claim:
    """One holding that was paid for too long: fen by month."""

    holding: Holding
    months: Mapping[date, int]

    @property
    def amount_fen(self) -> int:
        return sum(self.months.values())


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The township's task, with what was paid for which months."""
    return _examine(procedure, facts)


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """Proposed, signed, and told when the quiet period is over."""
    if act.kind == "clock":
        return _told(procedure, generic.wait_over(procedure, at), procedure.memory)
    if act.kind == "decision" and act.decision == "propose":
        return _propose(procedure, facts, act)
    if act.kind == "decision" and act.decision == "recover":
        return _recover(procedure, facts, act, at)
    if act.kind == "decision" and act.decision == "waive":
        return _waive(procedure, facts, act, at)
    if act.kind == "decision" and act.decision == "examine_again":
        return _examine(procedure, facts).with_effects(*_handled(facts))
    return generic.advance(procedure, facts, act, at=at)


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Another date of death, another amount: whatever was proposed or signed is put to people again."""
    if not (procedure.running or procedure.state is OwnerState.DONE):
        return unchanged(procedure)
    if _amounts(procedure, facts) == procedure.memory.get("amounts"):
        return generic.still(procedure)
    return _examine(procedure, facts).with_effects(*_taken_back(procedure, facts))


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Nothing is claimed any more, which needs no signature. What came back is to be returned (see the record)."""
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    return undone(procedure.terms.undo, result={}, memory={}, effects=_taken_back(procedure, facts))


def claims(procedure: Procedure, facts: Standing) -> tuple[Claim, ...]:
    """What ended with the person and was paid for months after."""
    last = month_of(procedure.occurred_at.astimezone(TZ).date())
    found = (Claim(each, overpaid_months(each, last)) for each in facts.ending_with_person())
    return tuple(claim for claim in found if claim.months)


def _examine(procedure: Procedure, facts: Standing) -> Ruling:
    memory = {"amounts": _amounts(procedure, facts)}
    return opened(_EXAMINE, result={}, task_facts=_facts(procedure, facts), memory=memory)


def _propose(procedure: Procedure, facts: Standing, act: Act) -> Ruling:
    way = str(act.data["way"])
    return opened(
        _DECIDE,
        task_facts={**_facts(procedure, facts), "proposal": way},
        memory={**procedure.memory, "proposal": way, "records": _records(facts)},
        effects=_handled(facts, proposal=way),
    )


def _recover(procedure: Procedure, facts: Standing, act: Act, at: datetime) -> Ruling:
    """Signed: the claim stands, and is told as soon as the quiet period allows."""
    letter_from, instalments = _letter_from(procedure, at), int(act.data["instalments"])
    told = {
        "decision": act.decision,
        "overpaid_fen": sum(each.amount_fen for each in claims(procedure, facts)),
        "instalments": instalments,
        "letter_from": letter_from.isoformat(),
    }
    memory = {**procedure.memory, "told": told, "reason": act.reason, "records": _records(facts)}
    effects = _handled(
        facts, proposal=procedure.memory.get("proposal"), decision="recover", instalments=instalments,
        decided_at=at, letter_from=letter_from,
    )  # fmt: skip
    ruling = generic.enter(procedure, _QUIET, at=at, memory=memory, effects=effects)
    return _told(procedure, ruling, memory)


def _waive(procedure: Procedure, facts: Standing, act: Act, at: datetime) -> Ruling:
    """Signed: nobody is asked for anything, and no letter is needed."""
    rests = {each.id: max(record.outstanding_fen, 0) for each, record in _recorded(facts)}
    effects = [
        HandleOverpayment(record.id, procedure.memory.get("proposal"), "waive", None, rests[each.id], at)
        for each, record in _recorded(facts)
    ]
    waived = {str(hold): fen for hold, fen in rests.items() if fen}
    memory = {**procedure.memory, "waived": waived, "records": _records(facts)}
    booked = _book_waived(procedure, facts, waived, -1)
    return done({"decision": act.decision}, reason=act.reason, memory=memory, effects=(*effects, *booked))


def _told(procedure: Procedure, ruling: Ruling, memory: Mapping[str, Any]) -> Ruling:
    """The result and its reason become public with the end, never before."""
    if ruling.state is not OwnerState.DONE or procedure.state is OwnerState.DONE:
        return ruling
    return replace(ruling, result=memory.get("told", {}), reason=memory.get("reason"))


def _taken_back(procedure: Procedure, facts: Standing) -> tuple[object, ...]:
    """Proposal and decision are void, and a waiver is booked back. By the keys kept when people first acted: the stop
    may have been taken back before, and then no holding shows its record any more."""
    records = [UUID(record) for record in procedure.memory.get("records", {}).values()]
    return (
        *map(HandleOverpayment, records),
        *_book_waived(procedure, facts, procedure.memory.get("waived", {}), 1),
    )


def _handled(facts: Standing, **said: Any) -> tuple[object, ...]:
    return tuple(HandleOverpayment(record.id, **said) for _, record in _recorded(facts))


def _book_waived(
    procedure: Procedure, facts: Standing, waived: Mapping[str, int], sign: Literal[1, -1]
) -> tuple[object, ...]:
    month = month_of(procedure.occurred_at.astimezone(TZ).date())
    return tuple(
        Book("recoverable", each, sign * waived[str(each.id)], month)
        for each in facts.holdings
        if waived.get(str(each.id))
    )


def _records(facts: Standing) -> dict[str, str]:
    return {str(holding.id): str(record.id) for holding, record in _recorded(facts)}


def _recorded(facts: Standing) -> Iterator[tuple[Holding, Overpayment]]:
    for holding in facts.holdings:
        if holding.overpayment is not None:
            yield holding, holding.overpayment


def _amounts(procedure: Procedure, facts: Standing) -> dict[str, int]:
    return {str(each.holding.id): each.amount_fen for each in claims(procedure, facts)}


def _facts(procedure: Procedure, facts: Standing) -> dict[str, Any]:
    """For the desks that decide: holdings, months and fen; the day before which no letter goes out."""
    lines = [
        {
            "hold": str(each.holding.id),
            "kind": each.holding.kind,
            "months": [month_text(month) for month in sorted(each.months)],
            "overpaid_fen": each.amount_fen,
            "legal_basis": LEGAL_BASIS,
        }
        for each in claims(procedure, facts)
    ]
    return {"overpaid": lines, "no_letter_before": _quiet_until(procedure).isoformat()}


def _letter_from(procedure: Procedure, at: datetime) -> date:
    return max(_quiet_until(procedure), at.astimezone(TZ).date())


def _quiet_until(procedure: Procedure) -> date:
    """The first day after the quiet period, as the catalogue's step sets it."""
    step = procedure.terms.step(_QUIET)
    until = waits_until(procedure, step) or procedure.occurred_at
    return until.astimezone(TZ).date()
