"""The record of an overpayment, without a database: who may do what when, and what a change of months does to it."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.public_service.clock import TZ
from services.eldercare.domain.overpayments import (
    NEXT,
    ROLES,
    Overpayment,
    moved,
    proposed,
    repaid,
    signed,
)

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
AT = datetime(2026, 4, 1, 9, tzinfo=TZ)
EMPTY = Overpayment(UUID(int=1), UUID(int=2), UUID(int=3), 0, (), "cancelled")


def found(*months: date) -> Overpayment:
    change = moved(EMPTY, months, 5_000)
    assert change is not None
    return change.record


def decided(*months: date) -> Overpayment:
    return signed(proposed(found(*months), "recover", 3, by="a", reason="r"), "sign", by="b", at=AT)


def test_what_is_found_names_its_months_and_waits_for_a_person() -> None:
    record = found(FEBRUARY, MARCH)
    assert (record.state, record.amount_fen, record.months) == ("found", 10_000, (FEBRUARY, MARCH))
    assert record.decided_by is None


def test_no_step_from_found_leads_to_the_family() -> None:
    assert [action for action, states in NEXT.items() if "found" in states] == ["propose"]
    assert "found" not in NEXT["notify"] and "proposed" not in NEXT["notify"]


def test_only_the_county_signs_and_sends() -> None:
    assert ROLES["decide"] == ROLES["notify"] == {"county_supervisor"}


def test_a_signed_recovery_keeps_its_instalments_and_who_signed() -> None:
    record = decided(FEBRUARY)
    assert (record.state, record.instalments, record.decided_by, record.decided_at) == ("decided", 3, "b", AT)


def test_a_signed_waiver_settles_the_record_at_the_funds_cost() -> None:
    record = signed(proposed(found(FEBRUARY), "waive", None, by="a", reason="r"), "sign", by="b", at=AT)
    assert (record.state, record.waived_fen, record.outstanding_fen) == ("settled", 5_000, 0)


def test_a_proposal_turned_down_is_found_again() -> None:
    record = signed(proposed(found(FEBRUARY), "waive", None, by="a", reason="r"), "return", by="b", at=AT)
    assert (record.state, record.decision, record.proposed_by) == ("found", None, None)


def test_money_that_came_back_settles_the_record_when_nothing_is_left() -> None:
    record = repaid(decided(FEBRUARY, MARCH), 4_000)
    assert (record.state, record.outstanding_fen) == ("decided", 6_000)
    assert repaid(record, 6_000).state == "settled"


def test_other_months_need_another_decision() -> None:
    change = moved(decided(FEBRUARY, MARCH), (MARCH,), 5_000)
    assert change is not None
    assert (change.record.state, change.record.decided_by, change.dropped) == ("found", None, (FEBRUARY,))


def test_the_same_months_leave_the_decision_standing() -> None:
    assert moved(decided(FEBRUARY), (FEBRUARY,), 5_000) is None


def test_what_was_repaid_for_nothing_is_given_back() -> None:
    change = moved(repaid(decided(FEBRUARY, MARCH), 7_000), (), 5_000)
    assert change is not None
    assert (change.returned_fen, change.record.repaid_fen, change.record.state) == (7_000, 0, "cancelled")


months = st.lists(st.sampled_from([JANUARY, FEBRUARY, MARCH]), unique=True).map(sorted)


@given(st.lists(st.tuples(months, st.integers(0, 20_000), st.booleans()), max_size=8))
def test_no_more_is_ever_repaid_or_waived_than_is_owed(plan: list[tuple[list[date], int, bool]]) -> None:
    record = EMPTY
    for wanted, money, waive in plan:
        change = moved(record, wanted, 5_000)
        record = change.record if change else record
        if record.state == "found" and waive:
            record = signed(proposed(record, "waive", None, by="a", reason="r"), "sign", by="b", at=AT)
        elif record.state == "found":
            record = signed(proposed(record, "recover", 1, by="a", reason="r"), "sign", by="b", at=AT)
            if 0 < money <= record.outstanding_fen:
                record = repaid(record, money)
        assert record.amount_fen == 5_000 * len(record.months)
        assert 0 <= record.outstanding_fen <= record.amount_fen


@pytest.mark.parametrize("state", ["settled", "cancelled"])
def test_nothing_is_done_on_a_record_that_is_over(state: str) -> None:
    over = replace(EMPTY, state=state)
    assert not [action for action, states in NEXT.items() if over.state in states]
