"""What every test may ask for: a real PostgreSQL, a real Kafka, empty databases and copies of migrated ones."""

import asyncio
import faulthandler
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from itertools import count
from typing import Protocol

import pytest
import structlog
from playwright.async_api import Browser, async_playwright

from deploy.local.kafka import KafkaServer
from deploy.local.postgres import PostgresServer
from tests.copies import Copies

_numbers = count(1)


class NewDatabase(Protocol):
    """`await new_database("gateway")` → its DSN. `template`: a database to copy (see `template_database`)."""

    async def __call__(self, name: str, *, template: str | None = None) -> str: ...


class TemplateDatabase(Protocol):
    """`await template_database("gateway", migrate)` → the name of a database that `migrate(dsn)` prepared once.

    `migrate` must close its connections. The database stays for the session: the same name is the same database.
    """

    async def __call__(self, name: str, prepare: Callable[[str], Awaitable[object]]) -> str: ...


_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Plain tracebacks in what tests log: structlog's own show local values, and take seconds to draw them."""
    config.stash[_STDERR] = os.dup(2)  # pytest captures the number 2 itself while a test runs
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
    """A running PostgreSQL, shared by the session. It spares the disk: faults are tried on servers of their own."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), durable=False)
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


@pytest.fixture(scope="session")
def copies(postgres: PostgresServer) -> Copies:
    """Copies of prepared databases, lent from test to test."""
    return Copies(postgres)


@pytest.fixture
async def new_database(postgres: PostgresServer, copies: Copies) -> AsyncIterator[NewDatabase]:
    """Databases of the test's own: a copy is given back at its end, an empty one dropped."""
    lent: list[tuple[str, str]] = []
    made: list[str] = []

    async def make(name: str, *, template: str | None = None) -> str:
        if template is not None:
            database = await copies.take(name, template)
            lent.append((database, template))
        else:
            database = f"{name}_{next(_numbers)}"
            await postgres.create_database(database)
            made.append(database)
        return postgres.dsn(database)

    yield make
    for database, template in lent:
        await copies.give_back(database, template)
    for database in made:
        await postgres.drop_database(database)


@pytest.fixture(scope="session")
async def template_database(postgres: PostgresServer) -> TemplateDatabase:
    """Prepared once a session; tests get copies of it."""
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
# Where the whole folder looks at one running system: started once a worker, so one worker has them all.
ONE_SYSTEM = ("tests/journeys", "tests/web")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a broker, the browser or the whole system bears its mark: `make test-fast` leaves it out.

    Several workers (`make test WORKERS=2`): tests that share what is dear to start stay with one of them.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(shared_by(item)))
        fixtures = set(getattr(item, "fixturenames", ()))
        if "site" in fixtures or any(folder in item.path.as_posix() for folder in WHOLE_SYSTEM):
            item.add_marker("slow")
        for name in {"kafka", "browser"} & fixtures:
            item.add_marker(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """pytest drops its own timeout once a test has failed: a teardown that then hangs would hold the run for ever."""
    if seconds := float(item.config.getini("faulthandler_timeout")):
        faulthandler.dump_traceback_later(seconds, exit=True, file=item.config.stash[_STDERR])
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def shared_by(item: pytest.Item) -> str:
    """The tests that one worker runs: a file's, or a folder's where all look at the same system on the same bus."""
    file = item.path.relative_to(item.config.rootpath)
    bus = getattr(item, "callspec", None) and item.callspec.params.get("stack")
    one = next((folder for folder in ONE_SYSTEM if file.as_posix().startswith(folder)), file.as_posix())
    return f"{one} on {bus}" if bus else one


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
