"""Figures of runs as a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; not a number when there is nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


@dataclass
class Figures:
    """One run: rate, latencies in seconds, CPU-ms per case by process, memory in MiB by process."""

    rate: float
    latencies: list[float]
    cpu_ms: dict[str, float]
    pss_mib: dict[str, float]
    failures: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def row(self) -> dict[str, float]:
        """The figures of the table."""
        return {
            "cases/s": self.rate,
            "p50 ms": 1000 * percentile(self.latencies, 0.50),
            "p99 ms": 1000 * percentile(self.latencies, 0.99),
            "CPU-ms/case": sum(self.cpu_ms.values()),
            "PSS MiB": sum(self.pss_mib.values()),
        }


def spread(runs: Sequence[Figures]) -> str:
    """`median (lowest–highest)` of each figure, as cells of a table row."""
    cells = []
    for name in runs[0].row():
        values = [run.row()[name] for run in runs]
        digits = 1 if median(values) < 100 else 0
        cells.append(f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})")
    return " | ".join(cells)


def by_process(runs: Sequence[Figures]) -> list[str]:
    """CPU-ms per case and PSS by process, medians over the runs."""
    names = sorted({name for run in runs for name in run.cpu_ms})
    return [
        f"| {name} | {median([run.cpu_ms.get(name, 0.0) for run in runs]):.2f}"
        f" | {median([run.pss_mib.get(name, 0.0) for run in runs]):.0f} |"
        for name in names
    ]
