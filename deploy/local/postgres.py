"""The local PostgreSQL: one server for all service databases, from the binaries of a locked package."""

import os
import re
import secrets
import signal
import subprocess
from pathlib import Path

import asyncpg

from deploy.local.guardian import Guardian, runs_in
from deploy.local.postgres_user import ServerUser, installed_programs, server_user
from deploy.local.server_process import (
    FolderLock,
    ServerDidNotStart,
    end_process,
    end_stranger,
    free_port,
    last_lines,
    open_log,
    port_is_free,
    wait_until,
)

USER = "lianban"
START_SECONDS = 60.0
# SIGINT is PostgreSQL's fast shutdown (sessions are ended), SIGQUIT its immediate one (recovery at the next start).
_FAST_THEN_IMMEDIATE = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0))
_CONFIGURATION = Path(__file__).with_name("postgresql.conf")
_DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class PostgresServer:
    """A PostgreSQL server with its data in `data_dir`; made at the first start, found again at the next.

    `port` None: the port of the last start if it is free, else any free one. The folder holds `cluster` (the data),
    `password` (mode 0600), `port`, `server.log` and `lock`. `durable` False: only for tests that no power cut can be
    part of; copies of databases then take a fraction of the time, everything else is as it is.
    """

    def __init__(self, data_dir: Path, port: int | None = None, *, durable: bool = True) -> None:
        self.data_dir = Path(data_dir).absolute()
        self._durable = durable
        self._wanted_port = port
        self._port: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None
        self._lock = FolderLock(self.data_dir)

    # --- places -------------------------------------------------------------------------------------------------

    @property
    def cluster(self) -> Path:
        return self.data_dir / "cluster"

    @property
    def log(self) -> Path:
        return self.data_dir / "server.log"

    @property
    def password_file(self) -> Path:
        return self.data_dir / "password"

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1. Raises RuntimeError before the first start."""
        if self._port is None:
            raise RuntimeError("the PostgreSQL server was not started")
        return self._port

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def dsn(self, database: str) -> str:
        """`postgresql+asyncpg://…` for SQLAlchemy. It holds the password: not for logs."""
        return f"postgresql+asyncpg://{USER}:{self._password()}@127.0.0.1:{self.port}/{database}"

    # --- start and end ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the cluster if it is new, end a server that a killed supervisor left, start, wait until it serves.

        Raises FolderInUse, DataFolderOutOfReach, ServerDidNotStart.
        """
        if self.pid is not None:
            return
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        self._end_watch()
        try:
            user = server_user(self.data_dir)
            if not (self.cluster / "PG_VERSION").exists():
                self._make_cluster(user)
            self._end_orphan()
            self._port = self._choose_port()
            self._write_configuration(user)
            self._launch(user)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown: open sessions are ended, everything committed is on disk. No-op when it does not run."""
        self._end_watch()
        if self._process is not None:
            end_process(self._process, *_FAST_THEN_IMMEDIATE)
            self._process = None
        self._lock.release()

    def _end_watch(self) -> None:
        if self._guardian is not None:
            self._guardian.dismiss()
            self._guardian = None

    def _launch(self, user: ServerUser) -> None:
        """Raises ServerDidNotStart. Backends of a postmaster that was killed may hold its memory for a moment."""

        def started() -> bool:
            begun = self.log.stat().st_size if self.log.exists() else 0
            with open_log(self.log) as log:
                self._process = subprocess.Popen(
                    user.command("postgres", "-D", str(self.cluster)),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.cluster,
                    start_new_session=True,
                    **user.options,
                )
            wait_until(lambda: self._ready() or self.pid is None, seconds=START_SECONDS)
            if self._ready():
                return True
            said = last_lines(self.log, since=begun)
            if "pre-existing shared memory block" in said:
                return False
            raise ServerDidNotStart(f"{ServerDidNotStart.__doc__}\n{self.log}\n{said}")

        if not wait_until(started, seconds=START_SECONDS) or self._process is None:
            raise ServerDidNotStart(f"{ServerDidNotStart.__doc__}\n{self.log}\n{last_lines(self.log)}")
        self._guardian = Guardian(self._process.pid, self.cluster, signal.SIGINT)

    def _ready(self) -> bool:
        """PostgreSQL writes `ready` into the eighth line of its pid file when it takes connections."""
        lines = self._pid_file_lines()
        return (
            self.pid is not None
            and len(lines) >= 8
            and lines[0] == str(self.pid)
            and lines[7].strip() == "ready"
        )

    def _end_orphan(self) -> None:
        lines = self._pid_file_lines()
        if lines and lines[0].isdigit():
            pid = int(lines[0])
            end_stranger(pid, lambda: runs_in(pid, self.cluster), *_FAST_THEN_IMMEDIATE)

    def _pid_file_lines(self) -> list[str]:
        path = self.cluster / "postmaster.pid"
        return path.read_text(encoding="utf-8").split("\n") if path.exists() else []

    # --- the cluster --------------------------------------------------------------------------------------------

    def _make_cluster(self, user: ServerUser) -> None:
        """initdb beside the final name, then a rename: a start that was killed half-way leaves no half cluster."""
        half = self.data_dir / "cluster.new"
        subprocess.run(["rm", "-rf", str(half)], check=True)
        half.mkdir(mode=0o700)
        user.own(half)
        self._write_password(user)
        made = subprocess.run(
            user.command(
                "initdb", "-D", str(half), "--username", USER, "--pwfile", str(self.password_file),
                "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=half,
            check=False,
            **user.options,
        )  # fmt: skip
        if made.returncode != 0:
            raise ServerDidNotStart(f"{ServerDidNotStart.__doc__}\n{made.stdout.decode(errors='replace')}")
        half.rename(self.cluster)

    def _write_password(self, user: ServerUser) -> None:
        """A fresh random password; the file is 0600 from its first byte."""
        self.password_file.unlink(missing_ok=True)
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))
        user.own(self.password_file)

    def _password(self) -> str:
        return self.password_file.read_text(encoding="ascii").strip()

    def _choose_port(self) -> int:
        if self._wanted_port is not None:
            return self._wanted_port
        if self._port is not None:
            return self._port
        last = self.data_dir / "port"
        if last.exists() and port_is_free(int(last.read_text(encoding="ascii"))):
            return int(last.read_text(encoding="ascii"))
        port = free_port()
        last.write_text(str(port), encoding="ascii")
        return port

    def _write_configuration(self, user: ServerUser) -> None:
        settings = _CONFIGURATION.read_text(encoding="utf-8") + f"\nport = {self.port}\n"
        if built_with_lz4():
            settings += "wal_compression = lz4\n"
        if not self._durable:
            settings += "fsync = off\nfull_page_writes = off\n"
        rules = "host all all 127.0.0.1/32 scram-sha-256\n"
        for name, text in (("postgresql.conf", settings), ("pg_hba.conf", rules)):
            path = self.cluster / name
            path.write_text(text, encoding="utf-8")
            user.own(path)

    # --- databases ----------------------------------------------------------------------------------------------

    async def create_database(self, name: str, template: str | None = None) -> bool:
        """Make database `name`, empty or as a copy of `template` (nobody may be connected to that one).

        True if it was made, False if it was there already. Raises ValueError for a name that is not plain.
        """
        copy = f" TEMPLATE {_plain(template)}" if template else ""
        connection = await self._administrator()
        try:
            if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                return False
            # Measured: copying files needs a checkpoint; where that must reach the disk the log is the faster way.
            strategy = "wal_log" if self._durable else "file_copy"
            await connection.execute(f"CREATE DATABASE {_plain(name)}{copy} STRATEGY {strategy}")
        except asyncpg.DuplicateDatabaseError:
            return False
        finally:
            await connection.close()
        return True

    async def drop_database(self, name: str) -> None:
        """Drop database `name` with its open sessions; no-op when there is none."""
        connection = await self._administrator()
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {_plain(name)} WITH (FORCE)")
        finally:
            await connection.close()

    async def _administrator(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=self._password(),
            database="postgres",
            ssl=False,
        )


def built_with_lz4() -> bool:
    """Whether these binaries can compress their log with lz4 (the package may be built without)."""
    said = subprocess.run(
        [installed_programs() / "pg_config", "--configure"], capture_output=True, check=True
    )
    return b"--with-lz4" in said.stdout


def _plain(name: str) -> str:
    if not _DATABASE_NAME.fullmatch(name):
        raise ValueError(f"not a plain database name: {name!r} (a-z, 0-9, _)")
    return name
