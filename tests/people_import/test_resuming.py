"""Broken off anywhere, an import goes on where it stopped; and it does not matter where a file is cut."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.people_import.importer import Importer
from gateway.people import staging
from tests.people_import.files import Row, changed, family, number, write
from tests.people_import.house import House, told


class Broken(RuntimeError):
    """中断。
    Broken off on purpose."""


def breaking(importer: Importer, owner: str, nth: int, *, after: bool) -> None:
    """Let the nth load of an owner fail: before it commits, or just after."""
    side, calls = importer.owners[owner], [0]
    load = side.load

    async def fail(tx: Any, made: Any) -> object:
        calls[0] += 1
        if calls[0] == nth and not after:
            raise Broken
        if calls[0] == nth + 1 and after:
            raise Broken
        return await load(tx, made)

    object.__setattr__(side, "load", fail)


LINES = [
    row
    for nth in range(7)
    for row in (changed(family(nth), "bed", kind="couch") if nth == 3 else family(nth))
]


@pytest.mark.parametrize("owner", ["assistance", "eldercare", "funeral", "marriage"])
@pytest.mark.parametrize("nth", [1, 2, 4])
async def test_an_import_that_fails_at_an_owner_is_finished_by_the_next_run(
    house: House, tmp_path: Path, owner: str, nth: int
) -> None:
    path = write(tmp_path, LINES)
    whole = await house.importer(chunk_lines=10).run_file(path)
    expected, faults = await house.content(), told(path)
    await house.clear()
    importer = house.importer(chunk_lines=10)
    breaking(importer, owner, nth, after=False)
    with pytest.raises(Broken):
        await importer.run_file(path)
    assert await house.content() != expected
    report = await house.importer(chunk_lines=10).run_file(path)
    assert (report.households, report.people, report.refused) == (
        whole.households,
        whole.people,
        whole.refused,
    )
    assert await house.content() == expected
    assert told(path) == faults
    assert await house.rows("gateway", "SELECT 1 FROM import_chunks WHERE sealed IS NOT NULL") == []


async def test_an_owner_that_had_committed_is_not_given_the_same_twice(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, LINES)
    with monkeypatch.context() as patch:

        async def lost(*_arguments: object) -> None:
            raise Broken

        patch.setattr(staging, "handed", lost)
        with pytest.raises(Broken):
            await house.importer(chunk_lines=10).run_file(path)
    assert await house.count("assistance", "holdings") == 2
    await house.importer(chunk_lines=10).run_file(path)
    assert await house.count("assistance", "holdings") == 6
    assert await house.count("assistance", "payments") == 6


async def test_a_chunk_that_fails_in_the_gateway_leaves_nothing_anywhere(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = await house.content()

    async def full(*_arguments: object, **_more: object) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(staging, "stage", full)
        with pytest.raises(Broken):
            await house.importer().run_file(write(tmp_path, LINES))
    assert await house.content() == empty


async def test_what_waits_for_owners_is_handed_over_without_the_file(house: House, tmp_path: Path) -> None:
    importer = house.importer(chunk_lines=10)
    breaking(importer, "marriage", 1, after=False)
    path = write(tmp_path, LINES)
    with pytest.raises(Broken):
        await importer.run_file(path)
    path.unlink()
    assert await house.importer().hand_over() == 1
    assert await house.count("marriage", "couples") == 2
    assert await house.importer().hand_over() == 0


# Households with what may go wrong between them: the same again, a card or a bed of another, a payee elsewhere.
def _variant(nth: int, which: str) -> list[Row]:
    lines = family(nth)
    match which:
        case "card":
            return changed(lines, "elder_card", number="YD00000")
        case "bed":
            return changed(lines, "bed", number="X1")
        case "payee":
            return changed(lines, "assistance", payee_id_number=number((nth + 1) % 5))
        case "bad":
            return changed(lines, "person", name="")
        case "guest":
            return [lines[0], {**lines[1], "id_number": number(0)}]
    return lines


VARIANTS = st.sampled_from(["plain", "plain", "card", "bed", "payee", "bad", "guest"])
FILES = st.lists(st.tuples(st.integers(0, 4), VARIANTS), min_size=1, max_size=7)


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(households=FILES, cuts=st.integers(1, 40))
async def test_wherever_a_file_is_cut_it_imports_the_same(
    house: House, tmp_path: Path, households: list[tuple[int, str]], cuts: int
) -> None:
    path = write(tmp_path, [row for nth, which in households for row in _variant(nth, which)])
    await house.clear()
    await house.importer(chunk_lines=cuts).run_file(path, check=True)
    checked = told(path)
    await house.importer().run_file(path)
    expected, faults = await house.content(), told(path)
    await house.clear()
    await house.importer(chunk_lines=cuts).run_file(path)
    assert await house.content() == expected
    assert told(path) == faults == checked


@pytest.mark.slow
async def test_a_process_that_is_killed_is_gone_on_with_by_the_next(house: House, tmp_path: Path) -> None:
    lines = [row for nth in range(2200) for row in family(nth)]
    path = write(tmp_path, lines)
    environment = {
        **os.environ, **{f"LIANBAN_{name.upper()}_DATABASE_URL": dsn for name, dsn in house.addresses.items()},
    }  # fmt: skip
    words = ("-m", "deploy.command_line", "people", "import", str(path), "--data", str(tmp_path / "data"))

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    first = await start()
    assert first.stderr is not None
    progress = await asyncio.wait_for(first.stderr.readline(), 60)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    assert "行".encode() in progress
    assert 0 < await house.count("gateway", "people") < 4400
    second = await start()
    said, _ = await asyncio.wait_for(second.communicate(), 120)
    assert (second.returncode, "2200" in said.decode()) == (0, True)
    assert await house.count("gateway", "people") == 4400
    for service, table, count in (
        ("assistance", "holdings", 2200), ("assistance", "payments", 2200), ("eldercare", "elder_cards", 2200),
        ("eldercare", "stays", 2200), ("marriage", "couples", 2200), ("gateway", "imported_rows", 15400),
    ):  # fmt: skip
        assert await house.count(service, table) == count, table
