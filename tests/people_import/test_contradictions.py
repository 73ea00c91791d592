"""What contradicts what stands is told and never overwrites it; a household that contradicts is not written at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.people.register import Named
from tests.people_import.files import Row, changed, family, number, write
from tests.people_import.house import NOON, House, told

HERE: list[Row] = family(0)


def other(lines: list[Row], source: str = "残联系统") -> list[Row]:
    """The same household told by another source: other keys for everything but the people."""
    return [{**row, "source": source} for row in lines]


def alone(lines: list[Row]) -> list[Row]:
    """Its household and its man only, as a household of its own."""
    return [{**row, "household": "H9"} for row in lines[:2]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (changed(HERE, "person", name="王小山"), (3, "name", "name_differs")),
        (alone(HERE), (3, "id_number", "other_household")),
        (changed(HERE, "household", region="331022902000"), (3, "region", "region_differs")),
        (changed(HERE, "household", amount_fen="40000"), (2, "household", "household_differs")),
        (changed(HERE, "assistance", amount_fen="130000"), (6, "record_no", "record_differs")),
        (
            changed(HERE, "assistance", payee_id_number=number(0, 1, sex="female")),
            (6, "record_no", "record_differs"),
        ),
        (changed(HERE, "assistance", record_no="A77"), (6, "kind", "benefit_stands")),
        (
            changed(HERE, "elder_card", id_number=number(0, 1, sex="female")),
            (7, "record_no", "record_differs"),
        ),
        (changed(family(1), "elder_card", number="YD00000"), (7, "number", "card_taken")),
        (changed(family(1), "bed", number="X0"), (8, "number", "bed_taken")),
        (
            changed(family(1), "assistance", payee_id_number=number(55)),
            (6, "payee_id_number", "person_unknown"),
        ),
    ],
)
async def test_it_is_told_with_its_line_and_nothing_is_written(
    house: House, tmp_path: Path, lines: list[Row], expected: tuple[int, str, str]
) -> None:
    await house.importer().run_file(write(tmp_path, HERE, "first.csv"))
    before = await house.content()
    path = write(tmp_path, lines, "second.csv")
    report = await house.importer().run_file(path)
    assert expected in told(path)
    assert (report.households, report.refused) == (0, 1)
    assert await house.content() == before


async def test_a_second_spouse_is_told(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, HERE, "first.csv"))
    lines = [
        {**HERE[0], "household": "H5"},
        {**HERE[2], "household": "H5", "id_number": number(5, 1, sex="female"), "name": "张三妹"},
        {**HERE[3], "household": "H5", "record_no": "M5", "other_id_number": number(5, 1, sex="female")},
    ]
    path = write(tmp_path, lines, "second.csv")
    await house.importer().run_file(path)
    assert told(path) == [(4, "id_number", "married_to_another")]


async def test_somebody_who_has_died_is_not_brought_back(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, HERE, "first.csv"))
    async with house.services["gateway"].transactions.begin() as tx:
        await tx.execute(
            text("""INSERT INTO fact_statements (person, fact, fact_version, effective_on, recorded_at, state)
                    SELECT payee, 'life', 1, '2026-03-01', now(), '{"life": "dead"}'
                    FROM (SELECT person AS payee FROM person_details LIMIT 2) p""")
        )
    path = write(tmp_path, [*HERE, {**HERE[5], "record_no": "C9", "number": "YD9"}], "second.csv")
    await house.importer().run_file(path)
    assert {code for _, _, code in told(path)} == {"dead"}
    assert await house.count("eldercare", "elder_cards") == 1


async def test_a_key_that_is_somebody_elses_is_not_taken(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, HERE, "first.csv"))
    ((key, *_), *_) = await house.rows("gateway", "SELECT person FROM people")
    path = write(tmp_path, changed(family(1), "person", key=str(key)), "second.csv")
    await house.importer().run_file(path)
    assert told(path) == [(3, "key", "key_taken")]


async def test_somebody_whom_a_report_registered_is_filled_and_never_overwritten(
    house: House, tmp_path: Path
) -> None:
    gateway = house.services["gateway"]
    register = gateway.app.state.desk.register
    named = Named("resident_id", number(0), {"name": "王大山", "phone": "15411111111"})
    async with gateway.transactions.begin() as tx:
        (reported,) = await register.resolve(tx, [named], at=NOON.now())
    await house.importer().run_file(write(tmp_path, HERE))
    async with gateway.transactions.begin() as tx:
        details = (await register.details(tx, [reported.person]))[reported.person]
    ((region, household),) = await house.rows(
        "gateway", "SELECT region, household FROM people WHERE person = :person", person=reported.person
    )
    assert region == "331022901000" and household is not None
    assert details["phone"] == "15411111111"


@pytest.mark.parametrize("order", [list, lambda pair: list(reversed(pair))], ids=["before", "after"])
async def test_a_payee_of_another_household_must_come_earlier_in_the_file(
    house: House, tmp_path: Path, order: Callable[[list[list[Row]]], list[list[Row]]]
) -> None:
    leaning = changed(family(1), "assistance", payee_id_number=number(0))
    households = order([family(0), leaning])
    path = write(tmp_path, [row for lines in households for row in lines])
    report = await house.importer(chunk_lines=1).run_file(path)
    fine = households[0] is not leaning
    assert report.households == (2 if fine else 1)
    assert [code for _, _, code in told(path)] == ([] if fine else ["person_unknown"])


async def test_relatives_of_two_households_are_tied_both_ways(house: House, tmp_path: Path) -> None:
    tie = {"source": "s", "household": "H1", "record": "relation", "id_number": number(1),
           "other_id_number": number(0), "relation": "parent"}  # fmt: skip
    await house.importer().run_file(write(tmp_path, [*family(0), *family(1), tie]))
    for service, table in (("gateway", "person_relations"), ("assistance", "relatives")):
        kinds = [
            row[0] for row in await house.rows(service, f"SELECT relation FROM {table} ORDER BY relation")
        ]
        assert kinds == ["child", "parent", "spouse", "spouse", "spouse", "spouse"]


async def test_what_was_mended_here_lets_the_same_file_in(house: House, tmp_path: Path) -> None:
    await house.importer().run_file(write(tmp_path, HERE, "first.csv"))
    path = write(tmp_path, changed(HERE, "assistance", amount_fen="130000"), "second.csv")
    assert (await house.importer().run_file(path)).refused == 1
    async with house.services["assistance"].transactions.begin() as tx:
        await tx.execute(text("UPDATE holdings SET amount_fen = 130000"))
    report = await house.importer().run_file(path)
    assert (report.before, report.households, report.refused, told(path)) == (False, 1, 0, [])
    assert (await house.importer().run_file(path)).before
