"""What each procedure's verbs see beside the procedure: read once for a batch, never changed. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.terms import HoldKind
from services.funeral.domain.bodies import Body, Numbers
from services.funeral.domain.halls import Hall, HallBooking
from services.funeral.domain.holds import Hold, forbidding
from services.funeral.domain.prices import Price
from services.funeral.domain.slots import Slot, Timetable


@dataclass(frozen=True, slots=True)
class Facts:
    """Holds on the case and its person, those released too."""

    holds: tuple[Hold, ...] = ()

    def forbidding(self, held_by: tuple[HoldKind, ...]) -> tuple[HoldKind, ...]:
        """The kinds of standing hold that a catalogue row heeds."""
        return forbidding(self.holds, held_by)


@dataclass(frozen=True, slots=True)
class BodyFacts(Facts):
    """`homes` (of the county, locked) and `tags` (the next tag of each) only for whoever collects or books now."""

    body: Body | None = None
    slot: Slot | None = None
    homes: Timetable = field(default_factory=Timetable)
    tags: Mapping[UUID, Numbers] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """A procedure's slot; `started_at` once it cannot be given back."""

    cremator: UUID
    starts_at: datetime
    home: UUID
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CremationFacts(Facts):
    """The booking, the body, a booked farewell; the timetable and the next tags only for those that book now."""

    booking: Booking | None = None
    timetable: Timetable = field(default_factory=Timetable)
    body: Body | None = None
    farewell: HallBooking | None = None
    tags: Mapping[UUID, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FarewellFacts(Facts):
    """The own booking, the halls of the county (locked, for those that book now), and when the cremation is."""

    booking: HallBooking | None = None
    halls: tuple[Hall, ...] = ()
    home: UUID | None = None
    cremation_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cremated:
    """A cremation that has been done."""

    home: UUID
    finished_at: datetime
    body_tag: str | None


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What was done, the certificate that stands, and the next number of that home (under its lock)."""

    cremated: Cremated | None = None
    numbers: Numbers | None = None
    standing: str | None = None


@dataclass(frozen=True, slots=True)
class Settling:
    """What was done for a body at the home that did it, its price list, and what is known of the person's benefits.

    `charged_days` of keeping; none: no keeping has ended here. `benefits` none: nothing has ever been told of this
    person (unknown, not "no").
    """

    home: UUID | None = None
    body: Body | None = None
    charged_days: int | None = None
    cremated_at: datetime | None = None
    farewell_held: bool = False
    stored: bool = False
    prices: tuple[Price, ...] = ()
    benefits: Mapping[str, Any] | None = None
    benefits_version: int | None = None


@dataclass(frozen=True, slots=True)
class RestingPlace:
    """A niche, plot or tree; `taken` while somebody's placement stands."""

    id: UUID
    site: str
    code: str
    kind: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """What stands for a procedure or its case. `placed`: it has been carried out."""

    kind: str
    eco_kind: str | None
    place: str | None
    placed: bool


@dataclass(frozen=True, slots=True)
class AshesFacts(Facts):
    """The placement that stands; the places of the county only for those that arrange now."""

    placement: Placement | None = None
    places: tuple[RestingPlace, ...] = ()
    cremated: bool = False


@dataclass(frozen=True, slots=True)
class GivenAward:
    """An award that stands: of which procedure, in which mode, how much, paid or not."""

    procedure: UUID | None
    mode: str
    kind: str
    amount_fen: int
    funding_source: str
    payee: UUID | None
    paid: bool


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """Where the ashes rest, and every award of this person that stands."""

    placement: Placement | None = None
    given: tuple[GivenAward, ...] = ()

    def own(self, procedure: UUID) -> GivenAward | None:
        return next((award for award in self.given if award.procedure == procedure), None)

    def in_life(self) -> GivenAward | None:
        return next((award for award in self.given if award.mode == "in_life"), None)

    def other_after_death(self, procedure: UUID) -> GivenAward | None:
        return next((a for a in self.given if a.mode == "after_death" and a.procedure != procedure), None)
