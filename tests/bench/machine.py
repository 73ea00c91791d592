"""What a run costs: CPU seconds and proportional memory by process, and the machine's name."""

import os
import platform
from collections import defaultdict
from pathlib import Path

import psutil


def name_of_machine() -> str:
    """Processor, cores, memory and kernel in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown"
    )
    memory = psutil.virtual_memory().total / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def role_of(process: psutil.Process) -> str:
    """A short name for a process: the service and its part, PostgreSQL, Kafka."""
    words = process.cmdline()
    if process.name().startswith("postgres"):
        return "postgresql"
    if process.name() == "java":
        return "kafka"
    for verb in ("serve", "worker"):
        if verb in words:
            return " ".join(words[words.index(verb) : words.index(verb) + 2])
    return "simulators" if "simulators" in words else "up"


def tree(pid: int) -> list[psutil.Process]:
    """The process and all that descend from it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def cpu_seconds(pid: int) -> dict[str, float]:
    """User and system seconds so far by role, ended children of live processes included."""
    spent: dict[str, float] = defaultdict(float)
    for process in tree(pid):
        try:
            times = process.cpu_times()
            spent[role_of(process)] += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return dict(spent)


def pss_mib(pid: int) -> dict[str, float]:
    """Proportional set size in MiB by role (shared pages counted once over all)."""
    held: dict[str, float] = defaultdict(float)
    for process in tree(pid):
        try:
            held[role_of(process)] += process.memory_full_info().pss / 2**20
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return dict(held)
