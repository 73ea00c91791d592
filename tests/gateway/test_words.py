"""How a member of a result or of a task's facts reads on a page."""

from uuid import uuid4

import pytest

from gateway.web import words


def test_what_a_benefit_is_called_is_said_and_its_key_is_not() -> None:
    line = {"hold": str(uuid4()), "kind": "dibao", "overpaid_fen": 105_000}
    assert words.shown("stopped", [line]) == "种类 最低生活保障；多发 1,050.00 元"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("before_fen", 191_666, "1,916.66 元"),
        ("proposed", "unknown", "未知"),
        ("notes", [], "无"),
        ("proof", "health.death_certificate 2", "开具死亡医学证明（第 2 版）"),
        ("last_sign_of_life", "2026-03-01T09:05:00+08:00", "2026年3月1日 9:05"),
    ],
)
def test_money_codes_nothing_and_instants_are_said_in_words(name: str, value: object, text: str) -> None:
    assert words.shown(name, value) == text
