"""What can go wrong with a case, in words and with what to do next (api.md, habits)."""

from kernel.errors import Conflict, NotFound, Unprocessable


class CaseUnknown(NotFound):
    """没有找到这个联办件，或者不在您可以查看的范围内。
    There is no such case, or it is not yours to know of."""

    how = "请核对办件编号；如确有此件，请联系受理窗口。"
    how_en = "Check the case number; if it should exist, ask the window that accepted it."


class ProcedureUnknown(NotFound):
    """这个联办件中没有这件事项。
    The case has no such procedure."""

    how = "请刷新后从事项列表中选择。"
    how_en = "Reload and choose from the case's procedures."


class TaskUnknown(NotFound):
    """没有这项待办，或者不在您的办理范围内。
    There is no such task, or it is not yours."""

    how = "请刷新待办列表。"
    how_en = "Reload the list of tasks."


class CaseBeingRevoked(Conflict):
    """本件正在撤销，撤销办结后可以重新申报。
    This case is being revoked; report again when that is finished."""

    how = "请等撤销办结；情况紧急请联系受理窗口。"
    how_en = "Wait until the revocation has ended; if it is urgent, ask the window."


class CaseEndsAlready(Conflict):
    """本件正在撤回或撤销，不能再更正或撤回。
    This case is being withdrawn or revoked; it takes no correction and no second withdrawal."""

    how = "请等办结后查看；如需继续办理，请重新申报。"
    how_en = "Wait for the end; to go on, report again."


class CaseClosed(Conflict):
    """本件已经撤回或撤销，不能再改动。
    This case has been withdrawn or revoked; it changes no more."""

    how = "如需办理，请重新申报。"
    how_en = "Report again if it is still needed."


class OfferGone(Conflict):
    """这件事项现在不在等待您选择。
    This procedure is not on offer now."""

    how = "请刷新后查看它的办理情况。"
    how_en = "Reload and look at its state."


class NothingToWithdraw(Conflict):
    """所选事项已经办结，没有可以撤回的。
    The procedures named have ended; there is nothing to withdraw."""

    how = "请刷新后查看结果；对结果有异议的，可以申请更正。"
    how_en = "Reload and look at the result; to contest it, ask for a correction."


class NotYoursToWithdraw(Conflict):
    """依职权办理的事项不能由申请人撤回。
    What the state must do cannot be withdrawn by the applicant."""

    how = "请只选择依申请的事项；申报本身有误的，请申请更正。"
    how_en = "Choose procedures on application only; if the report itself is wrong, ask for a correction."


class AnotherPersonsNumber(Conflict):
    """更正后的证件号码属于另一位已登记的人，不能直接更正。
    The corrected number belongs to another registered person."""

    how = "请由县级主管把本件转到正确的人名下：原对象全部恢复，另为正确的人开办。"
    how_en = "Let the county move the case: all is undone for the first person and opened for the right one."


class AnotherCaseStands(Conflict):
    """更正后的证件号码的主人已有同一事件的联办件，不能再开第二件。
    The person to whom the corrected number belongs has a case of this event already."""

    how = "请由县级主管把本件转到此人名下，两件并为一件。"
    how_en = "Let the county move this case to that person: the two become one."


class ProcedureEnded(Conflict):
    """这件事项已经办结，不能再处理。
    This procedure has ended; nothing more can be decided on it."""

    how = "请刷新查看办理结果。"
    how_en = "Reload and look at its result."


class FormInvalid(Unprocessable):
    """填写的内容有误。
    The form has faults."""

    code = "form_invalid"


class MaterialRefused(Unprocessable):
    """上传的材料不能使用。
    The material cannot be taken."""

    how = "请上传 5 MiB 以内的 PDF、JPEG 或 PNG 文件。"
    how_en = "Send a PDF, JPEG or PNG of at most 5 MiB."
