"""The sentences of a message, Chinese and English beside it (design 9; refusals: R00d, G8). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.catalog import LifeEvent, ProcedureRow
from gateway.notices.kindness import may_be_said
from gateway.notices.names import facts_of, name_of, rule_of
from gateway.notices.topics import Topic
from gateway.web.word_lists import CODES, REASONS

# topic → a sentence for all rows of it together; `{names}` stands for them.
_TOGETHER: Mapping[Topic, tuple[str, str]] = {
    Topic.REVOKED: (
        "这份申报已经撤销，原先停下的事都已恢复。给您添了麻烦，也让您难过，我们郑重致歉；您不用再办什么。",
        "This report has been revoked and everything is as it was. We are sorry for the trouble and the grief; "
        "there is nothing for you to do.",
    ),
    Topic.WITHDRAWN: (
        "这份申报已经按您的意思停下来了。如果我们有哪里打扰到您，请您谅解；以后需要，随时可以再找我们。",
        "This report has been stopped as you wished. We are sorry if we disturbed you; come back whenever you like.",
    ),
    Topic.ACCEPTED: (
        "您的申报已经收到，后面的事由各单位一起办，不用您一处一处跑。",
        "Your report has been received; the offices see to the rest together.",
    ),
    Topic.SUPPLEMENT: (
        "{names}还需要补一点内容，工作人员会联系您，您方便的时候再说。",
        "Something is still needed for {names}; we will call you, there is no hurry.",
    ),
    Topic.DONE: ("已经办好：{names}。", "Done: {names}."),
    Topic.NOT_NEEDED: (
        "因为前面的事没有办，这些就不用办了：{names}。",
        "No longer needed, because an earlier step was not done: {names}.",
    ),
    Topic.ROW_WITHDRAWN: ("已经按您的意思停下：{names}。", "Stopped as you wished: {names}."),
    Topic.TOO_LATE: (
        "{names}在您撤回之前已经办完，撤不回来了；有什么要改的，请告诉我们。",
        "It was too late to stop {names}; tell us if something ought to be changed.",
    ),
    Topic.LATE: (
        "{names}比我们说好的晚了，是我们的责任，我们正在催办，您不用做什么。",
        "We are late with {names}. We are chasing it; you need do nothing.",
    ),
    Topic.CHOICE: (
        "这些由您决定办不办，什么时候想好都可以：{names}。",
        "These are yours to choose, whenever you are ready: {names}.",
    ),
    Topic.FINISHED: (
        "这件事的各个事项都有结果了。以后还想办别的，随时可以找我们。",
        "Every step has come to its result. If you want something else later, come to us at any time.",
    ),
}  # fmt: skip
_CORRECTED = ("结果有更正，以这一次为准：{names}。", "The result was corrected; this one counts: {names}.")
_REFUSED = (
    "“{name}”这一次没有办成。原因：{reason}。看过的情况：{facts}。依据：{rule}。{remedy}",
    "“{name_en}” could not be done. The reason, what was looked at and the rule are above. {remedy_en}",
)
_DECIDED = (
    "“{name}”有了决定，理由和金额写在决定书里。依据：{rule}。{remedy}",
    "“{name_en}” has been decided; reasons and amounts are in the written decision. {remedy_en}",
)
_RECOVERY = (
    "关于停发前已经发出的一笔待遇，承办单位作了书面决定，金额和理由写在决定书里。可以商量分次，不影响基本生活。"
    "依据：{rule}。{remedy}",
    "About a payment made before it was stopped there is a written decision with its amount and reason. It may be "
    "settled in parts and never touches what you live on. {remedy_en}",
)
_REMEDY = (
    "您不同意的，可以在知道决定之日起 60 日内申请行政复议，或者 6 个月内向法院起诉。要人帮忙，请找{helper}。",
    "If you disagree you may ask for a review within 60 days or go to court within 6 months. For help: {helper_en}.",
)
_UNKNOWN_REASON = "理由写在决定书里"


@dataclass(frozen=True, slots=True)
class Line:
    """One matter as the digest words it. `spec` is none for the case as a whole; `again`: told before."""

    topic: Topic
    spec: ProcedureRow | None = None
    reason: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """Whom to turn to, in both languages."""

    name: str
    name_en: str


def sentences(event: LifeEvent, lines: Sequence[Line], helper: Helper) -> list[tuple[str, str]]:
    """The lines of one case in words: what needs its own sentence first by topic, the rest together."""
    found: list[tuple[str, str]] = []
    for topic in Topic:
        of_topic = [line for line in lines if line.topic is topic]
        alone = [line for line in of_topic if _stands_alone(line)]
        found += [_alone(event, line, helper) for line in alone]
        together = [line for line in of_topic if line not in alone]
        found += _together(
            topic, [line for line in together if line.again and topic is Topic.DONE], again=True
        )
        found += _together(topic, [line for line in together if not (line.again and topic is Topic.DONE)])
    return found


def _stands_alone(line: Line) -> bool:
    """Refusals, decisions about what the living receive, and money that is asked back: each with its remedy."""
    if line.topic in (Topic.REFUSED, Topic.RECOVERY):
        return True
    return line.topic is Topic.DONE and line.spec is not None and "household" in line.spec.tells


def _alone(event: LifeEvent, line: Line, helper: Helper) -> tuple[str, str]:
    spec = line.spec
    if spec is None:
        raise ValueError(f"{line.topic} without a procedure")
    templates = {Topic.REFUSED: _REFUSED, Topic.RECOVERY: _RECOVERY}.get(line.topic, _DECIDED)
    name, name_en = name_of(spec)
    words = {
        "name": name, "name_en": name_en, "reason": reason_of(line.reason), "facts": facts_of(spec, event),
        "rule": rule_of(spec, event), "remedy": _REMEDY[0].format(helper=helper.name),
        "remedy_en": _REMEDY[1].format(helper_en=helper.name_en),
    }  # fmt: skip
    return templates[0].format(**words), templates[1].format(**words)


def _together(topic: Topic, lines: Sequence[Line], *, again: bool = False) -> list[tuple[str, str]]:
    if not lines:
        return []
    chinese, english = _CORRECTED if again else _TOGETHER[topic]
    names = [name_of(line.spec) for line in lines if line.spec is not None]
    return [
        (
            chinese.format(names="、".join(dict.fromkeys(name for name, _ in names))),
            english.format(names=", ".join(dict.fromkeys(name_en for _, name_en in names))),
        )
    ]


def reason_of(reason: str | None) -> str:
    """A reason in words; an officer's own words only where they are kind and name nobody."""
    if not reason:
        return _UNKNOWN_REASON
    known = REASONS.get(reason) or CODES.get(reason)
    words = (known or reason).rstrip("。.")
    return words if may_be_said(words) else _UNKNOWN_REASON
