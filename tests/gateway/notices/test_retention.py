"""What families were told is kept as long as somebody may ask for it, and no longer (R73)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gateway.notices import retention
from gateway.notices.retention import forget_told
from tests.gateway.notices.post import Post, at
from tests.gateway.notices.test_letters import letter

TOLD = "03-03 10:00"
AGES = timedelta(days=4000)


async def told(post: Post) -> dict[str, Any]:
    """A death of which the applicant was told something."""
    case = await post.office.report()
    assert await post.comes(TOLD) == 1
    return case


async def forget(post: Post, before: datetime) -> int:
    async with post.office.desk.transactions.begin() as tx:
        return await forget_told(tx, before)


async def kept(post: Post, table: str) -> int:
    return len(await post.office.rows(f"SELECT 1 FROM {table}"))


async def test_words_number_and_person_go_and_that_something_went_out_stays(post: Post) -> None:
    case = await told(post)
    assert await forget(post, at(TOLD) + timedelta(seconds=1)) > 0
    assert await post.told(case) == await post.told() == []
    (left,) = await post.office.rows(
        "SELECT sealed, contact, person, erased, state, sent_at, case_no FROM messages"
    )
    assert (left.sealed, left.contact, left.person, left.erased) == ({}, None, None, True)
    assert (left.state, left.sent_at, left.case_no) == ("sent", at(TOLD), case["case_no"])


async def test_what_is_younger_is_kept(post: Post) -> None:
    case = await told(post)
    before = (await kept(post, "notice_contacts"), await kept(post, "notices"))
    assert await forget(post, at("03-02 09:00")) == 0
    assert len(await post.told(case)) == 1
    assert (await kept(post, "notice_contacts"), await kept(post, "notices")) == before


async def test_contacts_go_and_the_dead_persons_number_is_known_by_its_index_alone(post: Post) -> None:
    await told(post)
    await forget(post, at(TOLD) + AGES)
    (left,) = await post.office.rows("SELECT channel, sealed, contact FROM notice_contacts")
    assert (left.channel, left.sealed) == ("never", {}) and left.contact
    assert await forget(post, at(TOLD) + AGES) == 0


async def test_nothing_that_still_waits_is_forgotten(post: Post) -> None:
    """A notice that nobody has told yet, and a letter that nobody has printed yet."""
    await letter(post)
    post.office.clock.instant = at("04-20 10:00")
    printed = "SELECT sealed FROM messages WHERE channel = 'letter'"
    contacts = await kept(post, "notice_contacts")
    await forget(post, at(TOLD) + AGES)
    ((words,),) = await post.office.rows(printed)
    assert words != {} and await kept(post, "notice_contacts") == contacts
    await post.office.rows(
        "UPDATE messages SET state = 'sent', sent_at = at WHERE channel = 'letter' RETURNING 1"
    )
    await post.office.rows("UPDATE notices SET message = NULL WHERE topic = 'recovery' RETURNING 1")
    await forget(post, at(TOLD) + AGES)
    assert await kept(post, "notice_contacts") == contacts


async def test_a_case_of_which_all_was_forgotten_is_told_nothing_twice_and_can_be_told_more(
    post: Post,
) -> None:
    case = await told(post)
    await forget(post, at(TOLD) + AGES)
    await post.confirm(case)
    await post.outcome(case, "police.household_cancellation", "done")
    await post.comes("03-05 10:00")
    (message,) = await post.told(case)
    assert message.to == "13800000000"
    accepted = await post.office.rows("SELECT 1 FROM notices WHERE topic = 'accepted'")
    assert len(accepted) == 1


@pytest.mark.parametrize("status", ["withdrawn", "revoked"])
async def test_the_notices_of_a_case_that_was_taken_back_go_with_it(post: Post, status: str) -> None:
    await told(post)
    await forget(post, at(TOLD) + AGES)
    assert await kept(post, "notices") > 0
    async with post.office.desk.transactions.begin() as tx:
        await tx.execute(text("UPDATE cases SET status = :status"), {"status": status})
    await forget(post, at(TOLD) + AGES)
    assert await kept(post, "notices") == 0


async def test_portion_after_portion_until_nothing_is_left(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_MOST", 1)
    for _ in range(3):
        await post.office.report()
    await post.comes(TOLD)
    sent = await kept(post, "messages")
    while await forget(post, at(TOLD) + AGES):
        pass
    assert len(await post.office.rows("SELECT 1 FROM messages WHERE erased")) == sent >= 1


def test_the_worker_of_the_gateway_forgets_both_kinds(post: Post) -> None:
    assert {"told", "set aside"} <= set(post.office.services["gateway"].worker.names)
