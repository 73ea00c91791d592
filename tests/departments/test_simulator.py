"""How simulated departments behave: idempotent by request id, from a register that is the same every time."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.departments.register_answers import answer
from deploy.local.departments.simulator import Broken, Simulator
from deploy.local.people.model import Register
from kernel.testing import eventually

NUMBER = "999999194005060018"
KNOWN = Register("甲", NUMBER, "male", date(1940, 5, 6), uuid4())


class Gateway:
    """What the simulator sends, and what it would pull."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []

    async def modes(self) -> dict[str, tuple[str, float]]:
        return {"health": ("prompt", 0.0)}

    async def results(self, department: str, results: Sequence[Mapping[str, Any]]) -> None:
        self.sent += [dict(one) for one in results]

    async def pull(self, department: str) -> list[dict[str, Any]]:
        found, self.waiting = self.waiting, []
        return found


def request(kind: str = "health.death_certificate", **fields: Any) -> dict[str, Any]:
    said = {"name": "甲", "id_number": NUMBER, "died_at": "2026-03-01T08:00:00+08:00", **fields}
    return {
        "request_id": str(uuid4()), "case_no": "c", "type": kind, "kind": "task",
        "fields": {f"/deceased/{name}": value for name, value in said.items()},
    }  # fmt: skip


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def simulator(gateway: Gateway) -> Simulator:
    return Simulator({NUMBER: KNOWN}.get, gateway)


@pytest.mark.parametrize(
    "wrong",
    [{"name": "乙"}, {"sex": "female"}, {"birth_date": "1940-05-07"}, {"id_number": "999999194005060019"}],
)
def test_health_confirms_only_the_registers_own_name_number_sex_and_birth_date(wrong: dict[str, str]) -> None:
    right = request(sex="male", birth_date="1940-05-06")
    assert answer(right, {NUMBER: KNOWN}.get)["outcome"] == "done"
    assert answer(request(**wrong), {NUMBER: KNOWN}.get)["outcome"] == "wrong_person"


def test_the_police_prove_the_death_of_somebody_whom_nobody_knows() -> None:
    body = request("police.abnormal_death_proof", id_number=None, circumstance="unidentified")
    assert answer(body, {NUMBER: KNOWN}.get) == {
        "outcome": "done", "data": {"examined_on": "2026-03-01", "released": True},
    }  # fmt: skip
    assert (
        answer(request("police.abnormal_death_proof", name="乙"), {NUMBER: KNOWN}.get)["outcome"]
        == "wrong_person"
    )


def test_a_department_finds_the_same_for_the_same_person() -> None:
    kinds = ("human_resources.survivor_benefit", "housing_fund.withdrawal", "market.legal_representative")
    first = [answer(request(kind), {NUMBER: KNOWN}.get) for kind in kinds]
    assert first == [answer(request(kind), {NUMBER: KNOWN}.get) for kind in kinds]
    assert all(one["outcome"] == "done" or one["reason"] == "nothing_held" for one in first)


async def test_the_same_request_id_twice_is_answered_the_same(simulator: Simulator) -> None:
    one = request()
    first = await simulator.tasks("health", [one])
    simulator.set_mode("health", "wrong", 0)
    assert await simulator.tasks("health", [one]) == first


async def test_what_is_done_is_not_cancelled_and_what_is_cancelled_stays_so(simulator: Simulator) -> None:
    acted, fresh = request(), request()
    await simulator.tasks("health", [acted])
    found = await simulator.cancellations(
        "health", [{"request_id": one["request_id"]} for one in (acted, fresh)]
    )
    assert [one["outcome"] for one in found] == ["done", "cancelled"]
    assert (await simulator.tasks("health", [fresh]))[0]["outcome"] == "cancelled"


async def test_a_slow_answer_is_taken_back_by_a_cancellation(simulator: Simulator, gateway: Gateway) -> None:
    simulator.set_mode("health", "slow", 0.05)
    one = request()
    assert await simulator.tasks("health", [one]) == []
    assert await simulator.cancellations("health", [{"request_id": one["request_id"]}]) == []
    await eventually(lambda: simulator.to_come == 0)
    assert [(sent["id"], sent["outcome"]) for sent in gateway.sent] == [(one["request_id"], "cancelled")]


async def test_a_failing_department_raises_and_a_silent_one_says_nothing(simulator: Simulator) -> None:
    simulator.set_mode("health", "error", 0)
    with pytest.raises(Broken):
        await simulator.tasks("health", [request()])
    simulator.set_mode("health", "silent", 0)
    assert await simulator.tasks("health", [request()]) == []


async def test_after_a_restart_it_takes_up_what_it_had_received(
    simulator: Simulator, gateway: Gateway
) -> None:
    item = request()
    gateway.waiting = [{"id": item.pop("request_id"), **item}]
    left = gateway.waiting[0]["id"]
    simulator.start()
    await eventually(lambda: gateway.sent)
    assert [(sent["id"], sent["outcome"]) for sent in gateway.sent] == [(left, "done")]
    await simulator.stop()
