"""Verbs of hold, stop, recheck, payee and overpayment in any order, with months, payment files and repayments between:
it ends consistent, and no fen is lost, doubled or paid to the dead (R24, R01, R95)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from casework import generic
from casework.procedure import Act, Procedure, Ruling
from casework.procedure import replace as changed
from casework.steps import find_step
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from contracts.terms import UndoReason
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, months_after
from services.assistance.domain.effects import AddPayment
from services.assistance.domain.rechecking import take_back
from services.assistance.domain.values import Payment, Standing
from services.assistance.procedures import (
    change_payee,
    hold_payments,
    household_recheck,
    overpayment,
    stop_benefits,
)
from tests.assistance.ledger_of_values import AMOUNT, PERSON, SPOUSE, Books, household

MODULES: dict[str, Any] = {
    "hold_payments": hold_payments,
    "stop_benefits": stop_benefits,
    "recheck": household_recheck,
    "payee": change_payee,
    "overpayment": overpayment,
}
TYPES = {"recheck": "household_recheck", "payee": "change_payee"}
DECISIONS = {
    "recheck": ("keep", "adjust", "stop"),
    "payee": ("changed",),
    "overpayment": ("propose", "recover", "waive", "examine_again"),
}
DIED_AT = datetime(2026, 11, 20, tzinfo=TZ)
TAKEN_BACK = (OwnerState.UNDONE, OwnerState.WITHDRAWN, OwnerState.NOT_APPLICABLE)
# Which of the moves that are possible now, and how many days earlier the death is said to be.
steps = st.tuples(st.integers(0, 1000), st.integers(0, 80))


def fresh(name: str) -> Procedure:
    row = load_catalogue().life_events["death"].row(f"assistance.{TYPES.get(name, name)}")
    return Procedure(
        id=uuid4(), case=uuid4(), case_no="T", type=row.type, life_event="death", subject=PERSON, persons={},
        region="331022", occurred_at=DIED_AT, effective_on=DIED_AT.date(), confirmed=True, case_version=1,
        terms=row.terms, opened_at=DIED_AT,
    )  # fmt: skip


@dataclass
class World:
    """The procedures over one household, driven by rulings as casework drives them."""

    books: Books = field(default_factory=household)
    procedures: dict[str, Procedure] = field(default_factory=lambda: {name: fresh(name) for name in MODULES})

    @property
    def at(self) -> datetime:
        return datetime.combine(self.books.today, datetime.min.time(), TZ)

    @property
    def facts(self) -> Standing:
        """What gather would find: `paid_to` is what the person draws, or drew before it was changed."""
        changed_holds = self.procedures["payee"].memory.get("changed", {})
        holdings = self.books.standing.holdings
        drawn = tuple(h for h in holdings if h.payee == PERSON or str(h.id) in changed_holds)
        return replace(self.books.standing, paid_to=drawn)

    def run(self, choice: int, days: int) -> None:
        books = self.books
        moves: list[Callable[[], None]] = [
            books.pay, books.turn_month, books.prepare, books.release, partial(books.come_back, 1 + days % 3),
        ]  # fmt: skip
        for name, procedure in self.procedures.items():
            if procedure.state is None or procedure.state in TAKEN_BACK:
                moves.extend([partial(self.order, "open", name, days)] * 3)
            else:
                moves.extend(
                    partial(self.order, verb, name, days) for verb in ("correct", "withdraw", "undo")
                )
            if procedure.state is OwnerState.OPEN:
                moves.extend(partial(self.decide, name, choice, days % 3) for choice in DECISIONS[name])
        if self.procedures["overpayment"].step == "quiet":
            moves.append(partial(self.wake, "overpayment"))
        moves[choice % len(moves)]()

    def order(self, verb: str, name: str, days: int) -> None:
        procedure = self.procedures[name]
        if verb == "open" and procedure.state is not None:
            procedure = fresh(name)  # a new report: a new round
        if verb == "undo" and procedure.state is None:
            return
        if verb == "correct":
            procedure = self.corrected(procedure, days)
        if verb == "undo":
            procedure = changed(procedure, undo_reason=UndoReason.WRONG_MATCH)
        if verb == "withdraw":
            procedure = changed(procedure, confirmed=False)
        if verb in ("open", "correct") and not self.called_for(name, procedure):
            return
        fallback = generic if name not in ("hold_payments", "stop_benefits") else stop_benefits
        verb_of: Callable[..., Ruling] = getattr(MODULES[name], verb, None) or getattr(fallback, verb)
        if verb == "withdraw" and fallback is generic:
            return  # after confirmation the planner withdraws no duty of the state
        self.settle(name, procedure, verb_of(procedure, self.facts, at=self.at))

    @staticmethod
    def corrected(procedure: Procedure, days: int) -> Procedure:
        """From eighty days before to the end of the next month."""
        return changed(procedure, occurred_at=DIED_AT + timedelta(days=40 - days))

    def called_for(self, name: str, procedure: Procedure) -> bool:
        """What the predicates ask, and the order of the rows: nothing is overpaid before the stop."""
        if name == "recheck":
            return bool(self.books.standing.household_holdings())
        if name == "overpayment":
            stopped = self.procedures["stop_benefits"].state is OwnerState.DONE
            return stopped and bool(overpayment.Records().claims(procedure, self.facts))
        return True

    def decide(self, name: str, decision: str, part: int) -> None:
        procedure = self.procedures[name]
        step = find_step(procedure.terms, procedure.step)
        offered = {each.id for each in step.decisions} if step else set()
        if decision not in offered or (name == "recheck" and not self.books.standing.household_holdings()):
            return
        data: dict[str, Any] = {
            "adjust": {"amount_fen": part * AMOUNT // 2},
            "changed": {"payee": str(SPOUSE)},
            "propose": {"way": "whole"},
            "recover": {"instalments": part + 1},
        }.get(decision, {})
        act = Act("decision", decision, data)
        ruling = MODULES[name].advance(procedure, self.facts, act, at=self.at)
        self.settle(name, changed(procedure, human=True), ruling)

    def wake(self, name: str) -> None:
        ruling = MODULES[name].advance(self.procedures[name], self.facts, Act("clock"), at=self.at)
        self.settle(name, self.procedures[name], ruling)

    def settle(self, name: str, procedure: Procedure, ruling: Ruling) -> None:
        self.books.apply(ruling.effects)
        self.procedures[name] = changed(
            procedure,
            state=ruling.state,
            step=ruling.step,
            confirmed=True,
            result=procedure.result if ruling.result is None else ruling.result,
            memory=procedure.memory if ruling.memory is None else ruling.memory,
        )
        self.books.reported = self.procedures["hold_payments"].state is OwnerState.DONE

    def check_books(self) -> None:
        """Owed late is what stands as outstanding arrears; what was paid is what was released; what is claimed is what
        the stop found overpaid, less what came back and what was waived."""
        overpaid = self.procedures["stop_benefits"].memory.get("overpaid", {})
        for holding in self.books.standing.holdings:
            booked = {account: fen for (account, key), fen in self.books.booked.items() if key == holding.id}
            arrears = sum(p.amount_fen for p in holding.payments if p.outstanding and p.arrears)
            assert booked.get("payable", 0) == arrears
            assert booked.get("paid", 0) == sum(p.amount_fen for p in holding.payments if p.released)
            records = [record for key, _, record in self.books.records.values() if key == holding.id]
            repaid = sum(record.repaid_fen for record in records)
            waived = sum(record.waived_fen for record in records)
            assert booked.get("received", 0) == repaid
            assert booked.get("recoverable", 0) == overpaid.get(str(holding.id), 0) - repaid - waived
            assert sum(record.amount_fen for record in records) == overpaid.get(str(holding.id), 0)


def claimed() -> World:
    """Two months were paid after a death that became known late; the township has proposed what to do about it."""
    world = World()
    for _ in range(2):
        world.books.turn_month()
        world.books.pay()
    world.order("open", "stop_benefits", 0)
    world.order("open", "payee", 0)
    world.order("open", "overpayment", 0)
    world.decide("overpayment", "propose", 0)
    assert world.procedures["overpayment"].step == "decide"
    return world


# Where a plan begins: rare ways are walked as often as common ones.
worlds = st.sampled_from((World, claimed))


@given(worlds, st.lists(steps, max_size=25))
@settings(max_examples=250, deadline=None)
def test_the_books_agree_with_the_payments_at_every_moment(
    begin: Callable[[], World], plan: list[tuple[int, int]]
) -> None:
    world = begin()
    for step in plan:
        world.run(*step)
        world.check_books()


@given(worlds, st.lists(steps, max_size=25), st.permutations(tuple(MODULES)))
@settings(max_examples=250, deadline=None)
def test_whoever_lives_after_all_gets_every_month_once(
    begin: Callable[[], World], plan: list[tuple[int, int]], order: list[str]
) -> None:
    world = begin()
    for step in plan:
        world.run(*step)
    for name in order:
        world.order("undo", name, 0)
    world.check_books()
    world.books.give_back()
    assert not any(
        fen for (account, _), fen in world.books.booked.items() if account in ("recoverable", "received")
    )
    assert world.books.dead_from is None
    for holding in world.books.standing.holdings:
        assert (holding.ended, holding.suspended_by, holding.amount_fen) == (False, None, AMOUNT)
        for month in months_after(
            month_of(datetime(2026, 11, 1, tzinfo=TZ).date()), month_of(world.books.today)
        ):
            paid = sum(p.amount_fen for p in holding.payments if p.month == month and p.cancelled_by is None)
            assert paid == AMOUNT, f"{holding.kind} {month}"
        assert not any(p.suspended_by or p.cancelled_by for p in holding.payments)
    assert all(member.left_by is None for member in world.books.standing.members)


@given(worlds, st.lists(steps, max_size=15))
@settings(max_examples=150, deadline=None)
def test_what_was_paid_is_never_touched(begin: Callable[[], World], plan: list[tuple[int, int]]) -> None:
    world = begin()
    paid: dict[Any, int] = {}
    for step in plan:
        world.run(*step)
        now = {p.id: p.amount_fen for h in world.books.standing.holdings for p in h.payments if p.released}
        assert all(now.get(key) == amount for key, amount in paid.items())
        paid = now


@given(worlds, st.lists(steps, max_size=30))
@settings(max_examples=250, deadline=None)
def test_nothing_is_paid_to_the_dead_and_nothing_that_is_due_is_lost(
    begin: Callable[[], World], plan: list[tuple[int, int]]
) -> None:
    world = begin()
    for step in plan:
        drawn = {h.id: h.payee for h in world.books.standing.holdings}
        before = {p.id for h in world.books.standing.holdings for p in h.payments if p.released}
        dead = world.books.reported or world.books.dead_from is not None
        world.run(*step)
        for holding in world.books.standing.holdings:
            fresh_paid = {p.id for p in holding.payments if p.released} - before
            assert not (fresh_paid and dead and drawn[holding.id] == PERSON)
    (tekun, _) = world.books.standing.holdings
    last = world.books.last_payable.get(tekun.id) if tekun.ended else None
    through = month_of(world.books.today)
    for month in months_after(date(2026, 11, 1), min(through, last) if last else through):
        due = sum(p.amount_fen for p in tekun.payments if p.month == month and p.cancelled_by is None)
        assert due == AMOUNT, month


@given(worlds, st.lists(steps, max_size=25))
@settings(max_examples=250, deadline=None)
def test_a_claim_is_public_only_when_it_is_signed_and_the_quiet_period_is_over(
    begin: Callable[[], World], plan: list[tuple[int, int]]
) -> None:
    world = begin()
    for step in plan:
        world.run(*step)
        procedure = world.procedures["overpayment"]
        if procedure.result and procedure.result.get("decision") == "recover":
            quiet = procedure.occurred_at.date() + timedelta(days=49)
            assert procedure.state is OwnerState.DONE
            assert date.fromisoformat(procedure.result["letter_from"]) > quiet
            assert world.books.today > quiet


def test_a_month_that_was_made_up_once_is_not_made_up_again() -> None:
    world = World()
    world.books.turn_month()
    world.order("open", "recheck", 0)
    world.decide("recheck", "adjust", 1)
    world.books.pay()
    world.order("correct", "recheck", 20)
    world.books.pay()
    world.decide("recheck", "adjust", 0)
    world.order("correct", "recheck", 0)
    world.check_books()
    for holding in world.books.standing.household_holdings():
        assert sum(p.amount_fen for p in holding.payments if p.month == world.books.today) == AMOUNT


def test_a_month_made_up_in_part_can_be_made_up_to_the_whole() -> None:
    (holding, *_) = household().standing.household_holdings()
    month = date(2026, 12, 1)
    regular = Payment(uuid4(), month, 30_000, released=True)
    short = replace(holding, payments=(regular,), paid_through=month)
    made_up = Payment(AddPayment(short, month, 20_000).payment, month, 20_000, arrears=True, released=True)
    short = replace(short, payments=(regular, made_up))
    before = {"amount_fen": AMOUNT, "from_month": "2026-12-01"}
    added = [e for e in take_back(short, uuid4(), before, month) if isinstance(e, AddPayment)]
    assert [(e.month, e.amount_fen) for e in added] == [(month, AMOUNT - 50_000)]
    assert added[0].payment not in {p.id for p in short.payments}
