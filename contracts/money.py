"""Money that owners ask back, and payment files, as the gateway reads them from the owners (internal API).

Persons are keys; amounts are fen; months are `2026-03`. The words are the same at every owner of money.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.terms import Frozen

# `notified`: the letter may have gone out; an owner that keeps no such state stays at `decided`.
OverpaymentState = Literal["found", "proposed", "decided", "notified", "settled", "cancelled"]
OPEN_STATES: tuple[OverpaymentState, ...] = ("found", "proposed", "decided", "notified")
RegionCode = Annotated[str, Field(pattern=r"^\d{6}(\d{6})?$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), lt=date(2200, 1, 1))]
# What a text column of PostgreSQL takes: no NUL.
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Overpayment(Frozen):
    """What was paid too much on one holding. `person`: whose benefit it was; `payee`: who drew the money.

    `found`: for months after a death, or a month paid twice. `outstanding_fen` below zero: more came back than was
    claimed, and is to be returned. `letter_from`: the first day of a letter; none: no letter may go out.
    """

    id: UUID
    holding: UUID
    kind: str
    found: Literal["after_death", "paid_twice"]
    person: UUID
    payee: UUID | None
    region: str
    months: tuple[str, ...]
    legal_basis: str
    amount_fen: int
    repaid_fen: int
    waived_fen: int
    outstanding_fen: int
    state: OverpaymentState
    proposal: str | None
    decision: str | None
    instalments: int | None
    decided_at: AwareDatetime | None
    letter_from: date | None
    version: int


class OverpaymentPage(Frozen):
    """Records by id; `next` goes on behind the last one."""

    items: tuple[Overpayment, ...]
    next: UUID | None


class RepaymentTold(Frozen):
    """Money that came back on `received_on`, told by finance; `reference` (the bank's) makes a repeated one one."""

    amount_fen: int = Field(gt=0, le=1_000_000_000)
    received_on: Day
    reference: Words
    version: int = Field(ge=1, le=1_000_000_000)
    acted_by: Words
    role: Words
    region: RegionCode
    acted_at: AwareDatetime


class RunOfKind(Frozen):
    """What goes out for one kind of benefit."""

    kind: str
    lines: int
    total_fen: int


class HeldLine(Frozen):
    """A payment that stays behind, and why (`payee_dead`, `payee_reported_dead`, `payee_changed`, …)."""

    payment: UUID
    kind: str
    payee: UUID
    month: str
    amount_fen: int
    held_for: str


class PaymentRun(Frozen):
    """A payment file of a region up to and with a month: as a file made now would be (`preview`), prepared, released.

    `lines` and `total_fen` go out, `held_lines` and `held_fen` stay behind for the next run; `held` names at most 200
    of them. `by_kind` and `held` are empty in lists.
    """

    id: UUID | None
    region: str
    month: str
    state: Literal["preview", "prepared", "released"]
    lines: int
    total_fen: int
    held_lines: int
    held_fen: int
    prepared_at: AwareDatetime | None = None
    prepared_by: str | None = None
    released_at: AwareDatetime | None = None
    released_by: str | None = None
    by_kind: tuple[RunOfKind, ...] = ()
    held: tuple[HeldLine, ...] = ()


class PaymentRuns(Frozen):
    """Newest first; `next` goes on behind the last one."""

    items: tuple[PaymentRun, ...]
    next: UUID | None
