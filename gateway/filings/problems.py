"""Why the county's word on a delegated decision is not taken."""

from kernel.errors import Conflict


class FilingSaid(Conflict):
    """这项决定已经备案处理。
    The county has said its word on this decision."""

    how = "请刷新列表查看处理结果。"
    how_en = "Read the list again."


class CheckNeeded(Conflict):
    """这项决定被抽中，必须核查后维持或撤销。
    This decision was drawn for a check: uphold or annul it."""

    how = "请核查后选择“维持”或“撤销”，并写明理由。"
    how_en = "Look at it, then uphold or annul it with a reason."


class CheckOver(Conflict):
    """核查期限已过，不能再撤销。
    The time for a check is over: the decision cannot be annulled here any more."""

    how = "确有错误的，请按更正或撤销联办件办理。"
    how_en = "Where it is wrong, correct or revoke the case."


class DecisionMoved(Conflict):
    """这项决定已有变化。
    The decision has changed meanwhile."""

    how = "请刷新列表后再处理。"
    how_en = "Read the list again."
