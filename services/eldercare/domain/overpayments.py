"""What was paid too much, on record: `found → proposed → decided → notified → settled`, or `cancelled` (R24, R95).

Finding it is automatic. Getting it back is not: somebody proposes, the county signs, and no letter goes out before
that and before the quiet period has passed. It is never set off against another authority's money. A decision covers
the months it was signed for: when they change, the record is `found` again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Kind = Literal["after_death", "paid_twice"]
Action = Literal["propose", "decide", "notify"]

# Signed: money that comes back is taken in.
CLAIMED = frozenset({"decided", "notified"})

NEXT: Mapping[Action, frozenset[str]] = {
    "propose": frozenset({"found", "proposed"}),
    "decide": frozenset({"proposed"}),
    "notify": frozenset({"decided"}),
}
# Who may do it (api.md roles): the township proposes, the county signs and sends.
ROLES: Mapping[Action, frozenset[str]] = {
    "propose": frozenset({"township_officer", "county_supervisor"}),
    "decide": frozenset({"county_supervisor"}),
    "notify": frozenset({"county_supervisor"}),
}


@dataclass(frozen=True, slots=True)
class Overpayment:
    """One record. `months` (first days) were paid too much; `decision` is what was proposed or signed.

    `letter_from`: the first day on which a letter may go out, set with the signature; none: no letter.
    """

    id: UUID
    holding: UUID
    person: UUID
    amount_fen: int
    months: tuple[date, ...]
    state: str
    kind: Kind = "after_death"
    payee: UUID | None = None
    repaid_fen: int = 0
    waived_fen: int = 0
    decision: str | None = None
    instalments: int | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    notified_at: datetime | None = None
    letter_from: date | None = None
    reason: str | None = None
    region: str = ""
    version: int = 1

    @property
    def outstanding_fen(self) -> int:
        """What is neither repaid nor waived."""
        return self.amount_fen - self.repaid_fen - self.waived_fen


@dataclass(frozen=True, slots=True)
class Change:
    """A record moved to other months: what it is now, and what that moves in the books.

    `claimed` and `dropped`: months; `returned_fen`: repaid before and given back now; `unwaived_fen`: waived before.
    """

    record: Overpayment
    claimed: tuple[date, ...]
    dropped: tuple[date, ...]
    returned_fen: int
    unwaived_fen: int


def moved(record: Overpayment, months: Sequence[date], monthly_fen: int) -> Change | None:
    """The record for these months; None when nothing changes. Other months need another decision."""
    if tuple(months) == record.months:
        return None
    amount = monthly_fen * len(months)
    repaid = min(record.repaid_fen, amount)
    after = replace(
        record, months=tuple(months), amount_fen=amount, repaid_fen=repaid, waived_fen=0, decision=None,
        state="found" if amount else "cancelled", instalments=None, proposed_by=None, decided_by=None,
        decided_at=None, notified_at=None, letter_from=None, reason=None,
    )  # fmt: skip
    return Change(
        after,
        claimed=tuple(month for month in months if month not in record.months),
        dropped=tuple(month for month in record.months if month not in months),
        returned_fen=record.repaid_fen - repaid,
        unwaived_fen=record.waived_fen,
    )


def proposed(
    record: Overpayment, decision: str, instalments: int | None, *, by: str, reason: str
) -> Overpayment:
    """Somebody proposes to recover (in instalments) or to waive; the same person may propose anew."""
    return replace(
        record, state="proposed", decision=decision, instalments=instalments if decision == "recover" else None,
        proposed_by=by, reason=reason,
    )  # fmt: skip


def signed(
    record: Overpayment, decision: str, *, by: str, at: datetime, letter_from: date | None = None
) -> Overpayment:
    """The county signs what was proposed, or turns it down (`decision` `return`): then somebody proposes anew."""
    if decision == "return":
        return replace(record, state="found", decision=None, instalments=None, proposed_by=None, reason=None)
    if record.decision == "waive":
        waived = record.outstanding_fen
        return replace(record, state="settled", waived_fen=waived, decided_by=by, decided_at=at)
    return replace(record, state="decided", decided_by=by, decided_at=at, letter_from=letter_from)


def repaid(record: Overpayment, amount_fen: int) -> Overpayment:
    """Money came back; when nothing is outstanding any more, it is settled."""
    after = replace(record, repaid_fen=record.repaid_fen + amount_fen)
    return replace(after, state="settled") if after.outstanding_fen == 0 else after
