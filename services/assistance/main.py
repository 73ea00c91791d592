"""The assistance service, wired."""

from casework.owner import build_owner_service
from casework.registry import Procedures
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import Clock
from kernel.service import Service
from services.assistance.api import ROUTERS
from services.assistance.people_waiting import holds_and_waits
from services.assistance.procedures import (
    change_payee,
    dependant_alert,
    hold_payments,
    household_recheck,
    overpayment,
    stop_benefits,
)
from services.assistance.procedures.predicates import (
    has_dependants,
    household_holds_benefit,
    is_payee,
    no_heirs,
    paid_after_death,
    tekun_without_relatives,
)
from services.assistance.settings import AssistanceSettings

PROCEDURES = Procedures(
    "assistance",
    modules={
        "assistance.hold_payments": hold_payments,
        "assistance.stop_benefits": stop_benefits,
        "assistance.household_recheck": household_recheck,
        "assistance.change_payee": change_payee,
        "assistance.overpayment": overpayment,
        "assistance.dependant_alert": dependant_alert,
    },
    predicates={
        "household_holds_benefit": household_holds_benefit,
        "is_payee": is_payee,
        "has_dependants": has_dependants,
        "no_heirs": no_heirs,
        "paid_after_death": paid_after_death,
        "tekun_without_relatives": tekun_without_relatives,
    },
)


def make_service(
    settings: AssistanceSettings | None = None, *, bus: Bus | None = None, clock: Clock | None = None
) -> Service:
    """The service with API and worker."""
    return build_owner_service(
        PROCEDURES,
        settings=settings or AssistanceSettings(),
        title="社会救助",
        title_en="Social assistance",
        holdings=holds_and_waits,
        routers=ROUTERS,
        bus=bus,
        clock=clock,
    )
