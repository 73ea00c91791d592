"""An owner's database refuses a household: it is set aside with line and reason, the rest goes on."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from deploy.command_line import people as command
from deploy.people_import.importer import Report
from gateway.people.set_aside import forget_set_aside
from tests.people_import.files import family, write
from tests.people_import.house import NOON, House, told

LINES = [row for nth in range(6) for row in family(nth)]
# What no objection foresees: the elder-care database takes no card of this number.
REFUSING = "ALTER TABLE elder_cards ADD CONSTRAINT no_such_card CHECK (number <> 'YD00003')"
FIRST_LINE = 2 + 7 * 3


async def _run(house: House, statement: str) -> None:
    async with house.services["eldercare"].transactions.begin() as tx:
        await tx.connection.exec_driver_sql(statement)


@pytest.fixture
async def strict(house: House) -> Any:
    """The house, whose elder-care database refuses one card until it is mended."""
    await _run(house, REFUSING)
    yield house
    await _run(house, "ALTER TABLE elder_cards DROP CONSTRAINT IF EXISTS no_such_card")


async def mended(house: House) -> None:
    await _run(house, "ALTER TABLE elder_cards DROP CONSTRAINT no_such_card")


def said(report: Report) -> list[tuple[str, int, str, str]]:
    return [(one.file_name, one.line, one.owner, one.reason) for one in report.aside]


@pytest.mark.parametrize("chunk_lines", [10, 5000])
async def test_a_household_that_an_owner_refuses_is_set_aside_and_the_rest_goes_on(
    strict: House, tmp_path: Path, chunk_lines: int
) -> None:
    path = write(tmp_path, LINES)
    report = await strict.importer(chunk_lines=chunk_lines).run_file(path)
    assert said(report) == [("people.csv", FIRST_LINE, "eldercare", "no_such_card")]
    assert (report.households, report.refused, report.faults, told(path)) == (6, 0, 0, [])
    assert await strict.count("eldercare", "elder_cards") == 5
    assert await strict.count("assistance", "holdings") == await strict.count("marriage", "couples") == 6
    assert await strict.rows("gateway", "SELECT 1 FROM import_chunks WHERE sealed IS NOT NULL") == []


async def test_a_next_run_tries_it_again_and_forgets_it_once_the_owner_has_it(
    strict: House, tmp_path: Path
) -> None:
    path = write(tmp_path, LINES)
    await strict.importer().run_file(path)
    again = await strict.importer().run_file(path)
    assert (again.before, len(again.aside)) == (True, 1)
    await mended(strict)
    report = await strict.importer().run_file(path)
    assert (report.aside, await strict.count("eldercare", "elder_cards")) == ([], 6)
    assert await strict.count("gateway", "import_set_aside") == 0
    expected = await strict.content()
    await strict.clear()
    await strict.importer().run_file(path)
    assert await strict.content() == expected


async def test_what_is_set_aside_names_nobody_in_the_clear(strict: House, tmp_path: Path) -> None:
    await strict.importer().run_file(write(tmp_path, LINES))
    ((kept,),) = await strict.rows("gateway", "SELECT CAST(s AS text) FROM import_set_aside s")
    assert "王大山" not in kept and "YD00003" not in kept and "15400000000" not in kept


async def test_the_command_says_what_is_set_aside_and_ends_with_one(
    strict: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, LINES)
    report = await strict.importer().run_file(path)

    async def imported(*_arguments: object) -> Report:
        return report

    monkeypatch.setattr(command, "_import", imported)
    monkeypatch.setattr(command, "installation", lambda folder: folder)
    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(command.import_, path)
    words = capsys.readouterr().out
    assert ended.value.exit_code == 1
    assert f"第 {FIRST_LINE} 行" in words and "eldercare" in words and "no_such_card" in words


async def test_a_database_that_is_away_refuses_nobody(house: House, tmp_path: Path) -> None:
    """Not the rows are wrong: the run ends, the chunk waits, nothing is set aside."""
    path = write(tmp_path, LINES)
    await _run(house, "ALTER TABLE elder_cards RENAME TO elder_cards_away")
    try:
        with pytest.raises(Exception, match="elder_cards"):
            await house.importer().run_file(path)
    finally:
        await _run(house, "ALTER TABLE elder_cards_away RENAME TO elder_cards")
    assert await house.count("gateway", "import_set_aside") == 0
    assert (await house.importer().run_file(path)).aside == []
    assert await house.count("eldercare", "elder_cards") == 6


async def test_what_nobody_mends_is_erased_in_the_end(strict: House, tmp_path: Path) -> None:
    await strict.importer().run_file(write(tmp_path, LINES))
    since = NOON.now()
    async with strict.services["gateway"].transactions.begin() as tx:
        assert await forget_set_aside(tx, since) == 0
        assert await forget_set_aside(tx, since + timedelta(seconds=1)) == 1
    assert await strict.count("gateway", "import_set_aside") == 0
