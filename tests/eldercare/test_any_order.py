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

from casework.procedure import Act, Procedure, Ruling
from casework.recovery import DECIDE, EXAMINE
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from kernel.public_service.clock import TZ
from kernel.public_service.months import count_months, month_of, next_month
from services.eldercare.domain.effects import (
    PAID,
    PROVIDER_RECOVERABLE,
    RECOVERABLE,
    REPAID,
    Book,
    ClaimProvider,
    Died,
    DropClaim,
    DropSettlements,
    End,
    Hold,
    Lift,
    PaidThrough,
    Restore,
    SetOverpayment,
)
from services.eldercare.domain.items import Care, Item, ProviderClaim, ServiceCharged
from services.eldercare.domain.overpayments import Overpayment, proposed, repaid, signed
from services.eldercare.domain.periods import overpaid_fen, period_end
from services.eldercare.procedures import elder_card, overpayment, pause_services, stop_benefits

START = datetime(2026, 11, 22, 9, tzinfo=TZ)
MODULES: dict[str, ModuleType] = {
    "eldercare.pause_services": pause_services,
    "eldercare.stop_benefits": stop_benefits,
    "eldercare.elder_card": elder_card,
    "eldercare.overpayment": overpayment,
}
STOP, ROW = "eldercare.stop_benefits", "eldercare.overpayment"
RUNS = (OwnerState.OPEN, OwnerState.DONE)
days_ago = st.integers(min_value=0, max_value=400)
periods = st.sampled_from([1, 3, 6])
kinds = st.sampled_from(sorted(MODULES))


class Life(RuleBasedStateMachine):
    """One person, three procedures, a ledger per allowance, and what people do about overpayments in between."""

    @initialize(
        amounts=st.lists(st.tuples(st.integers(1, 100_000), periods), min_size=1, max_size=3), died=days_ago
    )
    def begin(self, amounts: list[tuple[int, int]], died: int) -> None:
        self.now, self.person = START, uuid4()
        self.balances: dict[tuple[UUID, str], int] = {}
        self.records: dict[UUID, Overpayment] = {}
        self.charged: list[ServiceCharged] = []
        self.claims: dict[UUID, ProviderClaim] = {}
        self.dead_from: date | None = None
        self.died_at = self.now - timedelta(days=died)
        allowances = [
            Item(
                "allowances", uuid4(), "old_age_allowance", "active", amount, granted_on=date(2020, 1, 1),
                paid_through=period_end(month_of(START.date()), period), payee=self.person,
                period_months=period, region="331022901000",
            )
            for amount, period in amounts
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
        if self.procedures[kind].state is None and (kind != ROW or self._row_is_called_for()):
            self._carry(kind, "open")

    def _row_is_called_for(self) -> bool:
        """Its hard need is met and its predicate holds."""
        return self.procedures[STOP].state is OwnerState.DONE and bool(self._paid_too_much())

    def _paid_too_much(self) -> tuple[Item, ...]:
        facts = Care(self.person, tuple(self.items.values()))
        return overpayment.paid_too_much(self.procedures[ROW], facts)

    @precondition(lambda self: self.procedures[ROW].state is OwnerState.OPEN)
    @rule(decision=st.sampled_from(["recover", "waive", "examine_again"]))
    def the_row_is_decided(self, decision: str) -> None:
        """Proposed if it is still examined, then the county's word."""
        if self.procedures[ROW].step == EXAMINE:
            self._carry(ROW, "advance", Act("decision", "propose", {"way": "whole"}, "r", by="a"))
        if self.procedures[ROW].step == DECIDE:
            self._carry(ROW, "advance", Act("decision", decision, {"instalments": 2}, "r", by="b"))
            if decision == "recover":
                rests = self.now.date() <= self.died_at.date() + timedelta(days=49)
                assert self.procedures[ROW].state is (OwnerState.OPEN if rests else OwnerState.DONE)

    @rule(ago=days_ago)
    def correct(self, ago: int) -> None:
        """A correction reaches every procedure that was opened."""
        self.died_at = START - timedelta(days=ago)
        for kind, procedure in self.procedures.items():
            self.procedures[kind] = replace(procedure, occurred_at=self.died_at)
            needless = kind == ROW and procedure.state in RUNS and not self._paid_too_much()
            if procedure.state is not None:
                self._carry(kind, "undo" if needless else "correct")

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
        """As `commands.payments.pay_month` pays: by periods, not while suspended, not past the last payable month."""
        self.now += timedelta(days=31)
        month = month_of(self.now.date())
        for item in self._allowances():
            assert item.paid_through is not None
            if item.paid_through >= month or (item.held_by is not None and item.ended_by is None):
                continue
            last = [end for end in (item.ends_after, self._last_month()) if end is not None]
            through = min([period_end(month, item.period_months), *last])
            if through > item.paid_through:
                self._pay(item, through)

    @rule(fen=st.integers(1, 10_000), ago=days_ago)
    def a_provider_is_paid(self, fen: int, ago: int) -> None:
        """With a voucher, for a service of some day; told whenever."""
        at = START - timedelta(days=ago)
        self.charged.append(ServiceCharged("voucher_uses", uuid4(), uuid4(), fen, at, "331022"))

    def _last_month(self) -> date | None:
        """The month before `dead_from`."""
        return month_of(self.dead_from - timedelta(days=1)) if self.dead_from else None

    def _pay(self, item: Item, through: date) -> None:
        assert item.paid_through is not None
        months = count_months(through) - count_months(item.paid_through)
        self._move(item.id, PAID, months * item.amount_fen)
        self.items[item.id] = replace(item, paid_through=through)

    def _move(self, holding: UUID, kind: str, fen: int) -> None:
        self.balances[holding, kind] = self.balances.get((holding, kind), 0) + fen

    @precondition(
        lambda self: (
            self.procedures[ROW].state is not OwnerState.OPEN
            and any(record.state == "found" for record in self.records.values())
        )
    )
    @rule(recover=st.booleans(), part=st.integers(0, 4))
    def the_county_decides_and_something_comes_back(self, recover: bool, part: int) -> None:
        """Proposed, signed, and for a recovery some of it repaid."""
        record = next(each for each in self.records.values() if each.state == "found")
        decision = "recover" if recover else "waive"
        after = signed(proposed(record, decision, 2, by="a", reason="r"), "sign", by="b", at=self.now)
        self._move(record.holding, RECOVERABLE, after.waived_fen - record.waived_fen)
        amount = after.outstanding_fen * part // 4
        if recover and amount:
            after = repaid(after, amount)
            self._move(record.holding, RECOVERABLE, amount)
            self._move(record.holding, REPAID, -amount)
        self.records[record.holding] = after

    def _allowances(self) -> list[Item]:
        return [item for item in self.items.values() if item.source == "allowances"]

    def _carry(self, kind: str, verb: str, *act: Act) -> None:
        procedure = self.procedures[kind]
        facts = Care(
            self.person, tuple(self.items.values()), charged=tuple(self.charged),
            claims=tuple(self.claims.values()), overpaid=dict(self.records),
        )  # fmt: skip
        ruling: Ruling = getattr(MODULES[kind], verb)(procedure, facts, *act, at=self.now)
        for effect in ruling.effects:
            self._apply(procedure.id, effect)
        self.procedures[kind] = replace(
            procedure,
            state=ruling.state,
            step=ruling.step,
            result=procedure.result if ruling.result is None else ruling.result,
            memory=procedure.memory if ruling.memory is None else ruling.memory,
        )

    def _apply(self, by: UUID, effect: object) -> None:
        if isinstance(effect, Died):
            self.dead_from = next_month(month_of(effect.on)) if effect.on else None
            return
        if isinstance(effect, SetOverpayment):
            self.records[effect.record.holding] = effect.record
            return
        if isinstance(effect, Book):
            self._move(effect.holding, effect.credit, effect.amount_fen)
            self._move(effect.holding, effect.debit, -effect.amount_fen)
            return
        if isinstance(effect, ClaimProvider):
            self.claims[effect.claim.item] = effect.claim
            return
        if isinstance(effect, DropClaim):
            del self.claims[effect.claim.item]
            return
        if isinstance(effect, DropSettlements):
            return
        assert isinstance(effect, Hold | Lift | End | Restore | PaidThrough)
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
        else:
            item = replace(item, paid_through=effect.through)
        self.items[item.id] = item

    def _outstanding(self, item: Item) -> int:
        record = self.records.get(item.id)
        return record.outstanding_fen if record else 0

    @invariant()
    def what_is_recoverable_is_what_the_records_say(self) -> None:
        for item in self._allowances():
            assert self.balances.get((item.id, RECOVERABLE), 0) == -self._outstanding(item) <= 0
            record = self.records.get(item.id)
            assert self.balances.get((item.id, REPAID), 0) == -(record.repaid_fen if record else 0)

    @invariant()
    def a_provider_owes_what_is_claimed(self) -> None:
        for each in self.charged:
            claim = self.claims.get(each.id)
            owed = claim.amount_fen if claim else 0
            assert self.balances.get((each.id, PROVIDER_RECOVERABLE), 0) == -owed
            if claim is not None:
                assert each.at.date() >= self.died_at.date()

    @invariant()
    def the_record_is_what_was_paid_after_the_death(self) -> None:
        lines = {
            line["hold"]: line["overpaid_fen"] for line in self.procedures[STOP].result.get("stopped", ())
        }
        for item in self._allowances():
            record = self.records.get(item.id)
            amount = record.amount_fen if record else 0
            assert amount == lines.get(str(item.id), 0)
            if item.ended_by is not None and item.ends_after is not None:
                assert amount == overpaid_fen(item, item.ends_after)

    @invariant()
    def what_was_paid_is_what_the_paid_months_cost(self) -> None:
        for item in self._allowances():
            assert item.paid_through is not None
            first = period_end(month_of(START.date()), item.period_months)
            months = count_months(item.paid_through) - count_months(first)
            assert self.balances.get((item.id, PAID), 0) == months * item.amount_fen

    @invariant()
    def no_letter_goes_out_without_a_signature(self) -> None:
        for record in self.records.values():
            if record.state == "notified":
                assert record.decided_by is not None and record.notified_at is not None

    @invariant()
    def marks_belong_to_procedures_that_are_done(self) -> None:
        done = {p.id for p in self.procedures.values() if p.state is OwnerState.DONE}
        for item in self.items.values():
            assert {item.held_by, item.ended_by} - {None} <= done

    @invariant()
    def dead_from_follows_the_stop(self) -> None:
        stop = self.procedures[STOP]
        if stop.state is OwnerState.DONE:
            assert self.dead_from == next_month(month_of(self.died_at.date()))
        elif stop.state is OwnerState.UNDONE:
            assert self.dead_from is None

    @precondition(lambda self: any(p.state is OwnerState.DONE for p in self.procedures.values()))
    @rule(order=st.permutations(sorted(MODULES)))
    def everything_undone_is_as_if_nothing_had_been(self, order: list[str]) -> None:
        for kind in order:
            if self.procedures[kind].state in RUNS:
                self._carry(kind, "undo")
        assert all(item.shown_state == "active" for item in self.items.values())
        assert not any(record.amount_fen for record in self.records.values())
        assert not self.claims
        for item in self._allowances():
            assert not any(self.balances.get((item.id, kind)) for kind in (RECOVERABLE, REPAID))

    def teardown(self) -> None:
        """Whatever came before: after a revocation and the next payment every month of the life is paid."""
        if not hasattr(self, "items"):
            return
        for kind, procedure in self.procedures.items():
            if procedure.state in RUNS:
                self._carry(kind, "undo")
        self.a_month_passes_and_is_paid()
        for item in self._allowances():
            assert item.paid_through == period_end(month_of(self.now.date()), item.period_months)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
