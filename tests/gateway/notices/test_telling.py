"""From a change of a case to a message: once, to the one contact, never to the dead, never while a doubt stands."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.cases.planner.inputs import DoubtCleared
from gateway.notices.contacts import BY_HAND, PAGE
from tests.gateway.counting import counted
from tests.gateway.notices.post import APPLICANT_PHONE, CANCELLATION, CERTIFICATE, Post, at

RECHECK = "assistance.household_recheck"
STOP = "assistance.stop_benefits"
QUERY = "gateway.asset_query"


async def test_a_report_is_acknowledged_the_next_morning_to_the_number_that_was_given(post: Post) -> None:
    post.office.clock.instant = at("03-02 15:00")
    case = await post.office.report()
    assert await post.comes("03-02 17:00") == 0
    assert await post.comes("03-03 09:59") == 0
    assert await post.comes("03-03 10:00") == 1
    (message,) = await post.told(case)
    assert (message.to, message.channel, message.at) == (APPLICANT_PHONE, "sms", at("03-03 10:00"))
    assert case["case_no"] in message.text and case["case_no"] in message.text_en


async def test_what_was_told_is_not_told_again_however_often_anybody_looks(post: Post) -> None:
    case = await post.office.report()
    await post.confirm(case)
    assert await post.comes("03-03 10:00") == 1
    await post.outcome(case, CERTIFICATE, "done")  # the same outcome comes again, and again
    await post.outcome(case, CERTIFICATE, "done")
    assert [await post.comes(f"03-{day:02} 10:00") for day in range(4, 10)] == [0] * 6


async def test_a_result_that_was_corrected_is_told_as_a_correction(post: Post) -> None:
    case = await post.office.report()
    await post.confirm(case)
    await post.comes("03-03 10:00")
    await post.outcome(case, CERTIFICATE, "done", result={"issued_on": "2026-03-02"})
    assert await post.comes("03-04 10:00") == 1
    assert "更正" in (await post.told(case))[-1].text


async def test_all_news_of_a_day_is_one_message(post: Post) -> None:
    case = await post.office.report()
    await post.confirm(case)
    await post.outcome(case, CANCELLATION, "done")
    assert await post.comes("03-03 10:00") == 1
    (message,) = await post.told(case)
    assert "医学证明" in message.text and "户口手续" in message.text


async def test_two_cases_of_one_contact_are_one_message_listed_under_both(post: Post) -> None:
    first, second = await post.office.report(), await post.office.report()
    assert await post.comes("03-03 10:00") == 1
    (message,) = await post.told(first)
    assert [message] == await post.told(second)
    assert first["case_no"] in message.text and second["case_no"] in message.text


async def test_nobody_is_told_at_night(post: Post) -> None:
    await post.office.report()
    assert await post.comes("03-03 03:00") == 0
    assert await post.comes("03-03 18:00") == 0
    assert await post.comes("03-03 23:30") == 0
    assert await post.comes("03-04 10:00") == 1


async def test_a_morning_that_was_missed_is_made_up_the_same_day(post: Post) -> None:
    await post.office.report()
    assert await post.comes("03-03 16:20") == 1


async def test_while_the_identity_is_doubted_nobody_is_told_not_even_what_waited_already(post: Post) -> None:
    case = await post.office.report()
    await post.look()
    await post.outcome(case, CERTIFICATE, "stuck", reason="wrong_person")
    assert await post.comes("03-03 10:00") == 0
    assert await post.comes("03-04 10:00") == 0
    await post.inputs(case, DoubtCleared())
    assert await post.comes("03-05 10:00") == 1
    (message,) = await post.told(case)
    assert "已经收到" in message.text


async def test_a_case_revoked_in_doubt_apologises_once_and_says_nothing_of_what_waited(post: Post) -> None:
    case = await post.office.report()
    await post.look()
    await post.outcome(case, CERTIFICATE, "stuck", reason="wrong_person")
    answer = await post.office.act(
        post.office.supervisor,
        case["case_no"],
        "revocation",
        kind="wrong_match",
        reason="认错",
        basis="核实",
        version=1,
    )
    assert answer.status_code == 202, answer.text
    await _undo_all(post, case)
    assert await post.comes("03-03 10:00") == 1
    assert await post.comes("03-04 10:00") == 0
    (message,) = await post.told(case)
    assert "致歉" in message.text and "已经收到" not in message.text


async def _undo_all(post: Post, case: dict[str, Any]) -> None:
    """Every owner answers its undo."""
    shown = await post.office.read(case["case_no"])
    for row in shown["procedures"]:
        if row["state"] in ("open", "undoing", "stuck"):
            await post.outcome(case, row["type"], "undone", order=9, undo_kind="restore")
    assert (await post.office.read(case["case_no"]))["status"] == "revoked"


async def test_a_withdrawn_report_gets_one_kind_word(post: Post) -> None:
    case = await post.office.report()
    await post.office.act(post.office.clerk, case["case_no"], "withdrawal", reason="家属要求", version=1)
    shown = await post.office.read(case["case_no"])
    for row in shown["procedures"]:
        if row["state"] != "withdrawn":
            await post.outcome(case, row["type"], "withdrawn", order=9)
    assert (await post.office.read(case["case_no"]))["status"] == "withdrawn"
    assert await post.comes("03-03 10:00") == 1
    assert await post.comes("03-04 10:00") == 0
    (message,) = await post.told(case)
    assert "停下来" in message.text and "已经收到" not in message.text


async def test_a_relative_who_uses_the_dead_persons_number_is_told_on_the_page(post: Post) -> None:
    dead, spouse = post.office.couple()
    form = post.office.form(dead, spouse)
    form["applicant"]["phone"] = dead.phone
    case = (await post.office.post_report(form)).json()
    await post.comes("03-03 10:00")
    (message,) = await post.told(case)
    assert (message.channel, message.to) == ("page", PAGE)


async def test_who_was_taken_for_dead_is_not_told_so_by_the_apology(post: Post) -> None:
    dead, spouse = post.office.couple()
    form = post.office.form(dead, spouse)
    form["applicant"]["phone"] = dead.phone
    case = (await post.office.post_report(form)).json()
    await post.look()
    answer = await post.office.act(
        post.office.supervisor, case["case_no"], "revocation", kind="wrong_match", reason="认错", basis="核实",
        version=1,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    await _undo_all(post, case)
    await post.comes("03-03 10:00")
    assert [one.channel for one in await post.told(case)] == ["page"]


async def test_the_number_of_the_dead_is_silent_for_every_other_case_too(post: Post) -> None:
    dead, spouse = post.office.couple()
    other_dead, other_spouse = post.office.couple()
    await post.office.post_report(post.office.form(dead, spouse))
    form = post.office.form(other_dead, other_spouse)
    form["applicant"]["phone"] = f"+86 {dead.phone[:3]}-{dead.phone[3:7]}-{dead.phone[7:]}"
    other = (await post.office.post_report(form)).json()
    await post.comes("03-03 10:00")
    assert [one.channel for one in await post.told(other)] == ["page"]


async def test_a_contact_who_has_died_since_is_told_nothing_by_telephone(post: Post) -> None:
    dead, spouse = post.office.couple()
    case = (await post.office.post_report(post.office.form(dead, spouse))).json()
    await post.look()
    child_form = post.office.form(spouse, dead)
    child_form["applicant"]["phone"] = "13911112222"
    await post.office.post_report(child_form)
    await post.comes("03-03 10:00")
    assert {one.channel for one in await post.told(case)} == {"page"}


async def test_a_number_that_was_corrected_before_the_morning_is_the_one_that_is_called(post: Post) -> None:
    case = await post.office.report()
    await post.look()
    answer = await post.office.act(
        post.office.clerk, case["case_no"], "corrections", changes={"/applicant/phone": "13911112222"},
        reason="换号", version=1,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    await post.comes("03-03 10:00")
    assert [one.to for one in await post.told(case)] == ["13911112222"]


async def test_the_household_is_told_at_its_own_number_and_a_typed_heir_not_at_all(post: Post) -> None:
    """The clerk reports for somebody outside the household; the spouse lives there."""
    dead, spouse = post.office.couple()
    stranger, _ = post.office.couple()
    form = post.office.form(dead, stranger, asset_query=True)
    form["applicant"]["relation"] = "carer"
    form["heirs"] = [
        {"name": spouse.name, "id_number": spouse.id_number, "relation": "spouse"},
        {"name": stranger.name, "id_number": stranger.id_number, "relation": "child"},
    ]
    case = (await post.office.post_report(form)).json()
    await post.confirm(case)
    await post.outcome(case, STOP, "done", result={"stopped": []})
    await post.outcome(case, RECHECK, "done", result={"before_fen": 200, "provisional_fen": 100})
    await post.comes("03-03 10:00")
    told = {one.to: one.text for one in await post.told(case)}
    assert set(told) == {APPLICANT_PHONE, spouse.phone}
    assert "复核低保等救助家庭" in told[spouse.phone] and "复核" not in told[APPLICANT_PHONE]


@pytest.mark.parametrize("reporter_is_heir", [True, False])
async def test_an_heir_whom_the_register_knows_is_told_of_the_query_at_one_number(
    post: Post, reporter_is_heir: bool
) -> None:
    dead, spouse = post.office.couple()
    reporter = spouse if reporter_is_heir else post.office.couple()[0]
    form = post.office.form(dead, reporter, asset_query=True)
    form["heirs"] = [{"name": spouse.name, "id_number": spouse.id_number, "relation": "spouse"}]
    case = (await post.office.post_report(form)).json()
    await post.confirm(case)
    await post.outcome(case, CANCELLATION, "done")
    await post.outcome(case, QUERY, "done", order=9)
    await post.comes("03-03 10:00")
    told = {one.to for one in await post.told(case) if "涉财联办查询" in one.text}
    assert told == {APPLICANT_PHONE} | (set() if reporter_is_heir else {spouse.phone})


async def test_a_letter_about_money_waits_for_the_signature_and_the_quiet_days(post: Post) -> None:
    case = await post.office.report()
    await post.confirm(case)
    await post.outcome(case, STOP, "done", result={"stopped": [], "overpaid_fen": 105000})
    await post.comes("03-03 10:00")
    signed = {"decision": "recover", "overpaid_fen": 105000, "instalments": 3, "letter_from": "2026-04-20"}
    await post.outcome(case, STOP, "done", result=signed)
    for day in ("03-04 10:00", "04-01 10:00", "04-19 10:00"):
        await post.comes(day)
    assert all(one.channel != "letter" for one in await post.told(case))
    await post.comes("04-20 10:00")  # the day that the owner names: 49 days after the first of March are over
    (letter,) = [one for one in await post.told(case) if one.channel == "letter"]
    assert letter.to == BY_HAND
    assert "可以商量分次" in letter.text and "1050" not in letter.text


async def test_nothing_that_is_kept_names_anybody_in_the_clear(post: Post) -> None:
    dead, spouse = post.office.couple()
    case = (await post.office.post_report(post.office.form(dead, spouse))).json()
    await post.confirm(case)
    await post.comes("03-03 10:00")
    for table in ("notices", "notice_contacts", "messages"):
        kept = " ".join(str(row[0]) for row in await post.office.rows(f"SELECT to_jsonb(t) FROM {table} t"))
        assert kept
        for secret in (APPLICANT_PHONE, dead.phone, dead.name, spouse.name, dead.id_number, "您好"):
            assert secret not in kept


async def test_two_tellers_at_once_tell_everything_once(post: Post) -> None:
    cases = [await post.office.report() for _ in range(6)]
    post.office.clock.instant = at("03-03 10:00")
    teller = post.office.desk.teller
    await asyncio.gather(*(teller.catch_up() for _ in range(4)))
    await asyncio.gather(*(teller.tell(post.office.clock.now()) for _ in range(4)))
    (message,) = await post.told(cases[0])
    assert all(case["case_no"] in message.text for case in cases)
    assert len(await post.office.rows("SELECT 1 FROM messages")) == 1


async def test_changes_that_were_forgotten_before_anybody_looked_are_made_up(post: Post) -> None:
    first, second = await post.office.report(), await post.office.report()
    async with post.office.desk.transactions.begin() as tx:
        await tx.execute(text("DELETE FROM case_changes WHERE seq = (SELECT min(seq) FROM case_changes)"))
    await post.comes("03-03 10:00")
    (message,) = await post.told(first)
    assert second["case_no"] in message.text


async def test_a_change_behind_a_running_transaction_is_not_left_out(post: Post) -> None:
    """Whoever committed first with the higher number must not hide the lower one that commits later."""
    await post.office.report()
    await post.look()
    kept = len(await post.office.rows("SELECT 1 FROM notices"))
    async with post.office.desk.transactions.begin() as slow:
        await slow.execute(text("SELECT pg_current_xact_id()"))
        case = await post.office.report()
        await post.look()
        assert len(await post.office.rows("SELECT 1 FROM notices")) == kept
    await post.comes("03-03 10:00")
    assert len(await post.told(case)) == 1


async def test_the_database_itself_refuses_a_second_message_a_day(post: Post) -> None:
    await post.office.report()
    await post.comes("03-03 10:00")
    again = text("""INSERT INTO messages (at, case_id, case_no, channel, sealed, contact, day)
        SELECT at, case_id, case_no, channel, sealed, contact, day FROM messages""")
    with pytest.raises(Exception, match="messages_one_a_day"):
        async with post.office.desk.transactions.begin() as tx:
            await tx.execute(again)


async def test_a_topic_that_is_not_in_the_list_cannot_be_kept(post: Post) -> None:
    greeting = text("""INSERT INTO notices (id, case_id, role, topic, mark, turn, ready_at)
        VALUES (gen_random_uuid(), :case, 'applicant', 'birthday', 'x', 0, now())""")
    with pytest.raises(Exception, match="notices_topic_check"):
        async with post.office.desk.transactions.begin() as tx:
            await tx.execute(greeting, {"case": UUID(int=1)})


async def test_looking_at_many_cases_costs_as_many_statements_as_looking_at_one(post: Post) -> None:
    engine, teller = post.office.desk.service.engine, post.office.desk.teller
    await post.office.report()
    await post.look()  # the plan is known from here on
    counts = []
    for number in (1, 8):
        for _ in range(number):
            await post.office.report()
        with counted(engine) as statements:
            async with teller.open() as tx:
                assert await teller.queue.take_page(tx, now=post.office.clock.now()) == number
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 13, statements


async def test_telling_is_no_part_of_what_moves_a_case(post: Post) -> None:
    with counted(post.office.desk.service.engine) as statements:
        await post.office.report()
    assert [one for one in statements if "notice" in one or "messages" in one] == []
