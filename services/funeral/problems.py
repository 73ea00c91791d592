"""What the funeral service refuses, and what to do about it."""

from collections.abc import Sequence

from kernel.errors import Conflict, FieldError, NotFound, Unprocessable


class HoldStands(Conflict):
    """有暂扣尚未解除，不能进行这一步。
    A hold stands; this step must not be taken."""

    how = "请联系提出暂扣的部门；解除后系统会立即放行。"
    how_en = "Ask the department that placed it; once it is released the step is free at once."


class SlotTaken(Conflict):
    """这个火化时段已被预约。
    This slot is taken."""

    how = "请选择其他时段，或不填时段由系统安排最早的。"
    how_en = "Choose another slot, or leave it empty for the earliest."


class NoSlotFree(Conflict):
    """本县殡仪馆近期没有空闲的火化时段。
    No slot is free in this county's funeral homes."""

    how = "请改选更晚的日期，或联系邻县殡仪馆。"
    how_en = "Choose a later day, or ask a neighbouring county's home."


class HoldUnknown(NotFound):
    """没有这个暂扣。
    There is no such hold."""

    how = "请先送达暂扣，再送达解除。"
    how_en = "Hand over the hold first, then its release."


class HoldDiffers(Conflict):
    """同一编号的暂扣内容不同。
    A hold with this id has other content."""

    how = "请使用新的编号。"
    how_en = "Use a new id."


def slot_unknown() -> Unprocessable:
    """A slot that no home of the county has, or that lies in the past."""
    return _fault(
        "/data/slot", "slot_unknown", "没有这个时段，或者时段已过。", "There is no such slot, or it is over.",
        "请从空闲时段中选择。", "Choose one of the free slots.",
    )  # fmt: skip


def instant_unknown() -> Unprocessable:
    """No instant with its offset, or more than a year ahead."""
    return _fault(
        "/data/not_before", "instant_unknown", "时间无法识别，或在一年以后。",
        "No instant with its offset, or over a year ahead.",
        "请填写一年以内、带时区的时间。", "Give an instant within a year, with its offset.",
    )  # fmt: skip


def operators_needed() -> Unprocessable:
    """Two different people check the identity."""
    return _fault(
        "/data/operators", "two_operators", "须由两名不同的操作员分别核对身份。",
        "Two different operators have to check the identity.", "请填写两名操作员的工号。",
        "Give both operators' numbers.",
    )  # fmt: skip


def pacemaker_first() -> Unprocessable:
    """The form says there is a pacemaker."""
    return _fault(
        "/data/pacemaker_removed", "pacemaker", "家属申报体内有起搏器，须先取出。",
        "The family reported a pacemaker: it has to be removed first.", "取出后请勾选确认。",
        "Confirm it once removed.",
    )  # fmt: skip


def _fault(field: str, code: str, *texts: str) -> Unprocessable:
    errors: Sequence[FieldError] = [FieldError(field, code, *texts)]
    return Unprocessable(errors=errors)
