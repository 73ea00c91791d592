"""One message out of everything that waits for one contact (design 9: at most one a day). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.catalog import LifeEvent
from contracts.regions import RegionTree
from gateway.notices.phrases import Helper, Line, sentences
from gateway.notices.topics import LAST_WORDS, Topic

# The states in which a matter that was ready is still true when it is told.
_STANDS: Mapping[Topic, frozenset[str]] = {
    Topic.SUPPLEMENT: frozenset({"paused"}),
    Topic.CHOICE: frozenset({"offered"}),
    Topic.DONE: frozenset({"done"}),
    Topic.TOO_LATE: frozenset({"done"}),
    Topic.REFUSED: frozenset({"refused"}),
    Topic.NOT_NEEDED: frozenset({"not_applicable"}),
    Topic.ROW_WITHDRAWN: frozenset({"withdrawn"}),
    Topic.LATE: frozenset({"waiting", "ordered", "open", "paused", "stuck", "undoing"}),
    Topic.FINISHED: frozenset({"finished", "in_progress"}),  # a hidden row may still run (design 7)
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due. `state` is the row's own, or the case's where it is about no row; `again`: an earlier turn
    of the same matter has gone out."""

    id: UUID
    case: UUID
    case_no: str
    region: str
    topic: Topic
    type: str | None
    procedure: UUID | None
    turn: int
    again: bool
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """`told` go out with the text; `dropped` are no longer true, or said by another line of it."""

    text: str
    text_en: str
    told: tuple[UUID, ...]
    dropped: tuple[UUID, ...]


def compose(waiting: Sequence[Waiting], events: Mapping[UUID, LifeEvent], tree: RegionTree) -> Digest:
    """The message of one contact; its text is empty when nothing of what waited is true any more."""
    told, dropped = _sifted(waiting)
    parts: list[tuple[str, str]] = []
    for case in dict.fromkeys(one.case for one in told):
        parts += _part([one for one in told if one.case == case], events[case], tree)
    return Digest(
        "\n".join(text for text, _ in parts), "\n".join(text for _, text in parts),
        tuple(one.id for one in told), tuple(one.id for one in dropped),
    )  # fmt: skip


def _sifted(waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """What is told and what is not: of each matter the last turn, told once though a contact has two roles."""
    ended = {one.case for one in waiting if one.topic in LAST_WORDS}
    newest: dict[Any, Waiting] = {}
    dropped: list[Waiting] = []
    for one in sorted(waiting, key=lambda each: each.turn):
        if not _true(one) or (one.case in ended and one.topic not in LAST_WORDS):
            dropped.append(one)
            continue
        key = (one.case, one.topic, one.procedure)
        if key in newest:
            dropped.append(newest[key])
        newest[key] = one
    return list(newest.values()), dropped


def _true(one: Waiting) -> bool:
    return one.topic not in _STANDS or one.state in _STANDS[one.topic]


def _part(told: Sequence[Waiting], event: LifeEvent, tree: RegionTree) -> list[tuple[str, str]]:
    """Head, sentences and foot of one case. The head names the case by its number, nobody by name.

    Rows come in the catalogue's order, which is the order in which a family meets them.
    """
    helper = helper_of(told[0].region, tree)
    place = {row.type: number for number, row in enumerate(event.procedures)}
    lines = [
        Line(one.topic, event.row(one.type) if one.type else None, one.reason, again=one.again)
        for one in sorted(told, key=lambda each: place.get(each.type or "", -1))
    ]
    head = (
        f"【联办】您好。您的“{event.name}”（{told[0].case_no}）：",
        f"[Lianban] About your case {told[0].case_no}:",
    )
    foot = (f"想问什么，请到{helper.name}。", f"Any question: {helper.name_en}.")
    return [head, *sentences(event, lines, helper), foot]


def helper_of(region: str, tree: RegionTree) -> Helper:
    """The window that accepted, and the line that every county answers (12345)."""
    county = tree.name_of(region[:6]) if region[:6] in tree else ""
    return Helper(f"{county}联办窗口，或拨打 12345", "the window that took your report, or call 12345")
