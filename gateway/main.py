"""The gateway, wired: desk, exchange, pages, the consumer of outcomes, the clocks."""

import base64
from collections.abc import Sequence
from datetime import datetime

from casework.deadline_loop import DeadlineLoop
from casework.facts import facts_handler
from casework.office import Office
from casework.orders import carry_out
from casework.owner import FACTS_PACE_SECONDS, keep_calendar
from casework.routes import router as internal
from contracts.catalog_files import Catalogue, load_catalogue
from contracts.orders import OrdersIssued
from contracts.outcomes import OutcomesReported
from gateway.assets import api as assets
from gateway.cases.api import ROUTERS as CASES
from gateway.cases.ask_clock import QuestionsStage
from gateway.cases.corrections import Corrections
from gateway.cases.decisions import Decisions
from gateway.cases.feed import Feed
from gateway.cases.feed_retention import KEPT_DAYS, forget_changes
from gateway.cases.lapses import OffersStage
from gateway.cases.moves import CarryOut, Moves
from gateway.cases.outcomes import CONSUMER, outcomes_handler
from gateway.cases.owners import Owners
from gateway.cases.plans import Plans
from gateway.cases.proofs_retold import RetellProofs
from gateway.cases.reports import Reports
from gateway.clocks import ClockLoop, Clocks
from gateway.demo import api as demo
from gateway.desk import Desk
from gateway.exchange.api import ROUTERS as EXCHANGE
from gateway.exchange.exchange import make_exchange
from gateway.exchange.hand_over import FuneralHandOver
from gateway.exchange.limits import Limits
from gateway.exchange.new_calendar import DeliveriesStage
from gateway.exchange.orders import TakeOrders
from gateway.exchange.tasks import DeliveryTasks
from gateway.filings import api as filings
from gateway.money import ROUTERS as MONEY
from gateway.notices import api as letters
from gateway.notices.making import make_teller
from gateway.notices.retention import KEPT_DAYS as TOLD_DAYS
from gateway.notices.retention import LOOK_EVERY_SECONDS, forget_told
from gateway.notices.teller import TellerLoop
from gateway.outside_cases.routers import ROUTERS as OUTSIDE_CASES
from gateway.people import api as people
from gateway.people.known_facts import FACTS_CONSUMER
from gateway.people.no_holdings import no_holdings
from gateway.people.register import Register
from gateway.people.set_aside import KEPT_DAYS as ASIDE_DAYS
from gateway.people.set_aside import forget_set_aside
from gateway.procedures import PROCEDURES
from gateway.settings import GatewaySettings
from gateway.sign_in import api as sign_in
from gateway.sign_in.directory import Directory
from gateway.web.routers import ROUTERS as PAGES
from kernel.messaging.bus.interface import Bus
from kernel.messaging.transaction import Transaction
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import Clock
from kernel.retention import Forget, Retention
from kernel.service import Service

_ROUTERS = (
    *CASES,
    *OUTSIDE_CASES,
    assets.router,
    letters.router,
    filings.router,
    people.router,
    *MONEY,
    sign_in.router,
    *EXCHANGE,
    demo.router,
    internal,
    *PAGES,
)


def make_service(
    settings: GatewaySettings | None = None, *, bus: Bus | None = None, clock: Clock | None = None
) -> Service:
    """The gateway with API and worker. `app.state.desk.owners.add_app(name, app)` hands over local services."""
    settings = settings or GatewaySettings()
    service = Service(
        "gateway", settings, title="一件事联办", title_en="The one window", routers=_ROUTERS, bus=bus, clock=clock,
        large_paths=("/materials",),
    )  # fmt: skip
    catalogue = load_catalogue()
    limits = Limits(WorkingCalendar.load(), catalogue.departments)
    desk = make_desk(service, settings, catalogue, limits)
    service.app.state.desk = desk
    service.app.state.office = desk.office
    service.app.state.holdings = no_holdings
    make_exchange(desk, limits, FuneralHandOver(desk.owners))
    service.add_resource(lambda: desk.owners)
    service.add_resource(desk.feed.running)
    service.consume(CONSUMER, ["outcomes"], outcomes_handler(desk.moves, service.clock))
    facts = facts_handler(desk.office, service.clock)
    service.consume(FACTS_CONSUMER, ["facts"], facts, pace_seconds=FACTS_PACE_SECONDS)
    service.add_loop("deadlines", lambda: DeadlineLoop(service.transactions, desk.office, service.clock))
    clocks = Clocks(desk.moves, limits)
    service.add_loop("clocks", lambda: ClockLoop(desk.open, clocks, service.clock))
    keep_calendar(
        service, desk.office, DeliveriesStage(desk.moves, limits), QuestionsStage(limits.calendar),
        OffersStage(desk.plans, limits.calendar),
    )  # fmt: skip
    service.add_loop("proofs", lambda: RetellProofs(service.transactions, desk.moves, service.clock))
    service.add_loop("notices", lambda: TellerLoop(desk.teller))
    service.add_loop("changes", lambda: Retention(service.transactions, forget_changes, kept_days=KEPT_DAYS))
    _forget(service, "told", forget_told, TOLD_DAYS)
    _forget(service, "set aside", forget_set_aside, ASIDE_DAYS)
    return service


def _forget(service: Service, name: str, forget: Forget, kept_days: int) -> None:
    """A loop that forgets what nobody waits for, some times a day."""
    service.add_loop(
        name,
        lambda: Retention(
            service.transactions, forget, kept_days=kept_days, every_seconds=LOOK_EVERY_SECONDS
        ),
    )


def make_desk(service: Service, settings: GatewaySettings, catalogue: Catalogue, limits: Limits) -> Desk:
    """Everything that routes and loops work with."""
    office = Office(PROCEDURES, service.sealer, limits.calendar)
    plans = Plans(catalogue)
    moves = Moves(plans, service.sealer, limits.calendar, TakeOrders(limits), _domestic(office))
    register = Register(
        service.sealer, base64.b64decode(settings.blind_index_key.get_secret_value()),
        settings.blind_index_key_version, settings.suite,
    )  # fmt: skip
    owners = Owners(
        settings.service_key.get_secret_value(), addresses=settings.owners,
        timeout_seconds=settings.owner_timeout_seconds,
    )  # fmt: skip
    corrections = Corrections(moves, register)
    return Desk(
        service=service, settings=settings, catalogue=catalogue, calendar=limits.calendar, plans=plans,
        register=register, moves=moves, reports=Reports(moves, register), corrections=corrections,
        decisions=Decisions(moves, office, owners, corrections, DeliveryTasks(moves, limits)), office=office,
        owners=owners, directory=Directory(catalogue, register),
        feed=Feed(service.transactions, poll_seconds=settings.feed_poll_seconds),
        teller=make_teller(service, settings, plans, register),
    )  # fmt: skip


def _domestic(office: Office) -> CarryOut:
    """The gateway as an owner: casework on our own database, in the mover's transaction."""

    async def carry(
        tx: Transaction, orders: Sequence[OrdersIssued], at: datetime
    ) -> Sequence[OutcomesReported]:
        return await carry_out(orders, tx=tx, office=office, at=at)

    return carry
