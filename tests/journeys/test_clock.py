"""Limits run out under the demo's clock: 50, 80 and 100 %, coloured for whoever has to act (design 5 and 6).

A system of its own: its clock has gone far ahead at the end.
"""

from datetime import datetime, time, timedelta

import pytest

from tests.journeys.town import procedure
from tests.stack import Stack

RANKS = {"none": 0, "blue": 1, "yellow": 2, "red": 3}


@pytest.fixture(scope="module", params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stack(request, tmp_path_factory):
    """`lianban up` for this file alone."""
    folder = tmp_path_factory.mktemp(f"clock-{request.param}") / "data"
    running = await Stack(request.param, folder).start()
    yield running
    await running.stop()


@pytest.fixture
async def case(town):
    """A dibao elder's death, with everything automatic done: the recheck and the alert wait for a person."""
    dead = await town.person("dibao", "old_age_allowance", married=True)
    form = await town.form(dead, await town.look(dead["spouse"]))
    form["dependants"] = [{"name": "李小花", "kind": "elder"}]
    answer = await town.report(form)
    assert answer.status_code == 201, answer.text
    return await town.settled(answer.json()["case_no"])


async def colours(town):
    """Colour of every task of the county's townships, by (case, type)."""
    officer = await town.as_user("township_officer", region=town.county)
    listed = (await officer.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    return {(task["case_no"], task["type"]): task["colour"] for task in listed}


async def move(town, instant):
    """Set the clock; how many checks ran."""
    answer = await town.http.post("/demo/clock", json={"set": instant.isoformat()})
    assert answer.status_code == 200, answer.text
    return answer.json()["fired"]


async def walk(town, case, kind, instants):
    """The colour of that task of the case at each instant; every step fires as many checks as colours rose."""
    seen = []
    before = await colours(town)
    for instant in instants:
        fired = await move(town, instant)
        after = await colours(town)
        assert fired == sum(RANKS[after[task]] - RANKS[before[task]] for task in after)
        seen.append(after[case["case_no"], kind])
        before = after
    return seen


async def test_an_alert_for_dependants_presses_within_a_day(town, case):
    opened = datetime.fromisoformat(procedure(case, "assistance.dependant_alert")["due_at"]) - timedelta(
        hours=24
    )
    hours = [opened + timedelta(hours=hour) for hour in (11, 13, 19, 21, 23, 25)]
    seen = await walk(town, case, "assistance.dependant_alert", hours)
    assert seen == ["none", "blue", "blue", "yellow", "yellow", "red"]


async def test_a_recheck_presses_over_three_months(town, case):
    due = datetime.fromisoformat(procedure(case, "assistance.household_recheck")["due_at"])
    died = datetime.fromisoformat(case["occurred_at"])
    days = (due.date() - died.date()).days
    assert 89 <= days <= 102  # three months, and to the next working day
    # Marks of a limit in months are counted in days, rounded up.
    half, nearly = (datetime.combine((died + timedelta(days=n)).date(), time.max, died.tzinfo)
                    for n in (-(-days // 2), -(-days * 4 // 5)))  # fmt: skip
    hour = timedelta(hours=1)
    instants = [half - hour, half + hour, nearly - hour, nearly + hour, due - hour, due + hour]
    seen = await walk(town, case, "assistance.household_recheck", instants)
    assert seen == ["none", "blue", "blue", "yellow", "yellow", "red"]


async def test_a_leap_over_all_three_marks_runs_each_of_them(town, case):
    due = datetime.fromisoformat(procedure(case, "assistance.household_recheck")["due_at"])
    before = await colours(town)
    fired = await move(town, due + timedelta(days=1))
    after = await colours(town)
    assert fired == sum(RANKS[after[task]] - RANKS[before[task]] for task in after)
    timed = ("assistance.household_recheck", "assistance.dependant_alert")  # a change of payee has no limit
    assert [after[case["case_no"], kind] for kind in timed] == ["red", "red"]
    assert fired >= 6
