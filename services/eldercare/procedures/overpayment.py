"""`eldercare.overpayment` (row 9d): what was paid for months after the death (R24, R95).

The flow is casework's (`casework.recovery`); here is what elder care keeps of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from casework.procedure import Act, Procedure
from casework.recovery import Claim, Kept, Recovery, Signed
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.eldercare.commands import apply as apply
from services.eldercare.domain.effects import FUND, RECOVERABLE, Book, SetOverpayment
from services.eldercare.domain.items import Care, Item, is_money
from services.eldercare.domain.overpayments import Overpayment, proposed, signed
from services.eldercare.domain.periods import overpaid_months
from services.eldercare.queries import gather as gather


class Records:
    """The person's records that are not over; the stop moves them to other months and takes them back."""

    def claims(self, procedure: Procedure, facts: Care) -> Sequence[Claim]:
        """By the items and not by the records: with a correction both are looked at before either is written."""
        last = month_of(procedure.occurred_at.astimezone(TZ).date())
        return tuple(
            Claim(item.id, item.kind, dict.fromkeys(overpaid_months(item, last), item.amount_fen))
            for item in paid_too_much(procedure, facts)
        )

    def proposed(self, procedure: Procedure, facts: Care, way: str, act: Act) -> Kept:
        """The township's word on every record, with its reason."""
        decision = "waive" if way == "waive" else "recover"
        reason = act.reason or ""
        return Kept(_each(facts, lambda record: proposed(record, decision, 1, by=act.by, reason=reason)))

    def sent_back(self, procedure: Procedure, facts: Care, act: Act, at: datetime) -> Kept:
        """Found, as before the proposal."""
        return Kept(_each(facts, lambda record: signed(record, "return", by=act.by, at=at)))

    def signed(self, procedure: Procedure, facts: Care, word: Signed) -> Kept:
        """The county's word, which may differ from the proposal; the fund bears what is waived."""

        def sign(record: Overpayment) -> Overpayment:
            decided = replace(record, decision=word.decision, instalments=word.instalments)
            after = signed(decided, word.decision, by=word.by, at=word.at, letter_from=word.letter_from)
            at_once = word.letter_from is not None and word.letter_from <= word.at.astimezone(TZ).date()
            return replace(after, state="notified", notified_at=word.at) if at_once else after

        waived = _waived(facts, word.at) if word.decision == "waive" else ()
        return Kept((*_each(facts, sign), *waived))

    def dated_anew(self, procedure: Procedure, facts: Care, letter_from: date) -> Kept:
        """No letter before that day."""
        return Kept(_each(facts, lambda record: replace(record, letter_from=letter_from)))

    def told(self, procedure: Procedure, facts: Care, at: datetime) -> Kept:
        """The letter may go out."""
        return Kept(_each(facts, lambda record: replace(record, state="notified", notified_at=at)))

    def taken_back(self, procedure: Procedure, facts: Care) -> Kept:
        """The stop's own verbs move the records, return what was repaid and un-waive."""
        return Kept()


_RECOVERY: Recovery[Care] = Recovery(Records())
open, advance, correct = _RECOVERY.open, _RECOVERY.advance, _RECOVERY.correct
withdraw, undo = _RECOVERY.withdraw, _RECOVERY.undo


def paid_too_much(procedure: Procedure, facts: Care) -> tuple[Item, ...]:
    """The allowances that were paid for months after the death, as the case's newest version dates it."""
    last = month_of(procedure.occurred_at.astimezone(TZ).date())
    return tuple(item for item in facts.items if is_money(item) and overpaid_months(item, last))


def _open_records(facts: Care) -> list[Overpayment]:
    mine = [record for record in facts.overpaid.values() if record.person == facts.person]
    return [record for record in mine if record.state not in ("settled", "cancelled")]


def _each(facts: Care, change: Any) -> tuple[SetOverpayment, ...]:
    return tuple(SetOverpayment(change(record)) for record in _open_records(facts))


def _waived(facts: Care, at: datetime) -> tuple[Book, ...]:
    on = at.astimezone(TZ).date()
    return tuple(
        Book(
            record.holding, record.person, record.payee, record.region, FUND, RECOVERABLE,
            record.outstanding_fen, "overpayment_waived", on,
        )
        for record in _open_records(facts)
        if record.outstanding_fen
    )  # fmt: skip
