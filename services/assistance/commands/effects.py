"""Writes the effects of a batch of rulings: one statement per kind of effect, then the books, then the facts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from casework.facts import Statement, state_facts
from casework.persons import set_dead_from
from casework.procedure import Procedure, Ruling
from kernel.messaging.transaction import Transaction
from services.assistance.commands.applications import lapse
from services.assistance.commands.books import book
from services.assistance.commands.overpayments import date_letters, handle, record, take_back
from services.assistance.domain import effects as e
from services.assistance.queries import benefits

OWNER = "assistance"

_SUSPEND_HOLDINGS = text(
    """UPDATE holdings h SET suspended_by = new.by
         FROM unnest(CAST(:holding AS uuid[]), CAST(:by AS uuid[])) AS new(holding, by) WHERE h.id = new.holding"""
)
_END_HOLDINGS = text(
    """UPDATE holdings h SET ended_by = new.by, last_payable_month = new.month
         FROM unnest(CAST(:holding AS uuid[]), CAST(:by AS uuid[]), CAST(:last_payable_month AS date[]))
              AS new(holding, by, month) WHERE h.id = new.holding"""
)
_SUSPEND_PAYMENTS = text(
    """UPDATE payments p SET suspended_by = new.by
         FROM unnest(CAST(:payment AS uuid[]), CAST(:by AS uuid[])) AS new(payment, by)
        WHERE p.id = new.payment AND p.released_at IS NULL"""
)
_CANCEL_PAYMENTS = text(
    """UPDATE payments p SET cancelled_by = new.by, arrears = new.arrears
         FROM unnest(CAST(:payment AS uuid[]), CAST(:by AS uuid[]), CAST(:arrears AS boolean[]))
              AS new(payment, by, arrears) WHERE p.id = new.payment AND p.released_at IS NULL"""
)
_ADD_PAYMENTS = text(
    """INSERT INTO payments (id, holding, month, amount_fen, payee, arrears)
       SELECT id, holding, month, amount_fen, payee, true
         FROM unnest(CAST(:id AS uuid[]), CAST(:holding AS uuid[]), CAST(:month AS date[]),
              CAST(:amount_fen AS bigint[]), CAST(:payee AS uuid[])) AS new(id, holding, month, amount_fen, payee)"""
)
_SET_AMOUNTS = text(
    """UPDATE holdings h SET amount_fen = new.amount_fen
         FROM unnest(CAST(:holding AS uuid[]), CAST(:amount_fen AS bigint[])) AS new(holding, amount_fen)
        WHERE h.id = new.holding"""
)
_SET_PAYMENT_AMOUNTS = text(
    """UPDATE payments p SET amount_fen = new.amount_fen
         FROM unnest(CAST(:payment AS uuid[]), CAST(:amount_fen AS bigint[])) AS new(payment, amount_fen)
        WHERE p.id = new.payment AND p.released_at IS NULL"""
)
_SET_PAYEES = text(
    """WITH new AS (SELECT * FROM unnest(CAST(:holding AS uuid[]), CAST(:payee AS uuid[])) AS new(holding, payee)),
            paid AS (UPDATE payments p SET payee = new.payee FROM new
                      WHERE p.holding = new.holding AND p.released_at IS NULL)
       UPDATE holdings h SET payee = new.payee FROM new WHERE h.id = new.holding"""
)
_LEAVE = text(
    """UPDATE household_members m SET left_by = new.by, left_on = new.day
         FROM unnest(CAST(:household AS uuid[]), CAST(:person AS uuid[]), CAST(:by AS uuid[]), CAST(:on AS date[]))
              AS new(household, person, by, day)
        WHERE m.household = new.household AND m.person = new.person"""
)
# In this order; effects of one kind go in one statement, sorted by their key.
_STATEMENTS: Mapping[type, tuple[TextClause, tuple[str, ...]]] = {
    e.SuspendHolding: (_SUSPEND_HOLDINGS, ("holding", "by")),
    e.EndHolding: (_END_HOLDINGS, ("holding", "by", "last_payable_month")),
    e.SetAmount: (_SET_AMOUNTS, ("holding", "amount_fen")),
    e.SetPayee: (_SET_PAYEES, ("holding", "payee")),
    e.SuspendPayment: (_SUSPEND_PAYMENTS, ("payment", "by")),
    e.CancelPayment: (_CANCEL_PAYMENTS, ("payment", "by", "arrears")),
    e.SetPaymentAmount: (_SET_PAYMENT_AMOUNTS, ("payment", "amount_fen")),
    e.Leave: (_LEAVE, ("household", "person", "by", "on")),
}

# What moves nobody's benefits: the fact stands as it was.
_BESIDE_BENEFITS = (
    e.DeadFrom
    | e.LapseApplications
    | e.RecordOverpayment
    | e.TakeBackOverpayment
    | e.HandleOverpayment
    | e.DateLetter
)


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Write what the rulings ask for. Persons and holdings are locked by then."""
    by_kind: dict[type, list[Any]] = defaultdict(list)
    for _, ruling in rulings:
        for effect in ruling.effects:
            by_kind[type(effect)].append(effect)
    if not by_kind:
        return
    for kind, (statement, names) in _STATEMENTS.items():
        if by_kind[kind]:
            await _write(tx, statement, names, by_kind[kind])
    await lapse(tx, by_kind[e.LapseApplications])
    await _add_payments(tx, by_kind[e.AddPayment])
    await record(tx, by_kind[e.RecordOverpayment], at=at)
    await take_back(tx, by_kind[e.TakeBackOverpayment])
    await handle(tx, by_kind[e.HandleOverpayment])
    await date_letters(tx, by_kind[e.DateLetter])
    await set_dead_from(tx, [(effect.person, effect.month) for effect in by_kind[e.DeadFrom]])
    await book(tx, by_kind[e.Book], at=at)
    await _state(tx, rulings, at)


async def _write(tx: Transaction, statement: TextClause, names: tuple[str, ...], effects: list[Any]) -> None:
    ordered = sorted(effects, key=lambda effect: getattr(effect, names[0]))
    await tx.execute(statement, {name: [getattr(effect, name) for effect in ordered] for name in names})


async def _add_payments(tx: Transaction, effects: Sequence[e.AddPayment]) -> None:
    if not effects:
        return
    await tx.execute(
        _ADD_PAYMENTS,
        {
            "id": [each.payment for each in effects],
            "holding": [each.holding.id for each in effects],
            "month": [each.month for each in effects],
            "amount_fen": [each.amount_fen for each in effects],
            "payee": [each.holding.payee for each in effects],
        },
    )


async def _state(tx: Transaction, rulings: Sequence[tuple[Procedure, Ruling]], at: datetime) -> None:
    """State the fact `benefits` anew for everybody whose holdings moved."""
    touched = {
        person
        for procedure, ruling in rulings
        if any(not isinstance(effect, _BESIDE_BENEFITS) for effect in ruling.effects)
        for person in (procedure.subject, *_others(ruling))
    }
    if not touched:
        return
    states = await benefits(tx, touched)
    statements = [Statement(person, "benefits", state) for person, state in states.items()]
    await state_facts(tx, statements, owner=OWNER, at=at)


def _others(ruling: Ruling) -> Sequence[UUID]:
    """People beside the subject whose benefits a ruling moves; the procedure names them in its memory."""
    memory = ruling.memory or {}
    return [UUID(person) for person in memory.get("concerns", ())]
