"""The rows of one household as plain values, and what effects do to them: the database's part, without a database."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, next_month
from services.assistance.domain import effects as e
from services.assistance.domain.values import Holding, Member, Overpayment, Payment, Standing

PERSON, SPOUSE, HOUSEHOLD = uuid4(), uuid4(), uuid4()
AMOUNT = 100_000


@dataclass
class Books:
    """A standing that effects and payment runs change, and what is booked.

    `file`: the run that has been prepared and not released: amount and payee of each payment. `reported`: whether
    somebody has said that the person is dead (row 9a), which holds back what they would draw.
    """

    standing: Standing
    today: date
    booked: dict[tuple[str, UUID], int] = field(default_factory=dict)
    dead_from: date | None = None
    reported: bool = False
    last_payable: dict[UUID, date | None] = field(default_factory=dict)
    file: dict[UUID, tuple[int, UUID]] = field(default_factory=dict)
    records: dict[UUID, tuple[UUID, UUID, Overpayment]] = field(
        default_factory=dict
    )  # holding, found by, record

    def apply(self, effects: tuple[object, ...]) -> None:
        for effect in effects:
            self._apply(effect)
        self._attach_records()

    def _apply(self, effect: Any) -> None:
        if isinstance(effect, e.SuspendHolding):
            self._holding(effect.holding, suspended_by=effect.by)
        elif isinstance(effect, e.EndHolding):
            self._holding(effect.holding, ended_by=effect.by)
            self.last_payable[effect.holding] = effect.last_payable_month
        elif isinstance(effect, e.SetAmount):
            self._holding(effect.holding, amount_fen=effect.amount_fen)
        elif isinstance(effect, e.SetPayee):
            self._holding(effect.holding, payee=effect.payee)
        elif isinstance(effect, e.SuspendPayment):
            self._payment(effect.payment, suspended_by=effect.by)
        elif isinstance(effect, e.CancelPayment):
            self._payment(effect.payment, cancelled_by=effect.by, arrears=effect.arrears)
        elif isinstance(effect, e.SetPaymentAmount):
            self._payment(effect.payment, amount_fen=effect.amount_fen)
        elif isinstance(effect, e.AddPayment):
            payment = Payment(effect.payment, effect.month, effect.amount_fen, arrears=True)
            self._add(effect.holding.id, payment)
        elif isinstance(effect, e.Book):
            self._book(effect.account, effect.holding.id, effect.amount_fen)
        elif isinstance(effect, e.Leave):
            members = tuple(
                replace(m, left_by=effect.by) if m.person == effect.person else m
                for m in self.standing.members
            )
            self.standing = replace(self.standing, members=members)
        elif isinstance(effect, e.DeadFrom):
            self.dead_from = effect.month
        else:
            self._apply_to_record(effect)

    def _apply_to_record(self, effect: Any) -> None:
        """What commands.overpayments does to the record."""
        if isinstance(effect, e.RecordOverpayment):
            known = self.records.get(effect.record)
            stands = known[2] if known else Overpayment(effect.record, 0)
            stands = replace(stands, amount_fen=effect.amount_fen)
            self.records[effect.record] = (effect.holding.id, effect.by, stands)
        elif isinstance(effect, e.TakeBackOverpayment | e.HandleOverpayment):
            holding, by, stands = self.records[effect.record]
            if isinstance(effect, e.TakeBackOverpayment):
                stands = replace(stands, amount_fen=0)
            else:
                stands = replace(stands, waived_fen=effect.waived_fen, decision=effect.decision)
            self.records[effect.record] = (holding, by, stands)

    def _attach_records(self) -> None:
        """A holding shows the record of whoever ended it."""
        for holding in self.standing.holdings:
            mine = [r for key, by, r in self.records.values() if key == holding.id and by == holding.ended_by]
            self._holding(holding.id, overpayment=mine[0] if mine and holding.ended_by else None)

    def _book(self, account: str, holding: UUID, amount_fen: int) -> None:
        self.booked[account, holding] = self.booked.get((account, holding), 0) + amount_fen

    def come_back(self, share: int) -> None:
        """The payee gives back so many thirds of what is claimed of each holding."""
        for key, (holding, by, record) in self.records.items():
            amount = max(record.outstanding_fen, 0) * share // 3
            if record.decision == "recover" and amount:
                self._move(key, holding, by, record, amount)

    def give_back(self) -> None:
        """What came back too much is returned."""
        for key, (holding, by, record) in self.records.items():
            if record.outstanding_fen < 0:
                self._move(key, holding, by, record, record.outstanding_fen)

    def _move(self, key: UUID, holding: UUID, by: UUID, record: Overpayment, amount_fen: int) -> None:
        self.records[key] = (holding, by, replace(record, repaid_fen=record.repaid_fen + amount_fen))
        self._book("recoverable", holding, -amount_fen)
        self._book("received", holding, amount_fen)
        self._attach_records()

    def _holding(self, key: UUID, **values: Any) -> None:
        holdings = tuple(replace(h, **values) if h.id == key else h for h in self.standing.holdings)
        self.standing = replace(self.standing, holdings=holdings)

    def _payment(self, key: UUID, **values: Any) -> None:
        for holding in self.standing.holdings:
            payments = tuple(
                replace(p, **values) if p.id == key and not p.released else p for p in holding.payments
            )
            self._holding(holding.id, payments=payments)

    def _add(self, key: UUID, payment: Payment) -> None:
        holding = self.holding(key)
        assert payment.id not in {p.id for p in holding.payments}, "the same arrears made out twice"
        self._holding(key, payments=(*holding.payments, payment))

    def holding(self, key: UUID) -> Holding:
        return next(h for h in self.standing.holdings if h.id == key)

    def pay(self) -> None:
        """The payment run in one go."""
        self.prepare()
        self.release()

    def prepare(self) -> None:
        """A file of what is due and neither suspended, cancelled nor drawn by the dead."""
        month = month_of(self.today)
        self.file = {
            p.id: (p.amount_fen, holding.payee)
            for holding in self.standing.holdings
            for p in holding.payments
            if p.outstanding and p.suspended_by is None and p.month <= month and not self._dead(holding.payee)
        }

    def release(self) -> None:
        """Each line is looked at again; what may not go out any more stands for the next file."""
        for holding in self.standing.holdings:
            due = {
                p.id
                for p in holding.payments
                if self.file.get(p.id) == (p.amount_fen, holding.payee)
                and p.outstanding and p.suspended_by is None and not self._dead(holding.payee)
            }  # fmt: skip
            payments = tuple(replace(p, released=True) if p.id in due else p for p in holding.payments)
            months = [p.month for p in payments if p.released]
            paid_through = max([holding.paid_through, *months])  # type: ignore[type-var]
            self._book_paid(holding, due)
            self._holding(holding.id, payments=payments, paid_through=paid_through)
        self.file = {}

    def _dead(self, payee: UUID) -> bool:
        return payee == PERSON and (self.reported or self.dead_from is not None)

    def _book_paid(self, holding: Holding, due: set[UUID]) -> None:
        """Arrears that are paid are owed no more."""
        for payment in holding.payments:
            if payment.id in due:
                self._book("paid", holding.id, payment.amount_fen)
                self._book("payable", holding.id, -payment.amount_fen if payment.arrears else 0)

    def turn_month(self) -> None:
        """A month passes; whatever runs, or has a last payable month to come, is made out for it."""
        self.today = next_month(month_of(self.today))
        for holding in self.standing.holdings:
            known = {p.month for p in holding.payments}
            last = self.last_payable.get(holding.id)
            payable = not holding.ended or (last is not None and self.today <= last)
            if payable and self.today not in known and holding.amount_fen:
                payment = Payment(uuid5(holding.id, str(self.today)), self.today, holding.amount_fen)
                suspended_by = None if holding.ended else holding.suspended_by
                self._add(holding.id, replace(payment, suspended_by=suspended_by))


def household() -> Books:
    """A person who draws tekun of their own; a household of two, whose dibao the spouse draws; November 2026 is paid,
    December waits."""

    def held(kind: str, household_id: UUID | None, person: UUID | None, payee: UUID) -> Holding:
        key = uuid4()
        waits = Payment(uuid5(key, "waits"), date(2026, 12, 1), AMOUNT)
        return Holding(
            key, kind, household_id, person, AMOUNT, payee, "county", date(2020, 1, 1), date(2026, 11, 1),
            payments=(waits,),
        )  # fmt: skip

    members = (Member(PERSON, date(1940, 1, 1)), Member(SPOUSE, date(1942, 1, 1)))
    holdings = (held("tekun", None, PERSON, PERSON), held("dibao", HOUSEHOLD, None, SPOUSE))
    standing = Standing(
        PERSON, HOUSEHOLD, members, holdings, last_sign_of_life=datetime(2026, 1, 1, tzinfo=TZ)
    )
    return Books(standing, date(2026, 11, 22))
