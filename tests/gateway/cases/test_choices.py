"""A decision on one of the gateway's own tasks: known, with its reason, and with nothing else."""

from datetime import datetime
from typing import Any

import pytest

from contracts.acts import TaskDecision
from contracts.terms import StepDecision
from gateway.cases.choices import check_choice
from kernel.errors import Unprocessable
from kernel.public_service.clock import TZ

CHOICES = (
    StepDecision(id="yes", name="是", ends="done"),
    StepDecision(id="no", name="否", ends="refused", needs_reason=True),
)
WORDS = ("请写明。", "Say it.", "请填写。", "Write it.")


def check(decision: str, **more: Any) -> None:
    act = TaskDecision(
        decision=decision, version=1, acted_by="tester", role="county_supervisor", region="331022",
        acted_at=datetime(2026, 11, 22, 9, tzinfo=TZ), **more,
    )  # fmt: skip
    check_choice(CHOICES, act, reason_missing=WORDS)


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({"decision": "shrug", "data": {"bonus": 1}}, [("/decision", "unknown_decision")]),
        ({"decision": "no", "reason": "  "}, [("/reason", "required")]),
        ({"decision": "yes", "data": {"bonus": 1}}, [("/data", "unknown_field")]),
        ({"decision": "no", "data": {"bonus": 1}}, [("/reason", "required"), ("/data", "unknown_field")]),
    ],
)
def test_every_fault_of_a_choice_is_named_at_once(
    sent: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Unprocessable) as refused:
        check(**sent)
    assert [(fault.field, fault.code) for fault in refused.value.errors] == faults


def test_a_missing_reason_is_asked_for_in_the_words_of_the_desk() -> None:
    with pytest.raises(Unprocessable) as refused:
        check("no")
    (fault,) = refused.value.errors
    assert (fault.message, fault.message_en, fault.how, fault.how_en) == WORDS


def test_a_choice_with_all_that_it_needs_passes() -> None:
    check("yes")
    check("no", reason="没有这样的人")
