"""`make bench`: the benchmark *full case*, fixed in docs/performance.md; prints a table, asserts nothing.

python -m tests.bench [--profile local|kafka] [--line 1|2] [--in-flight 32,128,256] [--open 20]
                      [--seconds 60] [--warm-up 10] [--runs 3] [--people N] [--out FILE]
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from contracts.catalog_files import load_catalogue
from kernel.public_service.clock import TZ
from tests.bench import machine
from tests.bench.load import Feed, Line, Load
from tests.bench.owners_check import missing_ends
from tests.bench.raw import raw_commits
from tests.bench.report import Figures, by_process, spread
from tests.bench.subjects import ends_line_1, ends_line_2, pairs
from tests.stack import Stack

HEAD = (
    "| profile | line | load | cases/s | p50 ms | p99 ms | CPU-ms/case | PSS MiB |\n"
    "|---|---|---|---|---|---|---|---|"
)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--profile", default="local,kafka")
    parser.add_argument("--line", default="1,2")
    parser.add_argument("--in-flight", default="32,128,256")
    parser.add_argument("--open", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


async def sign_in(http: aiohttp.ClientSession, user: str) -> str:
    """A token for a demo user."""
    async with http.post("/api/v1/sessions", json={"user": user}) as answer:
        answer.raise_for_status()
        return (await answer.json())["token"]


async def line_of(number: int, address: str) -> tuple[Line, str]:
    """The line with the tokens it needs, and an operator's token for the feed."""
    event = load_catalogue().life_events["death"]
    async with aiohttp.ClientSession(address) as http:
        async with http.get("/demo/users") as answer:
            users: list[dict[str, Any]] = await answer.json()
        operator = await sign_in(http, next(u["user"] for u in users if u["role"] == "operator"))
        mode = "prompt" if number == 1 else "manual"
        for department in await (await http.get("/demo/departments")).json():
            body = {"mode": mode, "delay_seconds": 0}
            (await http.put(f"/demo/departments/{department['id']}", json=body)).raise_for_status()
        if number == 1:
            clerks = [u for u in users if u["role"] == "window_clerk"]
            tokens = {u["region"][:6]: await sign_in(http, u["user"]) for u in clerks}
            return Line(1, "/api/v1/cases", False, tokens, ends_line_1(event)), operator
        health = next(u["user"] for u in users if u["role"] == "department" and u["owner"] == "health")
        tokens = {"*": await sign_in(http, health)}
        return Line(2, "/exchange/v1/life-events", True, tokens, ends_line_2(event)), operator


async def one_run(
    stack: Stack, number: int, people: Any, options: argparse.Namespace, in_flight: int
) -> Figures:
    """Warm up, measure, check the owners' databases; `in_flight` 0 means open loop."""
    line, operator = await line_of(number, stack.address)
    feed = Feed(stack.address, operator, line.must_end)
    listening = asyncio.create_task(feed.run())
    await asyncio.wait_for(feed.listening.wait(), 30)
    load = Load(stack.address, line, feed, people, datetime.now(TZ))
    seconds = options.warm_up + options.seconds
    sending = asyncio.create_task(
        load.closed(in_flight, seconds) if in_flight else load.open(options.open, seconds)
    )
    await asyncio.sleep(options.warm_up)
    begun, before = time.perf_counter(), machine.cpu_seconds(stack.pid)
    await asyncio.sleep(options.seconds)
    ended, after = time.perf_counter(), machine.cpu_seconds(stack.pid)
    memory = machine.pss_mib(stack.pid)
    await sending
    await load.close()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    taken = [took for at, took in load.tally.finished if begun <= at < ended]
    cpu = {name: 1000 * (after[name] - before.get(name, 0.0)) / max(1, len(taken)) for name in after}
    missing = await missing_ends(dsns(stack.folder), load.tally.cases, line.must_end)
    return Figures(len(taken) / (ended - begun), taken, cpu, memory, load.tally.failures, missing)


def dsns(folder: Path) -> dict[str, str]:
    """Where the measured system keeps its databases (written by `lianban up`)."""
    lines = (folder / "databases.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)


async def profile_table(profile: str, options: argparse.Namespace) -> list[str]:
    """All lines and loads on one profile."""
    rows: list[str] = []

    def tell(row: str) -> None:
        rows.append(row)
        print(row, flush=True)

    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        stack = Stack(profile, Path(folder), bench_people=options.people)
        await stack.start()
        people = pairs(options.people, datetime.now(TZ))
        try:
            for number, in_flight in itertools.product(options.lines, [*options.levels, 0]):
                if not in_flight and not options.open:
                    continue
                runs = [await one_run(stack, number, people, options, in_flight) for _ in range(options.runs)]
                what = f"{in_flight} in flight" if in_flight else f"open loop {options.open:.0f}/s"
                tell(f"| {profile} | {number} | {what} | {spread(runs)} |")
                for line in by_process(runs):
                    tell(f"  {line}")
                for run in runs:
                    for kind, times in run.failures.items():
                        tell(f"  failure: {kind} × {times}")
                    for kind, gap in run.missing.items():
                        tell(f"  not ended at the owner: {kind} × {gap}")
            dsn = dsns(Path(folder))["gateway"]
            raw = await raw_commits(dsn, len(load_catalogue().life_events["death"].procedures), 32, 10)
            tell(f"| {profile} | raw PostgreSQL | 32 writers | {raw:.0f} commits/s | | | | |")
        finally:
            await stack.stop()
    return rows


async def main() -> None:
    """Run what was asked and print it."""
    options = arguments()
    options.lines = [int(word) for word in options.line.split(",")]
    options.levels = [int(word) for word in options.in_flight.split(",") if word]
    rows = [machine.name_of_machine(), "", HEAD]
    print("\n".join(rows), flush=True)
    for profile in options.profile.split(","):
        rows.extend(await profile_table(profile, options))
    if options.out:
        options.out.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
