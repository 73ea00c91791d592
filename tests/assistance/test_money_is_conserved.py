"""Verbs of hold, stop and recheck in any order, with months and payment runs between: it ends consistent (R24, R01)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from casework.procedure import Act, Procedure, Ruling
from casework.procedure import replace as changed
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from contracts.terms import UndoReason
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, months_after
from services.assistance.domain.effects import AddPayment
from services.assistance.domain.rechecking import take_back
from services.assistance.domain.values import Payment
from services.assistance.procedures import hold_payments, household_recheck, stop_benefits
from tests.assistance.ledger_of_values import AMOUNT, PERSON, Books, household

MODULES: dict[str, Any] = {
    "hold_payments": hold_payments,
    "stop_benefits": stop_benefits,
    "recheck": household_recheck,
}
TYPES = {"recheck": "household_recheck"}
TAKEN_BACK = (OwnerState.UNDONE, OwnerState.WITHDRAWN, OwnerState.NOT_APPLICABLE)
# Which of the moves that are possible now, and how many days earlier the death is said to be.
steps = st.tuples(st.integers(0, 1000), st.integers(0, 80))


def fresh(name: str) -> Procedure:
    row = load_catalogue().life_events["death"].row(f"assistance.{TYPES.get(name, name)}")
    died_at = datetime(2026, 11, 20, tzinfo=TZ)
    return Procedure(
        id=uuid4(), case=uuid4(), case_no="T", type=row.type, life_event="death", subject=PERSON, persons={},
        region="331022", occurred_at=died_at, effective_on=died_at.date(), confirmed=True, case_version=1,
        terms=row.terms, opened_at=died_at,
    )  # fmt: skip


@dataclass
class World:
    """The three procedures over one household, driven by rulings as casework drives them."""

    books: Books = field(default_factory=household)
    procedures: dict[str, Procedure] = field(default_factory=lambda: {name: fresh(name) for name in MODULES})

    @property
    def at(self) -> datetime:
        return datetime.combine(self.books.today, datetime.min.time(), TZ)

    def run(self, choice: int, days: int) -> None:
        moves: list[Callable[[], None]] = [self.books.pay, self.books.turn_month]
        for name, procedure in self.procedures.items():
            if procedure.state is None or procedure.state in TAKEN_BACK:
                moves.extend([partial(self.order, "open", name, days)] * 3)
            else:
                moves.extend(
                    partial(self.order, verb, name, days) for verb in ("correct", "withdraw", "undo")
                )
        if self.procedures["recheck"].state is OwnerState.OPEN:
            moves.extend(partial(self.decide, decision, days % 3) for decision in ("keep", "adjust", "stop"))
        moves[choice % len(moves)]()

    def order(self, verb: str, name: str, days: int) -> None:
        procedure = self.procedures[name]
        if verb == "open" and procedure.state is not None:
            procedure = fresh(name)  # a new report: a new round
        if verb == "undo" and procedure.state is None:
            return
        if verb == "correct":
            died_at = datetime(2026, 11, 20, tzinfo=TZ) - timedelta(days=days)
            procedure = changed(procedure, occurred_at=died_at)
        if verb == "undo":
            procedure = changed(procedure, undo_reason=UndoReason.WRONG_MATCH)
        if verb == "withdraw":
            procedure = changed(procedure, confirmed=False)
        if name == "recheck" and not self.books.standing.household_holdings() and verb != "undo":
            return
        verb_of: Callable[..., Ruling] = getattr(MODULES[name], verb, getattr(stop_benefits, verb))
        self.settle(name, procedure, verb_of(procedure, self.books.standing, at=self.at))

    def decide(self, decision: str, part: int) -> None:
        procedure = self.procedures["recheck"]
        if procedure.state is not OwnerState.OPEN or not self.books.standing.household_holdings():
            return
        act = Act("decision", decision, {"amount_fen": part * AMOUNT // 2} if decision == "adjust" else {})
        ruling = household_recheck.advance(procedure, self.books.standing, act, at=self.at)
        self.settle("recheck", changed(procedure, human=True), ruling)

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

    def check_books(self) -> None:
        """Owed late is what stands as outstanding arrears; recoverable is what the stop found overpaid."""
        overpaid = self.procedures["stop_benefits"].memory.get("overpaid", {})
        for holding in self.books.standing.holdings:
            arrears = sum(p.amount_fen for p in holding.payments if p.outstanding and p.arrears)
            assert self.books.booked.get(("payable", holding.id), 0) == arrears
            assert self.books.booked.get(("recoverable", holding.id), 0) == overpaid.get(str(holding.id), 0)


@given(st.lists(steps, max_size=25))
@settings(max_examples=300, deadline=None)
def test_the_books_agree_with_the_payments_at_every_moment(plan: list[tuple[int, int]]) -> None:
    world = World()
    for step in plan:
        world.run(*step)
        world.check_books()


@given(st.lists(steps, max_size=25), st.permutations(tuple(MODULES)))
@settings(max_examples=300, deadline=None)
def test_whoever_lives_after_all_gets_every_month_once(plan: list[tuple[int, int]], order: list[str]) -> None:
    world = World()
    for step in plan:
        world.run(*step)
    for name in order:
        world.order("undo", name, 0)
    world.check_books()
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


@given(st.lists(steps, max_size=15))
@settings(max_examples=150, deadline=None)
def test_what_was_paid_is_never_touched(plan: list[tuple[int, int]]) -> None:
    world = World()
    paid: dict[Any, int] = {}
    for step in plan:
        world.run(*step)
        now = {p.id: p.amount_fen for h in world.books.standing.holdings for p in h.payments if p.released}
        assert all(now.get(key) == amount for key, amount in paid.items())
        paid = now


def test_a_month_that_was_made_up_once_is_not_made_up_again() -> None:
    world = World()
    world.books.turn_month()
    world.order("open", "recheck", 0)
    world.decide("adjust", 1)
    world.books.pay()
    world.order("correct", "recheck", 20)
    world.books.pay()
    world.decide("adjust", 0)
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
