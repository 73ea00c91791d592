"""Kafka's classes as Java keeps them ready-made (class data sharing): with it the broker starts in half the time.

Java writes the archive when a broker without one ends in order (some seconds, once per machine); after that every
broker here uses it. An archive of another Java or other jars is never used: Java checks, and the name tells them apart.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path


class ClassArchive:
    """`jars`: the folder with Kafka's jars; the archive lies beside it. `made`: where a broker may write a new one."""

    def __init__(self, jars: Path, java: str, made: Path) -> None:
        home = Path(os.path.realpath(shutil.which(java) or java)).parents[1]
        modules = home / "lib" / "modules"
        stamp = f"{home} {modules.stat().st_mtime_ns if modules.exists() else 0}"
        self._path = jars.with_name(f"{jars.name}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}.jsa")
        self._made = made

    @property
    def using(self) -> Sequence[str]:
        """Java's options to use the archive; none while there is none."""
        return [f"-XX:SharedArchiveFile={self._path}"] if self._path.exists() else []

    @property
    def using_or_making(self) -> Sequence[str]:
        """As `using`; while there is none, the options to write one at the end."""
        self._made.unlink(missing_ok=True)
        return self.using or [f"-XX:ArchiveClassesAtExit={self._made}"]

    def keep(self) -> None:
        """Put what a broker has written in its place, whole or not at all."""
        if self._made.exists():
            half = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            shutil.copyfile(self._made, half)
            half.replace(self._path)
            self._made.unlink()

    def forget(self) -> None:
        """What a broker that was killed may have left is no archive."""
        self._made.unlink(missing_ok=True)
