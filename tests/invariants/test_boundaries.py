"""Deaths at the edges of months, calendars, payment runs and acts, over the gateway and the four services (issue 4).

The edges inside one owner stand with its own tests: a couple with incomes on one dibao, each dying first
(tests/assistance/test_recheck.py, and rules/household_after_death.yaml), months to the corresponding day
(tests/kernel/test_calendar*.py), two corrections at once (tests/gateway/cases/test_races.py). Here each is looked at
from outside: what the case, the board and the money come to when all services are at work.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from casework.new_calendar import NewCalendar, Procedures
from kernel.public_service.calendar import WorkingCalendar, YearNotice
from kernel.public_service.clock import TZ
from services.eldercare.domain.effects import RECOVERABLE
from tests.gateway.office import COUNTY, household, row
from tests.invariants.death_laws import all_is_as_before
from tests.invariants.one_death import Death
from tests.invariants.proved_death import decided, proved, seen

RECHECK, PAYEE = "assistance.household_recheck", "assistance.change_payee"
CARE, WIDOWED = "eldercare.stop_benefits", "marriage.widowed"
CANCELLATION, PENSION = "police.household_cancellation", "human_resources.stop_benefits"
_ENDED_ON = "SELECT ended_on FROM couples WHERE husband = :p OR wife = :p"
_ALLOWANCE = "SELECT id, amount_fen, paid_through FROM allowances WHERE person = :p"
_CLAIMED = """SELECT e.effective_on AS month, e.amount_fen AS fen FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account WHERE a.kind = :kind AND a.beneficiary = :p ORDER BY 1"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


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
    calendar = WorkingCalendar(
        {**{one: YearNotice() for one in range(known.known_until + 1, year)}, year: announced}
    )
    office = replace(service.app.state.office, calendar=calendar)
    stages = (Procedures(office),)
    assert await NewCalendar(service.transactions, service.clock, calendar, stages).run_through() >= 1
    await death.settle()
    after = await seen(death, case_no, RECHECK)
    assert (after["due_at"][:10], after["result"]["due_on"], after["provisional"]) == (moved, moved, False)


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        (
            "2026-01-14T10:00:00+08:00",
            "2026-02-14",
        ),  # a Saturday on which one works, the day before the festival
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


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dies", "amount_fen", "held_for"),
    [(0, 108_333 - 70_000, None), (1, 108_333 - 30_000, "payee_dead")],
    ids=["husband_first", "wife_first"],
)
async def test_of_a_couple_with_incomes_on_one_dibao_the_one_who_is_left_gets_what_the_rule_gives(
    death: Death, dies: int, amount_fen: int, held_for: str | None
) -> None:
    """R01: amount = standard × n − I, in Taizhou 1,083.33 a head. He earns 300 a month, she 700, together on
    1,083.33 × 2 − 1,000 = 1,166.66.

    He dies first: n = 1, I = 700, so 383.33. She dies first: n = 1, I = 300, so 783.33. Either way March, the month of
    the death, was paid as it stood; April has the new amount once it is signed (and waits for a new payee when she
    dies, who draws it); and the one who is left is widowed.
    """
    couple = [death.dead, death.spouse]
    for person, income in zip(couple, (30_000, 70_000), strict=True):
        await death.office.rows(
            "UPDATE household_members SET income_fen = :fen WHERE person = :p RETURNING 1", "assistance",
            fen=income, p=person.person,
        )  # fmt: skip
    await death.office.rows("UPDATE households SET income_fen = 100000 RETURNING 1", "assistance")
    death.dead, death.spouse = couple[dies], couple[1 - dies]
    case_no = await proved(death, "2026-03-01T08:00:00+08:00")
    found = await seen(death, case_no, RECHECK)
    assert (found["result"]["provisional_fen"], found["result"]["from_month"]) == (amount_fen, "2026-04")
    signed = await decided(death, RECHECK, "adjust", amount_fen=amount_fen)
    assert signed.status_code == 200, signed.text
    death.office.clock.advance(timedelta(days=31))
    file = str(uuid4())
    await file_of(death, "POST", "files", id=file, region=COUNTY, month="2026-04-01")
    lines = await of_household(death, file, death.before.household)
    assert [(month, fen, held) for month, _, fen, held in lines] == [("2026-04-01", amount_fen, held_for)]
    async with death.office.supervisor as http:
        view = (await http.get(f"/api/v1/people/{death.spouse.person}")).json()
    assert view["marital_state"] == "widowed"


async def file_of(death: Death, method: str, path: str, **body: Any) -> dict[str, Any]:
    """A route of the treasury at assistance."""
    service = death.office.services["assistance"]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://assistance",
        headers={"X-Service-Key": service.settings.service_key.get_secret_value()},
    ) as http:  # fmt: skip
        answer = await http.request(method, f"/internal/v1/money/{path}", json=body or None)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def of_household(death: Death, file: str, home: UUID) -> list[tuple[str, str, int, str | None]]:
    """Month, payee, amount, and why it stayed behind."""
    run = await file_of(death, "GET", f"files/{file}/lines")
    lines = [line for line in run["lines"] if line["household"] == str(home)]
    return [(line["month"], line["payee"], line["amount_fen"], line["held_for"]) for line in lines]


async def test_a_file_previewed_the_day_before_its_payee_dies_keeps_the_money_until_somebody_may_take_it(
    death: Death,
) -> None:
    """Prepared on 31 March for April, the payee dies on 1 April, the file is released on the 2nd."""
    home = household("dibao_couple_payee_dies")
    death.dead, death.spouse = home.persons[:2]
    death.office.clock.instant = at("2026-03-31 15:00")
    (dibao,) = home.holdings
    file, april = str(uuid4()), [("2026-04-01", str(death.dead.person), dibao.amount_fen, None)]
    preview = await file_of(death, "GET", f"runs/preview?region={COUNTY}&month=2026-04-01")
    assert str(death.dead.person) not in {line["payee"] for line in preview["held"]}
    await file_of(death, "POST", "files", id=file, region=COUNTY, month="2026-04-01")
    assert await of_household(death, file, home.household) == april
    death.office.clock.instant = at("2026-04-02 10:00")
    await proved(death, "2026-04-01T06:20:00+08:00")
    released = await file_of(death, "POST", f"files/{file}/release")
    assert (str(death.dead.person), "payee_dead") in {
        (line["payee"], line["held_for"]) for line in released["held"]
    }
    paid = await death.office.rows(
        "SELECT 1 FROM payments WHERE payee = :p AND released_at IS NOT NULL",
        "assistance",
        p=death.dead.person,
    )
    assert paid == []
    changed = await decided(death, PAYEE, "changed", payee=str(death.spouse.person))
    assert changed.status_code == 200, changed.text
    again = str(uuid4())
    await file_of(death, "POST", "files", id=again, region=COUNTY, month="2026-04-01")
    await file_of(death, "POST", f"files/{again}/release")
    assert await of_household(death, again, home.household) == [
        ("2026-04-01", str(death.spouse.person), dibao.amount_fen, None)
    ]


async def test_who_was_taken_for_dead_gets_two_months_back_line_by_line_while_one_department_is_silent(
    death: Death,
) -> None:
    """A wrong match of February, revoked in May: April and May are owed. The pension office has not answered at all:
    its row waits alone, everything of ours is as it was."""
    case_no = await proved(death, "2026-02-20T08:00:00+08:00")
    for request in await death.unanswered():
        if request.type == CANCELLATION:
            await death.say(request, "done")
    await death.days_pass(62)
    case = await death.office.read(case_no, death.office.supervisor)
    assert row(case, PENSION)["state"] == "open"
    await death.revoke("wrong_match", by=None)
    await death.settle()
    case = await death.office.read(case_no, death.office.supervisor)
    assert (case["status"], row(case, "assistance.hold_payments")["state"]) == ("revoking", "undone")
    assert {row(case, kind)["state"] for kind in (CARE, WIDOWED, RECHECK)} == {"undone"}
    assert row(case, PENSION)["state"] in ("open", "undoing")
    ((allowance, amount, _),) = await death.office.rows(_ALLOWANCE, "eldercare", p=death.dead.person)
    owed = {line.month: line.fen for line in await missed(death, allowance)}
    assert owed == {date(2026, 4, 1): amount, date(2026, 5, 1): amount}
    await all_is_as_before(death)
    assert row(await death.office.read(case_no, death.office.supervisor), PENSION)["state"] in (
        "open",
        "undoing",
    )


async def missed(death: Death, allowance: UUID) -> list[Any]:
    """Arrears of that allowance, a line a month."""
    return await death.office.rows(
        """SELECT e.effective_on AS month, sum(e.amount_fen) AS fen FROM ledger_entries e JOIN ledger_accounts a
             ON a.id = e.account AND a.kind = 'allowance_paid' AND a.beneficiary = :p
            WHERE e.reason = 'arrears' AND e.side = 'credit' GROUP BY 1 ORDER BY 1""",
        "eldercare", p=death.dead.person,
    )  # fmt: skip
