"""Every row that a department owns: its own end, refusal, undo of its own kind and cancellation (G6, design 5)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from contracts.catalog_files import SERVICES, load_catalogue
from contracts.terms import UndoReason
from gateway.cases.planner.inputs import OfferAnswered, RevocationSigned, WithdrawalAsked
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, House
from tests.gateway.exchange.test_answers import answer, pulled
from tests.gateway.exchange.test_cancelling import decide, run_checks_until

DEATH = load_catalogue().life_events["death"]
ROWS = [row for row in DEATH.procedures if row.owner not in SERVICES]
ABNORMAL = "police.abnormal_death_proof"
EVERY = pytest.mark.parametrize("kind", [row.type for row in ROWS])


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def request_of(house: House, kind: str, wanted: str = "task") -> dict[str, Any]:
    """That row's request, as its department pulls it."""
    found = await pulled(house, DEATH.row(kind).owner)
    return next(item for item in found if (item["type"], item["kind"]) == (kind, wanted))


async def says(house: House, item: Mapping[str, Any], outcome: str, **more: Any) -> None:
    owner = DEATH.row(item["type"]).owner
    assert await answer(house, owner, {"id": item["id"], "outcome": outcome, **more}) == ["accepted"]


async def asked(house: House, number: str, kind: str) -> tuple[UUID, dict[str, Any]]:
    """A case in which the department has just been asked about this row, and its request."""
    filed = await house.report(number, **({"cause": "abnormal"} if kind == ABNORMAL else {}))
    if kind in (CERTIFICATE, ABNORMAL):
        return filed.case, await request_of(house, kind)
    await says(house, await request_of(house, CERTIFICATE), "done")
    if kind != CANCELLATION:
        await says(house, await request_of(house, CANCELLATION), "done")
    if DEATH.row(kind).origin == "applied":
        row = await house.row(filed.case, kind)
        assert row["state"] == "offered"
        await house.move(filed.case, OfferAnswered(row["id"], accept=True))
    return filed.case, await request_of(house, kind)


async def state_of(house: House, case: UUID, kind: str) -> tuple[str, str | None]:
    row = await house.row(case, kind)
    return row["state"], row["undo_kind"]


async def revoked(house: House, number: str, kind: str) -> tuple[UUID, dict[str, Any]]:
    """A case whose row was done and is to be undone, with the request to undo it."""
    case, item = await asked(house, number, kind)
    await says(house, item, "done")
    await house.move(case, RevocationSigned(UndoReason.WRONG_MATCH))
    for first in DEATH.row(kind).undo_after:
        await says(house, await request_of(house, first, "undo"), "done")
    return case, await request_of(house, kind, "undo")


@EVERY
async def test_a_departments_act_ends_its_row_and_shows_amounts_and_dates(
    house: House, number: str, kind: str
) -> None:
    case, item = await asked(house, number, kind)
    await says(house, item, "done", data={"ended_on": "2026-03-01", "amount_fen": 1200, "note": "内部说明"})
    row = await house.row(case, kind)
    assert (row["state"], row["result"]) == ("done", {"ended_on": "2026-03-01", "amount_fen": 1200})
    assert row["ended_at"] is not None and row["task_id"] is None


@EVERY
async def test_a_departments_refusal_ends_its_row_with_its_reason(
    house: House, number: str, kind: str
) -> None:
    case, item = await asked(house, number, kind)
    await says(house, item, "refused", reason="材料与登记不符")
    row = await house.row(case, kind)
    assert (row["state"], row["reason"]) == ("refused", "材料与登记不符")
    if kind == CERTIFICATE:
        open_tasks = await house.all("SELECT kind FROM gateway_tasks WHERE closed_at IS NULL")
        assert [task["kind"] for task in open_tasks] == ["evidence_refused"]


@EVERY
async def test_what_a_department_did_is_undone_by_the_kind_of_its_row(
    house: House, number: str, kind: str
) -> None:
    case, item = await revoked(house, number, kind)
    assert (await state_of(house, case, kind))[0] == "undoing"
    assert item["reason"] == "wrong_match" and item["replaces"]
    await says(house, item, "done")
    assert await state_of(house, case, kind) == ("undone", DEATH.row(kind).undo.value)


@EVERY
async def test_a_request_that_is_still_out_is_cancelled_under_its_own_id(
    house: House, number: str, kind: str
) -> None:
    case, item = await asked(house, number, kind)
    await house.move(case, RevocationSigned(UndoReason.CERTIFICATE_VOID))
    for first in DEATH.row(kind).undo_after:
        await says(house, await request_of(house, first, "undo"), "done")
    cancelled = await request_of(house, kind, "cancellation")
    assert cancelled["id"] == item["id"]
    await says(house, cancelled, "cancelled")
    assert (await state_of(house, case, kind))[0] == "withdrawn"


APPLIED = pytest.mark.parametrize("kind", [row.type for row in ROWS if row.origin == "applied"])


@APPLIED
async def test_a_family_takes_back_one_application_and_the_others_run_on(
    house: House, number: str, kind: str
) -> None:
    case, item = await asked(house, number, kind)
    row = await house.row(case, kind)
    await house.move(case, WithdrawalAsked(frozenset({row["id"]})))
    cancelled = await request_of(house, kind, "cancellation")
    assert cancelled["id"] == item["id"]
    await says(house, cancelled, "cancelled")
    assert (await state_of(house, case, kind))[0] == "withdrawn"
    assert (await state_of(house, case, CANCELLATION))[0] == "done"


@APPLIED
async def test_what_has_been_paid_is_too_late_to_take_back(house: House, number: str, kind: str) -> None:
    case, item = await asked(house, number, kind)
    await says(house, item, "done")
    row = await house.row(case, kind)
    await house.move(case, WithdrawalAsked(frozenset({row["id"]})))
    after = await house.row(case, kind)
    assert (after["state"], after["too_late"], after["too_late_at"]) == ("done", True, house.clock.now())


@pytest.mark.parametrize("kind", ["housing_fund.withdrawal", "police.household_cancellation", "tax.closing"])
async def test_an_undo_that_nobody_answers_becomes_a_persons_task(
    house: House, number: str, kind: str
) -> None:
    case, item = await revoked(house, number, kind)
    assert await run_checks_until(house, 40) >= 1
    row = await house.row(case, kind)
    assert (row["state"], row["task"]["step"]) == ("undoing", "silent")
    (undo,) = [one for one in await house.deliveries(case, kind) if one["kind"] == "undo"]
    assert (str(undo["id"]), undo["state"]) == (item["id"], "pending")
    await decide(house, row, "department_did", "电话核实，已恢复")
    assert await state_of(house, case, kind) == ("undone", DEATH.row(kind).undo.value)


@pytest.mark.parametrize("kind", ["human_resources.survivor_benefit", "vehicle.driving_licence"])
async def test_an_undo_that_is_refused_is_asked_for_again_as_a_new_request(
    house: House, number: str, kind: str
) -> None:
    case, item = await revoked(house, number, kind)
    await says(house, item, "refused", reason="系统维护")
    row = await house.row(case, kind)
    assert (row["state"], row["task"]["step"]) == ("undoing", "undo_refused")
    await decide(house, row, "ask_again", "")
    again = await request_of(house, kind, "undo")
    assert again["id"] != item["id"]
    await says(house, again, "done")
    assert (await state_of(house, case, kind))[0] == "undone"


@pytest.mark.parametrize("kind", [row.type for row in ROWS if row.type not in (CERTIFICATE, ABNORMAL)])
async def test_a_department_that_holds_nothing_ends_its_row_as_not_applicable(
    house: House, number: str, kind: str
) -> None:
    case, item = await asked(house, number, kind)
    await says(house, item, "refused", reason="nothing_held")
    assert (await state_of(house, case, kind))[0] == "not_applicable"


async def test_money_and_insurance_are_asked_back_before_anything_else(house: House, number: str) -> None:
    """In a department's own queue; the others are asked at the same time (design 5)."""
    filed = await house.report(number)
    await says(house, await request_of(house, CERTIFICATE), "done")
    await says(house, await request_of(house, CANCELLATION), "done")
    for item in await pulled(house, "human_resources"):
        await says(house, item, "done")
    await house.move(filed.case, RevocationSigned(UndoReason.WRONG_MATCH))
    undone = [item["type"] for item in await pulled(house, "human_resources") if item["kind"] == "undo"]
    assert undone == ["human_resources.stop_benefits", "human_resources.social_card"]
