"""One owner's service, wired: internal API, consumers of orders and facts, the clock (design 5 and 6)."""

from collections.abc import Sequence

from casework.also_due import AlsoDue
from casework.calendar_loop import CalendarLoop
from casework.consumers import consumers_of
from casework.deadline_loop import DeadlineLoop
from casework.facts import facts_handler
from casework.new_calendar import NewCalendar, Stage
from casework.new_calendar import Procedures as ProceduresStage
from casework.office import Office
from casework.orders import orders_handler
from casework.people_view import Holdings
from casework.registry import Procedures
from casework.routes import router as internal
from kernel.messaging.bus.interface import Bus
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import Clock
from kernel.service import Service
from kernel.settings import ServiceSettings
from kernel.web.routing import Router

# Nobody waits for a fact (design 1): copies of many cases share a transaction.
FACTS_PACE_SECONDS = 0.2


def build_owner_service(
    procedures: Procedures,
    *,
    settings: ServiceSettings,
    title: str,
    title_en: str,
    holdings: Holdings,
    routers: Sequence[Router] = (),
    bus: Bus | None = None,
    clock: Clock | None = None,
    also_due: Sequence[AlsoDue] = (),
) -> Service:
    """A service named after its owner. Routes reach the office as `request.app.state.office` (`ThisOffice`)."""
    service = Service(
        procedures.owner,
        settings,
        title=title,
        title_en=title_en,
        routers=[internal, *routers],
        bus=bus,
        clock=clock,
    )
    office = Office(procedures, service.sealer, WorkingCalendar.load(), also_due)
    service.app.state.office = office
    service.app.state.holdings = holdings
    orders, facts = consumers_of(service.name).items()
    service.consume(*orders, orders_handler(office, service.clock))
    service.consume(*facts, facts_handler(office, service.clock), pace_seconds=FACTS_PACE_SECONDS)
    service.add_loop("deadlines", lambda: DeadlineLoop(service.transactions, office, service.clock))
    keep_calendar(service, office)
    return service


def keep_calendar(service: Service, office: Office, *more: Stage) -> None:
    """Let the worker move this database to a new calendar at its start; `more`: kinds of row besides procedures."""
    stages = (ProceduresStage(office), *more)
    new_calendar = NewCalendar(service.transactions, service.clock, office.calendar, stages)
    service.app.state.new_calendar = new_calendar
    service.add_loop("calendar", lambda: CalendarLoop(new_calendar))
