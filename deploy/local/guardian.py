"""A server started by us ends when we end, even when we are killed and can no longer say so.

The parent-death signal of Linux would follow the *thread* that started the server and is cleared by a change of
user. A pipe follows the process: a small shell reads one end, and the end of its input is our death.
"""

import os
import signal
import subprocess
from pathlib import Path

_WATCH = 'read -r _; [ "$(readlink "/proc/$1/cwd")" = "$2" ] && kill -s "$3" "$1"; exit 0'


class Guardian:
    """Sends `death_signal` to process `pid` when this process ends without having called `dismiss`.

    `folder` is the server's working directory; a process that got the same number later has another one.
    """

    def __init__(self, pid: int, folder: Path, death_signal: signal.Signals) -> None:
        name = death_signal.name.removeprefix("SIG")
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "guardian", str(pid), str(folder.resolve()), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """End the watch without a signal to the server."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()


def runs_in(pid: int, folder: Path) -> bool:
    """Whether process `pid` is alive and works in `folder` (false for a number that was given away again)."""
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(folder.resolve())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
