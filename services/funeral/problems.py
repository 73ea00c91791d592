"""What the funeral service refuses, and what to do about it."""

from collections.abc import Sequence

from kernel.errors import Conflict, FieldError, NotFound, Unprocessable
from services.funeral.missing_texts import MISSING


class HoldStands(Conflict):
    """有暂扣尚未解除，不能进行这一步。
    A hold stands; this step must not be taken."""

    how = "请联系提出暂扣的部门；解除后系统会立即放行。"
    how_en = "Ask the department that placed it; once it is released the step is free at once."


class NotCleared(Conflict):
    """火化放行条件不齐，不能开始火化。
    Not everything that allows a cremation is here; it must not start."""

    how = "请按 errors 中的每一项补齐后再开始。"
    how_en = "Mend each item under errors, then start."


class SlotTaken(Conflict):
    """这个火化时段已被预约。
    This slot is taken."""

    how = "请选择其他时段，或不填时段由系统安排最早的。"
    how_en = "Choose another slot, or leave it empty for the earliest."


class SlotElsewhere(Conflict):
    """遗体不在这个时段所属的殡仪馆。
    The body is not in the home of this slot."""

    how = "请选择遗体所在殡仪馆的时段，或先办理转馆移交。"
    how_en = "Choose a slot of the home where the body is, or release it to the other home first."


class FarewellFirst(Conflict):
    """已约定告别，火化不能早于告别结束。
    A farewell is booked; the cremation must not be before its end."""

    how = "请选择告别结束以后的时段，或先改期告别。"
    how_en = "Choose a slot after the farewell's end, or rebook the farewell first."


class CremationSooner(Conflict):
    """火化已约在这个时间之前，告别须在火化之前结束。
    The cremation is booked before then; a farewell has to end before it."""

    how = "请选择更早的告别时间，或先改期火化。"
    how_en = "Choose an earlier time, or rebook the cremation first."


class NoSlotFree(Conflict):
    """本县殡仪馆近期没有空闲的火化时段。
    No slot is free in this county's funeral homes."""

    how = "请改选更晚的日期，或联系邻县殡仪馆。"
    how_en = "Choose a later day, or ask a neighbouring county's home."


class HallTaken(Conflict):
    """这个时间没有空闲的告别厅（或远程房间）。
    No hall or room of that kind is free then."""

    how = "请选择其他时间或其他告别厅。"
    how_en = "Choose another time or another hall."


class NoHome(Conflict):
    """本县没有登记的殡仪馆，不能编身份牌。
    No funeral home is registered in this county; no tag can be given."""

    how = "请联系管理员登记殡仪馆，或改由邻县殡仪馆接运。"
    how_en = "Have the home registered, or ask a neighbouring county's home."


class TagTaken(Conflict):
    """这个身份牌号码在本馆已经用过。
    This home has given that tag before."""

    how = "请换一个身份牌，或不填由系统编号。"
    how_en = "Take another tag, or leave it empty for the next number."


class CertificateNumberTaken(Conflict):
    """这个火化证明编号在本馆已经用过。
    This home has given that certificate number before."""

    how = "请换一个编号，或不填由系统编号。"
    how_en = "Take another number, or leave it empty for the next one."


class NotCremated(Conflict):
    """本件没有火化记录，不能开具火化证明。
    There is no record of a cremation in this case."""

    how = "请先完成火化；在外地火化的由当地殡仪馆开具。"
    how_en = "Finish the cremation first; cremated elsewhere, that home issues it."


class PriceUnknown(Conflict):
    """价目表里没有这一项，不能结算。
    The home's price list has no price for this item; it cannot be settled."""

    how = "请先由殡仪馆登记价格，再结算。"
    how_en = "Have the home's price registered, then settle."


class PlaceTaken(Conflict):
    """这个位置已经有人使用，或者没有空位。
    This place is taken, or none of that kind is free."""

    how = "请选择其他地点或方式。"
    how_en = "Choose another place or kind."


class NoProofForBurial(Conflict):
    """没有死亡证明或火化记录，不能安排墓位。
    Without a proof of death or a record of cremation no plot is given (no tombs for the living)."""

    how = "请先补齐死亡证明。"
    how_en = "Have the proof of death first."


class CollectorNotEntitled(Conflict):
    """来领骨灰的人不是登记的领取人，也没有授权。
    Whoever came for the ashes is neither the named collector nor authorised by him."""

    how = "请出示领取人的授权书，或由登记的领取人来领。"
    how_en = "Show the named collector's authority, or have the named collector come."


class AwardedBefore(Conflict):
    """此人已经享受过节地生态安葬奖补，不能重复。
    This person has been given an eco-burial award before; there is no second one."""

    how = "请核对以前的奖补记录；确需更正的，先撤销原奖补。"
    how_en = "Look at the earlier award; if it was wrong, have it undone first."


class NoAward(Conflict):
    """当地没有这种安葬方式的奖补。
    There is no award for this kind of burial here."""

    how = "请核对安葬方式；不符合条件的，选“不予奖补”并写明理由。"
    how_en = "Check the kind; where nothing is due, refuse with the reason."


class AwardUnknown(NotFound):
    """没有这笔生前享有的奖补。
    There is no such award enjoyed in life."""

    how = "请核对编号。"
    how_en = "Check its id."


class AwardTakenBack(Conflict):
    """这笔奖补已经撤销。
    This award has been taken back already."""

    how = "请刷新后查看。"
    how_en = "Reload and look."


class AwardAfterDeathStands(Conflict):
    """此人身后的奖补是按这笔生前奖补核定的，不能直接撤销。
    The award after death was worked out with this one; it cannot simply be taken back."""

    how = "请先在联办件中更正或撤销身后的奖补。"
    how_en = "Correct or undo the award after death in its case first."


class HourFull(Conflict):
    """这个时段的祭扫预约已满。
    This hour is fully booked."""

    how = "请选择其他时段。"
    how_en = "Choose another hour."


class MemorialUnknown(NotFound):
    """没有这个纪念，或已被删除。
    There is no such memorial, or it has been deleted."""

    how = "请核对编号。"
    how_en = "Check the number."


class VisitUnknown(NotFound):
    """没有这次预约，或者已经取消、已经过去。
    There is no such visit, or it is cancelled or over."""

    how = "请刷新后再看。"
    how_en = "Reload and look."


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


def missing_errors(codes: Sequence[str]) -> tuple[FieldError, ...]:
    """What is missing for the start of a cremation, each with how it is mended."""
    return tuple(FieldError("/decision", code, *MISSING[code]) for code in codes)


def slot_unknown() -> Unprocessable:
    """A slot that no home of the county has, or that lies in the past."""
    return fault(
        "/data/slot", "slot_unknown", "没有这个时段，或者时段已过。", "There is no such slot, or it is over.",
        "请从空闲时段中选择。", "Choose one of the free slots.",
    )  # fmt: skip


def instant_unknown(field: str = "/data/not_before") -> Unprocessable:
    """No instant with its offset, in the past, or more than a year ahead."""
    return fault(
        field, "instant_unknown", "时间无法识别、已过，或在一年以后。",
        "No instant with its offset, over already, or over a year ahead.",
        "请填写一年以内、带时区的时间。", "Give an instant within a year, with its offset.",
    )  # fmt: skip


def hall_unknown(names: Sequence[str]) -> Unprocessable:
    """No hall of that name of the kind that the family wishes."""
    known = "、".join(names)
    return fault(
        "/data/hall", "hall_unknown", "没有这个告别厅或远程房间。", "There is no such hall or room.",
        f"可选：{known}", f"One of: {known}",
    )  # fmt: skip


def place_unknown(names: Sequence[str]) -> Unprocessable:
    """No lawful site of that name offers this kind here."""
    known = "、".join(names)
    return fault(
        "/data/place", "place_unknown", "本地依法设立的地点中没有这一处。", "No lawful site here has that name.",
        f"可选：{known}", f"One of: {known}",
    )  # fmt: skip


def operators_needed() -> Unprocessable:
    """Two different people check the identity."""
    return fault(
        "/data/operators", "two_operators", "须由两名不同的操作员分别核对身份。",
        "Two different operators have to check the identity.", "请填写两名操作员的工号。",
        "Give both operators' numbers.",
    )  # fmt: skip


def pacemaker_first() -> Unprocessable:
    """The form says there is a pacemaker."""
    return fault(
        "/data/pacemaker_removed", "pacemaker", "家属申报体内有起搏器，须先取出。",
        "The family reported a pacemaker: it has to be removed first.", "取出后请勾选确认。",
        "Confirm it once removed.",
    )  # fmt: skip


def tag_differs() -> Unprocessable:
    """The tag on the body is not the one of this case."""
    return fault(
        "/data/body_tag", "body_tag_differs", "身份牌与本件登记的号码不一致，不能继续。",
        "The tag is not the one of this case; nothing may go on.",
        "请立即停下，重新核对遗体、身份牌和证明。", "Stop at once and check body, tag and certificate again.",
    )  # fmt: skip


def fault(field: str, code: str, *texts: str) -> Unprocessable:
    """One fault of a decision's data: code, Chinese, English, how to mend it in both."""
    return Unprocessable(errors=[FieldError(field, code, *texts)])
