"""Taking back what a department may already have done: the department arbitrates."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.acts import TaskDecision
from contracts.terms import UndoReason
from gateway.cases.planner.inputs import RevocationSigned, WithdrawalAsked
from gateway.exchange import checks
from kernel.errors import StaleVersion
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, COUNTY, House
from tests.gateway.exchange.test_answers import answer, pulled


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def confirmed(house: House, number: str) -> UUID:
    """A case whose certificate is done and whose household cancellation lies at the police, pulled."""
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    await answer(house, "health", {"id": item["id"], "outcome": "done"})
    return filed.case


def of_type(items: list[dict], kind: str) -> dict:
    return next(item for item in items if item["type"] == kind)


async def test_what_was_never_sent_is_withdrawn_at_once(house: House, number: str) -> None:
    filed = await house.report(number)
    await house.move(filed.case, WithdrawalAsked())
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "withdrawn"
    assert await pulled(house, "health") == []


async def test_a_confirmed_cancellation_withdraws_under_the_same_request_id(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    await house.move(filed.case, WithdrawalAsked())
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["order_no"], row["answered"]) == ("open", 2, 2)
    (cancellation,) = await pulled(house, "health")
    assert (cancellation["id"], cancellation["kind"]) == (item["id"], "cancellation")
    assert await answer(house, "health", {"id": item["id"], "outcome": "cancelled"}) == ["accepted"]
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "withdrawn"
    assert await answer(house, "health", {"id": item["id"], "outcome": "done"}) == ["conflict"]


async def test_done_before_the_cancellation_is_too_late(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    await house.move(filed.case, WithdrawalAsked())
    assert await answer(house, "health", {"id": item["id"], "outcome": "done"}) == ["accepted"]
    row = await house.row(filed.case, CERTIFICATE)
    assert row["state"] == "done"
    assert row["too_late"]


async def test_an_undo_of_what_is_done_is_a_request_of_its_own(house: House, number: str) -> None:
    case = await confirmed(house, number)
    (item,) = await pulled(house, "police")
    assert await answer(house, "police", {"id": item["id"], "outcome": "done"}) == ["accepted"]
    await house.move(case, RevocationSigned(UndoReason.WRONG_MATCH))
    assert (await house.row(case, CANCELLATION))["state"] == "undoing"
    undo = of_type(await pulled(house, "police"), CANCELLATION)
    assert (undo["kind"], undo["replaces"], undo["reason"]) == ("undo", item["id"], "wrong_match")
    assert await answer(house, "police", {"id": undo["id"], "outcome": "done"}) == ["accepted"]
    row = await house.row(case, CANCELLATION)
    assert (row["state"], row["undo_kind"]) == ("undone", "restore")


async def test_an_undo_while_the_answer_is_pending_and_done_comes_first_is_followed_by_an_undo(
    house: House, number: str
) -> None:
    case = await confirmed(house, number)
    (item,) = await pulled(house, "police")
    await house.move(case, RevocationSigned(UndoReason.CERTIFICATE_VOID))
    assert of_type(await pulled(house, "police"), CANCELLATION)["kind"] == "cancellation"
    await answer(house, "police", {"id": item["id"], "outcome": "done"})
    assert (await house.row(case, CANCELLATION))["state"] == "undoing"
    undo = of_type(await pulled(house, "police"), CANCELLATION)
    assert undo["kind"] == "undo"
    await answer(house, "police", {"id": undo["id"], "outcome": "done"})
    assert (await house.row(case, CANCELLATION))["state"] == "undone"
    versions = await house.deliveries(case, CANCELLATION)
    assert [row["answer"] for row in versions] == ["done", "done"]


async def test_an_undo_while_the_answer_is_pending_and_cancelled_is_withdrawn(
    house: House, number: str
) -> None:
    case = await confirmed(house, number)
    (item,) = await pulled(house, "police")
    await house.move(case, RevocationSigned(UndoReason.WRONG_MATCH))
    assert await answer(house, "police", {"id": item["id"], "outcome": "cancelled"}) == ["accepted"]
    assert (await house.row(case, CANCELLATION))["state"] == "withdrawn"


async def test_a_refused_undo_is_a_task_of_the_county_who_may_say_that_it_was_done(
    house: House, number: str
) -> None:
    case = await confirmed(house, number)
    (item,) = await pulled(house, "police")
    await answer(house, "police", {"id": item["id"], "outcome": "done"})
    await house.move(case, RevocationSigned(UndoReason.WRONG_MATCH))
    undo = of_type(await pulled(house, "police"), CANCELLATION)
    await answer(house, "police", {"id": undo["id"], "outcome": "refused", "reason": "register_locked"})
    row = await house.row(case, CANCELLATION)
    assert (row["state"], row["step"], row["task"]["step"]) == ("undoing", "answer", "undo_refused")
    await decide(house, row, "department_did", "电话核实，已恢复")
    assert (await house.row(case, CANCELLATION))["state"] == "undone"


async def decide(house: House, row: dict, decision: str, reason: str, version: int | None = None) -> None:
    act = TaskDecision(
        decision=decision, reason=reason, version=version or row["outcome_version"], acted_by="supervisor",
        role="county_supervisor", region=COUNTY, acted_at=house.clock.now(),
    )  # fmt: skip
    async with house.desk.open() as tx:
        await house.exchange.decide(tx, row["task_id"], act, at=house.clock.now())


async def run_checks_until(house: House, days: int) -> int:
    """All due checks of the next so many days, each at its own instant."""
    fired = 0
    until = house.clock.now() + timedelta(days=days)
    async with house.desk.open() as tx:
        while some := await checks.run_due(
            tx, moves=house.desk.moves, limits=house.exchange.limits, now=until
        ):
            fired += some
    return fired


async def test_silence_climbs_to_a_task_and_asking_again_sends_the_same_id(house: House, number: str) -> None:
    filed = await house.report(number)
    (item,) = await pulled(house, "health")
    assert await run_checks_until(house, 40) >= 3
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["escalation"], row["task"]["step"]) == ("open", 3, "silent")
    with pytest.raises(StaleVersion):
        await decide(house, row, "ask_again", "", version=row["outcome_version"] - 1)
    await decide(house, row, "ask_again", "")
    (delivery,) = await house.deliveries(filed.case, CERTIFICATE)
    assert (str(delivery["id"]), delivery["state"]) == (item["id"], "pending")
    assert (await house.row(filed.case, CERTIFICATE))["task_id"] is None


async def test_a_silent_cancellation_becomes_a_task_and_the_county_closes_it(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    await pulled(house, "health")
    await house.move(filed.case, WithdrawalAsked())
    await run_checks_until(house, 40)
    row = await house.row(filed.case, CERTIFICATE)
    assert (row["state"], row["task"]["step"]) == ("open", "silent")
    await decide(house, row, "department_did_not", "电话核实，没有办理")
    assert (await house.row(filed.case, CERTIFICATE))["state"] == "withdrawn"
