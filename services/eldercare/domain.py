"""What a person holds in elder care, and the months and sums of stopping and restoring it. Pure; amounts in fen.

Two marks lie over an item's own state and never over each other: `held_by` (a pause) and `ended_by` (a stop), each
the id of the procedure that set it. So a pause may be lifted before or after a stop is undone: what stands at the
end is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kernel.public_service.months import count_months, month_of, month_text, next_month

CARD = "elder_cards"
REQUEST = "bed_requests"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing held. `source` is its table.

    `amount_fen` is monthly for allowances, the balance for vouchers, else zero. Months are first days. `paid_through`
    is the last month paid, `ends_after` the last payable month once stopped. `on_date` is the day of an order.
    `taken`: somebody else lies in the bed.
    """

    source: str
    id: UUID
    kind: str
    state: str
    amount_fen: int = 0
    held_by: UUID | None = None
    ended_by: UUID | None = None
    granted_on: date | None = None
    paid_through: date | None = None
    ends_after: date | None = None
    payee: UUID | None = None
    on_date: date | None = None
    region: str = ""
    taken: bool = False

    @property
    def shown_state(self) -> str:
        """`stopped` before `suspended` before the item's own state."""
        if self.ended_by is not None:
            return "stopped"
        return "suspended" if self.held_by is not None else self.state


@dataclass(frozen=True, slots=True)
class Care:
    """All that one person holds here, and when somebody of ours last met them."""

    person: UUID
    items: tuple[Item, ...] = ()
    last_sign_of_life: datetime | None = None

    def running(self) -> tuple[Item, ...]:
        """What a death would stop: everything not stopped yet, but for the card, which has its own row."""
        return tuple(item for item in self.items if item.ended_by is None and item.source != CARD)

    def ended_by(self, procedure: UUID) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.ended_by == procedure)

    def held_by(self, procedure: UUID) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.held_by == procedure)

    def card(self) -> Item | None:
        """The valid elder card, if there is one."""
        return next((item for item in self.items if item.source == CARD and item.ended_by is None), None)


# -- effects: what a ruling asks `procedures` to write


@dataclass(frozen=True, slots=True)
class Hold:
    """Suspend: not paid, not delivered, not visited until lifted."""

    item: Item


@dataclass(frozen=True, slots=True)
class Lift:
    """Take a suspension back."""

    item: Item


@dataclass(frozen=True, slots=True)
class End:
    """Stop from `on`; an allowance stays payable through the month `ends_after`."""

    item: Item
    on: date
    ends_after: date


@dataclass(frozen=True, slots=True)
class Restore:
    """Take a stop back on the day `on`: visits and vouchers whose time has passed are dated anew."""

    item: Item
    on: date


@dataclass(frozen=True, slots=True)
class Claim:
    """Book `amount_fen` more (or, negative, less) to be recovered for an allowance; `month`: what it is about."""

    item: Item
    amount_fen: int
    month: date


@dataclass(frozen=True, slots=True)
class Arrears:
    """Book what was not paid while stopped: all months through `through`."""

    item: Item
    amount_fen: int
    through: date


@dataclass(frozen=True, slots=True)
class Died:
    """No grant for months after the month of this day (design 5, R24); None lifts it."""

    person: UUID
    on: date | None


# -- sums


def overpaid_fen(item: Item, last_payable: date) -> int:
    """What was paid for months after the last payable one (R24: the month of death). Never below zero.

    Months before the grant were not paid, so a grant after the death counts from its own month.
    """
    if item.paid_through is None:
        return 0
    before = count_months(last_payable)
    if item.granted_on is not None:
        before = max(before, count_months(item.granted_on) - 1)
    return item.amount_fen * max(count_months(item.paid_through) - before, 0)


def arrears_fen(item: Item, through: date) -> int:
    """What a restored allowance is owed: every month after the last paid one, through `through`."""
    since = item.paid_through or item.granted_on
    if since is None:
        return 0
    first = count_months(since) + (1 if item.paid_through else 0)
    return item.amount_fen * max(count_months(through) - first + 1, 0)


def is_money(item: Item) -> bool:
    """Whether the item pays a monthly sum."""
    return item.source == "allowances"


@dataclass(frozen=True, slots=True)
class Stop:
    """What stopping on a day of death comes to: the public lines, what is claimed per allowance, the effects."""

    stopped: tuple[Mapping[str, Any], ...]
    claimed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    effects: tuple[object, ...] = ()


def stop(items: Sequence[Item], died_on: date, already: Mapping[str, int]) -> Stop:
    """Stop these items as of a day of death. `already` is what is claimed per allowance: only the difference is booked.

    The last payable month is the month of death (R24); orders, visits, meals, vouchers end on the day, a bed is free.
    """
    last = month_of(died_on)
    lines: list[Mapping[str, Any]] = []
    claimed: dict[str, int] = {}
    effects: list[object] = []
    for item in sorted(items, key=lambda item: (item.source, item.id)):
        over = overpaid_fen(item, last) if is_money(item) else 0
        if item.source != REQUEST:
            lines.append(
                {
                    "hold": str(item.id),
                    "kind": item.kind,
                    "last_payable_month": month_text(last),
                    "overpaid_fen": over,
                }
            )
        effects.append(End(item, died_on, last))
        difference = over - already.get(str(item.id), 0)
        if difference:
            effects.append(Claim(item, difference, next_month(last)))
        if over:
            claimed[str(item.id)] = over
    return Stop(tuple(lines), claimed, tuple(effects))


@dataclass(frozen=True, slots=True)
class Restoration:
    """What taking a stop back comes to. `notes` name what could not be put back as it was, and why."""

    restored: tuple[str, ...]
    arrears_fen: int
    notes: tuple[Mapping[str, str], ...]
    effects: tuple[object, ...]


def restore(items: Sequence[Item], claimed: Mapping[str, int], on: date) -> Restoration:
    """Put stopped items back on a day: claims are cancelled, arrears booked through the month of that day.

    An order whose day has passed and a bed that somebody else now has stay as they are, with a note.
    """
    restored: list[str] = []
    notes: list[Mapping[str, str]] = []
    effects: list[object] = []
    owed_in_all = 0
    for item in sorted(items, key=lambda item: (item.source, item.id)):
        obstacle = _obstacle(item, on)
        if obstacle:
            notes.append({"hold": str(item.id), "kind": item.kind, "note": obstacle})
            continue
        restored.append(str(item.id))
        effects.append(Restore(item, on))
        if claimed.get(str(item.id)):
            effects.append(Claim(item, -claimed[str(item.id)], next_month(item.ends_after or month_of(on))))
        owed = arrears_fen(item, month_of(on)) if is_money(item) else 0
        if owed:
            effects.append(Arrears(item, owed, month_of(on)))
            owed_in_all += owed
    return Restoration(tuple(restored), owed_in_all, tuple(notes), tuple(effects))


def _obstacle(item: Item, on: date) -> str | None:
    if item.taken:
        return "bed_taken"
    if item.on_date is not None and item.on_date < on:
        return "date_passed"
    return None
