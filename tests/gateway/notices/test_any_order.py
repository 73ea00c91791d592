"""Whatever happens to cases in whatever order, and whoever looks when: one message a contact and civil day."""

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from gateway.cases.planner.inputs import DoubtCleared
from gateway.notices.hours import civil
from kernel.public_service.clock import TZ
from tests.gateway.notices.post import CERTIFICATE, SIGNS, Post, at
from tests.gateway.office import row

STATES = ("open", "paused", "done", "refused", "stuck")
ANSWERED = (CERTIFICATE, "police.household_cancellation", "housing_fund.withdrawal", *SIGNS)
STEPS = 60
_CONTACTS_A_DAY = "SELECT contact, day, count(*) AS n FROM messages GROUP BY contact, day"
_LAST = "SELECT coalesce(max(id), 0) AS id FROM messages"
_OF_THE_DOUBTED = """SELECT 1 FROM messages m JOIN notices n ON n.message = m.request
    JOIN cases k ON k.id = n.case_id WHERE k.doubted AND m.id > :last"""
_MATTERS = """SELECT case_id, role, topic, procedure, mark, turn FROM notices WHERE message IS NOT NULL
    ORDER BY case_id, role, topic, procedure, turn"""


async def happen(post: Post, dice: random.Random, cases: list[dict[str, Any]]) -> None:
    """One thing, chosen by the dice: a report, an owner's answer, a doubt cleared, a look, some hours, a telling."""
    what = dice.choice(
        ("report", "answer", "answer", "answer", "again", "clear", "look", "hours", "tell", "tell")
    )
    if what == "report" or not cases:
        if len(cases) < 4:
            cases.append(await post.office.report())
    elif what in ("answer", "again"):
        case, kind = dice.choice(cases), dice.choice(ANSWERED)
        if row(await post.office.read(case["case_no"]), kind)["state"] in ("open", "done", "stuck"):
            state, result = dice.choice(STATES), {"n": dice.randrange(2)} if kind not in SIGNS else {}
            for _ in range(2 if what == "again" else 1):
                await post.outcome(case, kind, state, result=result, reason="need_more")
    elif what == "clear":
        await post.inputs(dice.choice(cases), DoubtCleared())
    elif what == "look":
        await post.look()
    elif what == "hours":
        post.office.clock.advance(timedelta(hours=dice.randrange(1, 16)))
    else:
        (last,) = await post.office.rows(_LAST)
        await post.office.desk.teller.tell(post.office.clock.now())
        assert await post.office.rows(_OF_THE_DOUBTED, last=last.id) == []


@pytest.mark.parametrize("seed", range(8))
async def test_one_message_a_contact_and_civil_day(post: Post, seed: int) -> None:
    dice, cases = random.Random(seed), list[dict[str, Any]]()
    post.office.clock.instant = at("03-02 15:00")
    for _ in range(STEPS):
        await happen(post, dice, cases)
    assert all(day.n == 1 for day in await post.office.rows(_CONTACTS_A_DAY))
    messages = await post.told()
    assert all(civil(one.at) for one in messages)
    assert all(count == 1 for count in Counter(one.at.astimezone(TZ).date() for one in messages).values())
    told = [tuple(matter) for matter in await post.office.rows(_MATTERS)]
    for before, after in pairwise(told):
        assert before[:5] != after[:5], "the same thing was told twice running"


async def test_a_quiet_week_after_the_last_change_brings_nothing_new(post: Post) -> None:
    case = await post.office.report()
    await post.confirm(case)
    sent = [await post.comes(f"03-{day:02} 10:00") for day in range(3, 12)]
    assert sent == [1, *[0] * 8]
