"""The marriage service, wired."""

from casework.owner import build_owner_service
from casework.registry import Procedures
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import Clock
from kernel.service import Service
from services.marriage import api
from services.marriage.procedures import widowed
from services.marriage.queries import holdings
from services.marriage.settings import MarriageSettings

PROCEDURES = Procedures("marriage", modules={"marriage.widowed": widowed})


def make_service(
    settings: MarriageSettings | None = None, *, bus: Bus | None = None, clock: Clock | None = None
) -> Service:
    """The service with API and worker."""
    return build_owner_service(
        PROCEDURES,
        settings=settings or MarriageSettings(),
        title="婚姻登记",
        title_en="Marriage registration",
        holdings=holdings,
        routers=[api.router],
        bus=bus,
        clock=clock,
    )
