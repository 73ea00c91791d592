"""What the recheck of a household is made on: who remains, what they earn, which rule; what a human may sign (R01)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from casework.procedure import Act, Procedure
from kernel.errors import Problem, invalid
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_from_text, month_of, month_text, next_month
from services.assistance.domain.values import Holding, Standing
from services.assistance.procedures.standards import dibao_standard_fen, edge_line_percent
from services.assistance.rules.household_after_death import (
    DECREASE,
    DIBAO,
    EDGE,
    INCREASE,
    KEEP,
    STOP,
    UNKNOWN,
    Explained,
    Family,
    explain,
)

_RULES = {"dibao": DIBAO, "edge": EDGE}


def recheckable(facts: Standing, procedure: Procedure) -> tuple[Holding, ...]:
    """The household's holdings that run, or that this recheck ended: the paid one first."""
    held = [
        h for h in facts.holdings if h.household is not None and (not h.ended or h.ended_by == procedure.id)
    ]
    return tuple(sorted(held, key=lambda h: (h.kind != "dibao", h.id)))


def rechecked(procedure: Procedure, facts: Standing, holding: Holding) -> Explained | None:
    """What the rule in force says of one holding; None where no formula decides (rigid expenditure: R03, a survey)."""
    name = _RULES.get(holding.kind)
    if name is None:
        return None
    as_of = first_month(procedure)
    family = Family(
        members=len(facts.others_living()),
        before_fen=amount_before(procedure, holding),
        standard_fen=dibao_standard_fen(procedure.region, as_of),
        income_fen=income_of_rest(facts),
        line_percent=edge_line_percent(procedure.region, as_of),
    )
    return explain(name, family, as_of)


def income_of_rest(facts: Standing) -> int | None:
    """Monthly fen of those who remain, together: their own incomes, or the household's without those of the dead.

    One income that is not known makes the sum unknown.
    """
    rest = [member.income_fen for member in facts.others_living()]
    known = [income for income in rest if income is not None]
    if len(known) == len(rest):
        return sum(known)
    alive = {member.person for member in facts.others_living()}
    gone = [member.income_fen for member in facts.members if member.person not in alive]
    left = [income for income in gone if income is not None]
    if facts.household_income_fen is None or len(left) < len(gone):
        return None
    return max(facts.household_income_fen - sum(left), 0)


def proposal_of(explained: Explained | None) -> str:
    return explained.change if explained is not None else UNKNOWN


def amount_before(procedure: Procedure, holding: Holding) -> int:
    """The amount that stood before anything was signed here."""
    kept: Mapping[str, Any] = procedure.memory.get("before", {}).get(str(holding.id), {})
    return int(kept.get("amount_fen", holding.amount_fen))


def first_month(procedure: Procedure) -> date:
    """The month after the death: the first that counts."""
    return next_month(month_of(procedure.occurred_at.astimezone(TZ).date()))


def change_signed(act: Act, held: tuple[Holding, ...]) -> str:
    """increase, keep, decrease or stop. Raises Unprocessable when there is no amount to adjust."""
    if act.decision != "adjust":
        return str(act.decision)
    if not held or held[0].kind != "dibao":
        raise invalid(
            "/decision", "nothing_to_adjust", "这个家庭没有按月发放的低保金，不能调整金额。",
            "This household draws no dibao; there is no amount to adjust.", "请选择“待遇不变”或“停发”。",
            "Choose to keep or to stop.",
        )  # fmt: skip
    before, after = held[0].amount_fen, int(act.data["amount_fen"])
    if after == before:
        return KEEP
    return INCREASE if after > before else DECREASE


def signed_month(procedure: Procedure, act: Act, changed: str, at: datetime) -> date:
    """From when a signed change counts: as given, else as early as it may.

    An increase counts from the month after the death, a cut from the month after its signature (R01: from the month
    after the decision): the living never owe back what they were paid. Raises Unprocessable for an earlier month.
    """
    earliest = first_month(procedure)
    if changed in (DECREASE, STOP):
        earliest = max(earliest, next_month(month_of(at.astimezone(TZ).date())))
    given = act.data.get("from_month")
    if given is None:
        return earliest
    month = _month(str(given))
    if month < earliest:
        raise _wrong_month(
            "month_too_early", f"最早从 {month_text(earliest)} 起。", f"From {month_text(earliest)} at the earliest."
        )  # fmt: skip
    return month


def _month(given: str) -> date:
    try:
        return month_from_text(given)
    except ValueError as error:
        raise _wrong_month("month_invalid", "月份不存在。", "There is no such month.") from error


def _wrong_month(code: str, zh: str, en: str) -> Problem:
    return invalid(
        "/data/from_month", code, zh, en, "请填写如 2026-03 的月份。", "Give a month such as 2026-03."
    )  # fmt: skip
