"""One speaking and one listening service with real databases, for tests over either bus."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kernel.database import make_engine
from kernel.messaging.bus.interface import Bus
from kernel.messaging.consumer import Consumer, ConsumerTransaction
from kernel.messaging.event import decode
from kernel.messaging.message import Message
from kernel.messaging.migration import create_messaging
from kernel.messaging.relay import Relay
from kernel.messaging.transaction import Transactions
from kernel.messaging.waiting import Backoff
from kernel.testing import eventually
from tests.kernel.messaging.said import Said

LISTENER = "listener"


_HEAR = text("""
    INSERT INTO heard (speaker, line) SELECT speaker, line
    FROM unnest(CAST(:speakers AS text[]), CAST(:lines AS integer[])) WITH ORDINALITY AS r (speaker, line, n) ORDER BY n
""")


class _Script:
    def __init__(self) -> None:
        self.statements: list[str] = []

    def execute(self, statement: str) -> None:
        self.statements.append(statement)


async def migrate(dsn: str) -> None:
    """The messaging tables, and `heard`: one row per handled line, in order of handling."""
    script = _Script()
    create_messaging(script)
    script.execute("CREATE TABLE heard (n bigint GENERATED ALWAYS AS IDENTITY, speaker text, line integer)")
    engine = create_async_engine(dsn)
    async with engine.begin() as connection:
        for statement in script.statements:
            await connection.execute(text(statement))
    await engine.dispose()


@asynccontextmanager
async def fresh(transactions: Transactions) -> AsyncIterator[AsyncConnection]:
    """The test's own connection, from no pool: one that was cut would fail the test and not the house."""
    engine = make_engine(transactions.engine.url.render_as_string(hide_password=False), pooled=False)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def hear(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
    """The plain handler: write down every line."""
    lines = [decode(message) for message in messages]
    await tx.execute(
        _HEAR, {"speakers": [said.speaker for said in lines], "lines": [said.line for said in lines]}
    )


@dataclass
class House:
    """Databases, transactions and the bus; workers are started by the test."""

    speaking: Transactions
    listening: Transactions
    wake: asyncio.Event
    bus: Bus
    handler: Callable = hear
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task] = field(default_factory=list)
    stops: list[asyncio.Event] = field(default_factory=list)

    async def say(self, *said: Said) -> None:
        """One transaction that emits these."""
        async with self.speaking.begin() as tx:
            for each in said:
                tx.emit(each)

    async def heard(self) -> dict[str, list[int]]:
        """Lines per speaker in order of handling."""
        async with fresh(self.listening) as connection:
            rows = (await connection.execute(text("SELECT speaker, line FROM heard ORDER BY n"))).all()
        lines: dict[str, list[int]] = defaultdict(list)
        for speaker, line in rows:
            lines[speaker].append(line)
        return dict(lines)

    async def assert_hears(self, expected: dict[str, list[int]], *, within: float = 20) -> None:
        """Wait until exactly this was heard, in this order per speaker. Raises AssertionError."""

        async def all_heard() -> bool:
            heard = await self.heard()
            assert heard == expected
            return True

        await eventually(all_heard, within=within)

    async def count(self, table: str, *, of: Transactions | None = None) -> int:
        async with fresh(of or self.listening) as connection:
            return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()

    def relay(self, **options: object) -> Relay:
        return Relay(
            self.speaking.engine,
            self.bus.publisher("speaking"),
            service="speaking",
            wake=self.wake,
            **{"backoff": Backoff(most_seconds=0.2), "election_seconds": 0.05, **options},
        )

    def consumer(self, handler: Callable | None = None, **options: object) -> Consumer:
        return Consumer(
            LISTENER,
            self.bus.subscription("listening", LISTENER, ["hall"]),
            self.listening,
            handler or self.handler,
            **{"backoff": Backoff(most_seconds=0.2), "wait_seconds": 0.1, **options},
        )

    def start(self, *workers: Relay | Consumer, stop: asyncio.Event | None = None) -> list[asyncio.Task]:
        """Run workers until `stop` (the house's own unless given)."""
        told = stop or self.stop
        tasks = [asyncio.ensure_future(worker.run(told)) for worker in workers]
        self.tasks.extend(tasks)
        self.stops.append(told)
        return tasks

    async def halt(self) -> None:
        """Stop every worker, those too that a test would have stopped itself; raises what one of them raised."""
        for stop in self.stops:
            stop.set()
        for answer in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(answer, Exception):
                raise answer
        self.tasks.clear()
        self.stops.clear()
        self.stop = asyncio.Event()


class Choosy:
    """A handler that cannot bear some lines: raises over them, or parks them."""

    def __init__(self, *unbearable: tuple[str, int], parks: bool = False) -> None:
        self.unbearable = set(unbearable)
        self.parks = parks

    async def __call__(self, messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        good = []
        for message in messages:
            said = decode(message)
            assert isinstance(said, Said)
            if (said.speaker, said.line) not in self.unbearable:
                good.append(message)
            elif self.parks:
                await tx.park(message, "unbearable")
            else:
                raise ValueError("unbearable")
        await hear(good, tx)


def lines(speaker: str, first: int, last: int) -> list[Said]:
    """What a speaker says, from the first line to the last."""
    return [Said(speaker=speaker, line=line) for line in range(first, last + 1)]


@asynccontextmanager
async def furnished(
    speaking_dsn: str, listening_dsn: str, make_bus: Callable[[Transactions], Bus]
) -> AsyncIterator[House]:
    """A house with its engines; everything ends with it."""
    engines: list[AsyncEngine] = [make_engine(speaking_dsn), make_engine(listening_dsn)]
    wake = asyncio.Event()
    speaking = Transactions(engines[0], source="/speaking", wake=wake)
    listening = Transactions(engines[1], source="/listening")
    bus = make_bus(listening)
    await bus.start()
    house = House(speaking, listening, wake, bus)
    try:
        yield house
        await house.halt()
    finally:
        for task in house.tasks:
            task.cancel()
        await asyncio.gather(*house.tasks, return_exceptions=True)
        await bus.stop()
        for engine in engines:
            await engine.dispose()
