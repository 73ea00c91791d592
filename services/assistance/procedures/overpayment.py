"""`assistance.overpayment` (row 9d): what was paid for months after the death (R24, R95; decision 0010).

The flow is casework's (`casework.recovery`); here is what assistance keeps of it. What is claimed is given back by the
payee in instalments or waived, never set off against anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from casework.procedure import Act, Procedure
from casework.recovery import Claim, Kept, Recovery, Signed
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.assistance.commands import apply as apply
from services.assistance.domain.effects import Book, DateLetter, HandleOverpayment
from services.assistance.domain.stopping import overpaid_months
from services.assistance.domain.values import Holding, Overpayment, Standing
from services.assistance.queries import gather as gather


class Records:
    """The records of `overpayments`: named by their keys, which outlive what the stop shows of a holding."""

    def claims(self, procedure: Procedure, facts: Standing) -> Sequence[Claim]:
        """What ended with the person and was paid for months after."""
        last = month_of(procedure.occurred_at.astimezone(TZ).date())
        found = (
            Claim(each.id, each.kind, overpaid_months(each, last)) for each in facts.ending_with_person()
        )
        return tuple(claim for claim in found if claim.months)

    def proposed(self, procedure: Procedure, facts: Standing, way: str, act: Act) -> Kept:
        """The township's word on every record."""
        return Kept(_handled(facts, proposal=way), {"records": _keys(facts)})

    def sent_back(self, procedure: Procedure, facts: Standing, act: Act, at: datetime) -> Kept:
        """Found, as before the proposal."""
        return Kept(_handled(facts))

    def signed(self, procedure: Procedure, facts: Standing, word: Signed) -> Kept:
        """The claim stands; or the fund bears what is waived."""
        if word.decision == "waive":
            return _waived(procedure, facts, word)
        proposal = procedure.memory.get("proposal")
        effects = _handled(
            facts, proposal=proposal, decision="recover", instalments=word.instalments, decided_at=word.at,
            letter_from=word.letter_from,
        )  # fmt: skip
        return Kept(effects, {"records": _keys(facts)})

    def dated_anew(self, procedure: Procedure, facts: Standing, letter_from: date) -> Kept:
        """No letter before that day."""
        return Kept(tuple(DateLetter(record.id, letter_from) for _, record in _recorded(facts)))

    def told(self, procedure: Procedure, facts: Standing, at: datetime) -> Kept:
        """The day of the letter stands in the record since the signature."""
        return Kept()

    def taken_back(self, procedure: Procedure, facts: Standing) -> Kept:
        """Nothing proposed or decided, and a waiver is booked back. By the keys kept when people first acted: the stop
        may have been taken back before, and then no holding shows its record any more."""
        records = [UUID(record) for record in procedure.memory.get("records", {}).values()]
        booked = _book_waived(procedure, facts, procedure.memory.get("waived", {}), 1)
        return Kept((*map(HandleOverpayment, records), *booked))


_RECOVERY: Recovery[Standing] = Recovery(Records())
open, advance, correct = _RECOVERY.open, _RECOVERY.advance, _RECOVERY.correct
withdraw, undo = _RECOVERY.withdraw, _RECOVERY.undo


def _waived(procedure: Procedure, facts: Standing, word: Signed) -> Kept:
    rests = {each.id: max(record.outstanding_fen, 0) for each, record in _recorded(facts)}
    effects = [
        HandleOverpayment(record.id, procedure.memory.get("proposal"), "waive", None, rests[each.id], word.at)
        for each, record in _recorded(facts)
    ]
    waived = {str(hold): fen for hold, fen in rests.items() if fen}
    booked = _book_waived(procedure, facts, waived, -1)
    return Kept((*effects, *booked), {"waived": waived, "records": _keys(facts)})


def _handled(facts: Standing, **said: Any) -> tuple[object, ...]:
    return tuple(HandleOverpayment(record.id, **said) for _, record in _recorded(facts))


def _book_waived(
    procedure: Procedure, facts: Standing, waived: Mapping[str, int], sign: Literal[1, -1]
) -> tuple[object, ...]:
    month = month_of(procedure.occurred_at.astimezone(TZ).date())
    return tuple(
        Book("recoverable", each, sign * waived[str(each.id)], month)
        for each in facts.holdings
        if waived.get(str(each.id))
    )


def _keys(facts: Standing) -> dict[str, str]:
    return {str(holding.id): str(record.id) for holding, record in _recorded(facts)}


def _recorded(facts: Standing) -> Iterator[tuple[Holding, Overpayment]]:
    for holding in facts.holdings:
        if holding.overpayment is not None:
            yield holding, holding.overpayment
