"""What pages say of time: provisional in words, pressing for staff only, kind towards a family (design 9)."""

from typing import Any

import pytest

from gateway.cases import words as timeline_words
from gateway.web import words
from gateway.web.board import card, told

UNKIND = ("逾期", "超时", "超期", "超过", "倒计时", "剩余", "督办", "催办超", "overdue", "countdown")


def procedure(**more: Any) -> dict[str, Any]:
    """A recheck as the API shows it to somebody."""
    return {
        "id": "1", "type": "assistance.household_recheck", "name": "家庭复核", "name_en": "Recheck",
        "owner": "assistance",
        "origin": "ex_officio", "state": "open", "paused": False, "needs": [], "reason": None, "result": {},
        "limit": {"amount": 3, "unit": "month", "from": "event"}, "due_at": "2027-03-01T23:59:59+08:00",
        "provisional": False, "overdue": False, "escalation": "none", "ended_at": None, "tasks": [], **more,
    }  # fmt: skip


@pytest.mark.parametrize("family", [True, False])
def test_a_day_nobody_has_announced_is_called_provisional_to_everybody(family: bool) -> None:
    shown = card(procedure(provisional=True), {}, {}, family=family)
    assert shown.due == "2027年3月1日（暂定，放假安排公布后再定）"
    assert card(procedure(), {}, {}, family=family).due == "2027年3月1日"


@pytest.mark.parametrize("family", [True, False])
def test_a_day_named_in_a_result_says_by_itself_that_it_may_still_move(family: bool) -> None:
    """The row may be decided and its own due date gone: the day in the result keeps its own mark."""
    result = {"due_on": "2027-03-01", "due_provisional": True}
    shown = card(procedure(state="done", result=result), {}, {}, family=family)
    assert shown.result == [("期限", "2027年3月1日（暂定，放假安排公布后再定）")]
    announced = card(procedure(result=result | {"due_provisional": False}), {}, {}, family=family)
    assert announced.result == [("期限", "2027年3月1日")]


def test_a_task_of_which_no_day_is_known_says_so() -> None:
    assert told({"due_on": None, "due_provisional": False}, "due_on", None) == "无"
    assert told({"due_on": "2027-03-01"}, "due_on", "2027-03-01") == "2027年3月1日"


def test_staff_read_that_the_county_presses_and_a_family_reads_that_we_are_at_it() -> None:
    late = procedure(overdue=True, escalation="county")
    assert card(late, {}, {}, family=False).pressed == "县里督办"
    told = card(late, {}, {}, family=True)
    assert told.pressed == ""
    assert "您不用做什么" in told.next
    assert not [word for word in UNKIND if word in told.next + told.due]


def test_the_timeline_tells_of_a_late_step_kindly_in_both_languages() -> None:
    assert timeline_words.known("escalated")
    chinese, english = timeline_words.line("escalated", ("家庭复核", "Recheck"))
    assert "家庭复核" in chinese and "Recheck" in english
    assert not [word for word in (*UNKIND, "late") if word in chinese + english.lower()]


def test_every_word_of_pressing_is_known() -> None:
    assert set(words.ESCALATIONS) == {"none", "half", "reminded", "county"}
