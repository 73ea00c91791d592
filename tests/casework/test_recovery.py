"""Row 9d over any owner's records: the wait is the one of the case's plan, and nothing is public before its end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from casework.procedure import Act, Procedure, Ruling
from casework.recovery import Claim, Kept, Recovery, Signed
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from contracts.regional_rows import quieted
from contracts.terms import Limit, LimitUnit
from kernel.public_service.clock import TZ

DIED_AT = datetime(2026, 3, 1, 6, 20, tzinfo=TZ)
ROWS = ("assistance.overpayment", "eldercare.overpayment")
DAYS = pytest.mark.parametrize("days", [10, 49, 90])
ROW = pytest.mark.parametrize("row", ROWS)
Months = dict[date, int]


class Noted:
    """Records that note what was said to them; the facts are fen by month."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def claims(self, procedure: Procedure, facts: Months) -> Sequence[Claim]:
        return [Claim(UUID(int=1), "dibao", facts)] if facts else []

    def proposed(self, procedure: Procedure, facts: Months, way: str, act: Act) -> Kept:
        return self._keep(way)

    def sent_back(self, procedure: Procedure, facts: Months, act: Act, at: datetime) -> Kept:
        return self._keep("sent back")

    def signed(self, procedure: Procedure, facts: Months, word: Signed) -> Kept:
        return self._keep(word)

    def dated_anew(self, procedure: Procedure, facts: Months, letter_from: date) -> Kept:
        return self._keep(letter_from)

    def told(self, procedure: Procedure, facts: Months, at: datetime) -> Kept:
        return self._keep("told")

    def taken_back(self, procedure: Procedure, facts: Months) -> Kept:
        return self._keep("taken back")

    def _keep(self, said: Any) -> Kept:
        self.said.append(said)
        return Kept((said,))


def fresh(row: str, days: int) -> Procedure:
    """The row as the plan of a place has it that leaves families in peace for so many days."""
    quiet = Limit(amount=days, unit=LimitUnit.CALENDAR_DAY, counted_from="event")
    terms = load_catalogue().life_events["death"].row(row).terms
    steps = tuple(quieted(step, quiet) for step in terms.steps)
    return Procedure(
        id=uuid4(), case=uuid4(), case_no="D", type=row, life_event="death", subject=uuid4(), persons={},
        region="331022", occurred_at=DIED_AT, effective_on=DIED_AT.date(), confirmed=True, case_version=1,
        terms=terms.model_copy(update={"steps": steps}), state=OwnerState.OPEN, step="decide",
        memory={"amounts": {str(UUID(int=1)): 300}},
    )  # fmt: skip


MONTHS: Months = {date(2026, 4, 1): 100, date(2026, 5, 1): 200}
RECOVER = Act("decision", "recover", {"instalments": 2}, "依法", by="county")


def after(procedure: Procedure, ruling: Ruling) -> Procedure:
    memory = procedure.memory if ruling.memory is None else ruling.memory
    return replace(procedure, state=ruling.state, step=ruling.step, memory=memory)


@ROW
@DAYS
def test_the_signed_claim_is_told_when_the_places_own_days_are_over(row: str, days: int) -> None:
    records, procedure = Noted(), fresh(row, days)
    flow: Recovery[Months] = Recovery(records)
    over = datetime(2026, 3, 1, tzinfo=TZ) + timedelta(days=days + 1)
    signed = flow.advance(procedure, MONTHS, RECOVER, at=DIED_AT + timedelta(days=3))
    assert (signed.state, signed.step, signed.wake_at, signed.result) == (
        OwnerState.OPEN,
        "quiet",
        over,
        None,
    )
    assert records.said[-1].letter_from == over.date()
    waiting = after(procedure, signed)
    early = flow.advance(waiting, MONTHS, Act("clock"), at=over - timedelta(seconds=1))
    assert (early.state, early.result) == (OwnerState.OPEN, None)
    told = flow.advance(waiting, MONTHS, Act("clock"), at=over)
    assert (told.state, told.reason, told.effects) == (OwnerState.DONE, "依法", ("told",))
    assert told.result == {
        "decision": "recover", "overpaid_fen": 300, "instalments": 2, "letter_from": over.date().isoformat(),
    }  # fmt: skip


@ROW
def test_signed_when_the_days_are_over_it_is_told_at_once(row: str) -> None:
    records, late = Noted(), DIED_AT + timedelta(days=60)
    ruling = Recovery[Months](records).advance(fresh(row, 49), MONTHS, RECOVER, at=late)
    assert (ruling.state, (ruling.result or {})["letter_from"]) == (OwnerState.DONE, "2026-04-30")
    assert [type(said) for said in records.said] == [Signed]


@ROW
def test_another_day_of_death_moves_wait_and_letter_and_another_amount_the_whole_decision(row: str) -> None:
    records, procedure = Noted(), fresh(row, 49)
    flow: Recovery[Months] = Recovery(records)
    waiting = after(procedure, flow.advance(procedure, MONTHS, RECOVER, at=DIED_AT))
    later = replace(waiting, occurred_at=DIED_AT + timedelta(days=7))
    moved = flow.correct(later, MONTHS, at=DIED_AT + timedelta(days=8))
    assert (moved.step, moved.wake_at, records.said[-1]) == (
        "quiet",
        datetime(2026, 4, 27, tzinfo=TZ),
        date(2026, 4, 27),
    )
    assert (moved.memory or {})["told"]["letter_from"] == "2026-04-27"
    again = flow.correct(later, {date(2026, 5, 1): 200}, at=DIED_AT + timedelta(days=8))
    assert (again.step, again.result, records.said[-1]) == ("examine", {}, "taken back")


@ROW
def test_nothing_of_it_is_public_without_a_signature_and_it_is_not_withdrawn(row: str) -> None:
    records, procedure = Noted(), replace(fresh(row, 49), step="examine")
    flow: Recovery[Months] = Recovery(records)
    opened = flow.open(procedure, MONTHS, at=DIED_AT)
    assert (opened.result, opened.task_facts["no_letter_before"]) == ({}, "2026-04-20")
    proposed = flow.advance(procedure, MONTHS, Act("decision", "propose", {"way": "whole"}, "r"), at=DIED_AT)
    assert (proposed.step, proposed.result) == ("decide", None)
    assert flow.withdraw(procedure, MONTHS, at=DIED_AT).too_late_at == DIED_AT
