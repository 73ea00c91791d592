"""Taking a stop back: everything as if it had never been stopped, where that is still possible (design 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kernel.public_service.months import month_of, month_text
from services.eldercare.domain.effects import (
    FUND,
    PAID,
    Book,
    DropSettlements,
    FirstPlace,
    MoveIn,
    PaidThrough,
    Restore,
)
from services.eldercare.domain.items import Care, Item, is_money
from services.eldercare.domain.periods import owed_months
from services.eldercare.domain.services_charged import claim_providers
from services.eldercare.domain.stopping import overpaid


@dataclass(frozen=True, slots=True)
class Restoration:
    """What taking a stop back comes to. `notes` name what could not be put back as it was, and why."""

    restored: tuple[str, ...]
    arrears: tuple[Mapping[str, Any], ...]
    notes: tuple[Mapping[str, str], ...]
    effects: tuple[object, ...]

    @property
    def arrears_fen(self) -> int:
        """All arrears together."""
        return sum(line["amount_fen"] for line in self.arrears)


def restore(care: Care, by: UUID, on: date) -> Restoration:
    """Put back on a day what `by` stopped: claims fall away, arrears are booked line by line.

    An order whose day has passed or that was broken off stays as it is, with a note. A bed that somebody else has now
    is not taken back: another free one, else the first place on the list.
    """
    restored: list[str] = []
    notes: list[Mapping[str, str]] = []
    arrears: list[Mapping[str, Any]] = []
    effects: list[object] = []
    for item in sorted(care.ended_by(by), key=lambda item: (item.source, item.id)):
        note, instead = _obstacle(care, item, on)
        if note:
            notes.append({"hold": str(item.id), "kind": item.kind, "note": note})
        else:
            restored.append(str(item.id))
        effects.extend(instead or (() if note else (Restore(item, on),)))
        if item.source == "stays" and not any(isinstance(each, FirstPlace) for each in instead):
            effects.append(DropSettlements(item))
        if is_money(item):
            effects.extend(overpaid(care, item, (), on))
            lines = [_arrears_line(item, month) for month in owed_months(item, month_of(on))]
            arrears.extend(lines)
            effects.extend(_paid_late(care, item, on))
    effects.extend(claim_providers(care, by, None))
    return Restoration(tuple(restored), tuple(arrears), tuple(notes), tuple(effects))


def _arrears_line(item: Item, month: date) -> Mapping[str, Any]:
    return {
        "hold": str(item.id), "kind": item.kind, "month": month_text(month), "amount_fen": item.amount_fen,
    }  # fmt: skip


def _paid_late(care: Care, item: Item, on: date) -> Iterator[object]:
    months = owed_months(item, month_of(on))
    if not months:
        return
    for month in months:
        yield Book(
            item.id, care.person, item.payee, item.region, FUND, PAID, item.amount_fen, "arrears", month
        )
    yield PaidThrough(item, months[-1])


def _obstacle(care: Care, item: Item, on: date) -> tuple[str | None, tuple[object, ...]]:
    """(why it cannot be put back as it was, what happens instead)."""
    terms = care.stays.get(item.id)
    if item.taken and terms is not None:
        if terms.spare is not None:
            return "moved_to_another_bed", (MoveIn(item, terms.spare, on, terms),)
        return "bed_taken", (FirstPlace(item, terms.home, on),)
    if item.taken:
        return "bed_taken", ()
    if item.source == "home_orders" and item.state == "in_progress":
        return "broken_off", ()
    if item.on_date is not None and item.on_date < on:
        return "date_passed", ()
    return None, ()
