"""The funeral service, wired."""

from casework.owner import build_owner_service
from casework.registry import Procedures
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import Clock
from kernel.service import Service
from services.funeral import api
from services.funeral.procedures import cremation, held_steps
from services.funeral.queries import holdings
from services.funeral.settings import FuneralSettings

PROCEDURES = Procedures(
    "funeral",
    modules={
        "funeral.cremation": cremation,
        "funeral.transport": held_steps,
        "funeral.farewell": held_steps,
        "funeral.ashes": held_steps,
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
        routers=[api.router],
        bus=bus,
        clock=clock,
    )
