"""Limits, milestones, pauses and checks (R00, design 5 "Clocks")."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from casework.deadlines import Fired, next_check, run_due
from casework.limits import keeping_fired, times
from casework.tasks import NotThisRole
from contracts.orders import OrdersIssued, Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import Limit, LimitUnit, Step
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ
from tests.casework.plain_owner import (
    ACT,
    ANSWERS,
    CHECK,
    FIVE_DAYS,
    NO_LIMIT,
    NOW,
    SLEEPLESS,
    WAKES_AFTER,
    Bench,
    Matter,
    ends,
    step,
    terms,
    to,
)

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


QUIET = Step(
    id="quiet", name="quiet", not_before=Limit(amount=3, unit=LimitUnit.CALENDAR_DAY, counted_from="event")
)
SIGNED = terms(step("sign", to("signed", "quiet")), QUIET)


async def test_a_waiting_step_is_passed_when_its_days_have_gone_by_whole(bench: Bench) -> None:
    opened = await bench.send(Matter(SIGNED), Verb.OPEN)
    waiting = await bench.decide(opened, "signed")
    assert (waiting.state, waiting.step, waiting.task) == (OwnerState.OPEN, "quiet", None)
    over = datetime(2026, 3, 6, tzinfo=TZ)  # the event was on the 2nd: the 3rd, 4th and 5th pass whole
    assert await following(bench) == over
    assert (await run(bench, over - timedelta(seconds=1))).count == 0
    fired = await run(bench, over + timedelta(days=9))
    ended = fired.reports[0].outcomes[0]
    assert (ended.state, ended.at) == (OwnerState.DONE, over)


async def test_a_wait_that_is_over_already_is_passed_at_once(bench: Bench) -> None:
    opened = await bench.send(Matter(SIGNED, occurred_at=NOW - timedelta(days=4)), Verb.OPEN)
    assert (await bench.decide(opened, "signed")).state is OwnerState.DONE


async def test_a_corrected_event_moves_the_end_of_the_wait(bench: Bench) -> None:
    matter = Matter(SIGNED)
    await bench.decide(await bench.send(matter, Verb.OPEN), "signed")
    matter.occurred_at, matter.version = NOW - timedelta(days=1), 2
    assert (await bench.send(matter, Verb.CORRECT)).step == "quiet"
    assert await following(bench) == datetime(2026, 3, 5, tzinfo=TZ)


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


async def test_several_pauses_are_kept_on_record_and_given_back(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS), type="test.pausing")
    await bench.send(matter, Verb.OPEN)
    await bench.act(matter, "papers", at=NOW + timedelta(days=1))
    first = await bench.act(matter, "go_on", at=NOW + timedelta(days=3))
    held = await bench.act(matter, "hold", at=NOW + timedelta(days=4))
    again = await bench.act(matter, "go_on", at=NOW + timedelta(days=7))
    # Two working days for papers; Friday to Monday for the hold.
    assert (first.due_at, held.due_at, again.due_at) == (end_of(11), end_of(11), end_of(12))
    assert (held.paused_at, again.paused_at) == (NOW + timedelta(days=4), None)
    async with bench.transactions.begin() as tx:
        kept = (await tx.connection.exec_driver_sql("SELECT pauses FROM procedures")).scalar_one()
    assert [each["reason"] for each in kept] == ["papers", "hold"]


async def test_a_pause_that_goes_on_for_another_reason_counts_once(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS), type="test.pausing")
    await bench.send(matter, Verb.OPEN)
    await bench.act(matter, "papers", at=NOW + timedelta(days=1))
    await bench.act(matter, "court", at=NOW + timedelta(days=2))
    resumed = await bench.act(matter, "go_on", at=NOW + timedelta(days=3))
    assert resumed.due_at == end_of(11)
    async with bench.transactions.begin() as tx:
        kept = (await tx.connection.exec_driver_sql("SELECT pauses FROM procedures")).scalar_one()
    assert [(each["reason"], each["until"][:10]) for each in kept] == [
        ("papers", "2026-03-04"), ("court", "2026-03-05"),
    ]  # fmt: skip


async def test_a_pause_after_half_the_time_moves_what_is_still_to_come(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS), type="test.pausing")
    await bench.send(matter, Verb.OPEN)
    assert (await run(bench, end_of(5))).count == 1
    await bench.act(matter, "papers", at=end_of(5) + timedelta(hours=10))
    assert await following(bench) is None
    resumed = await bench.act(matter, "go_on", at=end_of(9) + timedelta(hours=10))
    assert (resumed.escalation, resumed.half_at, resumed.warn_at, resumed.due_at) == (
        1, end_of(5), end_of(10), end_of(11),
    )  # fmt: skip
    assert await following(bench) == end_of(10)


async def test_the_law_knows_no_other_reason_for_a_pause(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS), type="test.pausing")
    await bench.send(matter, Verb.OPEN)
    with pytest.raises(ValueError, match="holiday"):
        await bench.act(matter, "holiday", at=NOW + timedelta(days=1))


async def test_a_step_without_a_limit_leaves_that_of_the_step_before(bench: Bench) -> None:
    day = Limit(amount=24, unit=LimitUnit.HOUR, counted_from="step")
    outcome = await bench.send(Matter(terms(step("call", to("on", "act"), limit=day), ACT)), Verb.OPEN)
    assert outcome.due_at == NOW + timedelta(hours=24)
    after = await bench.decide(outcome, "on", at=NOW + timedelta(hours=1))
    assert (after.step, after.due_at, await following(bench)) == ("act", None, None)


async def test_a_mark_says_too_late_only_once(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, limit=FIVE_DAYS, point_of_no_return="check"))
    await bench.send(matter, Verb.OPEN)
    late = await bench.send(matter, Verb.WITHDRAW)
    fired = await run(bench, end_of(5))
    assert late.too_late_at is not None
    assert fired.reports[0].outcomes[0].too_late_at is None


async def test_acts_and_marks_run_in_the_order_of_their_instants(bench: Bench) -> None:
    hours = Limit(amount=36, unit=LimitUnit.HOUR, counted_from="accepted")
    early, late = Matter(terms(CHECK, limit=hours)), Matter(terms(CHECK), type="test.waking")
    await bench.send_all([early.order(Verb.OPEN), late.order(Verb.OPEN)])
    told = []
    while (fired := await run(bench, NOW + timedelta(days=9))).count:
        told += [(outcome.at, outcome.procedure) for each in fired.reports for outcome in each.outcomes]
    # half after 18 hours, the act after 24, nearly after 28.8, over after 36
    assert [key for _, key in told] == [early.procedure, late.procedure, early.procedure, early.procedure]
    assert [at for at, _ in told] == sorted(at for at, _ in told)


async def test_an_act_sees_the_moment_it_was_due(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK), type="test.waking"), Verb.OPEN)
    fired = await run(bench, NOW + timedelta(days=30))
    assert fired.reports[0].outcomes[0].result == {"kind": "clock", "at": (NOW + WAKES_AFTER).isoformat()}


async def test_an_act_that_a_verb_refuses_stops_nobody_and_comes_again_an_hour_later(bench: Bench) -> None:
    bad, good = (Matter(terms(CHECK), type="test.waking") for _ in range(2))
    SLEEPLESS.add(bad.subject)
    await bench.send_all([bad.order(Verb.OPEN), good.order(Verb.OPEN)])
    fired = await run(bench, NOW + WAKES_AFTER)
    assert (fired.count, [type(each) for each in fired.failed]) == (1, [ValueError])
    assert fired.reports[0].case == good.case
    assert await following(bench) == NOW + WAKES_AFTER + timedelta(hours=1)
    SLEEPLESS.discard(bad.subject)
    assert (await run(bench, NOW + WAKES_AFTER + timedelta(hours=1))).count == 1


@pytest.mark.parametrize("kind", ["marks", "acts"])
async def test_two_workers_fire_each_check_once(bench: Bench, kind: str) -> None:
    made = {"marks": (FIVE_DAYS, "test.plain"), "acts": (NO_LIMIT, "test.waking")}[kind]
    matters = [Matter(terms(CHECK, limit=made[0]), type=made[1]) for _ in range(40)]
    await bench.send_all([matter.order(Verb.OPEN) for matter in matters])

    async def worker() -> list[UUID]:
        told: list[UUID] = []
        for _ in range(20):
            async with bench.transactions.begin() as tx:
                fired = await run_due(tx, office=bench.office, now=end_of(5), limit=7)
            told += [outcome.procedure for each in fired.reports for outcome in each.outcomes]
        return told

    told = [key for each in await asyncio.gather(worker(), worker(), worker()) for key in each]
    assert sorted(told) == sorted(matter.procedure for matter in matters)


@pytest.mark.parametrize("kind", ["marks", "acts"])
async def test_fifty_due_checks_take_as_many_statements_as_one(bench: Bench, kind: str) -> None:
    made = {"marks": (FIVE_DAYS, "test.plain"), "acts": (NO_LIMIT, "test.waking")}[kind]

    def order() -> OrdersIssued:
        return Matter(terms(CHECK, limit=made[0]), type=made[1]).order(Verb.OPEN)

    await bench.send_all([order()])
    seen = bench.count_statements()
    assert (await run(bench, end_of(5))).count == 1
    one = len(seen)
    await bench.send_all([order() for _ in range(50)])
    seen.clear()
    assert (await run(bench, end_of(5))).count == 50
    assert len(seen) == one
    assert one <= 9


async def fired_out(bench: Bench) -> Outcome:
    """The last outcome when all three marks have passed."""
    outcome = None
    while (fired := await run(bench, end_of(30))).count:
        outcome = fired.reports[0].outcomes[0]
    assert outcome is not None
    return outcome


async def test_the_county_stands_in_for_an_office_only_when_the_limit_is_over(bench: Bench) -> None:
    opened = await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    with pytest.raises(NotThisRole):
        await bench.decide(opened, "good", role="county_supervisor")
    late = await fired_out(bench)
    assert (late.escalation, late.state, late.step) == (3, "open", "check")  # silence has decided nothing
    with pytest.raises(NotThisRole):
        await bench.decide(late, "good", role="county_supervisor", region="430121")
    decided = await bench.decide(late, "good", role="county_supervisor")
    assert decided.step == "act"


async def test_the_office_itself_may_still_decide_when_the_limit_is_over(bench: Bench) -> None:
    await bench.send(Matter(terms(CHECK, ACT, limit=FIVE_DAYS)), Verb.OPEN)
    assert (await bench.decide(await fired_out(bench), "good")).step == "act"


async def test_the_county_does_not_stand_in_for_hands(bench: Bench) -> None:
    burn = step("burn", ends("burnt"), actor="funeral_home")
    await bench.send(Matter(terms(burn, limit=FIVE_DAYS)), Verb.OPEN)
    with pytest.raises(NotThisRole):
        await bench.decide(await fired_out(bench), "burnt", role="county_supervisor")


def test_marks_that_have_fired_stay_where_they_were() -> None:
    given = times(FIVE_DAYS, starts={"accepted": NOW}, calendar=CALENDAR)
    anew = times(FIVE_DAYS, starts={"accepted": NOW + timedelta(days=1)}, calendar=CALENDAR)
    kept = [keeping_fired(given, anew, fired) for fired in range(4)]
    assert [each.half_at == given.half_at for each in kept] == [False, True, True, True]
    assert [each.warn_at == given.warn_at for each in kept] == [False, False, True, True]
    assert [each.due_at == given.due_at for each in kept] == [False, False, False, True]
