"""`assistance.change_payee` (row 9c): the dead person was to receive money; a human names who does now (R24, SA-003).

Somebody else's money, the household's, and the person's own for the month of death and before, which is their heirs'.
Until a payee is named the payment run holds these payments back (commands.releases): nothing is lost, nothing is paid
to the dead.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from casework import generic
from casework.persons import lock_persons, refuse_after_death
from casework.procedure import Act, Procedure, Ruling, done, opened, unchanged, undoing, undone
from casework.steps import sign_undo
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.errors import invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.assistance import commands
from services.assistance.domain.effects import SetPayee
from services.assistance.domain.values import Holding, Standing
from services.assistance.queries import gather_paid_to

gather = gather_paid_to


def open(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The township's task, with the holdings that need a payee."""
    return _ask(procedure, facts)


def correct(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """Another date of death: another month may be the last owed. Done: asked anew if a payee lacks."""
    if procedure.running or (
        procedure.state is OwnerState.DONE and without_payee(facts, _died_on(procedure))
    ):
        return _ask(procedure, facts)
    return unchanged(procedure)


def advance(procedure: Procedure, facts: Standing, act: Act, *, at: datetime) -> Ruling:
    """changed: every such holding and its payments that are not released go to the new payee."""
    if act.kind != "decision" or act.decision != "changed":
        return generic.advance(procedure, facts, act, at=at)
    payee = _payee(procedure, act)
    held = without_payee(facts, _died_on(procedure))
    before = procedure.memory.get("changed", {})
    return done(
        {"decision": act.decision, "changed": [{"hold": str(each.id), "kind": each.kind} for each in held]},
        reason=act.reason,
        memory={"changed": {**{str(each.id): str(each.payee) for each in held}, **before}},
        effects=tuple(SetPayee(each.id, payee) for each in held),
    )


def undo(procedure: Procedure, facts: Standing, *, at: datetime) -> Ruling:
    """The person lives and draws it again. Needs a signature unless the county signed the revocation."""
    if procedure.state in (OwnerState.DONE, OwnerState.UNDOING) and generic.needs_signature(procedure):
        return undoing(sign_undo())
    if procedure.ended and procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    kept = procedure.memory.get("changed", {})
    effects = tuple(SetPayee(UUID(hold), UUID(payee)) for hold, payee in sorted(kept.items()))
    return undone(UndoKind.RESTORE, effects=effects)


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Refuses a payee who is dead (their row locked), then writes."""
    payees = {
        effect.payee
        for procedure, ruling in rulings
        if ruling.state is OwnerState.DONE
        for effect in ruling.effects
        if isinstance(effect, SetPayee)
    }
    for dead_from in (await lock_persons(tx, payees)).values():
        if dead_from is not None:  # the payment run would hold it back again
            refuse_after_death(dead_from, dead_from)
    await commands.apply(rulings, tx=tx, at=at)


def without_payee(facts: Standing, died_on: date) -> tuple[Holding, ...]:
    """What this person was to receive: what goes on without them, and what is still owed of their own."""
    return tuple(
        each
        for each in facts.paid_to
        if each.payee == facts.person and (_goes_on(each, facts) or _still_owed(each, died_on))
    )


def _goes_on(holding: Holding, facts: Standing) -> bool:
    if holding.ended or holding.beneficiary == facts.person:
        return False
    return holding.household is None or holding.household != facts.household or bool(facts.others_living())


def _still_owed(holding: Holding, died_on: date) -> bool:
    """A month up to that of the death has not been paid."""
    return any(p.outstanding and p.month <= month_of(died_on) for p in holding.payments)


def _ask(procedure: Procedure, facts: Standing) -> Ruling:
    held = without_payee(facts, _died_on(procedure))
    return opened(
        procedure.terms.first_step.id,
        task_facts={"benefits": [{"hold": str(each.id), "kind": each.kind} for each in held]},
    )


def _died_on(procedure: Procedure) -> date:
    return procedure.occurred_at.astimezone(TZ).date()


def _payee(procedure: Procedure, act: Act) -> UUID:
    payee = UUID(str(act.data["payee"]))
    if payee == procedure.subject:
        raise invalid(
            "/data/payee", "payee_is_the_deceased", "新的收款人不能是逝者本人。",
            "The new payee cannot be the person who died.", "请选择仍在世的家庭成员或监护人。",
            "Choose a living member of the household or a guardian.",
        )  # fmt: skip
    return payee
