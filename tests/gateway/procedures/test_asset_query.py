"""Row 19 to its own end: asked of all, delivered with what was not answered, seen by the heirs, taken back (R28)."""

from datetime import datetime

import pytest
from sqlalchemy.exc import DBAPIError

from kernel.public_service.clock import TZ
from tests.gateway.procedures.estate import GUIDE, QUERY, SOURCES, Estate, lines

PROMISED = datetime(2026, 3, 9, 23, 59, 59, tzinfo=TZ)  # five working days from Monday, 2 March
AFTERWARDS = datetime(2026, 3, 12, 9, 0, tzinfo=TZ)


async def test_every_source_is_asked_for_itself_with_purpose_basis_and_the_least_of_fields(
    estate: Estate,
) -> None:
    await estate.asking(estate.second)
    for source, item in (await estate.requests()).items():
        assert item["kind"] == "task"
        assert item["purpose"] and item["legal_basis"], source
        assert set(item["fields"]) == {"/deceased/name", "/deceased/id_kind", "/deceased/id_number"}
        assert item["due_at"] == PROMISED.isoformat()


async def test_when_all_have_answered_the_list_is_delivered_with_has_and_has_not(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    row = await estate.row(QUERY)
    assert row["state"] == "done"
    assert row["result"] == {
        "sources": 10, "answered": 10, "not_answered": 0, "edition": 1, "valid_until": "2026-04-01",
    }  # fmt: skip
    shown = await estate.get(estate.as_citizen(estate.second), "asset-query")
    found = lines(shown)
    assert {source for source, answer in found.items() if answer == "has"} == {"bank", "real_estate"}
    assert set(found) == set(SOURCES)
    bank = next(line for line in shown.json()["lines"] if line["source"] == "bank")
    assert (bank["places"], bank["go_to"]) == (["示范农商银行"], "开户银行")
    assert shown.json()["watermark"] == {
        "case_no": estate.case_no, "reader": estate.second.name, "at": "2026-03-02T10:00:00+08:00",
    }  # fmt: skip


async def test_nothing_about_assets_is_in_events_rows_timeline_or_audit(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    written = []
    for table in (
        "outbox",
        "case_procedures",
        "case_timeline",
        "procedures",
        "deliveries",
        "audit_log",
        "asset_lookups",
    ):
        written += [str(row) for row in await estate.office.rows(f"SELECT * FROM {table}")]
    text = "".join(written)
    assert "示范农商银行" not in text
    assert "held" not in text.replace("held_by", "")
    alike = await estate.office.rows("""
        SELECT DISTINCT state, answer, outcome, reason, CAST(result AS text) FROM deliveries
        WHERE asked_by IS NOT NULL""")
    assert [tuple(row) for row in alike] == [("answered", "done", "done", None, "{}")]


async def test_a_bank_that_does_not_answer_holds_up_nobody_and_its_late_answer_makes_a_new_edition(
    estate: Estate,
) -> None:
    """Shared test 9, second half."""
    await estate.asking(estate.second)
    asked = await estate.answered("bank")
    assert (await estate.row(QUERY))["state"] == "open"
    early = await estate.get(estate.as_citizen(estate.second), "asset-query")
    assert (early.status_code, early.json()["code"]) == (409, "list_not_shown")

    await estate.until(PROMISED)
    row = await estate.row(QUERY)
    assert (row["state"], row["result"]["answered"], row["result"]["not_answered"]) == ("done", 9, 1)
    assert lines(await estate.get(estate.as_citizen(estate.second), "asset-query"))["bank"] == "not_answered"
    guide = (await estate.row(GUIDE))["result"]
    assert (guide["answered"], guide["not_answered"]) == (9, 1)

    await estate.until(AFTERWARDS)
    late = await estate.say(
        "bank", asked["bank"]["id"], "done", data={"held": True, "places": ["示范农商银行"]}
    )
    assert late.status_code == 200
    assert (await estate.row(QUERY))["result"] == {
        "sources": 10, "answered": 10, "not_answered": 0, "edition": 2, "valid_until": "2026-04-11",
    }  # fmt: skip
    assert lines(await estate.get(estate.as_citizen(estate.second), "asset-query"))["bank"] == "has"
    assert (await estate.row(GUIDE))["result"]["not_answered"] == 0


@pytest.mark.parametrize("word", ["wrong_person", "refused", "need_more"])
async def test_a_source_that_errs_or_refuses_is_a_line_and_no_failure(estate: Estate, word: str) -> None:
    await estate.asking(estate.second)
    asked = await estate.answered("vehicle")
    assert (
        await estate.say("vehicle", asked["vehicle"]["id"], word, reason="details_differ")
    ).status_code == 200
    row = await estate.row(QUERY)
    assert (row["state"], row["result"]["answered"], row["tasks"]) == ("done", 9, [])
    assert lines(await estate.get(estate.as_citizen(estate.second), "asset-query"))["vehicle"] == word


async def test_the_second_son_asks_and_the_first_son_sees_it(estate: Estate) -> None:
    """Shared test 9, first half: whoever is an heir by the register sees who asked and who looked."""
    await estate.asking(estate.second)
    await estate.answered()
    await estate.get(estate.as_citizen(estate.second), "asset-query")
    seen = await estate.get(estate.as_citizen(estate.first), "asset-query/lookups")
    assert seen.status_code == 200, seen.text
    looks = [(one["kind"], one["role"], one["own"]) for one in seen.json()["items"]]
    assert looks == [("list", "applicant", False), ("asked", "applicant", False)]
    names = {one["who"] for one in seen.json()["items"]}
    assert names == {estate.second.name[0] + "*" * (len(estate.second.name) - 1)}
    again = await estate.get(estate.as_citizen(estate.second), "asset-query/lookups")
    assert next((one["kind"], one["role"]) for one in again.json()["items"]) == ("log", "heir")


async def test_an_heir_by_the_register_reads_the_list_in_the_own_right_and_leaves_a_trace(
    estate: Estate,
) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    shown = await estate.get(estate.as_citizen(estate.first), "asset-query")
    assert shown.json()["watermark"]["reader"] == estate.first.name
    rows = await estate.office.rows("SELECT kind, person, purpose, edition FROM asset_lookups ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("asked", estate.second.person, "first_order_heir", 0),
        ("list", estate.first.person, "inheritance", 1),
    ]


@pytest.mark.parametrize("part", ["asset-query", "asset-query/lookups", "estate-guide"])
async def test_a_stranger_does_not_learn_that_there_is_a_query(estate: Estate, part: str) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    refused = await estate.get(estate.as_citizen(estate.stranger), part)
    assert (refused.status_code, refused.json()["code"]) == (404, "case_unknown")
    assert len(await estate.office.rows("SELECT 1 FROM asset_lookups")) == 1


async def test_who_joined_the_case_without_being_an_heir_sees_neither_list_nor_record(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    form = estate.office.form(estate.father, estate.stranger)
    form["applicant"]["relation"] = "other_relative"
    joined = await estate.office.post_report(form, client=estate.as_citizen(estate.stranger))
    assert joined.status_code == 200
    for part in ("asset-query", "asset-query/lookups"):
        assert (await estate.get(estate.as_citizen(estate.stranger), part)).status_code == 404
    guide = await estate.get(estate.as_citizen(estate.stranger), "estate-guide")
    assert (guide.status_code, guide.json()["delivered"], guide.json()["found"]) == (200, False, [])


async def test_the_desk_states_what_it_looks_for(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    silent = await estate.get(estate.office.clerk, "asset-query")
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "/query/purpose")
    stated = await estate.get(estate.office.clerk, "asset-query", purpose="delivery")
    assert stated.status_code == 200
    (line,) = await estate.office.rows("SELECT actor, purpose FROM audit_log WHERE action = 'assets_list'")
    assert tuple(line) == ("window_clerk-331022", "delivery")


@pytest.mark.parametrize("change", ["UPDATE asset_lookups SET actor = 'x'", "DELETE FROM asset_lookups"])
async def test_the_record_of_looks_cannot_be_changed(estate: Estate, change: str) -> None:
    await estate.asking(estate.second)
    with pytest.raises(DBAPIError, match="append-only"):
        await estate.office.rows(f"{change} RETURNING 1")


async def test_who_is_not_entitled_is_refused_by_a_person_and_no_source_is_asked(estate: Estate) -> None:
    await estate.asking(estate.stranger, "sibling")
    proven = await estate.decide("gateway.proof_of_relation", "proven", {"method": "notary"})
    assert proven.status_code == 200, proven.text
    row = await estate.row(QUERY)
    assert (row["paused"], row["step"]) == (True, "entitlement")
    refused = await estate.decide(QUERY, "not_entitled", {"next_route": "heirs"}, "有第一顺序继承人")
    assert refused.status_code == 200, refused.text
    row = await estate.row(QUERY)
    assert (row["state"], row["reason"], row["result"]) == (
        "refused",
        "有第一顺序继承人",
        {"next_route": "heirs"},
    )
    assert await estate.office.rows("SELECT 1 FROM deliveries WHERE asked_by IS NOT NULL") == []
    assert (await estate.get(estate.as_citizen(estate.stranger), "asset-query")).status_code == 404


async def test_an_heir_by_will_who_is_no_relative_shows_the_will_and_reads_the_list(estate: Estate) -> None:
    will = {"name": estate.stranger.name, "id_number": estate.stranger.id_number, "relation": "other"}
    await estate.asking(estate.stranger, "carer", heirs=[will])
    assert (await estate.row("gateway.proof_of_relation"))["reason"] == "no_kinship_claimed"
    admitted = await estate.decide(QUERY, "entitled", {"capacity": "will", "paper": "will"})
    assert admitted.status_code == 200, admitted.text
    await estate.answered()
    assert lines(await estate.get(estate.as_citizen(estate.stranger), "asset-query"))["bank"] == "has"


async def test_a_revocation_takes_the_list_back_forgets_it_and_tells_the_sources(estate: Estate) -> None:
    await estate.asking(estate.second)
    asked = await estate.answered("payment")
    await estate.until(PROMISED)
    version = (await estate.office.read(estate.case_no))["version"]
    revoked = await estate.office.act(
        estate.office.supervisor, estate.case_no, "revocation", kind="wrong_match", reason="认错了人",
        basis="公安更正函", version=version,
    )  # fmt: skip
    assert revoked.status_code == 202, revoked.text
    row = await estate.row(QUERY)
    assert (row["state"], row["undo_kind"]) == ("undone", "annotate")
    gone = await estate.get(estate.as_citizen(estate.second), "asset-query")
    assert (gone.status_code, gone.json()["code"]) == (409, "list_not_shown")
    sealed = await estate.office.rows(
        "SELECT 1 FROM deliveries WHERE asked_by IS NOT NULL AND sealed IS NOT NULL"
    )
    assert sealed == []
    (void,) = [one for one in await estate.pull("bank") if one["type"] == "bank.asset_query"]
    assert (void["kind"], void["reason"], void["replaces"]) == ("undo", "wrong_match", asked["bank"]["id"])
    (cancel,) = [one for one in await estate.pull("payment") if one["type"] == "payment.asset_query"]
    assert (cancel["kind"], cancel["id"]) == ("cancellation", asked["payment"]["id"])
    assert (await estate.say("bank", void["id"], "done")).status_code == 200


async def test_a_withdrawal_before_delivery_takes_the_questions_back(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.requests("bank")
    case = await estate.office.read(estate.case_no)
    query = (await estate.row(QUERY))["id"]
    answer = await estate.office.act(
        estate.office.clerk, estate.case_no, "withdrawal", reason="不查了", procedures=[query],
        version=case["version"],
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    assert (await estate.row(QUERY))["state"] == "withdrawn"
    states = await estate.office.rows(
        "SELECT department, state FROM deliveries WHERE asked_by IS NOT NULL ORDER BY department"
    )
    assert {row.state for row in states if row.department != "bank"} == {"cancelled"}
    assert [row.state for row in states if row.department == "bank"] == ["cancelling"]


async def test_a_corrected_number_is_asked_for_anew_under_a_new_edition(estate: Estate) -> None:
    await estate.asking(estate.second)
    asked = await estate.answered()
    await estate.correct({"/deceased/name": f"{estate.father.name}甲"})
    row = await estate.row(QUERY)
    assert (row["state"], row["step"]) == ("open", "query")
    assert (await estate.get(estate.as_citizen(estate.second), "asset-query")).status_code == 409
    again = await estate.requests()
    assert {item["kind"] for item in again.values()} == {"correction"}
    assert again["bank"]["replaces"] == asked["bank"]["id"]
    assert again["bank"]["fields"]["/deceased/name"].endswith("甲")
    await estate.answered(requests=again)
    assert (await estate.row(QUERY))["result"]["edition"] == 2


async def test_a_list_that_is_asked_anew_has_its_promise_anew(estate: Estate) -> None:
    """It runs from the day on which it was asked again, so it is not red while the new answers are waited for."""
    await estate.asking(estate.second)
    await estate.answered()
    await estate.until(AFTERWARDS)
    await estate.correct({"/deceased/name": f"{estate.father.name}甲"})
    row = await estate.row(QUERY)
    assert (row["state"], row["due_at"], row["overdue"]) == ("open", "2026-03-19T23:59:59+08:00", False)
    (alarm,) = await estate.office.rows(
        "SELECT wake_at, due_at, escalation FROM procedures WHERE type = :t", t=QUERY
    )
    assert (alarm.wake_at, alarm.escalation) == (alarm.due_at, 0)


async def test_a_relation_found_wrong_withholds_the_list_until_a_person_has_looked(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    await estate.correct({"/applicant/relation": "other_relative"})
    assert (await estate.row("gateway.proof_of_relation"))["state"] == "open"
    not_proven = await estate.decide(
        "gateway.proof_of_relation", "not_proven", {}, "出生登记已更正，不是父子"
    )
    assert not_proven.status_code == 200, not_proven.text
    row = await estate.row(QUERY)
    assert (row["step"], row["paused"]) == ("entitlement", True)
    await estate.office.rows(
        "DELETE FROM person_relations WHERE person = :one OR relative = :one RETURNING 1",
        one=estate.second.person,
    )
    assert (await estate.get(estate.as_citizen(estate.second), "asset-query")).status_code == 404
    gone = await estate.decide(QUERY, "not_entitled", {}, "不是继承人")
    assert gone.status_code == 200, gone.text
    assert (await estate.row(QUERY))["state"] == "refused"
    (void,) = [one for one in await estate.pull("bank") if one["type"] == "bank.asset_query"]
    assert (void["kind"], void["reason"]) == ("undo", "not_entitled")


async def test_a_department_cannot_answer_for_another_source(estate: Estate) -> None:
    await estate.asking(estate.second)
    asked = await estate.requests("bank")
    assert (await estate.say("insurance", asked["bank"]["id"], "done")).status_code == 404


async def test_the_case_is_finished_only_when_the_list_is_delivered(estate: Estate) -> None:
    """A query that waits keeps its case open, as every row does; sources are no rows of their own."""
    await estate.asking(estate.second)
    before = await estate.office.read(estate.case_no)
    assert len([one for one in before["procedures"] if one["type"].endswith("asset_query")]) == 1
    feed = await estate.office.rows("SELECT open_types FROM cases")
    assert QUERY in feed[0].open_types
    await estate.answered()
    assert QUERY not in (await estate.office.rows("SELECT open_types FROM cases"))[0].open_types
