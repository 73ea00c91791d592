"""A local installation: one data folder with PostgreSQL, Kafka, logs, and what other commands must know of it.

postgres/  kafka/  logs/         servers and logs
databases.env   (mode 0600)      `gateway=postgresql+asyncpg://…`, one line for each service
people.json                      how many synthetic households were loaded and in which counties; departments know
                                 the same people
running.json                     address and process of the `up` that runs, or ran last
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = ROOT / ".lianban"
_FIRST_COUNTIES = ("331022", "430121")


class NotInstalled(RuntimeError):
    """没有找到数据库地址：请先运行 make up，或设置环境变量 LIANBAN_<服务>_DATABASE_URL。
    No database address: run `make up` first, or set LIANBAN_<SERVICE>_DATABASE_URL."""


@dataclass(frozen=True)
class PeopleLoaded:
    """How many households, how many more for the benchmark, and the counties over which they were spread, in order.

    A household follows from its number and the counties: a region that joins later must not move the people that stand.
    """

    households: int
    bench: int
    counties: tuple[str, ...]


@dataclass(frozen=True)
class Installation:
    """Paths below the data folder, and the small files in it."""

    folder: Path

    @property
    def postgres(self) -> PostgresServer:
        """The server of this installation, not started."""
        return PostgresServer(self.folder / "postgres")

    @property
    def kafka_folder(self) -> Path:
        return self.folder / "kafka"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def prepare(self) -> None:
        """Make the folder."""
        self.logs.mkdir(parents=True, exist_ok=True)

    def write_addresses(self, addresses: Mapping[str, str]) -> None:
        """For other commands and tools; the addresses hold the password."""
        text = "".join(f"{name}={address}\n" for name, address in addresses.items())
        _write_private(self.folder / "databases.env", text)

    def address(self, service: str) -> str:
        """The database of a service: from the environment, else from this installation. Raises NotInstalled."""
        given = os.environ.get(f"LIANBAN_{service.upper()}_DATABASE_URL")
        return given or self.addresses().get(service) or _not_installed()

    def addresses(self) -> dict[str, str]:
        """What the last `up` wrote; empty when there was none."""
        file = self.folder / "databases.env"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def people_loaded(self) -> PeopleLoaded | None:
        """What the first start loaded; None before it. Without counties: loaded when there were two regions."""
        file = self.folder / "people.json"
        if not file.exists():
            return None
        loaded = json.loads(file.read_text(encoding="utf-8"))
        counties = tuple(loaded.get("counties", _FIRST_COUNTIES))
        return PeopleLoaded(loaded["households"], loaded["bench"], counties)

    def write_people(self, loaded: PeopleLoaded) -> None:
        """Remember what was loaded."""
        _write_private(self.folder / "people.json", json.dumps(asdict(loaded)))

    def write_running(self, address: str) -> None:
        """Where the pages are now."""
        _write_private(self.folder / "running.json", json.dumps({"address": address, "pid": os.getpid()}))


def _not_installed() -> str:
    raise NotInstalled(NotInstalled.__doc__)


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    half = path.with_name(path.name + ".new")
    half.unlink(missing_ok=True)
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    half.replace(path)
