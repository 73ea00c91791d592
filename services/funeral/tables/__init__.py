"""The rows of the funeral service, all on one registry."""

from services.funeral.tables.afterwards import (
    Certificate,
    EcoAward,
    Hall,
    HallBooking,
    HallQuarter,
    Memorial,
    Place,
    Placement,
    Visit,
)
from services.funeral.tables.homes import (
    Body,
    Booking,
    CremationRecord,
    Cremator,
    FuneralHome,
    HoldCopy,
    HomeHours,
    Number,
    Price,
)
from services.funeral.tables.registry import ROWS

__all__ = [
    "ROWS", "Body", "Booking", "Certificate", "CremationRecord", "Cremator", "EcoAward", "FuneralHome",
    "Hall", "HallBooking", "HallQuarter", "HoldCopy", "HomeHours", "Memorial", "Number", "Place", "Placement",
    "Price", "Visit",
]  # fmt: skip
