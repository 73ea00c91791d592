"""Payment runs: preview, file, release; what a death that comes between holds back, and nothing lost (R24, SA-077)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from kernel.errors import NotFound
from kernel.public_service.clock import TZ
from services.assistance.commands.releases import EVERYWHERE, Line, prepare, preview, release, release_file
from tests.assistance.sight import HOLD, PAYEE, STOP, Households, booked, died, everything
from tests.owner_desk import COUNTY, NOW, Desk, Report

DECEMBER = date(2026, 12, 1)


async def prepared(desk: Desk, *, month: date = DECEMBER) -> UUID:
    file = uuid4()
    async with desk.service.transactions.begin() as tx:
        await prepare(tx, file=file, region=COUNTY, month=month, at=desk.clock.now())
    return file


async def released(desk: Desk, file: UUID) -> dict[UUID, Line]:
    """The lines of the file by holding, after its release."""
    async with desk.service.transactions.begin() as tx:
        return {line.holding: line for line in await release_file(tx, file=file, at=desk.clock.now())}


async def states(desk: Desk, holding: UUID) -> list[tuple[Any, ...]]:
    rows = await desk.rows(
        "SELECT month, state, payee FROM payments WHERE holding = :h ORDER BY month", h=holding
    )
    return [tuple(row) for row in rows]


async def test_a_preview_writes_nothing_and_names_beneficiary_and_payee_apart(
    desk: Desk, households: Households
) -> None:
    before = await everything(desk)
    async with desk.service.transactions.begin() as tx:
        lines = await preview(tx, region=COUNTY, month=DECEMBER)
    assert await everything(desk) == before
    mother, son = households["payee_for_another"].persons
    drawn = [line for line in lines if line.payee == mother.person and line.beneficiary is not None]
    assert {line.beneficiary for line in drawn} == {son.person}
    assert all(line.funding_source and line.held_for is None for line in lines)


async def test_every_fen_that_goes_out_is_booked_with_payee_and_fund(
    desk: Desk, households: Households
) -> None:
    lines = await released(desk, await prepared(desk))
    total = sum(line.amount_fen for line in lines.values())
    assert total > 0
    assert await booked(desk, "paid") == total
    assert await booked(desk, "expense") == -total
    entries = await desk.rows(
        """SELECT a.beneficiary, e.payee, e.funding_source, e.amount_fen FROM ledger_entries e
             JOIN ledger_accounts a ON a.id = e.account WHERE a.kind = 'paid'"""
    )
    assert {(row.beneficiary, row.payee, row.amount_fen) for row in entries} == {
        (line.beneficiary or line.household, line.payee, line.amount_fen) for line in lines.values()
    }
    assert {row.funding_source for row in entries} == {"county"}


async def test_a_second_release_changes_nothing(desk: Desk, households: Households) -> None:
    file = await prepared(desk)
    first = await released(desk, file)
    after = await everything(desk)
    desk.pass_time(days=1)
    assert await released(desk, file) == first
    assert await everything(desk) == after


async def test_an_unknown_file_is_not_released(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await released(desk, uuid4())


async def test_a_payment_is_in_one_file_only(desk: Desk, households: Households) -> None:
    await prepared(desk)
    assert await released(desk, await prepared(desk)) == {}


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_file_prepared_the_day_before_a_death_holds_the_dead_persons_line(
    desk: Desk, households: Households, confirmed: bool
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    file = await prepared(desk)
    report = died(elder, days_ago=0.5, confirmed=confirmed)  # 21 November: December is not owed
    await desk.send(Verb.OPEN, STOP if confirmed else HOLD, report)
    lines = await released(desk, file)
    assert lines[hold.id].held_for == ("cancelled" if confirmed else "suspended")
    assert [line.holding for line in lines.values() if line.held_for] == [hold.id]
    (row,) = await desk.rows("SELECT lines, held_lines, held_fen FROM payment_files")
    assert (row.held_lines, row.held_fen, row.lines) == (1, hold.amount_fen, len(lines))


async def test_what_a_withdrawn_report_held_back_is_in_the_next_file(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    file, report = await prepared(desk), died(elder)
    await desk.send(Verb.OPEN, HOLD, report)
    await released(desk, file)
    await desk.send(Verb.WITHDRAW, HOLD, report)
    lines = await released(desk, await prepared(desk))
    assert {line.holding: line.amount_fen for line in lines.values()} == {hold.id: hold.amount_fen}


@pytest.mark.parametrize(("kind", "held_for"), [(HOLD, "payee_reported_dead"), (STOP, "payee_dead")])
async def test_nothing_is_paid_to_a_dead_payee_until_another_is_named(
    desk: Desk, households: Households, kind: str, held_for: str
) -> None:
    mother, son = households["payee_for_another"].persons
    file, report = await prepared(desk), died(mother, confirmed=kind == STOP)
    await desk.send(Verb.OPEN, kind, report)
    held = {
        line.kind: line.held_for
        for line in (await released(desk, file)).values()
        if line.payee == mother.person
    }
    assert held == {"dibao": held_for, "disability_living": held_for, "disability_nursing": held_for}
    assert (
        await desk.rows("SELECT 1 FROM payments WHERE payee = :p AND state = 'released'", p=mother.person)
        == []
    )
    report.confirmed = True
    await desk.send(Verb.OPEN, PAYEE, report)
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(son.person)})
    assert answer.status_code == 200, answer.text
    lines = (await released(desk, await prepared(desk))).values()
    assert {line.kind: (line.payee, line.held_for) for line in lines} == dict.fromkeys(
        held, (son.person, None)
    )


async def test_a_payee_changed_after_the_preparation_is_paid_by_the_next_file(
    desk: Desk, households: Households
) -> None:
    husband, wife = households["dibao_couple_payee_dies"].persons
    hold = households["dibao_couple_payee_dies"].holdings[0]
    file, report = await prepared(desk), died(husband, confirmed=True)
    await desk.send(Verb.OPEN, PAYEE, report)
    await desk.decide(PAYEE, report, "changed", data={"payee": str(wife.person)})
    assert (await released(desk, file))[hold.id].held_for == "payee_changed"
    assert (await released(desk, await prepared(desk)))[hold.id].payee == wife.person


async def test_the_month_of_death_is_paid_to_whom_the_township_names(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    heir = households["single_adult"].persons[0].person
    desk.pass_time(days=12)  # 4 December
    report = Report(elder.person, datetime(2026, 12, 2, tzinfo=TZ), confirmed=True)
    for kind in (HOLD, STOP):
        await desk.send(Verb.OPEN, kind, report)
    held = await released(desk, await prepared(desk))
    assert held[hold.id].held_for == "payee_dead"
    outcome = await desk.send(Verb.OPEN, PAYEE, report)
    assert (outcome.state, outcome.task and outcome.task.facts) == (
        OwnerState.OPEN, {"benefits": [{"hold": str(hold.id), "kind": "tekun"}]},
    )  # fmt: skip
    await desk.decide(PAYEE, report, "changed", data={"payee": str(heir)})
    await released(desk, await prepared(desk))
    assert await states(desk, hold.id) == [(DECEMBER, "released", heir)]


async def test_a_payee_who_is_dead_too_is_refused(desk: Desk, households: Households) -> None:
    mother, dead = households["payee_for_another"].persons[0], households["tekun_alone"].persons[0]
    await desk.send(Verb.OPEN, STOP, died(dead, confirmed=True))
    report = died(mother, confirmed=True)
    await desk.send(Verb.OPEN, PAYEE, report)
    answer = await desk.decide(PAYEE, report, "changed", data={"payee": str(dead.person)})
    assert (answer.status_code, answer.json()["code"]) == (409, "dead_from_then")


async def test_the_next_months_are_made_out_for_who_lives_and_none_for_who_does_not(
    desk: Desk, households: Households
) -> None:
    lives, ended = households["dibao_couple"].holdings[0], households["tekun_alone"].holdings[0]
    await desk.send(Verb.OPEN, STOP, died(households["tekun_alone"].persons[0], confirmed=True))
    desk.pass_time(days=75)  # 5 February
    await released(desk, await prepared(desk, month=date(2027, 2, 1)))
    months = [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    assert [(month, state) for month, state, _ in await states(desk, lives.id)] == [
        (month, "released") for month in months
    ]
    assert [(month, state) for month, state, _ in await states(desk, ended.id)] == [(DECEMBER, "cancelled")]


async def test_a_month_of_death_that_nobody_had_made_out_is_made_out_after_the_stop(
    desk: Desk, households: Households
) -> None:
    elder, hold = households["tekun_alone"].persons[0], households["tekun_alone"].holdings[0]
    desk.pass_time(days=75)
    report = Report(elder.person, datetime(2027, 2, 3, tzinfo=TZ), confirmed=True)
    await desk.send(Verb.OPEN, STOP, report)
    await released(desk, await prepared(desk, month=date(2027, 3, 1)))
    assert [month for month, _, _ in await states(desk, hold.id)] == [
        date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1),
    ]  # fmt: skip


async def test_the_treasury_previews_prepares_and_releases_over_the_internal_api(
    desk: Desk, households: Households
) -> None:
    file = str(uuid4())
    async with desk.http() as client:
        seen = await client.get(
            "/internal/v1/money/runs/preview", params={"region": COUNTY, "month": "2026-12-01"}
        )
        made = await client.post(
            "/internal/v1/money/files", json={"id": file, "region": COUNTY, "month": "2026-12-01"}
        )
        paid = await client.post(f"/internal/v1/money/files/{file}/release")
        missing = await client.post(f"/internal/v1/money/files/{uuid4()}/release")
        again = await client.post(
            "/internal/v1/money/files", json={"id": file, "region": COUNTY, "month": "2026-12-01"}
        )
        lines = (await client.get(f"/internal/v1/money/files/{file}/lines")).json()["lines"]
        listed = (await client.get("/internal/v1/money/files", params={"region": COUNTY})).json()["items"]
    assert sum(line["amount_fen"] for line in lines if line["held_for"] is None) == paid.json()["total_fen"]
    assert [(one["id"], one["state"]) for one in listed] == [(file, "released")]
    assert (again.json()["state"], again.json()["total_fen"]) == ("released", paid.json()["total_fen"])
    assert sum(kind["total_fen"] for kind in paid.json()["by_kind"]) == paid.json()["total_fen"]
    assert (seen.status_code, made.status_code, paid.status_code, missing.status_code) == (200, 201, 200, 404)
    assert seen.json()["total_fen"] == made.json()["total_fen"] == paid.json()["total_fen"] > 0


async def test_a_run_of_everywhere_pays_what_one_of_the_county_pays(
    desk: Desk, households: Households
) -> None:
    async with desk.service.transactions.begin() as tx:
        lines = await preview(tx, region=COUNTY, month=DECEMBER)
        assert lines == await preview(tx, region=EVERYWHERE, month=DECEMBER)
        assert await release(tx, month=DECEMBER, at=NOW + timedelta(hours=1)) == sum(
            line.amount_fen for line in lines
        )
