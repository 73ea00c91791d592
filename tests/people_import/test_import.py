"""A file goes into five databases: whole households, provenance, errors by line, again and again without doubling."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from deploy.local.system import SyntheticPeople
from gateway.people.register import Named
from gateway.people.staging import ImportRunning
from kernel.testing import eventually
from tests.people_import.files import Row, changed, family, number, rows, synthetic, write
from tests.people_import.house import NOON, House, told


async def test_a_household_arrives_at_every_owner(house: House, tmp_path: Path) -> None:
    report = await house.importer().run_file(write(tmp_path, family()))
    assert (report.households, report.people, report.refused, report.faults) == (1, 2, 0, 0)
    ((kind, amount, paid),) = await house.rows(
        "assistance", "SELECT kind, amount_fen, paid_through FROM holdings"
    )
    assert (kind, amount, paid) == ("dibao", 120_000, date(2026, 2, 1))
    assert await house.rows("assistance", "SELECT income_fen FROM households") == [(30_000,)]
    assert await house.rows("eldercare", "SELECT number FROM elder_cards") == [("YD00000",)]
    assert await house.rows("marriage", "SELECT state FROM couples") == [("married",)]
    assert set(await house.rows("funeral", "SELECT region FROM funeral_homes")) == {("331022",)}
    relations = await house.rows("gateway", "SELECT relation FROM person_relations")
    assert relations == [("spouse",), ("spouse",)]


async def test_every_line_keeps_where_it_came_from(house: House, tmp_path: Path) -> None:
    path = write(tmp_path, [*family(0), *family(1)], "2026-03 低保.csv")
    await house.importer(by="值班员").run_file(path)
    lines = await house.rows("gateway", "SELECT line, record, source FROM imported_rows ORDER BY line")
    assert [tuple(line[:2]) for line in lines] == list(
        zip(
            range(2, 16),
            ["household", "person", "person", "marriage", "assistance", "elder_card", "bed"] * 2,
            strict=True,
        )
    )
    assert {line[2] for line in lines} == {"县低保系统"}
    ((name, by, digest, finished),) = await house.rows(
        "gateway", "SELECT file_name, started_by, file_hash, finished_at FROM imports"
    )
    assert (name, by, len(digest), finished) == (path.name, "值班员", 64, NOON.now())
    ((when,),) = await house.rows("gateway", "SELECT DISTINCT imported_at FROM imported_rows")
    assert when == NOON.now()


async def test_the_register_finds_those_who_were_imported(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, family()))
    register = house.services["gateway"].app.state.desk.register
    async with house.services["gateway"].transactions.begin() as tx:
        ((person, region),) = await register.search(tx, name=None, id_number=number(0), most=5)
        details = (await register.details(tx, [person]))[person]
    assert (region, details["name"], details["sex"], details["birth_date"]) == (
        "331022901000", "王大山", "male", "1950-05-17",
    )  # fmt: skip


async def test_what_waits_for_the_owners_is_sealed_and_then_gone(house: House, tmp_path: Path) -> None:
    importer = house.importer()
    kept: list[str] = []
    load = importer.owners["funeral"].load

    async def look(tx, made):
        ((sealed, handed),) = await house.rows(
            "gateway", "SELECT CAST(sealed AS text), handed FROM import_chunks"
        )
        kept.extend([sealed, *handed])
        return await load(tx, made)

    object.__setattr__(importer.owners["funeral"], "load", look)
    await importer.run_file(write(tmp_path, family()))
    assert kept[1:] == ["assistance", "eldercare"]
    assert not any(secret in kept[0] for secret in ("dibao", "王大山", number(0)))
    assert await house.rows("gateway", "SELECT sealed FROM import_chunks") == [(None,)]


async def test_the_same_content_again_changes_nothing(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, family()))
    before = await house.content()
    report = await house.importer().run_file(write(tmp_path, family(), "another name.csv"))
    assert (report.before, report.households) == (True, 1)
    assert await house.content() == before


async def test_another_file_with_the_same_people_adds_what_is_new_and_keeps_what_stands(
    house: House, tmp_path: Path
) -> None:
    await house.importer().run_file(write(tmp_path, family()))
    more = {**family()[5], "record": "allowance", "record_no": "OA1", "kind": "old_age_allowance", "number": "",
            "amount_fen": "5000", "payee_id_number": number(0), "through": "2026-02"}  # fmt: skip
    report = await house.importer().run_file(write(tmp_path, [*family(), more], "b.csv"))
    assert (report.households, report.faults) == (1, 0)
    counts = [await house.count("assistance", "holdings"), await house.count("eldercare", "allowances")]
    assert counts == [1, 1]


async def test_a_household_is_whole_or_not_there_and_the_others_go_in(house: House, tmp_path: Path) -> None:
    broken = changed(family(1), "assistance", kind="dole")
    path = write(tmp_path, [*family(0), *broken, *family(2)])
    report = await house.importer().run_file(path)
    assert (report.households, report.refused, report.faults) == (2, 1, 1)
    assert told(path) == [(13, "kind", "choice")]
    assert await house.count("gateway", "people") == 4
    assert await house.count("eldercare", "elder_cards") == 2


async def test_the_error_file_and_the_logs_name_nobody(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = changed(changed(family(0), "person", name="赵不像名字1"), "household", region="赵家村")
    path = write(tmp_path, broken)
    await house.importer().run_file(path)
    said = path.with_name("people.csv.errors.csv").read_text(encoding="utf-8-sig")
    printed = capsys.readouterr()
    for text_ in (said, printed.out, printed.err):
        assert not any(secret in text_ for secret in (number(0), number(0, 1), "赵", "李小花", "15400000000"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe\x00s", (0, "", "encoding")),
        (b"", (1, "", "empty_file")),
        (b"source,household,record\n", (1, "", "empty_file")),
    ],
)
async def test_a_file_with_nothing_to_read_is_told(
    house: House, tmp_path: Path, content: bytes, fault: tuple[int, str, str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    report = await house.importer().run_file(path)
    assert (report.faults, told(path)) == (1, [fault])


async def test_a_check_writes_nothing_and_tells_what_the_import_will_tell(
    house: House, tmp_path: Path
) -> None:
    lines = [
        *family(0),
        *changed(family(1), "elder_card", number="YD00000"),
        *family(2),
        *family(0),
        *family(3),
    ]
    path = write(tmp_path, lines)
    empty = await house.content()
    for chunk_lines in (1, 10, 5000):
        report = await house.importer(chunk_lines=chunk_lines).run_file(path, check=True)
        checked = told(path)
        assert await house.content() == empty
        assert (report.households, report.people, report.refused) == (3, 6, 2)
    await house.importer(chunk_lines=10).run_file(path)
    assert told(path) == checked
    assert {code for _, _, code in checked} == {
        "card_taken",
        "household_twice",
        "person_twice",
        "record_twice",
    }


async def test_one_import_at_a_time(house: House, tmp_path: Path) -> None:
    importer = house.importer()
    async with importer._alone():
        with pytest.raises(ImportRunning):
            await house.importer().run_file(write(tmp_path, family()))
    assert (await house.importer().run_file(write(tmp_path, family()))).households == 1


async def _somebody_waits(house: House) -> bool:
    """Looked at from a transaction of its own: within one, PostgreSQL keeps what it saw first."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(await house.rows("gateway", waiting))


async def test_a_number_that_a_report_registers_in_the_same_moment_stays_one_person(
    house: House, tmp_path: Path
) -> None:
    gateway = house.services["gateway"]
    register = gateway.app.state.desk.register
    named = [Named("resident_id", number(0), {"name": "王大山"})]
    async with gateway.transactions.begin() as tx:
        (reported,) = await register.resolve(tx, named, at=NOON.now())
        importing = asyncio.create_task(house.importer().run_file(write(tmp_path, family())))
        await eventually(lambda: _somebody_waits(house), within=20)
    report = await importing
    assert (report.households, report.faults) == (1, 0)
    ((person,),) = await house.rows("assistance", "SELECT payee FROM holdings WHERE kind = 'dibao'")
    assert person == reported.person
    assert await house.count("gateway", "people") == 2


async def test_invented_people_come_in_by_the_same_way(house: House) -> None:
    people = SyntheticPeople(households=20, bench=5, today=NOON.now().date())
    count = await people.load(house.services)
    before = await house.content()
    assert count == await house.count("gateway", "people")
    assert await house.rows("gateway", "SELECT DISTINCT source FROM imported_rows") == [("synthetic",)]
    keys = {row[0] for row in await house.rows("gateway", "SELECT person FROM people")}
    assert keys == {person.person for one in people.population for person in one.persons}
    await people.load(house.services)
    assert await house.content() == before
    more = SyntheticPeople(households=21, bench=5, today=NOON.now().date())
    assert count < await more.load(house.services)


async def test_generated_rows_in_a_file_give_what_the_generator_gives(house: House, tmp_path: Path) -> None:
    lines: list[Row] = [row for one in synthetic(40) for row in rows(one)]
    report = await house.importer(chunk_lines=50).run_file(write(tmp_path, lines, encoding="gb18030"))
    assert (report.households, report.refused, report.faults) == (40, 0, 0)
    held = {row[0] for row in await house.rows("assistance", "SELECT kind FROM holdings")}
    assert {"dibao", "tekun", "edge"} <= held
