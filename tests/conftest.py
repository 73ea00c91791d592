"""What every test may ask for: a real PostgreSQL, a real Kafka, empty databases and copies of migrated ones."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from typing import Protocol

import pytest
import structlog
from playwright.async_api import Browser, async_playwright

from deploy.local.kafka import KafkaServer
from deploy.local.postgres import PostgresServer

_numbers = count(1)


class NewDatabase(Protocol):
    """`await new_database("gateway")` → its DSN. `template`: a database to copy (see `template_database`)."""

    async def __call__(self, name: str, *, template: str | None = None) -> str: ...


class TemplateDatabase(Protocol):
    """`await template_database("gateway", migrate)` → the name of a database that `migrate(dsn)` prepared once.

    `migrate` must close its connections. The database stays for the session: the same name is the same database.
    """

    async def __call__(self, name: str, prepare: Callable[[str], Awaitable[object]]) -> str: ...


def pytest_configure() -> None:
    """Plain tracebacks in what tests log: structlog's own show local values, and take seconds to draw them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        cache_logger_on_first_use=False,
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A running PostgreSQL with durable settings, shared by the session."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A running Kafka node, shared by the session: use topic names of your own. Mark such tests `kafka`."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def new_database(postgres: PostgresServer) -> AsyncIterator[NewDatabase]:
    """Databases of the test's own, dropped at its end."""
    made: list[str] = []

    async def make(name: str, *, template: str | None = None) -> str:
        database = f"{name}_{next(_numbers)}"
        await postgres.create_database(database, template)
        made.append(database)
        return postgres.dsn(database)

    yield make
    for database in made:
        await postgres.drop_database(database)


@pytest.fixture(scope="session")
async def template_database(postgres: PostgresServer) -> TemplateDatabase:
    """Migrated once a session, copied for each test: a copy takes 50 ms."""
    prepared: dict[str, asyncio.Task[str]] = {}

    async def prepare_once(name: str, prepare: Callable[[str], Awaitable[object]]) -> str:
        database = f"template_{name}"
        await postgres.create_database(database)
        await prepare(postgres.dsn(database))
        return database

    async def template(name: str, prepare: Callable[[str], Awaitable[object]]) -> str:
        if name not in prepared:
            prepared[name] = asyncio.ensure_future(prepare_once(name, prepare))
        return await prepared[name]

    return template


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, headless. Every test opens a context of its own: `await browser.new_context()`."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield chromium
        await chromium.close()


WHOLE_SYSTEM = ("tests/journeys", "tests/faults", "tests/local")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a broker, the browser or the whole system bears its mark: `make test-fast` leaves it out."""
    for item in items:
        if any(folder in item.path.as_posix() for folder in WHOLE_SYSTEM):
            item.add_marker("slow")
        for name in {"kafka", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(name)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a test that did not run: it fails the session."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None:
        left_out = [
            report.nodeid for kind in ("skipped", "xfailed") for report in reporter.stats.get(kind, [])
        ]
        if left_out:
            reporter.write_line(f"CI allows no skipped test, these were: {left_out}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
