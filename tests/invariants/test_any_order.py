"""Withdraw, correct and undo a death in any order: it ends in a consistent case, on both buses (design 5).

The gateway and the four services are the real ones, each on a database of its own; people and departments act on them
by the public routes, the treasury pays, the clock is moved. Hypothesis chooses what happens; when nothing moves any
more the laws of `death_laws` are asked. Some acts follow each other without waiting, so they meet under way.

Nothing is shrunk: an example takes seconds. The acts that broke a law stand in the failure's notes, with their answers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as check_every_run

from deploy.local.kafka import KafkaServer
from deploy.local.postgres import PostgresServer
from deploy.local.system import kafka_bus, local_bus, make_services, working
from kernel.messaging.bus.interface import Bus
from kernel.public_service.clock import FixedClock
from kernel.service import Service
from services.eldercare.domain import restoring
from services.marriage.procedures import widowed
from tests.copies import Copies
from tests.gateway.office import NOW, Office
from tests.invariants.death_laws import check, look
from tests.invariants.one_death import WISHES, Death

EVERY_RUN = settings(
    max_examples=5, stateful_step_count=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], print_blob=False,
    report_multiple_bugs=False,
)  # fmt: skip
# In parts: pytest ends a test after five minutes, and examples take seconds.
HOUSEHOLDS = [None, "dibao_couple_payee_dies", "dibao_single", "tekun_alone"]
PICK = st.integers(min_value=0, max_value=40)
WISHED = [tuple(WISHES), ("remains", "transport"), ("ashes",), ()]
REVOCATIONS = [
    ("wrong_match", None), ("certificate_void", None), ("court_revoked", None), ("certificate_void", "health"),
    ("court_revoked", "court"),
]  # fmt: skip
PROVED = ["at once", "soon", "soon", "not yet"]
ENDS = ["wrong_match", "wrong_match", "certificate_void", "court_revoked", "withdrawn", "as it stands"]
CHOICE = st.sampled_from([0, 0, 0, 0, 1, 2])
WORDS = ["done", "done", "done", "done", "refused", "need_more", "wrong_person"]
HOLDS = [("police", "police"), ("court", "court"), ("court", "relatives_dispute")]
DATES = [
    "2026-02-28T23:50:00+08:00",
    "2026-01-10T08:00:00+08:00",
    "2025-12-31T23:59:00+08:00",
    "2026-03-01T00:10:00+08:00",
]
ONE_MINUTE = timedelta(minutes=1)
World = Callable[[], AbstractAsyncContextManager[Office]]
MakeBus = Callable[[Mapping[str, Service]], Bus]


class AnyOrder(RuleBasedStateMachine):
    """One death from its first report to whatever its people make of it."""

    world: World
    shape: str | None

    def __init__(self) -> None:
        super().__init__()
        self.loop, self.closing = asyncio.Runner(), AsyncExitStack()
        self.misnamed, self.ends = False, "as it stands"
        self.death = self.loop.run(self.begin())

    async def begin(self) -> Death:
        death = Death(await self.closing.enter_async_context(self.world()), self.shape)
        await death.begin()
        death.before = await look(death)
        return death

    def does(self, act: Awaitable[None], *, waits: bool = True) -> None:
        """One act, a minute after the one before; `waits` until all that follows from it has happened."""

        async def done() -> None:
            self.death.office.clock.advance(ONE_MINUTE)
            await act
            if waits:
                await self.death.settle()

        try:
            self.loop.run(done())
        except BaseException as fault:
            self.tell(fault)
            raise

    def tell(self, fault: BaseException) -> None:
        fault.add_note("\n".join(["What happened:", *self.death.log]))

    @initialize(wishes=st.sampled_from(WISHED), proved=st.sampled_from(PROVED), ends=st.sampled_from(ENDS))
    def somebody_reports(self, wishes: tuple[str, ...], proved: str, ends: str) -> None:
        """Most deaths are proved from the start: what is hard to take back comes after. `ends`: the last act of all."""
        self.ends = ends
        self.does(self.reported(False, wishes), waits=proved != "at once")
        if proved != "not yet":
            self.does(self.death.health_reports(), waits=proved != "at once")

    @rule(by_health=st.booleans(), wishes=st.sampled_from(WISHED), waits=st.booleans())
    def another_report(self, by_health: bool, wishes: tuple[str, ...], waits: bool) -> None:
        self.does(self.reported(by_health, wishes), waits=waits)

    def reported(self, by_health: bool, wishes: tuple[str, ...]) -> Awaitable[None]:
        wished = {name: WISHES[name] for name in wishes}
        return self.death.health_reports() if by_health else self.death.report(**wished)

    @rule(died_at=st.sampled_from(DATES), waits=st.booleans())
    def the_date_is_corrected(self, died_at: str, waits: bool) -> None:
        self.does(self.death.correct("/deceased/died_at", died_at), waits=waits)

    @rule(waits=st.booleans())
    def the_name_is_corrected(self, waits: bool) -> None:
        """To another's, which no register knows; and back."""
        self.misnamed = not self.misnamed
        name = "另一人" if self.misnamed else self.death.dead.name
        self.does(self.death.correct("/deceased/name", name), waits=waits)

    @rule(pick=PICK, answer=st.sampled_from(["accept", "accept", "decline"]), waits=st.booleans())
    def an_offer_is_answered(self, pick: int, answer: str, waits: bool) -> None:
        self.does(self.death.answer_offer(pick, answer), waits=waits)

    @rule(pick=PICK, whole=st.integers(0, 4), waits=st.booleans())
    def the_family_withdraws(self, pick: int, whole: int, waits: bool) -> None:
        self.does(self.death.withdraw(None if whole == 4 else pick), waits=waits)

    @rule(of=st.sampled_from(REVOCATIONS), sure=st.integers(0, 3), waits=st.booleans())
    def it_is_revoked(self, of: tuple[str, str | None], sure: int, waits: bool) -> None:
        kind, by = of
        if sure == 3:
            self.does(self.death.revoke(kind, by=by), waits=waits)

    @rule(first=PICK, words=st.lists(st.sampled_from(WORDS), min_size=3, max_size=9), waits=st.booleans())
    def departments_answer(self, first: int, words: list[str], waits: bool) -> None:
        async def answers() -> None:
            for number, word in enumerate(words):
                await self.death.department_says(first + number, word)

        self.does(answers(), waits=waits)

    @rule(of=st.none() | st.sampled_from(HOLDS), pick=PICK, waits=st.booleans())
    def a_hold_comes_or_goes(self, of: tuple[str, str] | None, pick: int, waits: bool) -> None:
        self.does(self.death.hold(*of) if of else self.death.lift(pick), waits=waits)

    @rule(first=PICK, choices=st.lists(CHOICE, min_size=3, max_size=8), waits=st.booleans())
    def people_decide(self, first: int, choices: list[int], waits: bool) -> None:
        async def decisions() -> None:
            for number, choice in enumerate(choices):
                await self.death.decide(first + number, choice)

        self.does(decisions(), waits=waits)

    @rule(days=st.sampled_from([3, 20, 45]))
    def the_clock_is_moved(self, days: int) -> None:
        self.does(self.death.days_pass(days))

    @rule(waits=st.booleans())
    def the_treasury_pays(self, waits: bool) -> None:
        self.does(self.death.pay_run(), waits=waits)

    def teardown(self) -> None:
        try:
            self.loop.run(self.last_act())
            self.loop.run(check(self.death))
        except BaseException as fault:
            self.tell(fault)
            raise
        finally:
            self.loop.run(self.closing.aclose())
            self.loop.close()

    async def last_act(self) -> None:
        self.death.office.clock.advance(ONE_MINUTE)
        if self.ends == "withdrawn":
            await self.death.withdraw(None)
        elif self.ends != "as it stands":
            await self.death.revoke(self.ends, by=None)


def on(world: World, shape: str | None = None) -> type[AnyOrder]:
    """The machine over offices of that kind, about somebody of such a household."""
    return type("AnyOrder", (AnyOrder,), {"world": staticmethod(world), "shape": shape})


@asynccontextmanager
async def office_of(
    peopled: Mapping[str, str], copies: Copies, server: PostgresServer, bus: MakeBus
) -> AsyncIterator[Office]:
    """Gateway and services at work on that bus, each on a database of its own, given back at the end."""
    taken = {name: await copies.take(name, template) for name, template in peopled.items()}
    try:
        clock = FixedClock(NOW)
        services = make_services(
            {name: server.dsn(database) for name, database in taken.items()}, clock=clock
        )
        async with working(list(services.values()), bus(services)):
            yield Office(services, clock)
    finally:
        for name, database in taken.items():
            await copies.give_back(database, peopled[name])


@pytest.fixture
def local_world(peopled: dict[str, str], copies: Copies, postgres: PostgresServer) -> World:
    return lambda: office_of(peopled, copies, postgres, lambda services: local_bus(services.values()))


@pytest.fixture
def kafka_world(
    peopled: dict[str, str], copies: Copies, postgres: PostgresServer, kafka: KafkaServer
) -> World:
    """Every example has topics of its own."""
    return lambda: office_of(
        peopled, copies, postgres, lambda _: kafka_bus(kafka.bootstrap, namespace=f"o{uuid4().hex[:8]}.")
    )


@pytest.mark.slow
@pytest.mark.parametrize(("part", "shape"), list(enumerate(HOUSEHOLDS)))
def test_any_order_of_acts_ends_in_a_consistent_case(
    local_world: World, part: int, shape: str | None
) -> None:
    check_every_run(seed(part)(on(local_world, shape)), settings=EVERY_RUN)


def marriages_stay_ended(patch: pytest.MonkeyPatch) -> None:
    """As if every survivor had married again, whoever was taken for dead by mistake."""
    patch.setattr(widowed, "judge", lambda *given: ("stays_ended", "remarried"))


def arrears_are_booked_twice(patch: pytest.MonkeyPatch) -> None:
    """Who lives after all is paid every missed month once; here, twice."""
    once = restoring._paid_late
    patch.setattr(restoring, "_paid_late", lambda *given: [*once(*given), *once(*given)])


@pytest.mark.slow
@pytest.mark.parametrize(
    "take_out",
    [marriages_stay_ended, arrears_are_booked_twice],
    ids=lambda law: law.__name__,
)
def test_without_its_mechanism_a_run_breaks_the_laws(
    local_world: World, monkeypatch: pytest.MonkeyPatch, take_out: Callable[[pytest.MonkeyPatch], None]
) -> None:
    take_out(monkeypatch)
    with pytest.raises(AssertionError):
        check_every_run(on(local_world), settings=EVERY_RUN)


@pytest.mark.slow
def test_any_order_of_acts_ends_in_a_consistent_case_on_kafka(kafka_world: World) -> None:
    check_every_run(on(kafka_world), settings=EVERY_RUN)
