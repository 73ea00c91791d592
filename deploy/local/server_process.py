"""What PostgreSQL and Kafka have in common: a folder of their own, a port, an orderly end."""

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.02
LOG_LIMIT_BYTES = 20_000_000


class ServerDidNotStart(RuntimeError):
    """服务器没有启动。
    A server did not start; the message names the log and quotes its last lines."""


class FolderInUse(RuntimeError):
    """数据目录正被另一个进程使用，请先停止它。
    Another running process of ours uses this data folder: stop that one, or choose another folder."""


class FolderLock:
    """One supervisor per data folder. The lock ends with its process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises FolderInUse when a living process holds the folder."""
        if self._file is not None:
            return
        file = self._path.open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise FolderInUse(f"{FolderInUse.__doc__} ({self._path.parent})") from error
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def port_answers(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `condition` came true within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def open_log(path: Path) -> IO[bytes]:
    """Append to `path`; a log past its limit starts again, the old one kept once as `.1`."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_lines(log: Path, *, since: int = 0) -> str:
    """The last lines of a log, at most 4,000 characters, from byte `since` on."""
    if not log.exists():
        return ""
    return log.read_bytes()[since:][-4_000:].decode("utf-8", errors="replace")


def end_process(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Ask with each signal in turn and wait its seconds; the last word is SIGKILL."""
    for asked, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(asked)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue


def end_stranger(pid: int, is_alive: Callable[[], bool], *steps: tuple[signal.Signals, float]) -> None:
    """As `end_process`, for a server that an earlier, killed supervisor left behind."""
    for asked, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if not is_alive():
            return
        os.kill(pid, asked)
        wait_until(lambda: not is_alive(), seconds=seconds)
