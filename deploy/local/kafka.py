"""The local Apache Kafka: one real broker, its jars fetched by Maven from the locked list in deploy/kafka/pom.xml."""

import base64
import os
import re
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

from deploy.local.class_archive import ClassArchive
from deploy.local.guardian import Guardian, runs_in
from deploy.local.server_process import (
    FolderLock,
    ServerDidNotStart,
    end_process,
    end_stranger,
    free_port,
    last_lines,
    open_log,
    port_answers,
    wait_until,
)

START_SECONDS = 60.0
_RECIPE = Path(__file__).parents[1] / "kafka"
_PACKAGES = Path(__file__).with_name("packages.sh")
_ORDERLY_END = ((signal.SIGTERM, 20.0),)
_ENDED_BY_SIGTERM = 128 + signal.SIGTERM  # what Java answers after its shutdown hooks
_SMALL_MACHINE = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile=file:{_RECIPE / 'log4j2.properties'}",
)
_BROKER_MEMORY = ("-Xms128m", "-Xmx384m", "-XX:MaxMetaspaceSize=160m", "-XX:+ExitOnOutOfMemoryError")


class KafkaServer:
    """One Kafka node on 127.0.0.1 with its data in `data_dir`; formatted at the first start, found again at the next.

    `port` None: any free one, kept for the life of this object. The folder holds `data`, `server.properties`,
    `server.log`, `pid` and `lock`. Topics are not made by use: create them with the admin client.
    """

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.port = port or free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None
        self._lock = FolderLock(self.data_dir)
        self._classes: ClassArchive | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data_dir / "server.log"

    @property
    def pid(self) -> int | None:
        """The broker's process id, None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Fetch the jars if need be, format a new folder, start, wait until the port answers (5 s on two cores).

        Raises FolderInUse, ServerDidNotStart.
        """
        if self.pid is not None:
            return
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        self._end_watch()
        try:
            self._end_orphan()
            _require_packages("java")
            jars = kafka_jars()
            class_path = _class_path(jars)
            self._classes = ClassArchive(jars, java(), self.data_dir / "classes.jsa")
            configuration = self._write_configuration()
            if not (self.data_dir / "data" / "meta.properties").exists():
                self._format(class_path, configuration, self._classes)
            self._launch(class_path, configuration, self._classes)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Orderly end: the log is flushed and offsets are kept. No-op when it does not run."""
        self._end_watch()
        if self._process is not None:
            end_process(self._process, *_ORDERLY_END)
            self._keep_classes(ended_in_order=self._process.returncode == _ENDED_BY_SIGTERM)
            self._process = None
        self._lock.release()

    def kill(self) -> None:
        """kill -9, for fault tests. `start` brings the same node back on the same port with the same data."""
        self._end_watch()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._keep_classes(ended_in_order=False)
            self._process = None
        self._lock.release()

    def _keep_classes(self, *, ended_in_order: bool) -> None:
        if self._classes is not None:
            self._classes.keep() if ended_in_order else self._classes.forget()

    def _end_watch(self) -> None:
        if self._guardian is not None:
            self._guardian.dismiss()
            self._guardian = None

    def _end_orphan(self) -> None:
        pid_file = self.data_dir / "pid"
        if pid_file.exists():
            pid = int(pid_file.read_text(encoding="ascii"))
            end_stranger(pid, lambda: runs_in(pid, self.data_dir), *_ORDERLY_END)

    def _write_configuration(self) -> Path:
        text = (_RECIPE / "server.properties.in").read_text(encoding="utf-8")
        words = {
            "@PORT@": str(self.port),
            "@CONTROLLER_PORT@": str(self._controller_port),
            "@DATA@": str(self.data_dir / "data"),
        }
        for word, value in words.items():
            text = text.replace(word, value)
        path = self.data_dir / "server.properties"
        path.write_text(text, encoding="utf-8")
        return path

    def _format(self, class_path: str, configuration: Path, classes: ClassArchive) -> None:
        """Raises ServerDidNotStart. A cluster id is 22 characters of base64url and must not begin with a hyphen."""
        cluster_id = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        made = subprocess.run(
            [
                java(), "-Xmx128m", *_SMALL_MACHINE, *classes.using,
                "-cp", class_path, "kafka.tools.StorageTool", "format",
                "--cluster-id", cluster_id, "--config", str(configuration), "--ignore-formatted",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise ServerDidNotStart(f"{ServerDidNotStart.__doc__}\n{made.stdout.decode(errors='replace')}")

    def _launch(self, class_path: str, configuration: Path, classes: ClassArchive) -> None:
        begun = self.log.stat().st_size if self.log.exists() else 0
        with open_log(self.log) as log:
            self._process = subprocess.Popen(
                [
                    java(), *_BROKER_MEMORY, *_SMALL_MACHINE, *classes.using_or_making,
                    f"-Dkafka.logs.dir={self.data_dir}",
                    "-cp", class_path, "kafka.Kafka", str(configuration),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data_dir,
                start_new_session=True,
            )  # fmt: skip
        self._guardian = Guardian(self._process.pid, self.data_dir, signal.SIGTERM)
        (self.data_dir / "pid").write_text(str(self._process.pid), encoding="ascii")
        wait_until(lambda: port_answers(self.port) or self.pid is None, seconds=START_SECONDS)
        if self.pid is None or not port_answers(self.port):
            said = last_lines(self.log, since=begun)
            raise ServerDidNotStart(f"{ServerDidNotStart.__doc__}\n{self.log}\n{said}")


def java() -> str:
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else "java"


def kafka_jars() -> Path:
    """The folder with Kafka's jars, fetched once per version into the user's cache. Raises ServerDidNotStart."""
    version = re.search(r"<kafka.version>(.+?)<", (_RECIPE / "pom.xml").read_text(encoding="utf-8"))
    if version is None:
        raise ServerDidNotStart("deploy/kafka/pom.xml names no kafka.version")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lianban"
    jars = cache / f"kafka-{version[1]}"
    if not jars.exists():
        _require_packages("maven")
        cache.mkdir(parents=True, exist_ok=True)
        _fetch_jars(jars)
    return jars


def _require_packages(*parts: str) -> None:
    """Java or Maven: root installs them, an ordinary user is told the packages. Raises ServerDidNotStart."""
    checked = subprocess.run([_PACKAGES, *parts], stderr=subprocess.PIPE, check=False)
    if checked.returncode != 0:
        raise ServerDidNotStart(checked.stderr.decode(errors="replace"))


def _fetch_jars(jars: Path) -> None:
    """Into a folder beside, then a rename: a fetch that was broken off leaves nothing that looks whole."""
    half = Path(tempfile.mkdtemp(prefix=f"{jars.name}.", dir=jars.parent))
    fetched = subprocess.run(
        ["mvn", "--quiet", "--batch-mode", "--strict-checksums", "-f", str(_RECIPE / "pom.xml"),
         "dependency:copy-dependencies", f"-Djars={half}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )  # fmt: skip
    if fetched.returncode != 0:
        raise ServerDidNotStart(
            f"Maven could not fetch Kafka:\n{fetched.stdout.decode(errors='replace')[-4_000:]}"
        )
    half.chmod(0o755)
    try:
        half.rename(jars)
    except OSError:
        if not jars.exists():
            raise


def _class_path(jars: Path) -> str:
    return ":".join(sorted(str(jar) for jar in jars.glob("*.jar")))
