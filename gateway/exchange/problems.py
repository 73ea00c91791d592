"""What the exchange answers when something cannot be taken."""

from collections.abc import Collection

from kernel.errors import Conflict, Forbidden, NotFound, Unavailable


class RequestUnknown(NotFound):
    """没有这个请求编号，或者它不是发给贵单位的。
    There is no request of this id, or it was not sent to your department."""

    how = "请核对请求编号。"
    how_en = "Check the request id."


class AnsweredOtherwise(Conflict):
    """这个请求已经有了另一个结果，或者已经取消。
    This request has been answered otherwise, or was cancelled."""

    how = "请核对贵单位的记录；确有变化的，请以更正上报。"
    how_en = "Check your records; report a real change as a correction."


class HoldStands(Conflict):
    """本件有暂扣，解除前不能接收这项办理结果。
    A hold stands on this case: the act is not accepted before it is released."""

    how = "请暂停办理；暂扣解除后会以同一请求编号再次发送。"
    how_en = "Stop the act; the same request id is sent again once the hold is released."


class NotThisDesk(Forbidden):
    """这项待办由县级主管办理。
    This task is decided by the county supervisor of the region."""


class HoldUnknown(NotFound):
    """没有这个暂扣，或者它不是贵单位提出的。
    There is no such hold, or another department placed it."""

    how = "请核对暂扣编号。"
    how_en = "Check the hold's id."


class HoldNotYours(Forbidden):
    """贵单位不能提出这一种暂扣。
    Your department may not place this kind of hold."""

    def __init__(self, kind: str, *, may_place: Collection[str], placed_by: Collection[str]) -> None:
        """`may_place`: the kinds that this department may; `placed_by`: the departments that may this kind."""
        own, own_en = "、".join(may_place) or "无", ", ".join(may_place) or "none"
        super().__init__(
            how=f"请由 {'、'.join(placed_by)} 提出，或改用贵单位可以提出的种类：{own}。",
            how_en=f"Ask {', '.join(placed_by)} to place it, or use a kind that is yours: {own_en}.",
            extra={"kind": kind, "may_place": list(may_place), "placed_by": list(placed_by)},
        )


class SourceNumberReused(Conflict):
    """这个来文编号已用于另一个暂扣。
    This source number was used for a different hold."""

    how = "请使用新的来文编号。"
    how_en = "Use a new source number."


class FuneralAway(Unavailable):
    """暂扣已经登记，殡葬服务暂时没有确认，系统会继续送达。
    The hold is stored; the funeral service has not confirmed it yet and is being told again."""

    how = "请稍后以同一来文编号再次提交，查看是否已经送达；紧急时请直接联系殡仪馆。"
    how_en = "Send the same source number again after Retry-After; if it is urgent, call the funeral home."


class NotADepartment(Forbidden):
    """这个账号不属于任何联办部门。
    This account belongs to no department."""
