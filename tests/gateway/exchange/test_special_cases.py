"""Special cases (R29) end with a person, never in a dead end or a silent wait; a nobody becomes somebody; a wrong
person's case is moved to the right one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoKind
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.people.register import Named
from tests.gateway.exchange.house import CANCELLATION, CERTIFICATE, COUNTY, House
from tests.gateway.exchange.test_answers import answer, pulled
from tests.gateway.exchange.test_holds import place
from tests.gateway.exchange.test_life_events import report

HOLD = "assistance.hold_payments"
STOP = "human_resources.stop_benefits"
NUMBERLESS = {"id_kind": "unknown", "id_number": None}


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def case_of(house: House, case: UUID) -> Mapping[str, Any]:
    return (await house.all("SELECT * FROM cases WHERE id = :case", case=case))[0]


async def paths(house: House, case: UUID) -> dict[str, Mapping[str, Any]]:
    """The open tasks of special cases, by reason."""
    found = await house.all(
        "SELECT * FROM gateway_tasks WHERE case_id = :case AND kind = 'manual_path' AND closed_at IS NULL",
        case=case,
    )
    return {task["facts"]["reason"]: task for task in found}


async def decide(house: House, task: Mapping[str, Any], decision: str, *, reason: str = "已处理") -> Any:
    """Whoever the task is for decides it."""
    client = house.as_supervisor() if task["role"] == "county_supervisor" else house.as_clerk()
    body = {"decision": decision, "reason": reason, "version": task["version"]}
    async with client as http:
        return await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)


async def act(client: Any, case_no: str, path: str, **body: Any) -> Any:
    async with client as http:
        return await http.post(f"/api/v1/cases/{case_no}/{path}", json=body)


async def proved(house: House, case: UUID) -> None:
    """The health department answers that the death is proved."""
    for item in await pulled(house, "health"):
        await answer(house, "health", {"id": item["id"], "outcome": "done"})


@pytest.mark.parametrize(
    ("deceased", "path", "without", "still"),
    [
        ({"id_kind": "passport", "id_number": "E12345678"}, "foreigner", CANCELLATION, STOP),
        ({"id_kind": "permit", "id_number": "H12345678"}, "hk_macao_taiwan", "police.identity_card", STOP),
        ({"id_kind": "birth_certificate", "id_number": "T330012345"}, "newborn", STOP, CANCELLATION),
        ({"circumstance": "still_birth"}, "still_birth", CERTIFICATE, HOLD),
        ({"circumstance": "missing"}, "missing_person", "funeral.cremation", HOLD),
        ({"circumstance": "abroad"}, "death_abroad", CERTIFICATE, HOLD),
    ],
)
async def test_a_special_case_goes_to_a_person_with_its_reason_and_rows_without_an_object_end(
    house: House, number: str, deceased: dict[str, str], path: str, without: str, still: str
) -> None:
    filed = await house.report(number, **deceased)
    task = (await paths(house, filed.case))[path]
    names = {row.type: row.name for row in house.desk.catalogue.life_events["death"].procedures}
    assert names[without] in task["facts"]["not_for"] and task["due_at"] is not None
    ended = await house.row(filed.case, without)
    assert (ended["state"], ended["reason"]) == ("not_applicable", path)
    assert (await house.row(filed.case, still))["state"] != "not_applicable"


@pytest.mark.parametrize(
    ("deceased", "path"),
    [
        ({"circumstance": "custody"}, "custody"),
        ({"circumstance": "organ_donation"}, "organ_donation"),
        ({"infectious": True}, "infectious_disease"),
    ],
)
async def test_what_a_clerk_has_worked_goes_on_and_is_asked_no_more(
    house: House, number: str, deceased: dict[str, Any], path: str
) -> None:
    filed = await house.report(number, **deceased)
    task = (await paths(house, filed.case))[path]
    nameless = await decide(house, task, "continue", reason="")
    assert nameless.status_code == 422
    assert (await decide(house, task, "continue")).status_code == 200
    assert await paths(house, filed.case) == {}
    assert (await case_of(house, filed.case))["settled"] == [path]


async def test_a_cremation_in_custody_waits_for_the_person(house: House, number: str) -> None:
    filed = await house.report(number, circumstance="custody")
    await proved(house, filed.case)
    row = await house.row(filed.case, "funeral.cremation")
    assert row["state"] == "offered"
    version = (await case_of(house, filed.case))["version"]
    taken = await act(
        house.as_clerk(), filed.case_no, f"offers/{row['id']}", answer="accept", version=version
    )
    assert taken.status_code == 202
    assert (await house.row(filed.case, "funeral.cremation"))["state"] == "waiting"
    (task,) = (await paths(house, filed.case)).values()
    await decide(house, task, "continue")
    assert (await house.row(filed.case, "funeral.cremation"))["state"] == "ordered"


async def test_a_special_case_that_ends_on_paper_lifts_every_suspension(house: House, number: str) -> None:
    filed = await house.report(number, circumstance="still_birth")
    (task,) = (await paths(house, filed.case)).values()
    assert (await decide(house, task, "end")).status_code == 200
    assert (await case_of(house, filed.case))["status"] == "withdrawing"
    row = await house.row(filed.case, HOLD)
    assert row["sent"] == "withdraw"


async def test_a_death_abroad_is_signed_by_the_county_from_the_proof_it_has_seen(
    house: House, number: str
) -> None:
    filed = await house.report(number, circumstance="abroad")
    (task,) = (await paths(house, filed.case)).values()
    assert task["role"] == "county_supervisor"
    async with house.as_clerk() as http:
        body = {"decision": "continue", "reason": "领事认证书", "version": task["version"]}
        assert (await http.post(f"/api/v1/tasks/{task['id']}/decision", json=body)).status_code == 404
    assert (await decide(house, task, "continue")).status_code == 200
    assert (await case_of(house, filed.case))["confirmed"]
    assert (await house.row(filed.case, CERTIFICATE))["reason"] == "proven_by_document"
    assert (await house.row(filed.case, CANCELLATION))["state"] == "open"


async def test_an_unidentified_body_is_the_polices_and_nobody_is_guessed(house: House, number: str) -> None:
    filed = await house.report(number, **NUMBERLESS, circumstance="unidentified")
    subject = (await case_of(house, filed.case))["subject"]
    assert await house.all("SELECT 1 FROM person_identifiers WHERE person = :subject", subject=subject) == []
    assert set(await paths(house, filed.case)) == {"unidentified_body"}
    assert await pulled(house, "health") == []
    assert [item["type"] for item in await pulled(house, "police")] == ["police.abnormal_death_proof"]
    assert (await house.row(filed.case, STOP))["reason"] == "unidentified_body"


async def registered(house: House, number: str) -> UUID:
    """That person as the register of the region knows them."""
    known = house.people[number]
    async with house.desk.open() as tx:
        named = Named("resident_id", number, {"name": known.name})
        (found,) = await house.desk.register.resolve(tx, [named], at=house.clock.now())
        await tx.execute(
            text("UPDATE people SET region = :region WHERE person = :person"),
            {"region": COUNTY, "person": found.person},
        )
    return found.person


async def identify(house: House, case_no: str, case: UUID, number: str) -> Any:
    changes = {"/deceased/id_kind": "resident_id", "/deceased/id_number": number}
    version = (await case_of(house, case))["version"]
    return await act(
        house.as_clerk(), case_no, "corrections", changes=changes, reason="公安查明身份", version=version
    )


async def test_a_nobody_whose_number_is_found_becomes_that_person_in_the_same_case(
    house: House, number: str
) -> None:
    person = await registered(house, number)
    filed = await house.report(number, **NUMBERLESS)
    nobody = (await case_of(house, filed.case))["subject"]
    assert nobody != person and (await house.row(filed.case, HOLD))["state"] == "done"
    answered = await identify(house, filed.case_no, filed.case, number)
    assert answered.status_code == 202, answered.text
    case = await case_of(house, filed.case)
    assert (case["subject"], case["persons"]["deceased"]) == (person, str(person))
    (fact,) = await house.all("SELECT state FROM fact_statements WHERE person = :person", person=nobody)
    assert fact["state"] == {"identity": "merged", "into": str(person)}
    row = await house.row(filed.case, HOLD)
    assert (row["sent"], row["undo_reason"]) == ("undo", "not_needed")
    undone = Outcome(
        procedure=row["id"], type=HOLD, order=row["order_no"], version=row["outcome_version"] + 1,
        state=OwnerState.UNDONE, at=house.clock.now(), undo_kind=UndoKind.RESTORE,
    )  # fmt: skip
    await house.move(filed.case, OutcomeArrived(undone))
    again = await house.row(filed.case, HOLD)
    assert (again["round"], again["state"]) == (2, "ordered")


async def test_a_nobody_whose_person_has_a_case_already_is_not_given_a_second_one(
    house: House, number: str
) -> None:
    await registered(house, number)
    await house.report(number)
    filed = await house.report(number, **NUMBERLESS)
    answered = await identify(house, filed.case_no, filed.case, number)
    assert (answered.status_code, answered.json()["code"]) == (409, "another_case_stands")


async def transfer(house: House, case_no: str, number: str, version: int, **more: Any) -> Any:
    body = {
        "id_number": number, "name": house.people[number].name, "reason": "同名误报", "basis": "公安核查函 3 号",
        "version": version,
    }  # fmt: skip
    return await act(more.pop("client", None) or house.as_supervisor(), case_no, "subject", **body)


async def test_the_county_moves_a_case_and_all_is_undone_for_one_and_opened_for_the_other(
    house: House, number: str
) -> None:
    right = list(house.people)[1]
    wrong_person, right_person = await registered(house, number), await registered(house, right)
    filed = await house.report(number)
    answered = await transfer(house, filed.case_no, right, 1)
    assert answered.status_code == 202, answered.text
    moved_to = answered.json()["case_no"]
    cases = {row["case_no"]: row for row in await house.all("SELECT * FROM cases")}
    old, new = cases[filed.case_no], cases[moved_to]
    assert (old["subject"], old["status"], old["revocation"]) == (wrong_person, "revoking", "wrong_match")
    assert (new["subject"], new["status"], new["verified"]) == (right_person, "in_progress", [])
    assert (await house.row(filed.case, HOLD))["sent"] == "undo"
    assert (await house.row(new["id"], HOLD))["state"] == "ordered"
    asked = [item for item in await pulled(house, "health") if item["case_no"] == moved_to]
    assert [item["fields"]["/deceased/id_number"] for item in asked] == [right]


async def test_two_cases_that_are_one_person_become_one(house: House, number: str) -> None:
    right = list(house.people)[1]
    await registered(house, number)
    await registered(house, right)
    first = await house.report(right)
    second = await house.report(number)
    answered = await transfer(house, second.case_no, right, 1)
    assert (answered.status_code, answered.json()["case_no"]) == (202, first.case_no)
    live = await house.all("SELECT case_no FROM cases WHERE status NOT IN ('revoking', 'revoked')")
    assert [row["case_no"] for row in live] == [first.case_no]


async def test_only_the_county_moves_a_case_and_only_to_another_person(house: House, number: str) -> None:
    right = list(house.people)[1]
    filed = await house.report(number)
    clerks = await transfer(house, filed.case_no, right, 1, client=house.as_clerk())
    same = await transfer(house, filed.case_no, number, 1)
    nonsense = await act(
        house.as_supervisor(), filed.case_no, "subject", id_number="12345", name="某", reason="误", basis="函",
        version=1,
    )  # fmt: skip
    assert (clerks.status_code, same.status_code, nonsense.status_code) == (403, 422, 422)
    assert nonsense.json()["errors"][0]["field"] == "/id_number"
    assert (await case_of(house, filed.case))["status"] != "revoking"


async def test_a_hold_goes_along_with_the_body_and_is_released_with_the_first(
    house: House, number: str
) -> None:
    right = list(house.people)[1]
    filed = await house.report(number)
    placed = await place(house, filed.case_no, "侦 7", by="police", kind="police")
    assert placed.status_code == 201, placed.text
    answered = await transfer(house, filed.case_no, right, (await case_of(house, filed.case))["version"])
    (new,) = await house.all("SELECT * FROM cases WHERE case_no = :no", no=answered.json()["case_no"])
    assert new["holds"] == ["police"]
    async with house.service.running(), house.as_department("police") as http:
        body = {"release_no": "解 7", "version": placed.json()["version"]}
        released = await http.post(f"/exchange/v1/holds/{placed.json()['id']}/release", json=body)
    assert released.status_code == 200, released.text
    assert (await case_of(house, new["id"]))["holds"] == []


async def test_an_issuer_who_names_another_registered_person_leaves_it_to_a_person(
    house: House, number: str
) -> None:
    right = list(house.people)[1]
    await registered(house, number)
    await registered(house, right)
    await report(house, "health", number)
    answered = await report(house, "health", right, version=2)
    assert answered.status_code == 202, answered.text
    (case,) = await house.all("SELECT * FROM cases")
    assert case["doubted"]
    kinds = await house.all("SELECT kind FROM gateway_tasks WHERE closed_at IS NULL ORDER BY kind")
    assert [task["kind"] for task in kinds] == ["content_conflict", "identity_doubt"]


async def test_a_confirmed_death_is_taken_back_by_a_clerks_doubt_only_with_the_countys_signature(
    house: House, number: str
) -> None:
    filed = await house.report(number)
    await proved(house, filed.case)
    await report(house, "police", number, "P-1", name="另一人")
    (task,) = await house.all(
        "SELECT * FROM gateway_tasks WHERE kind = 'identity_doubt' AND closed_at IS NULL"
    )
    assert (await decide(house, task, "not_this_person")).status_code == 200
    assert (await case_of(house, filed.case))["status"] == "in_progress"
    (asked,) = await house.all(
        "SELECT * FROM gateway_tasks WHERE kind = 'sign_revocation' AND closed_at IS NULL"
    )
    assert (await decide(house, asked, "decline")).status_code == 200
    (again,) = await house.all(
        "SELECT * FROM gateway_tasks WHERE kind = 'identity_doubt' AND closed_at IS NULL"
    )
    assert again["id"] != task["id"]


async def test_a_correction_of_a_corrected_version_is_stale_and_says_which_one_stands(
    house: House, number: str
) -> None:
    """Two clerks at once: the second is told, looks again, and corrects what stands now."""
    filed = await house.report(number)
    body = {"changes": {"/deceased/place": "hospital"}, "reason": "地点有误", "version": 1}
    assert (await act(house.as_clerk(), filed.case_no, "corrections", **body)).status_code == 202
    second = {**body, "changes": {"/deceased/died_at": "2026-02-28T20:00:00+08:00"}}
    stale = await act(house.as_clerk(), filed.case_no, "corrections", **second)
    assert (stale.status_code, stale.json()["code"], stale.json()["current_version"]) == (
        409, "stale_version", 2,
    )  # fmt: skip
    again = await act(house.as_clerk(), filed.case_no, "corrections", **{**second, "version": 2})
    assert (again.status_code, (await case_of(house, filed.case))["version"]) == (202, 3)


async def test_a_number_of_nobodys_is_replaced_and_keeps_the_same_key(house: House, number: str) -> None:
    filed = await house.report(number)
    before = (await case_of(house, filed.case))["subject"]
    changes = {"/deceased/id_kind": "passport", "/deceased/id_number": f"E{uuid4().int % 10**8:08}"}
    body = {"changes": changes, "reason": "证件种类有误", "version": 1}
    assert (await act(house.as_clerk(), filed.case_no, "corrections", **body)).status_code == 202
    assert (await case_of(house, filed.case))["subject"] == before
    assert set(await paths(house, filed.case)) == {"foreigner"}
    assert (await house.row(filed.case, CANCELLATION))["reason"] == "foreigner"
