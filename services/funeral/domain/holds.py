"""Holds as this service sees them: what stands, and for how long one stood. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.terms import HoldKind


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on a case or on a person; `released_at` empty: it stands."""

    id: UUID
    kind: HoldKind
    case: UUID | None = None
    person: UUID | None = None
    placed_at: datetime | None = None
    released_at: datetime | None = None


def forbidding(holds: Iterable[Hold], held_by: tuple[HoldKind, ...]) -> tuple[HoldKind, ...]:
    """The kinds of standing hold that a catalogue row heeds, each once."""
    return tuple(sorted({hold.kind for hold in holds if hold.released_at is None and hold.kind in held_by}))


def spans(
    holds: Iterable[Hold], held_by: tuple[HoldKind, ...]
) -> tuple[tuple[datetime, datetime | None], ...]:
    """From when until when holds that the row heeds stood; none: it stands still."""
    return tuple(
        (hold.placed_at, hold.released_at)
        for hold in holds
        if hold.kind in held_by and hold.placed_at is not None
    )


def police_gave_free(holds: Iterable[Hold]) -> bool:
    """Whether the police held the body and have released it; no hold of theirs stands any more."""
    theirs = [hold for hold in holds if hold.kind is HoldKind.POLICE]
    return bool(theirs) and all(hold.released_at is not None for hold in theirs)
