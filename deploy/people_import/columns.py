"""The columns of an import file, and which of them each kind of record fills (docs/import-people.md shows them).

One line is one record. All lines of a household stand together, its `household` line first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.people_import import cells

# Column → its Chinese heading, which a file may use instead.
COLUMNS: Mapping[str, str] = {
    "source": "来源", "household": "户号", "record": "记录", "record_no": "记录编号", "key": "主键", "region": "区划",
    "id_number": "身份证号码", "name": "姓名", "sex": "性别", "birth_date": "出生日期", "phone": "电话",
    "marital_state": "婚姻状况", "other_id_number": "对方身份证号码", "relation": "关系", "kind": "种类",
    "payee_id_number": "收款人身份证号码", "amount_fen": "金额（分）", "balance_fen": "余额（分）", "from": "开始日期",
    "through": "已发到", "every_days": "间隔天数", "next_on": "下次日期", "dates": "日期", "home_name": "机构名称",
    "number": "号码",
}  # fmt: skip
ALWAYS = ("source", "household", "record")


@dataclass(frozen=True, slots=True)
class Cell:
    """How a column of a record is read, and whether it must be filled."""

    read: Callable[[str], Any]
    required: bool = True


def _may(read: Callable[[str], Any]) -> Cell:
    return Cell(read, required=False)


_NO, _KEY = _may(cells.short_text), _may(cells.uuid)
_WHOSE = Cell(cells.number)

RECORDS: Mapping[str, Mapping[str, Cell]] = {
    "household": {"key": _KEY, "region": Cell(cells.township), "amount_fen": _may(cells.fen)},
    "person": {
        "key": _KEY, "id_number": Cell(cells.number), "name": Cell(cells.name),
        "sex": _may(cells.one_of("male", "female")), "birth_date": _may(cells.day), "phone": _may(cells.phone),
        "marital_state": _may(cells.one_of("single", "married", "widowed", "divorced")),
    },
    "relation": {
        "id_number": _WHOSE, "other_id_number": Cell(cells.number),
        "relation": Cell(cells.one_of("child", "parent", "spouse", "sibling", "grandchild", "grandparent")),
    },
    "marriage": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "other_id_number": Cell(cells.number),
        "from": Cell(cells.past_day),
    },
    "assistance": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE,
        "kind": Cell(cells.one_of(
            "dibao", "tekun", "edge", "rigid", "temporary", "disability_living", "disability_nursing", "orphan",
            "unattended_child")),
        "amount_fen": Cell(cells.fen), "payee_id_number": _WHOSE, "from": Cell(cells.past_day),
        "through": _may(cells.month),
    },
    "allowance": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE,
        "kind": Cell(cells.one_of("old_age_allowance", "elder_service_subsidy", "elder_nursing_subsidy")),
        "amount_fen": Cell(cells.some_fen), "payee_id_number": _WHOSE, "from": Cell(cells.past_day),
        "through": _may(cells.month),
    },
    "voucher": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "amount_fen": Cell(cells.some_fen),
        "balance_fen": Cell(cells.fen), "through": Cell(cells.month),
    },
    "meal_discount": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "amount_fen": Cell(cells.some_fen),
        "dates": _may(cells.past_day),
    },
    "home_order": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE,
        "kind": Cell(cells.one_of("bath", "cleaning", "meal", "medical", "travel", "emergency")),
        "amount_fen": Cell(cells.some_fen), "from": Cell(cells.day),
    },
    "visit_plan": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "every_days": Cell(cells.days), "next_on": Cell(cells.day),
        "dates": _may(cells.past_days),
    },
    "bed": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "kind": Cell(cells.one_of("institution", "family")),
        "home_name": Cell(cells.short_text), "number": Cell(cells.short_text), "from": Cell(cells.past_day),
    },
    "elder_card": {
        "record_no": _NO, "key": _KEY, "id_number": _WHOSE, "number": Cell(cells.short_text),
        "from": Cell(cells.past_day),
    },
}  # fmt: skip
# Records that are a thing of their own, with a number in their source.
OBJECTS = frozenset(RECORDS) - {"household", "person", "relation"}
