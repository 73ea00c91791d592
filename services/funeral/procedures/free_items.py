"""`funeral.free_items` (row 6): the zero bill, item by item, and every fen of it in the books (R22, FN-010 … FN-014).

The class of the dead person is found from household, place of death and the benefits told by assistance; only what is
still unknown is asked. Waived is what was done, at the home's price, up to the matrix's caps. A correction books the
difference: more is booked at once, less (the family would have to pay) waits for a human's signature. Whoever died
elsewhere claims with receipts. An undo books the reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from casework import generic
from casework.procedure import Act, FactSeen, Procedure, Ruling, done, opened, too_late
from casework.steps import SIGN_CORRECTION, sign_correction
from contracts.outcomes import OwnerState
from services.funeral.commands.afterwards import apply_settlements as apply
from services.funeral.domain.effects import BookMoney
from services.funeral.domain.facts import Settling
from services.funeral.domain.free_items import FreeLine, difference
from services.funeral.procedures.entitlement import (
    Entitled,
    claimed,
    entitled_to,
    receipts_of,
    settled,
    settled_again,
)
from services.funeral.procedures.taken_back import taken_back
from services.funeral.queries.afterwards import BENEFITS
from services.funeral.queries.afterwards import gather_settlements as gather

__all__ = ["advance", "apply", "correct", "gather", "open", "recheck", "undo", "withdraw"]

LINES, DATA, CLAIM, HOME, NEXT, FREE, WISHED = "lines", "data", "claim", "home", "next", "free", "wished"


def open(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Waits at the counter, with what the person is entitled to."""
    return _shown(procedure, facts, generic.open(procedure, facts, at=at))


def advance(procedure: Procedure, facts: Settling, act: Act, *, at: datetime) -> Ruling:
    """Settled, claimed with receipts, not entitled; or a human's word on a correction."""
    if act.kind == "decision" and act.decision == "settled":
        found = entitled_to(procedure, facts, _answers(act.data))
        lines = settled(found, facts, act.data, _wished(procedure))
        return _done(procedure, facts, lines, act.data, found, payee=facts.home, claim=False)
    if act.kind == "decision" and act.decision == "claimed":
        found = entitled_to(procedure, facts, _answers(act.data))
        lines = claimed(found, receipts_of(act.data))
        applicant = procedure.persons.get("applicant")
        return _done(procedure, facts, lines, act.data, found, payee=applicant, claim=True)
    if act.kind == "decision" and procedure.step == SIGN_CORRECTION:
        return _signed(procedure, facts, act)
    return generic.advance(procedure, facts, act, at=at)


def correct(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Recomputed on the newer form and the newer facts; only the difference is booked."""
    if not _stands(procedure):
        return _shown(procedure, facts, generic.correct(procedure, facts, at=at))
    before, after = _kept(procedure), _again(procedure, facts)
    change = difference(before, after)
    if not change:
        return _done_again(procedure, facts, after, ())
    if sum(change.values()) < 0:
        # Less for the family is a cut: a person signs it (R73); until then what was settled stands.
        memory = {**procedure.memory, NEXT: [asdict(line) for line in after]}
        step = sign_correction("签批免费项目更正")
        shown = {"before_fen": _sum(before), "after_fen": _sum(after)}
        return opened(step.id, extra_step=step, memory=memory, task_facts=shown)
    return _done_again(procedure, facts, after, _booked(procedure, change))


def withdraw(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Before it is settled; a bill that stands is corrected or undone."""
    return too_late(procedure, at) if _stands(procedure) else generic.withdraw(procedure, facts, at=at)


def undo(procedure: Procedure, facts: Settling, *, at: datetime) -> Ruling:
    """Every line is taken back; the home (or the family, of a claim) owes it."""
    change = difference(_kept(procedure), ())
    ruling = taken_back(generic.undo(procedure, facts, at=at), *_booked(procedure, change))
    if ruling.state is OwnerState.UNDONE and change:
        return replace(ruling, result={**procedure.result, "recovered_fen": -sum(change.values())})
    return ruling


def recheck(procedure: Procedure, facts: Settling) -> bool:
    """Whether newer benefits would waive something else."""
    if not _stands(procedure):
        return False
    return bool(difference(_kept(procedure), _again(procedure, facts)))


def _stands(procedure: Procedure) -> bool:
    """Whether lines are in the books: settled, perhaps with a correction that waits for its signature."""
    signing = procedure.running and procedure.step == SIGN_CORRECTION
    return bool(procedure.memory) and (procedure.state is OwnerState.DONE or signing)


def _answers(data: Mapping[str, Any]) -> dict[str, bool]:
    return {name: bool(data[name]) for name in ("poor", "special") if name in data}


def _kept(procedure: Procedure) -> tuple[FreeLine, ...]:
    return tuple(FreeLine(**line) for line in procedure.memory.get(LINES, ()))


def _again(procedure: Procedure, facts: Settling) -> tuple[FreeLine, ...]:
    """The same services once more, as the person is entitled to them now."""
    memory = procedure.memory
    found = entitled_to(procedure, facts, _answers(memory[DATA]))
    if memory[CLAIM]:
        return claimed(found, [each for each in receipts_of(memory[DATA]) if each["item"] in found.cells])
    return settled_again(
        found, facts, memory[DATA], before=_kept(procedure), free_then=memory[FREE],
        wished_then=memory[WISHED], wished=_wished(procedure),
    )  # fmt: skip


def _wished(procedure: Procedure) -> list[str]:
    return list(procedure.fields.get("/wishes/free_items") or ())


def _done(
    procedure: Procedure,
    facts: Settling,
    lines: Sequence[FreeLine],
    data: Mapping[str, Any],
    found: Entitled,
    *,
    payee: UUID | None,
    claim: bool,
) -> Ruling:
    memory = {
        LINES: [asdict(line) for line in lines], DATA: {**data}, CLAIM: claim, HOME: str(payee) if payee else None,
        FREE: sorted(found.cells), WISHED: _wished(procedure),
    }  # fmt: skip
    effects = _booked(replace(procedure, memory=memory), difference((), lines))
    return done(_result(lines, claim), memory=memory, effects=effects, seen=_seen(procedure, facts))


def _done_again(
    procedure: Procedure, facts: Settling, lines: Sequence[FreeLine], effects: Sequence[object]
) -> Ruling:
    memory = {**procedure.memory, LINES: [asdict(line) for line in lines]}
    memory.pop(NEXT, None)
    result = _result(lines, bool(procedure.memory[CLAIM]))
    return done(result, memory=memory, effects=tuple(effects), seen=_seen(procedure, facts))


def _signed(procedure: Procedure, facts: Settling, act: Act) -> Ruling:
    """Signed: the difference is booked. Kept: what was settled stands, with the reason."""
    if act.decision == "keep":
        return replace(_done_again(procedure, facts, _kept(procedure), ()), reason=act.reason)
    after = tuple(FreeLine(**line) for line in procedure.memory[NEXT])
    return _done_again(procedure, facts, after, _booked(procedure, difference(_kept(procedure), after)))


def _booked(procedure: Procedure, change: Mapping[tuple[str, str], int]) -> tuple[BookMoney, ...]:
    """More: the fund owes the home (or the family). Less: what was owed is taken back."""
    owed = "claim_payable" if procedure.memory.get(CLAIM) else "home_payable"
    payee = procedure.memory.get(HOME)
    return tuple(
        BookMoney(
            "free_items" if fen > 0 else owed, owed if fen > 0 else "free_items", abs(fen), source,
            f"free_item {item}", procedure.subject, UUID(payee) if payee else None,
        )
        for (item, source), fen in change.items()
    )  # fmt: skip


def _result(lines: Sequence[FreeLine], claim: bool) -> dict[str, Any]:
    shown = [
        {"item": line.item, "quantity": line.quantity, "waived_fen": line.waived_fen, "to_pay_fen": line.charged_fen,
         "funding_source": line.funding_source}
        for line in lines
    ]  # fmt: skip
    total = _sum(lines)
    return {
        "items": shown,
        "waived_fen": total,
        "to_pay_fen": 0 if claim else sum(x.charged_fen for x in lines),
    }


def _sum(lines: Sequence[FreeLine]) -> int:
    return sum(line.waived_fen for line in lines)


def _seen(procedure: Procedure, facts: Settling) -> tuple[FactSeen, ...]:
    """The version of the benefits that was looked at; zero: nothing had been told yet."""
    return (FactSeen(procedure.subject, BENEFITS, facts.benefits_version or 0),)


def _shown(procedure: Procedure, facts: Settling, ruling: Ruling) -> Ruling:
    """What the counter must know: the items that are free, and the classes that have to be asked."""
    if ruling.state is not OwnerState.OPEN:
        return ruling
    found: Entitled = entitled_to(procedure, facts, {})
    ask = sorted({name for names in found.unknown.values() for name in names})
    known = {"free": sorted(found.cells), "ask": ask, "died_elsewhere": found.elsewhere}
    return replace(ruling, task_facts={**known, **ruling.task_facts})
