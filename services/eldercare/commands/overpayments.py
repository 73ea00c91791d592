"""What people do about an overpayment: propose, sign, send the letter (R24, R95).

What was paid after a death is proposed and signed as tasks of row 9d (`procedures/overpayment.py`) while that row runs;
what was paid twice, or found when the row had ended, is decided here. Money that comes back: `repayments`.
Each act locks the person first, names the version it saw, and is kept with who did it; proposing and signing take two
people.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from casework.persons import lock_persons
from kernel.errors import Conflict, Forbidden, NotFound, StaleVersion, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import covers
from kernel.public_service.clock import TZ
from services.eldercare.commands.money import book, write_overpayments
from services.eldercare.domain.effects import FUND, RECOVERABLE, Book, SetOverpayment
from services.eldercare.domain.overpayments import (
    NEXT,
    ROLES,
    Action,
    Overpayment,
    proposed,
    signed,
)
from services.eldercare.queries.money import read_overpayment
from services.eldercare.queries.mourning import in_peace_until

_AT_THE_DESK = text(
    """SELECT 1 FROM procedures WHERE subject = :person AND type = 'eldercare.overpayment'
          AND state IN ('open', 'paused', 'undoing')"""
)


class OverpaymentUnknown(NotFound):
    """没有这条多发记录。
    There is no such record of an overpayment."""

    how = "请刷新列表。"
    how_en = "Reload the list."


class OverpaymentNotThere(Conflict):
    """这条多发记录还没有走到（或已经走过）这一步。
    This record has not come to this step, or is past it."""

    how = "请刷新后按当前状态办理。"
    how_en = "Reload it and act on its present state."


class DecidedAtTheDesk(Conflict):
    """去世后多发的款项由联办件中的待办事项处理。
    What was paid after a death is decided as a task of its case."""

    how = "请在待办中办理“核对去世后月份已发放的养老津贴”。"
    how_en = "Decide it in the task queue, as `eldercare.overpayment`."


class QuietPeriod(Conflict):
    """逝者家属的安静期还没有过，不能发送追缴告知。
    The family's quiet period has not passed; no letter about money may go out."""

    how = "请在安静期结束之后再发送。"
    how_en = "Send it after the quiet period."


class NotThisRole(Forbidden):
    """这一步由别的岗位或地区办理。
    This step is another role's or region's."""


class SecondPersonNeeded(Forbidden):
    """提出意见的人不能自己签批。
    Whoever proposed cannot sign."""

    how = "请由另一位有权限的人签批。"
    how_en = "Have another person with the power sign."


@dataclass(frozen=True, slots=True)
class RecoveryAct:
    """One act. `decision`: recover or waive to propose; sign or return to decide."""

    action: Action
    version: int
    by: str
    role: str
    region: str
    at: datetime
    decision: Literal["recover", "waive", "sign", "return"] | None = None
    instalments: int | None = None
    reason: str | None = None


async def act_on_overpayment(tx: Transaction, record_id: UUID, act: RecoveryAct) -> Overpayment:
    """Carry out one act and give the record as it is then.

    Raises OverpaymentUnknown, StaleVersion, NotThisRole, DecidedAtTheDesk, OverpaymentNotThere, SecondPersonNeeded,
    QuietPeriod, or Unprocessable for what is missing.
    """
    seen = await read_overpayment(tx, record_id)
    if seen is None:
        raise OverpaymentUnknown()
    await lock_persons(tx, [seen.person])
    record = await read_overpayment(tx, record_id) or seen
    if record.version != act.version:
        raise StaleVersion(record.version)
    if act.role not in ROLES[act.action] or not covers(act.region, record.region):
        raise NotThisRole(extra={"roles": sorted(ROLES[act.action])})
    await _refuse_out_of_turn(tx, record, act.action)
    after, money = _carried(record, act, await in_peace_until(tx, record, act.at))
    await write_overpayments(tx, [SetOverpayment(after)], at=act.at)
    await book(tx, money, at=act.at)
    return await read_overpayment(tx, record_id) or after


async def _refuse_out_of_turn(tx: Transaction, record: Overpayment, action: Action) -> None:
    if record.kind == "after_death" and (await tx.execute(_AT_THE_DESK, {"person": record.person})).first():
        raise DecidedAtTheDesk()
    if record.state not in NEXT[action]:
        raise OverpaymentNotThere(extra={"state": record.state})


Carried = tuple[Overpayment, list[Book]]


def _carried(record: Overpayment, act: RecoveryAct, in_peace: date) -> Carried:
    if act.action == "propose":
        return _propose(record, act)
    return _decide(record, act, in_peace) if act.action == "decide" else _notify(record, act, in_peace)


def _propose(record: Overpayment, act: RecoveryAct) -> Carried:
    decision = _one_of(act, "recover", "waive")
    if not (act.reason or "").strip():
        raise _missing("/reason", "请写明理由。", "Give the reason.")
    return proposed(record, decision, act.instalments or 1, by=act.by, reason=act.reason or ""), []


def _decide(record: Overpayment, act: RecoveryAct, in_peace: date) -> Carried:
    decision = _one_of(act, "sign", "return")
    if act.by == record.proposed_by:
        raise SecondPersonNeeded()
    after = signed(record, decision, by=act.by, at=act.at, letter_from=in_peace)
    waived = after.waived_fen - record.waived_fen
    if not waived:
        return after, []
    return after, [_book(record, act, FUND, RECOVERABLE, waived, "overpayment_waived")]


def _notify(record: Overpayment, act: RecoveryAct, in_peace: date) -> Carried:
    """Looked at again: somebody may have died since the signature."""
    letter_from = max(record.letter_from or in_peace, in_peace)
    if record.letter_from is None or act.at.astimezone(TZ).date() < letter_from:
        raise QuietPeriod(extra={"letter_from": letter_from.isoformat()})
    return replace(record, state="notified", notified_at=act.at), []


def _book(
    record: Overpayment, act: RecoveryAct, debit: str, credit: str, amount_fen: int, reason: str
) -> Book:
    on = act.at.astimezone(TZ).date()
    return Book(
        record.holding, record.person, record.payee, record.region, debit, credit, amount_fen, reason, on
    )


def _one_of(act: RecoveryAct, *known: str) -> str:
    if act.decision not in known:
        raise invalid(
            "/decision", "unknown_decision", "这一步没有这种处理方式。", "This step has no such decision.",
            f"可选：{'、'.join(known)}", f"One of: {', '.join(known)}",
        )  # fmt: skip
    return act.decision


def _missing(field: str, message: str, message_en: str) -> Exception:
    return invalid(field, "required", message, message_en, "理由会写入告知书。", "It goes into the notice.")
