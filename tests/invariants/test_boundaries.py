"""Deaths at the edges of months, calendars, payment runs and acts, over the gateway and the four services (issue 4).

The edges inside one owner stand with its own tests: a couple with incomes on one dibao, each dying first
(tests/assistance/test_recheck.py, and rules/household_after_death.yaml), months to the corresponding day
(tests/kernel/test_calendar*.py), two corrections at once (tests/gateway/cases/test_races.py). Here each is looked at
from outside: what the case, the board and the money come to when all services are at work.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from casework.new_calendar import NewCalendar, Procedures
from kernel.public_service.access import Role
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ
from kernel.testing import eventually
from services.eldercare.domain.effects import RECOVERABLE
from tests.gateway.office import COUNTY, Office, household, row
from tests.invariants.death_laws import all_is_as_before, look
from tests.invariants.one_death import Death

HOLD, RECHECK, PAYEE = "assistance.hold_payments", "assistance.household_recheck", "assistance.change_payee"
CARE, WIDOWED, CREMATION = "eldercare.stop_benefits", "marriage.widowed", "funeral.cremation"
CANCELLATION, PENSION = "police.household_cancellation", "human_resources.stop_benefits"
OPERATORS = {"operators": ["A-01", "B-02"], "identity_matches": True}
_ENDED_ON = "SELECT ended_on FROM couples WHERE husband = :p OR wife = :p"
_ALLOWANCE = "SELECT id, amount_fen, paid_through FROM allowances WHERE person = :p"
_CLAIMED = """SELECT e.effective_on AS month, e.amount_fen AS fen FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account WHERE a.kind = :kind AND a.beneficiary = :p ORDER BY 1"""
_STARTED = "SELECT 1 FROM bookings WHERE started_at IS NOT NULL"


@pytest.fixture
async def death(working: Office) -> AsyncIterator[Death]:
    """A couple on dibao of whom nobody has died yet; departments answer when they are told to."""
    found = Death(working)
    await found.begin()
    found.before = await look(found)
    yield found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


async def proved(death: Death, died_at: str, **data: Any) -> str:
    """The family reports, the health department certifies; the case number once everything has settled."""
    form = death.office.form(death.dead, death.spouse)
    form["deceased"]["died_at"] = died_at
    answer = await death.office.post_report(form)
    assert answer.status_code == 201, answer.text
    await death.settle()
    (request,) = [one for one in await death.unanswered() if one.department == "health"]
    await death.say(request, "done")
    await death.settle()
    return str(answer.json()["case_no"])


async def seen(death: Death, case_no: str, kind: str) -> dict[str, Any]:
    return row(await death.office.read(case_no, death.office.supervisor), kind)


async def decided(death: Death, kind: str, decision: str, **data: Any) -> httpx.Response:
    """The open task of that row, decided by whoever it is for."""
    (task,) = [one for one in await death.tasks() if one.name.startswith(kind)]
    async with death.office.client(Role(task.role), region=task.region) as http:
        version = (await http.get(f"/api/v1/tasks/{task.id}")).json()["version"]
        body = {"decision": decision, "reason": "核查", "data": data, "version": version}
        key = {"Idempotency-Key": str(uuid4())}
        return await http.post(f"/api/v1/tasks/{task.id}/decision", json=body, headers=key)


# --- the month of death ---------------------------------------------------------------------------------------------


async def test_a_death_ten_minutes_before_march_ends_what_is_due_with_february(death: Death) -> None:
    """Died on 28 February at 23:50, certified on 2 March, when March had been paid: one month is claimed."""
    case_no = await proved(death, "2026-02-28T23:50:00+08:00")
    assert death.office.clock.today() == date(2026, 3, 2)
    ((_, amount, paid_through),) = await death.office.rows(_ALLOWANCE, "eldercare", p=death.dead.person)
    assert paid_through == date(2026, 3, 1)
    (line,) = (await seen(death, case_no, CARE))["result"]["stopped"]
    assert (line["last_payable_month"], line["overpaid_fen"]) == ("2026-02", amount)
    claimed = await death.office.rows(_CLAIMED, "eldercare", kind=RECOVERABLE, p=death.dead.person)
    assert [tuple(one) for one in claimed] == [(date(2026, 3, 1), amount)]
    recheck = (await seen(death, case_no, RECHECK))["result"]
    assert (recheck["from_month"], recheck["due_on"]) == ("2026-03", "2026-05-28")
    ((ended_on,),) = await death.office.rows(_ENDED_ON, "marriage", p=death.dead.person)
    assert ended_on == date(2026, 2, 28)


async def test_ten_minutes_later_it_is_march_that_is_still_due(death: Death) -> None:
    """Died on 1 March at 00:05: March was the last month due, and nothing is claimed."""
    case_no = await proved(death, "2026-03-01T00:05:00+08:00")
    (line,) = (await seen(death, case_no, CARE))["result"]["stopped"]
    assert (line["last_payable_month"], line["overpaid_fen"]) == ("2026-03", 0)
    assert await death.office.rows(_CLAIMED, "eldercare", kind=RECOVERABLE, p=death.dead.person) == []
    assert (await seen(death, case_no, RECHECK))["result"]["from_month"] == "2026-04"
    ((ended_on,),) = await death.office.rows(_ENDED_ON, "marriage", p=death.dead.person)
    assert ended_on == date(2026, 3, 1)


# --- calendars ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("died_at", "provisional", "announced", "moved"),
    [
        # A Sunday: the Monday after, unless the notice of 2027 makes that a day of rest.
        ("2026-11-28T08:00:00+08:00", "2027-03-01", YearNotice(rest=frozenset({date(2027, 3, 1)})), "2027-03-02"),
        # … or the Sunday itself a day on which one works.
        ("2026-11-28T08:00:00+08:00", "2027-03-01", YearNotice(work=frozenset({date(2027, 2, 28)})), "2027-02-28"),
        # 29 February is there in 2028; a death on 30 November has no corresponding day, and takes the month's last.
        ("2027-11-29T08:00:00+08:00", "2028-02-29", YearNotice(rest=frozenset({date(2028, 2, 29)})), "2028-03-01"),
        ("2027-11-30T08:00:00+08:00", "2028-02-29", YearNotice(rest=frozenset({date(2028, 2, 29)})), "2028-03-01"),
    ],
)  # fmt: skip
async def test_a_recheck_that_falls_into_a_year_nobody_has_announced_moves_with_its_notice(
    death: Death, died_at: str, provisional: str, announced: YearNotice, moved: str
) -> None:
    died = datetime.fromisoformat(died_at)
    death.office.clock.instant = died + timedelta(days=1)
    case_no = await proved(death, died_at)
    before = await seen(death, case_no, RECHECK)
    assert (before["due_at"][:10], before["result"]["due_on"], before["provisional"]) == (
        provisional, provisional, True)  # fmt: skip
    service = death.office.services["assistance"]
    known, year = WorkingCalendar.load(), date.fromisoformat(provisional).year
    calendar = WorkingCalendar({**{one: YearNotice() for one in range(known.known_until + 1, year)}, year: announced})
    office = replace(service.app.state.office, calendar=calendar)
    stages = (Procedures(office),)
    assert await NewCalendar(service.transactions, service.clock, calendar, stages).run_through() >= 1
    await death.settle()
    after = await seen(death, case_no, RECHECK)
    assert (after["due_at"][:10], after["result"]["due_on"], after["provisional"]) == (moved, moved, False)


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-01-14T10:00:00+08:00", "2026-02-14"),  # a Saturday on which one works, the day before the festival
        ("2026-01-15T10:00:00+08:00", "2026-02-24"),  # 15 to 23 February is the Spring Festival
        ("2026-01-23T10:00:00+08:00", "2026-02-24"),  # its last day
        ("2026-01-28T10:00:00+08:00", "2026-02-28"),  # the Saturday that makes up for it
        ("2026-01-31T10:00:00+08:00", "2026-02-28"),  # no 31 February
    ],
)
async def test_a_month_that_ends_in_the_spring_festival_ends_on_the_first_day_of_work_after_it(
    death: Death, accepted: str, due: str
) -> None:
    """The household register is struck within a month of the request (R21); a rest day at its end moves the end."""
    death.office.clock.instant = datetime.fromisoformat(accepted)
    died = datetime.fromisoformat(accepted) - timedelta(days=1)
    found = await seen(death, await proved(death, died.isoformat()), CANCELLATION)
    assert (found["due_at"][:10], found["provisional"]) == (due, False)
