"""Acts on a case as the contract gives them: offers, corrections, papers, withdrawal, revocation (api.md, Cases)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.journeys.contract import PDF, assert_problem, key
from tests.journeys.town import Town, procedure, states


class Desk:
    """A clerk and a supervisor with one case; each act takes the version that stands."""

    def __init__(self, town, case_no, clerk, county):
        self.town, self.case_no, self.clerk, self.county = town, case_no, clerk, county

    @classmethod
    async def opened(cls, town, dead=None, **wishes):
        """With a new case, everything automatic done."""
        form = await town.form(dead or await town.person("elder_card"), **wishes)
        answer = await town.report(form)
        assert answer.status_code == 201, answer.text
        await town.settle()
        clerk = await town.as_user("window_clerk", region=town.county)
        return cls(
            town, answer.json()["case_no"], clerk, await town.as_user("county_supervisor", region=town.county)
        )

    async def case(self):
        return await self.town.settled(self.case_no)

    async def act(self, path, sent, *, by=None, version=None):
        """POST it with the version that stands."""
        version = version or (await self.case())["version"]
        address = f"/api/v1/cases/{self.case_no}/{path}"
        return await (by or self.clerk).post(address, json={**sent, "version": version}, headers=key())

    async def upload(self, *, name="a.pdf", content=PDF, kind="application/pdf", **fields):
        """A paper with the version that stands."""
        sent = {"version": str((await self.case())["version"]), **fields}
        address = f"/api/v1/cases/{self.case_no}/materials"
        return await self.clerk.post(address, files={"file": (name, content, kind)}, data=sent, headers=key())


@pytest.fixture(scope="module")
async def shared(stack):
    """A case whose faulty acts change nothing."""
    async with Town.of(stack.address) as town:
        yield await Desk.opened(town, transport=True)


@pytest.fixture
async def desk(town):
    return await Desk.opened(town, remains="cremation", transport=True)


async def test_an_offer_is_accepted_with_the_data_that_its_row_lists_and_declined_for_good(desk):
    rows = {row["type"]: row["id"] for row in (await desk.case())["procedures"]}
    data = {"/applicant/bank_account": "6222020200112233445"}
    sent = {"answer": "accept", "data": data}
    answer = await desk.act(f"offers/{rows['human_resources.account_balance']}", sent)
    assert answer.status_code == 202 and answer.json()["case_no"] == desk.case_no
    assert states(await desk.case())["human_resources.account_balance"] in ("done", "not_applicable")
    path = f"offers/{rows['veterans.bereavement']}"
    assert (await desk.act(path, {"answer": "decline", "data": {}})).status_code == 202
    row = procedure(await desk.case(), "veterans.bereavement")
    assert (row["state"], row["reason"]) == ("not_applicable", "declined")
    assert_problem(await desk.act(path, {"answer": "accept", "data": {}}), 409)


async def test_a_faulty_answer_to_an_offer_is_refused(shared):
    row = procedure(await shared.case(), "human_resources.survivor_benefit")
    for wrong in ({"answer": "perhaps"}, {"data": {"/deceased/shoe": 1}}, {"note": 1}):
        assert_problem(
            await shared.act(f"offers/{row['id']}", {"answer": "accept", "data": {}, **wrong}), 422
        )
    assert_problem(await shared.act(f"offers/{uuid4()}", {"answer": "accept", "data": {}}), 404)
    done = procedure(await shared.case(), "marriage.widowed")
    assert_problem(await shared.act(f"offers/{done['id']}", {"answer": "accept", "data": {}}), 409)
    assert procedure(await shared.case(), row["type"]) == row


async def test_an_accepted_offer_reopens_a_finished_case(town):
    """An old couple without household benefits: neither a recheck nor an alert waits for an officer."""
    dead = await town.person("old_age_allowance", married=True, without="assistance")
    desk = await Desk.opened(town, dead)
    assert (await desk.case())["status"] == "finished"
    row = procedure(await desk.case(), "funeral.transport")
    assert (await desk.act(f"offers/{row['id']}", {"answer": "accept", "data": {}})).status_code == 202
    assert (await desk.case())["status"] == "in_progress"


async def test_a_correction_points_into_the_form_and_raises_the_version_by_one(desk):
    before = (await desk.case())["version"]
    died = (await desk.town.now() - timedelta(days=2)).isoformat(timespec="seconds")
    changes = {
        "/deceased/died_at": died,
        "/deceased/place": "hospital",
        "/heirs": [{"name": "王小明", "relation": "child"}],
    }
    answer = await desk.act("corrections", {"changes": changes, "reason": "以证明为准"})
    assert (answer.status_code, answer.json()["version"]) == (202, before + 1)
    assert [line["kind"] for line in (await desk.case())["timeline"]].count("corrected") == 1


@pytest.mark.parametrize(
    "changes",
    [{}, [], {"/deceased/shoe_size": 42}, {"deceased/place": "home"}, {"/deceased/place": "moon"},
     {"/deceased/name": None}, {"/deceased/id_number": "123"}, {"/deceased/died_at": "2999-01-01T00:00:00+08:00"},
     {"/deceased/place": "home"}],
)  # fmt: skip
async def test_a_faulty_or_empty_correction_changes_nothing(shared, changes):
    before = await shared.case()
    said = assert_problem(await shared.act("corrections", {"changes": changes, "reason": "有误"}), 422)
    assert all(error["field"].startswith("/changes") for error in said["errors"])
    assert await shared.case() == before


async def test_a_paper_is_taken_as_multipart_and_raises_the_version(desk):
    before = (await desk.case())["version"]
    answer = await desk.upload(material="proof_of_relation")
    assert (answer.status_code, answer.json()["version"]) == (202, before + 1)
    assert "material_added" in {line["kind"] for line in (await desk.case())["timeline"]}


async def test_a_paper_that_cannot_be_kept_is_refused(shared):
    before = await shared.case()
    assert_problem(
        await shared.upload(content=b"MZ\0\0", name="a.exe", kind="application/octet-stream"),
        422,
        field="/file",
    )
    assert_problem(await shared.upload(content=b""), 422, field="/file")
    assert_problem(await shared.upload(material="love_letter"), 422, field="/material")
    assert_problem(await shared.upload(version="first"), 422, field="/version")
    assert_problem(await shared.upload(version="99"), 409, "stale_version")
    assert_problem(await shared.upload(content=PDF + b"x" * 6 * 2**20), 413)
    address = f"/api/v1/cases/{shared.case_no}/materials"
    assert_problem(await shared.clerk.post(address, json={"version": 1}, headers=key()), 415)
    assert await shared.case() == before


async def test_some_procedures_are_withdrawn_and_the_others_run_on(desk):
    row = procedure(await desk.case(), "funeral.cremation")
    answer = await desk.act("withdrawal", {"reason": "改在外地", "procedures": [row["id"]]})
    assert answer.status_code == 202
    found = states(await desk.case())
    assert (found["funeral.cremation"], found["funeral.transport"]) == ("withdrawn", "open")
    assert (await desk.case())["status"] == "in_progress"


async def test_a_faulty_withdrawal_changes_nothing(shared):
    before = await shared.case()
    widowed = procedure(before, "marriage.widowed")["id"]
    for sent, status in (({"reason": " "}, 422), ({}, 422), ({"reason": "x", "procedures": ["funeral.transport"]}, 422),
                         ({"reason": "x", "procedures": [str(uuid4())]}, 404),
                         ({"reason": "x", "procedures": [widowed]}, 409)):  # fmt: skip
        assert_problem(await shared.act("withdrawal", sent), status)
    assert await shared.case() == before


REVOCATION = {"kind": "wrong_match", "reason": "认错了人", "basis": "核查记录"}


async def test_who_may_not_revoke_is_told_so(shared):
    before = await shared.case()
    assert_problem(await shared.act("revocation", REVOCATION), 403)
    tax = await shared.town.as_user("department", owner="tax")
    assert_problem(await shared.act("revocation", REVOCATION, by=tax), 403)
    for change in ({"kind": "whim"}, {"kind": "not_needed"}, {"basis": None}, {"reason": ""}):
        assert_problem(await shared.act("revocation", {**REVOCATION, **change}, by=shared.county), 422)
    assert await shared.case() == before


async def test_a_departments_revocation_waits_for_the_countys_signature_which_is_given_once(desk):
    health = await desk.town.as_user("department", owner="health")
    asked = await desk.act("revocation", {**REVOCATION, "kind": "certificate_void"}, by=health)
    assert (asked.status_code, asked.json()["status"]) == (202, "in_progress")
    tasks = (await desk.county.get("/api/v1/tasks", params={"limit": 200})).json()["items"]
    (task,) = [one for one in tasks if one["case_no"] == desk.case_no and one["step"] == "sign_revocation"]
    sent = {"decision": "sign", "reason": "证明作废", "data": {}, "version": task["version"]}
    path, name = f"/api/v1/tasks/{task['id']}/decision", key()
    first = await desk.county.post(path, json=sent, headers=name)
    again = await desk.county.post(path, json=sent, headers=name)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert_problem(await desk.county.post(path, json=sent, headers=key()), 409)
    case = await desk.town.until_status(desk.case_no, "revoked")
    assert not {"open", "done", "undoing"} & set(states(case).values()), states(case)
    for path, act in (("withdrawal", {"reason": "x"}), ("revocation", REVOCATION),
                      ("corrections", {"changes": {"/deceased/place": "hospital"}, "reason": "x"})):  # fmt: skip
        assert_problem(await desk.act(path, act, by=desk.county), 409)
    assert (await desk.case())["version"] == case["version"]
