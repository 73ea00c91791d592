import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import postgres_user
from deploy.local.guardian import runs_in
from deploy.local.postgres import PostgresServer
from deploy.local.postgres_user import DataFolderOutOfReach, unprivileged_user
from deploy.local.server_process import FolderInUse
from kernel.testing import eventually
from tests.conftest import NewDatabase, TemplateDatabase

pytestmark = pytest.mark.slow

# Starts a server in argv[1], writes one committed row, says so, and waits to be killed.
PARENT = """
import asyncio, pathlib, sys, asyncpg
from deploy.local.postgres import PostgresServer

server = PostgresServer(pathlib.Path(sys.argv[1]))
server.start()
if sys.argv[2] == "unwatched":
    server._guardian.dismiss()

async def write():
    connection = await asyncpg.connect(server.dsn("postgres").replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await connection.close()

asyncio.run(write())
print(server.pid, flush=True)
sys.stdin.read()
"""


def plain(dsn: str) -> str:
    return dsn.replace("postgresql+asyncpg", "postgresql")


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(plain(dsn))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def begin_and_kill_parent(folder: Path, guardian: str = "watched") -> int:
    """The process id of the server whose supervisor was killed with signal 9."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), guardian],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    return pid


async def test_committed_rows_survive_the_kill_of_the_supervisor_and_a_new_start(tmp_path: Path) -> None:
    begin_and_kill_parent(tmp_path)
    server = PostgresServer(tmp_path)
    server.start()
    try:
        assert await ask(server.dsn("postgres"), "SELECT number FROM kept") == 7
    finally:
        server.stop()


async def test_a_server_whose_supervisor_was_killed_ends_by_itself(tmp_path: Path) -> None:
    pid = begin_and_kill_parent(tmp_path)
    assert await eventually(lambda: not runs_in(pid, tmp_path / "cluster"), within=20)


async def test_a_server_left_behind_is_replaced_by_the_next_start(tmp_path: Path) -> None:
    pid = begin_and_kill_parent(tmp_path, guardian="unwatched")
    assert runs_in(pid, tmp_path / "cluster")
    server = PostgresServer(tmp_path)
    server.start()
    try:
        assert server.pid not in (None, pid)
        assert await ask(server.dsn("postgres"), "SELECT number FROM kept") == 7
    finally:
        server.stop()


async def test_a_killed_server_recovers_on_the_same_port(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    try:
        port, pid = server.port, server.pid
        assert pid is not None
        await ask(server.dsn("postgres"), "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: server.pid is None)
        server.start()
        assert server.port == port
        assert await ask(server.dsn("postgres"), "SELECT number FROM kept") == 7
    finally:
        server.stop()


def test_a_second_supervisor_of_the_same_folder_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(FolderInUse):
        PostgresServer(postgres.data_dir).start()
    assert postgres.pid is not None


def test_the_password_is_readable_by_its_owner_alone(postgres: PostgresServer) -> None:
    assert stat.S_IMODE(postgres.password_file.stat().st_mode) == 0o600
    assert len(postgres.password_file.read_text()) >= 24


async def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    password = postgres.password_file.read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(postgres.dsn("postgres").replace(password, "wrong"), "SELECT 1")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server as an installation has it (the session's own spares the disk)."""
    server = PostgresServer(tmp_path_factory.mktemp("installed"))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"])
async def test_durability_is_on(installed: PostgresServer, setting: str) -> None:
    assert await ask(installed.dsn("postgres"), f"SHOW {setting}") == "on"


async def test_databases_compare_text_by_code_point_in_utf8(new_database: NewDatabase) -> None:
    query = (
        "SELECT datlocprovider::text || ' ' || datlocale || ' ' || pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = current_database()"
    )
    assert await ask(await new_database("locale"), query) == "b C.UTF-8 UTF8"


async def test_the_log_holds_no_value_of_a_failed_statement(
    postgres: PostgresServer, new_database: NewDatabase
) -> None:
    dsn = await new_database("secrets")
    await ask(dsn, "CREATE TABLE person (number text UNIQUE)")
    connection = await asyncpg.connect(plain(dsn))
    try:
        await connection.execute("INSERT INTO person VALUES ($1)", "synthetic-4711")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO person VALUES ($1)", "synthetic-4711")
    finally:
        await connection.close()
    log = await eventually(lambda: text if "duplicate key" in (text := postgres.log.read_text()) else "")
    assert "4711" not in log


async def test_a_database_is_a_copy_of_its_template(
    new_database: NewDatabase, template_database: TemplateDatabase
) -> None:
    async def prepare(dsn: str) -> None:
        await ask(dsn, "CREATE TABLE prepared AS SELECT 3 AS number")

    template = await template_database("copied", prepare)
    first, second = await asyncio.gather(
        new_database("copy", template=template), new_database("copy", template=template)
    )
    await ask(first, "UPDATE prepared SET number = 4")
    assert await ask(second, "SELECT number FROM prepared") == 3


async def test_a_database_that_exists_is_left_as_it_is(postgres: PostgresServer) -> None:
    assert await postgres.create_database("twice") is True
    await ask(postgres.dsn("twice"), "CREATE TABLE kept AS SELECT 7 AS number")
    assert await postgres.create_database("twice") is False
    assert await ask(postgres.dsn("twice"), "SELECT number FROM kept") == 7
    await postgres.drop_database("twice")


async def test_a_name_that_could_carry_sql_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(ValueError, match="plain database name"):
        await postgres.create_database('x"; DROP DATABASE postgres; --')


async def test_it_serves_where_user_namespaces_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root becomes a real other user, with a copy of the programs if theirs are out of reach."""
    with tempfile.TemporaryDirectory() as open_to_all:
        folder = Path(open_to_all)
        folder.chmod(0o755)
        monkeypatch.setattr(postgres_user, "namespaces_work", lambda: False)
        monkeypatch.setattr(postgres_user, "READABLE_COPIES", folder / "copies")
        reachable = postgres_user.everybody_may_enter
        monkeypatch.setattr(
            postgres_user, "everybody_may_enter", lambda path: path.name != "bin" and reachable(path)
        )
        server = PostgresServer(folder / "data")
        server.start()
        try:
            assert await ask(server.dsn("postgres"), "SHOW server_version_num") is not None
            assert server.pid is not None
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0
            assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
        finally:
            server.stop()


def test_a_folder_that_only_root_may_enter_is_refused_for_another_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataFolderOutOfReach):
        unprivileged_user(closed / "data")
