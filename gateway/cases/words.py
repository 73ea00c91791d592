"""The timeline in words, Chinese and English, made when it is read (design 9: no "overdue" towards a family)."""

from collections.abc import Mapping

# kind → what a line says; `{name}` and `{name_en}` stand for the procedure.
_LINES: Mapping[str, tuple[str, str]] = {
    "reported": ("已受理申报，相关事项开始联办。", "The report was accepted; the linked procedures begin."),
    "joined": ("收到同一事件的又一份申报，已并入本件。", "Another report of the same event joined this case."),
    "open": ("“{name}”已开始办理。", "“{name_en}” has begun."),
    "ordered": ("“{name}”已转承办单位。", "“{name_en}” was passed to its owner."),
    "paused": ("“{name}”暂停计时，等待补充。", "“{name_en}” is paused and waits for something."),
    "done": ("“{name}”已办结。", "“{name_en}” is done."),
    "refused": ("“{name}”未能办理。", "“{name_en}” was refused."),
    "not_applicable": ("“{name}”无需办理。", "“{name_en}” does not apply."),
    "withdrawn": ("“{name}”已撤回。", "“{name_en}” was withdrawn."),
    "undoing": ("“{name}”正在恢复。", "“{name_en}” is being undone."),
    "undone": ("“{name}”已恢复原状。", "“{name_en}” was undone."),
    "stuck": ("“{name}”需要人工核实。", "“{name_en}” needs a person to look at it."),
    "offered": ("“{name}”等您选择。", "“{name_en}” is offered to you."),
    "accepted": ("您选择了办理“{name}”。", "“{name_en}” was accepted."),
    "too_late": ("“{name}”已过可撤回的时点，继续办理。", "It was too late to withdraw “{name_en}”."),
    "doubted": ("身份信息需要窗口核实，核实前后续事项等待。", "The identity needs checking; what depends on it waits."),
    "doubt_cleared": ("窗口已核实身份，继续办理。", "The identity was confirmed by a person."),
    "confirmed": ("事件已由主管部门确认。", "The event was confirmed by the competent department."),
    "withdrawal_asked": ("收到撤回申请。", "A withdrawal was asked for."),
    "withdrawal_overtaken": ("收到新的申报，撤回不再进行。", "A newer report overtook the withdrawal."),
    "confirmed_while_withdrawing": (
        "撤回期间事件得到确认，依职权事项继续办理。", "Confirmed meanwhile: what the state must do runs on.",
    ),
    "corrected": (
        "申报内容已更正，相关事项重新核对。", "The report was corrected; what depends on it is checked again.",
    ),
    "revocation_asked": (
        "有部门请求撤销本件，等待县级主管签署。", "A department asks for revocation; the county must sign.",
    ),
    "revocation_declined": ("县级主管未同意撤销，继续办理。", "The county declined the revocation."),
    "revoking": ("本件撤销，已办事项全部恢复。", "The case is revoked; what was done is being undone."),
    "annulled": (
        "县级抽查后撤销了“{name}”的决定，将重新办理。", "The county annulled “{name_en}”; it is decided anew.",
    ),
    "identified": ("逝者身份已查明，此前的事项重新办理。", "The person is known now; what was done is done anew."),
    "manual_path_continued": ("特殊情形已由工作人员处理，继续办理。", "A person worked the special case; it goes on."),
    "manual_path_ended": ("本件转人工线下办理。", "The case goes on by hand, on paper."),
    "evidence_sought": ("已请签发部门再次核实。", "The issuing department was asked once more."),
    "condition_answered": ("窗口补充了“{name}”的办理条件。", "The window answered a condition of “{name_en}”."),
    "escalated": (
        "“{name}”用的时间长了些，县里已经在跟进，您不用做什么。",
        "“{name_en}” is taking longer; the county is following it up, you need do nothing.",
    ),
    "held": ("有关部门要求暂缓部分环节。", "A department holds some steps back."),
    "released": ("暂缓已解除。", "The hold was released."),
    "material_added": ("收到补充材料。", "A paper was added."),
    "case_accepted": ("已受理。", "Accepted."),
    "case_in_progress": ("正在办理。", "In progress."),
    "case_finished": ("全部事项已办结。", "Everything has ended."),
    "case_withdrawing": ("正在撤回。", "Being withdrawn."),
    "case_withdrawn": ("本件已撤回。", "The case was withdrawn."),
    "case_revoking": ("正在撤销。", "Being revoked."),
    "case_revoked": ("本件已撤销。", "The case was revoked."),
}  # fmt: skip
_OTHER = ("“{name}”有新进展。", "“{name_en}” moved on.")

STATUS_NAMES: Mapping[str, tuple[str, str]] = {
    "accepted": ("已受理", "Accepted"),
    "in_progress": ("办理中", "In progress"),
    "finished": ("已办结", "Finished"),
    "withdrawing": ("撤回中", "Being withdrawn"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "revoking": ("撤销中", "Being revoked"),
    "revoked": ("已撤销", "Revoked"),
}
STATE_NAMES: Mapping[str, tuple[str, str]] = {
    "waiting": ("等待前序事项", "Waiting"),
    "open": ("办理中", "Open"),
    "offered": ("等您选择", "Offered"),
    "done": ("已办结", "Done"),
    "refused": ("未能办理", "Refused"),
    "not_applicable": ("无需办理", "Not applicable"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "undoing": ("恢复中", "Being undone"),
    "undone": ("已恢复", "Undone"),
    "stuck": ("人工核实中", "Looked at by a person"),
}


def line(kind: str, names: tuple[str, str] | None) -> tuple[str, str]:
    """The words of one timeline line. `names`: the procedure's name in both languages, when it is about one."""
    chinese, english = _LINES.get(kind, _OTHER)
    name, name_en = names or ("本件", "this case")
    return chinese.format(name=name), english.format(name_en=name_en or name)


def known(kind: str) -> bool:
    """Whether a kind has words of its own (a test asks for every kind of the planner)."""
    return kind in _LINES
