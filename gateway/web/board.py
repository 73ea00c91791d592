"""A case as the progress page shows it: groups, state in words, what comes next. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web import words

# (key, states, Chinese, English, whether it is unfolded)
GROUPS: tuple[tuple[str, frozenset[str], str, str, bool], ...] = (
    ("running", frozenset({"open", "stuck", "undoing"}), "正在办的", "In progress", True),
    ("offered", frozenset({"offered"}), "由您决定的", "Your choice", True),
    ("waiting", frozenset({"waiting"}), "接下来办的", "Next", True),
    ("ended", frozenset({"done", "undone", "refused"}), "已经办结的", "Ended", True),
    ("unneeded", frozenset({"not_applicable", "withdrawn"}), "不需要办的", "Not needed", False),
)
_ENDED = frozenset({"done", "refused", "not_applicable", "withdrawn", "undone"})
# `where_to_go` has a page of its own, the guide to the estate; `due_provisional` is said beside the day itself.
_QUIET_MEMBERS = frozenset({"hold", "person", "spouse", "where_to_go", "due_provisional"})


@dataclass(frozen=True, slots=True)
class ProcedureCard:
    """One procedure in words. `sign` tells the state without colour; `pressed`: how it is pressed for (staff only)."""

    id: str
    type: str
    name: str
    name_en: str
    owner: str
    owner_en: str
    state: str
    sign: str
    state_words: str
    state_en: str
    next: str
    reason: str
    limit: tuple[str, str]
    due: str
    pressed: str
    origin: tuple[str, str]
    result: Sequence[tuple[str, str]]
    ended_at: str | None
    tasks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CardGroup:
    """Procedures that stand alike."""

    key: str
    title: str
    title_en: str
    unfolded: bool
    cards: Sequence[ProcedureCard]


@dataclass(frozen=True, slots=True)
class Board:
    """`ended` of `all`: how far the case has come; offers do not count, they are the family's."""

    groups: Sequence[CardGroup]
    ended: int
    all: int
    running: int
    waiting: int
    offered: int


def board_of(case: Mapping[str, Any], *, family: bool) -> Board:
    """The board of a case as the API gives it. `family`: kind words, no lateness."""
    rows = case["procedures"]
    names = {row["type"]: row["name"] for row in rows}
    states = {row["type"]: row["state"] for row in rows}
    groups = []
    for key, members, title, title_en, unfolded in GROUPS:
        cards = [card(row, names, states, family=family) for row in rows if row["state"] in members]
        if cards:
            groups.append(CardGroup(key, title, title_en, unfolded, cards))
    counted = [row for row in rows if row["state"] != "offered"]
    return Board(
        groups, sum(row["state"] in _ENDED for row in counted), len(counted),
        sum(row["state"] in ("open", "stuck", "undoing") for row in rows),
        sum(row["state"] == "waiting" for row in rows), sum(row["state"] == "offered" for row in rows),
    )  # fmt: skip


def card(
    row: Mapping[str, Any], names: Mapping[str, str], states: Mapping[str, str], *, family: bool
) -> ProcedureCard:
    """One procedure in words."""
    state = "paused" if row["paused"] and row["state"] == "open" else row["state"]
    sign, text, text_en = words.STATES[state]
    ended = row["state"] in _ENDED
    return ProcedureCard(
        id=row["id"], type=row["type"], name=row["name"], name_en=row.get("name_en", ""),
        owner=words.owner_name(row["owner"]), owner_en=words.owner_name_en(row["owner"]),
        state=row["state"], sign=sign, state_words=text, state_en=text_en,
        next=next_words(row, names, states, family=family), reason=words.reason_words(row["reason"]),
        limit=words.limit_words(row["limit"]),
        due="" if ended else words.due_words(row["due_at"], provisional=row["provisional"]),
        pressed="" if family else words.ESCALATIONS[row["escalation"]][0],
        origin=words.ORIGINS[row["origin"]], result=result_lines(row["result"]), ended_at=row["ended_at"],
        tasks=() if family else row["tasks"],
    )  # fmt: skip


def next_words(
    row: Mapping[str, Any], names: Mapping[str, str], states: Mapping[str, str], *, family: bool
) -> str:
    """What happens next, and whether anybody waits for the reader."""
    state = row["state"]
    if state == "waiting":
        awaited = [names[one] for one in _awaited(row["needs"], states) if one in names]
        return f"等“{'”“'.join(awaited)}”办好，自动接着办。" if awaited else "条件一到，自动开始办。"
    if state == "offered":
        return ""
    if state in ("open", "undoing"):
        return _running_words(row, family=family)
    if state == "stuck":
        return "工作人员正在核实，您不用做什么。" if family else "需要人工核实，请看待办。"
    return f"{words.day(row['ended_at'])}办结。" if row["ended_at"] else ""


def _running_words(row: Mapping[str, Any], *, family: bool) -> str:
    owner = words.owner_name(row["owner"])
    if family and row["overdue"]:
        return f"{owner}比约定的晚了，我们正在催办，您不用做什么。"
    if row["paused"]:
        return f"{owner}需要补充内容，工作人员会联系您。" if family else "暂停计时，等待补充。"
    if not family and row["tasks"]:
        task = row["tasks"][0]
        return f"待{words.role_name(task['role'])}办理：{task['name']}。"
    return f"{owner}正在办，办好了这里会自己更新。"


def _awaited(needs: Sequence[Mapping[str, Any]], states: Mapping[str, str]) -> list[str]:
    """The predecessors that are still to end; of alternatives the ones that are really on the way."""
    found: list[str] = []
    for need in needs:
        met = any(states.get(one) in need["accept"] for one in need["any"])
        if not met and need["kind"] == "hard":
            found += [one for one in need["any"] if states.get(one) not in _ENDED and one in states]
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened within the same minute."""

    at: str
    lines: Sequence[str]


def timeline_of(case: Mapping[str, Any]) -> list[Moment]:
    """The timeline, newest first, lines of the same minute together, nothing said twice."""
    moments: dict[str, tuple[str, dict[str, None]]] = {}
    for line in case["timeline"]:
        moments.setdefault(line["at"][:16], (line["at"], {}))[1][line["text"]] = None
    return [Moment(at, list(reversed(lines))) for at, lines in reversed(moments.values())]


def result_lines(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A short public result in words, codes and keys of no use to a reader left out."""
    return [
        (words.member_name(name), told(result, name, _readable(value)))
        for name, value in result.items()
        if name not in _QUIET_MEMBERS and value not in (None, [], {})
    ]  # fmt: skip


def told(result: Mapping[str, Any], name: str, value: Any) -> str:
    """A member of a result or of a task's facts in words; a day that may still move says so itself."""
    if name == "due_on" and value:
        return words.due_words(f"{value}T00:00:00+08:00", provisional=bool(result.get("due_provisional")))
    return words.shown(name, value)


def _readable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _readable(member) for name, member in value.items() if name not in _QUIET_MEMBERS}
    return [_readable(member) for member in value] if isinstance(value, list) else value
