"""The rows of one household as plain values, and what effects do to them: the database's part, without a database."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, next_month
from services.assistance.domain import effects as e
from services.assistance.domain.values import Holding, Member, Payment, Standing

PERSON, SPOUSE, HOUSEHOLD = uuid4(), uuid4(), uuid4()
AMOUNT = 100_000


@dataclass
class Books:
    """A standing that effects and payment runs change, and what is booked."""

    standing: Standing
    today: date
    booked: dict[tuple[str, UUID], int] = field(default_factory=dict)
    dead_from: date | None = None

    def apply(self, effects: tuple[object, ...]) -> None:
        for effect in effects:
            self._apply(effect)

    def _apply(self, effect: Any) -> None:
        if isinstance(effect, e.SuspendHolding):
            self._holding(effect.holding, suspended_by=effect.by)
        elif isinstance(effect, e.EndHolding):
            self._holding(effect.holding, ended_by=effect.by)
        elif isinstance(effect, e.SetAmount):
            self._holding(effect.holding, amount_fen=effect.amount_fen)
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
            place = (effect.account, effect.holding.id)
            self.booked[place] = self.booked.get(place, 0) + effect.amount_fen
        elif isinstance(effect, e.Leave):
            members = tuple(
                replace(m, left_by=effect.by) if m.person == effect.person else m
                for m in self.standing.members
            )
            self.standing = replace(self.standing, members=members)
        elif isinstance(effect, e.DeadFrom):
            self.dead_from = effect.month

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
        """The payment run: what is due and neither suspended nor cancelled is released."""
        month = month_of(self.today)
        for holding in self.standing.holdings:
            due = {
                p.id
                for p in holding.payments
                if p.outstanding and p.suspended_by is None and p.month <= month
            }
            payments = tuple(replace(p, released=True) if p.id in due else p for p in holding.payments)
            months = [p.month for p in payments if p.released]
            paid_through = max([holding.paid_through, *months])  # type: ignore[type-var]
            self._book_paid(holding, due)
            self._holding(holding.id, payments=payments, paid_through=paid_through)

    def _book_paid(self, holding: Holding, due: set[UUID]) -> None:
        """Arrears that are paid are owed no more."""
        paid = sum(p.amount_fen for p in holding.payments if p.id in due and p.arrears)
        place = ("payable", holding.id)
        self.booked[place] = self.booked.get(place, 0) - paid

    def turn_month(self) -> None:
        """A month passes; whatever runs is made out for it."""
        self.today = next_month(month_of(self.today))
        for holding in self.standing.holdings:
            known = {p.month for p in holding.payments}
            if not holding.ended and self.today not in known and holding.amount_fen:
                payment = Payment(uuid5(holding.id, str(self.today)), self.today, holding.amount_fen)
                self._add(holding.id, replace(payment, suspended_by=holding.suspended_by))


def household() -> Books:
    """A person with tekun of their own, in a household of two on dibao; November 2026 is paid, December waits."""

    def held(kind: str, household_id: UUID | None, person: UUID | None) -> Holding:
        key = uuid4()
        waits = Payment(uuid5(key, "waits"), date(2026, 12, 1), AMOUNT)
        return Holding(
            key, kind, household_id, person, AMOUNT, SPOUSE, "county", date(2020, 1, 1), date(2026, 11, 1),
            payments=(waits,),
        )  # fmt: skip

    members = (Member(PERSON, date(1940, 1, 1)), Member(SPOUSE, date(1942, 1, 1)))
    holdings = (held("tekun", None, PERSON), held("dibao", HOUSEHOLD, None))
    standing = Standing(
        PERSON, HOUSEHOLD, members, holdings, last_sign_of_life=datetime(2026, 1, 1, tzinfo=TZ)
    )
    return Books(standing, date(2026, 11, 22))
