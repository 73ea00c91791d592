"""A person's list as the page words it: every state in words, every gap said (design 7 and 9). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.web import words

# (sign, Chinese, English): the sign tells a state without colour.
HOLD_STATES: Mapping[str, tuple[str, str, str]] = {
    "active": ("●", "正在享受", "In force"),
    "booked": ("●", "已约好", "Booked"),
    "delivered": ("✓", "已服务", "Delivered"),
    "done": ("✓", "已服务", "Delivered"),
    "used": ("✓", "已用完", "Used up"),
    "waiting": ("○", "在等", "Waiting"),
    "suspended": ("‖", "暂停中", "Paused"),
    "held": ("‖", "暂停中", "Paused"),
    "ended": ("–", "已结束", "Ended"),
    "stopped": ("–", "已停止", "Stopped"),
}
_OTHER_STATE = ("?", "正在核对", "Being checked")
MARITAL: Mapping[str, tuple[str, str]] = {
    "married": ("已婚", "Married"),
    "single": ("未婚", "Single"),
    "divorced": ("离婚", "Divorced"),
    "widowed": ("丧偶", "Widowed"),
    "unknown": ("不清楚", "Not known"),
}
LIVES: Mapping[str, tuple[str, str]] = {"alive": ("在世", "Alive"), "dead": ("已去世", "Has died")}
_WHAT: Mapping[str, tuple[str, str]] = {"marriage": ("婚姻状况", "The marital state")}
_UNKNOWN = ("暂时不知道", "Not known at present")


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One benefit, service or card. `amount`, `paid`, `due` are empty where there is nothing to say."""

    name: str
    owner: str
    sign: str
    state: str
    state_en: str
    amount: str
    paid: str
    due: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A service that could not be asked: as of when its part is known, or that it is not known at all."""

    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person of the page. `gaps` are those that the page has not told above; `all_asked`: there are none at all."""

    person: str
    name: str
    id_number: str
    region: str
    life: tuple[str, str]
    marital: tuple[str, str] | None
    holds: Sequence[HoldLine]
    money: Sequence[HoldLine]
    waits: Sequence[str]
    gaps: Sequence[Gap]
    all_asked: bool
    shared_only: bool
    amounts_hidden: bool
    bed_offered: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The person, the household as far as it is shown, the cases."""

    card: PersonCard
    household: Sequence[PersonCard]
    hidden: int
    cases: Sequence[Mapping[str, Any]]
    relations: Mapping[str, str]


def person_page(shown: Mapping[str, Any]) -> PersonPage:
    """The API's answer in words."""
    first = card(shown)
    household = [card(one) for one in shown["household"]]
    return PersonPage(
        first, [replace(one, gaps=[gap for gap in one.gaps if gap not in first.gaps]) for one in household],
        shown["household_not_shown"],
        [_case(one) for one in shown["cases"]],
        {one["person"]: words.code(one["relation"]) for one in shown["relatives"]},
    )  # fmt: skip


def card(one: Mapping[str, Any]) -> PersonCard:
    """One person in words. A number that is hidden is not an amount of nothing."""
    holds = [hold_line(hold) for hold in one["holds"]]
    money = [hold_line(hold) for hold in one["receives"]]
    shared = one["sight"] == "shared"
    return PersonCard(
        one["person"], one["name"] or _UNKNOWN[0], one["id_number"] or "", words.region_name(one["region"]),
        LIVES.get(one["life"], _UNKNOWN), None if shared else _marital(one), holds, money,
        [_wait(wait) for wait in one["waits"]], gaps(one["parts"]),
        not gaps(one["parts"]), shared, one["sight"] == "kinds",
        any(wait["state"] == "offered" for wait in one["waits"]),
    )  # fmt: skip


def _marital(one: Mapping[str, Any]) -> tuple[str, str]:
    return MARITAL.get(one["marital_state"] or "", _UNKNOWN)


def hold_line(hold: Mapping[str, Any]) -> HoldLine:
    """What is held, in words."""
    sign, state, state_en = HOLD_STATES.get(hold["state"], _OTHER_STATE)
    amount = words.yuan(hold["amount_fen"]) if hold["amount_fen"] is not None else ""
    if not hold["amount_shown"]:
        amount = "金额不显示"
    return HoldLine(
        words.code(hold["kind"]), words.owner_name(hold["service"]), sign, state, state_en, amount,
        _month(hold["last_paid_month"]), _month(hold["next_due_month"]),
    )  # fmt: skip


def _month(month: str | None) -> str:
    if not month:
        return ""
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def _wait(wait: Mapping[str, Any]) -> str:
    since = words.day(f"{wait['since']}T00:00:00+08:00") + "申请"
    place = f"，排在第 {wait['place']} 位" if wait["place"] else ""
    kept = "，已为您留好，等您决定" if wait["state"] == "offered" else ""
    return f"{words.code(wait['kind'])}：{since}{place}{kept}"


def gaps(parts: Mapping[str, Mapping[str, Any]]) -> list[Gap]:
    """What could not be asked just now; nothing known is never shown as nothing held."""
    found = []
    for owner, part in parts.items():
        what, what_en = _WHAT.get(owner, ("有没有待遇", "What is held there"))
        name, name_en = words.owner_name(owner), words.owner_name_en(owner)
        if part["known"] == "copy":
            at, at_en = words.moment(part["as_of"]), str(part["as_of"])[:16].replace("T", " ")
            found.append(Gap(
                f"{name}暂时连不上，这里是{at}的情况；之后的变化暂时不知道。",
                f"{name_en} is away: as of {at_en}. What has changed since is not known at present.",
            ))  # fmt: skip
        elif part["known"] == "unknown":
            found.append(Gap(
                f"{name}暂时连不上，{what}暂时不知道，不等于没有。",
                f"{name_en} is away: {what_en.lower()} is not known, which does not mean nothing.",
            ))  # fmt: skip
    return found


def _case(one: Mapping[str, Any]) -> dict[str, Any]:
    status, status_en = words.CASE_STATUS[one["status"]]
    return {
        "case_no": one["case_no"], "title": one["title"], "status": one["status"], "status_words": status,
        "status_en": status_en, "submitted": words.moment(one["submitted_at"]),
        "waits": [words.procedure_name(kind) for kind in one["waits_for"]],
        "offers": [words.procedure_name(kind) for kind in one["offers"]], "tasks": one["tasks"],
    }  # fmt: skip
