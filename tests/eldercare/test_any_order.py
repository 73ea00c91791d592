"""Pause, stop and card under any order of corrections, withdrawals, undos and months passing: one law each.

The verbs are the real ones; the database is replaced by applying their effects to the values they were made from.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import ModuleType
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from casework.procedure import Procedure, Ruling
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from kernel.public_service.clock import TZ
from services.eldercare.domain import (
    Arrears,
    Care,
    Claim,
    Died,
    End,
    Hold,
    Item,
    Lift,
    Restore,
    count_months,
    month_of,
    next_month,
    overpaid_fen,
)
from services.eldercare.procedures import elder_card, pause_services, stop_benefits

START = datetime(2026, 11, 22, 9, tzinfo=TZ)
MODULES: dict[str, ModuleType] = {
    "eldercare.pause_services": pause_services,
    "eldercare.stop_benefits": stop_benefits,
    "eldercare.elder_card": elder_card,
}
days_ago = st.integers(min_value=0, max_value=400)
kinds = st.sampled_from(sorted(MODULES))


class Life(RuleBasedStateMachine):
    """One person, three procedures, and a ledger of what was paid and claimed per allowance."""

    @initialize(amounts=st.lists(st.integers(1, 100_000), min_size=1, max_size=3), died=days_ago)
    def begin(self, amounts: list[int], died: int) -> None:
        self.now, self.person = START, uuid4()
        self.paid: dict[UUID, int] = {}
        self.claimed: dict[UUID, int] = {}
        self.dead_from: date | None = None
        self.died_at = self.now - timedelta(days=died)
        allowances = [
            Item(
                "allowances", uuid4(), "old_age_allowance", "active", amount, granted_on=date(2020, 1, 1),
                paid_through=month_of(START.date()), payee=self.person,
            )
            for amount in amounts
        ]  # fmt: skip
        others = [
            Item("stays", uuid4(), "bed", "active"),
            Item("meal_discounts", uuid4(), "meal_discount", "active"),
            Item("elder_cards", uuid4(), "elder_card", "active"),
        ]
        self.items = {item.id: item for item in (*allowances, *others)}
        self.procedures = {kind: self._fresh(kind) for kind in MODULES}

    def _fresh(self, kind: str) -> Procedure:
        return Procedure(
            id=uuid4(), case=uuid4(), case_no="D", type=kind, life_event="death", subject=self.person, persons={},
            region="331022", occurred_at=self.died_at, effective_on=self.died_at.date(), confirmed=False,
            case_version=1, terms=load_catalogue().life_events["death"].row(kind).terms,
        )  # fmt: skip

    @rule(kind=kinds)
    def open(self, kind: str) -> None:
        """A new round begins when the last one has ended without an effect."""
        if self.procedures[kind].state in (OwnerState.WITHDRAWN, OwnerState.UNDONE):
            self.procedures[kind] = self._fresh(kind)
        if self.procedures[kind].state is None:
            self._carry(kind, "open")

    @rule(ago=days_ago)
    def correct(self, ago: int) -> None:
        """A correction reaches every procedure that was opened."""
        self.died_at = START - timedelta(days=ago)
        for kind, procedure in self.procedures.items():
            self.procedures[kind] = replace(procedure, occurred_at=self.died_at)
            if procedure.state is not None:
                self._carry(kind, "correct")

    @rule(kind=kinds)
    def withdraw(self, kind: str) -> None:
        if self.procedures[kind].state is not None:
            self._carry(kind, "withdraw")

    @rule(kind=kinds)
    def undo(self, kind: str) -> None:
        if self.procedures[kind].state is not None:
            self._carry(kind, "undo")

    @rule()
    def a_month_passes_and_is_paid(self) -> None:
        """As `commands.money.pay_month` pays: neither suspended nor stopped, or through the last payable month."""
        self.now += timedelta(days=31)
        month = month_of(self.now.date())
        for item in self._allowances():
            through = min(month, item.ends_after) if item.ended_by and item.ends_after else month
            stopped = item.held_by is not None and item.ended_by is None
            assert item.paid_through is not None
            if not stopped and through > item.paid_through:
                self._pay(item, through)

    def _pay(self, item: Item, through: date) -> None:
        assert item.paid_through is not None
        months = count_months(through) - count_months(item.paid_through)
        self.paid[item.id] = self.paid.get(item.id, 0) + months * item.amount_fen
        self.items[item.id] = replace(item, paid_through=through)

    def _allowances(self) -> list[Item]:
        return [item for item in self.items.values() if item.source == "allowances"]

    def _carry(self, kind: str, verb: str) -> None:
        procedure = self.procedures[kind]
        facts = Care(self.person, tuple(self.items.values()))
        ruling: Ruling = getattr(MODULES[kind], verb)(procedure, facts, at=self.now)
        for effect in ruling.effects:
            self._apply(procedure.id, effect)
        self.procedures[kind] = replace(
            procedure,
            state=ruling.state,
            result=procedure.result if ruling.result is None else ruling.result,
            memory=procedure.memory if ruling.memory is None else ruling.memory,
        )

    def _apply(self, by: UUID, effect: object) -> None:
        if isinstance(effect, Died):
            self.dead_from = next_month(month_of(effect.on)) if effect.on else None
            return
        assert isinstance(effect, Hold | Lift | End | Restore | Claim | Arrears)
        item = self.items[effect.item.id]
        if isinstance(effect, Hold):
            item = replace(item, held_by=by)
        elif isinstance(effect, Lift):
            item = replace(item, held_by=None)
        elif isinstance(effect, End):
            assert item.ended_by in (None, by)
            item = replace(item, ended_by=by, ends_after=effect.ends_after)
        elif isinstance(effect, Restore):
            item = replace(item, ended_by=None, ends_after=None)
        elif isinstance(effect, Claim):
            self.claimed[item.id] = self.claimed.get(item.id, 0) + effect.amount_fen
        else:
            self.paid[item.id] = self.paid.get(item.id, 0) + effect.amount_fen
            item = replace(item, paid_through=effect.through)
        self.items[item.id] = item

    @invariant()
    def what_is_claimed_is_what_the_result_says(self) -> None:
        stop = self.procedures["eldercare.stop_benefits"]
        lines = {line["hold"]: line["overpaid_fen"] for line in stop.result.get("stopped", ())}
        for item in self._allowances():
            assert self.claimed.get(item.id, 0) == lines.get(str(item.id), 0) >= 0

    @invariant()
    def no_more_is_claimed_than_was_paid_after_the_death(self) -> None:
        for item in self._allowances():
            if item.ended_by is not None and item.ends_after is not None:
                assert self.claimed.get(item.id, 0) == overpaid_fen(item, item.ends_after)

    @invariant()
    def what_was_paid_is_what_the_paid_months_cost(self) -> None:
        for item in self._allowances():
            assert item.paid_through is not None
            months = count_months(item.paid_through) - count_months(month_of(START.date()))
            assert self.paid.get(item.id, 0) == months * item.amount_fen

    @invariant()
    def marks_belong_to_procedures_that_are_done(self) -> None:
        done = {p.id for p in self.procedures.values() if p.state is OwnerState.DONE}
        for item in self.items.values():
            assert {item.held_by, item.ended_by} - {None} <= done

    @invariant()
    def dead_from_follows_the_stop(self) -> None:
        stop = self.procedures["eldercare.stop_benefits"]
        if stop.state is OwnerState.DONE:
            assert self.dead_from == next_month(month_of(self.died_at.date()))
        elif stop.state is OwnerState.UNDONE:
            assert self.dead_from is None

    @precondition(lambda self: any(p.state is OwnerState.DONE for p in self.procedures.values()))
    @rule(order=st.permutations(sorted(MODULES)))
    def everything_undone_is_as_if_nothing_had_been(self, order: list[str]) -> None:
        for kind in order:
            if self.procedures[kind].state is OwnerState.DONE:
                self._carry(kind, "undo")
        assert all(item.shown_state == "active" for item in self.items.values())
        assert not any(self.claimed.values())

    def teardown(self) -> None:
        """Whatever came before: after a revocation and the next payment every month of the life is paid."""
        if not hasattr(self, "items"):
            return
        for kind, procedure in self.procedures.items():
            if procedure.state is OwnerState.DONE:
                self._carry(kind, "undo")
        self.a_month_passes_and_is_paid()
        for item in self._allowances():
            assert item.paid_through == month_of(self.now.date())


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
