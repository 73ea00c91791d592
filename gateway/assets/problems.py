"""What can go wrong with reading a joint query."""

from kernel.errors import Conflict, NotFound


class QueryNotBegun(NotFound):
    """涉财联办查询还没有开始，没有可以查看的内容。
    The joint query has not begun; there is nothing to see."""

    how = "请在办理进度页查看它在等什么。"
    how_en = "Look at the case's progress for what it waits for."


class ListNotShown(Conflict):
    """查询结果现在不能查看：还没有交付，或者已经收回。
    The list cannot be shown now: it is not delivered yet, or was withdrawn."""

    how = "请在办理进度页查看查询的情况；对结果有异议的，请联系受理窗口。"
    how_en = "Look at the case's progress; to contest it, ask the window that accepted the report."
