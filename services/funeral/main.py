"""The funeral service, wired."""

from casework.owner import build_owner_service
from casework.registry import Procedures
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import Clock
from kernel.service import Service
from services.funeral import api
from services.funeral.procedures import (
    ashes,
    cremation,
    cremation_certificate,
    eco_burial_award,
    farewell,
    free_items,
    memorial,
    transport,
)
from services.funeral.queries.people import holdings
from services.funeral.settings import FuneralSettings

PROCEDURES = Procedures(
    "funeral",
    modules={
        "funeral.transport": transport,
        "funeral.farewell": farewell,
        "funeral.cremation": cremation,
        "funeral.cremation_certificate": cremation_certificate,
        "funeral.free_items": free_items,
        "funeral.ashes": ashes,
        "funeral.eco_burial_award": eco_burial_award,
        "funeral.memorial": memorial,
    },
)


def make_service(
    settings: FuneralSettings | None = None, *, bus: Bus | None = None, clock: Clock | None = None
) -> Service:
    """The service with API and worker."""
    return build_owner_service(
        PROCEDURES,
        settings=settings or FuneralSettings(),
        title="殡葬服务",
        title_en="Funeral",
        holdings=holdings,
        routers=api.routers,
        bus=bus,
        clock=clock,
    )
