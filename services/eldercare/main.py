"""The eldercare service, wired."""

from casework.owner import build_owner_service
from casework.registry import Procedures
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import Clock
from kernel.service import Service
from services.eldercare.api import ROUTERS
from services.eldercare.commands.offer_clock import OfferClock
from services.eldercare.procedures import elder_card, overpayment, pause_services, stop_benefits
from services.eldercare.queries import holdings, holds_elder_card, paid_after_death
from services.eldercare.settings import EldercareSettings

PROCEDURES = Procedures(
    "eldercare",
    modules={
        "eldercare.pause_services": pause_services,
        "eldercare.stop_benefits": stop_benefits,
        "eldercare.elder_card": elder_card,
        "eldercare.overpayment": overpayment,
    },
    predicates={"holds_elder_card": holds_elder_card, "paid_after_death": paid_after_death},
)


def make_service(
    settings: EldercareSettings | None = None, *, bus: Bus | None = None, clock: Clock | None = None
) -> Service:
    """The service with API and worker."""
    return build_owner_service(
        PROCEDURES,
        settings=settings or EldercareSettings(),
        title="养老服务",
        title_en="Elder care",
        holdings=holdings,
        routers=ROUTERS,
        bus=bus,
        clock=clock,
        also_due=(OfferClock(),),
    )
