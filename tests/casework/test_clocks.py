"""Limits, milestones, pauses and checks (R00, design 5 "Clocks")."""

from datetime import datetime, timedelta

from casework.deadlines import Fired, next_check, run_due
from casework.limits import Times, after_pause, times
from contracts.orders import Verb
from contracts.terms import Limit, LimitUnit
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ
from tests.casework.plain_owner import ACT, ANSWERS, CHECK, FIVE_DAYS, NOW, Bench, Matter, ends, step, terms

CALENDAR = WorkingCalendar.load()


def end_of(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 23, 59, 59, tzinfo=TZ)


async def run(bench: Bench, now: datetime) -> Fired:
    async with bench.transactions.begin() as tx:
        return await run_due(tx, office=bench.office, now=now)


async def following(bench: Bench) -> datetime | None:
    async with bench.transactions.begin() as tx:
        return await next_check(tx)


async def test_half_nearly_and_due_fire_in_turn_at_their_own_instants(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    seen = []
    while (instant := await following(bench)) is not None:
        fired = await run(bench, instant + timedelta(days=1))
        outcome = fired.reports[0].outcomes[0]
        seen.append((outcome.at, outcome.escalation))
    # 50 % of five working days is three, 80 % is four, rounded up.
    assert seen == [(end_of(5), 1), (end_of(6), 2), (end_of(9), 3)]


async def test_nothing_fires_before_its_time(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    assert (await run(bench, end_of(5) - timedelta(seconds=1))).count == 0
    assert (await run(bench, end_of(5))).count == 1


async def test_a_limit_of_none_never_colours(bench: Bench) -> None:
    outcome = await bench.send(Matter(), Verb.OPEN)
    assert (outcome.due_at, await following(bench)) == (None, None)


async def test_what_has_ended_is_checked_no_more(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS))
    await bench.send(matter, Verb.OPEN)
    await bench.send(matter, Verb.WITHDRAW)
    assert await following(bench) is None


async def test_a_question_pauses_the_limit_and_its_answer_gives_the_time_back(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS, predicate="holds"))
    ANSWERS[matter.subject] = True
    opened = await bench.send(matter, Verb.OPEN)
    asked = await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS, predicate="holds")), Verb.OPEN)
    assert opened.due_at == end_of(9)
    assert asked.due_at is None or asked.state == "paused"
    # only the one that runs is checked; the other waits for a person
    assert (await run(bench, end_of(30))).count == 1
    resumed = await bench.decide(asked, "yes", at=NOW + timedelta(days=2))
    assert resumed.due_at == end_of(11)


async def test_the_step_has_a_limit_of_its_own(bench: Bench) -> None:
    day = Limit(amount=24, unit=LimitUnit.HOUR, counted_from="step")
    outcome = await bench.send(
        Matter(terms(step("call", ends("called"), limit=day), limit=FIVE_DAYS)), Verb.OPEN
    )
    assert outcome.task is not None
    assert (outcome.task.due_at, outcome.due_at) == (NOW + timedelta(hours=24), end_of(9))


async def test_a_row_without_a_limit_takes_its_steps(bench: Bench) -> None:
    day = Limit(amount=24, unit=LimitUnit.HOUR, counted_from="step")
    outcome = await bench.send(Matter(terms(step("call", ends("called"), limit=day))), Verb.OPEN)
    assert outcome.due_at == NOW + timedelta(hours=24)


def test_working_days_lost_to_a_pause_are_given_back_as_working_days() -> None:
    given = times(FIVE_DAYS, starts={"accepted": NOW}, calendar=CALENDAR)
    friday, monday = NOW + timedelta(days=4), NOW + timedelta(days=7)
    moved = after_pause(given, FIVE_DAYS, paused_at=friday, resumed_at=monday, calendar=CALENDAR)
    assert (given.due_at, moved.due_at) == (end_of(9), end_of(10))


def test_hours_lost_to_a_pause_are_given_back_as_hours() -> None:
    limit = Limit(amount=24, unit=LimitUnit.HOUR, counted_from="accepted")
    given = times(limit, starts={"accepted": NOW}, calendar=CALENDAR)
    moved = after_pause(
        given,
        limit,
        paused_at=NOW + timedelta(hours=1),
        resumed_at=NOW + timedelta(hours=4),
        calendar=CALENDAR,
    )
    assert moved.due_at == NOW + timedelta(hours=27)


def test_what_was_past_before_the_pause_stays() -> None:
    given = Times(end_of(9), end_of(5), end_of(6))
    moved = after_pause(
        given, FIVE_DAYS, paused_at=end_of(5) + timedelta(hours=1), resumed_at=end_of(9), calendar=CALENDAR
    )
    assert moved.half_at == end_of(5)
