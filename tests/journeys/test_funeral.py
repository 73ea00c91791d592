"""A whole funeral over the public contract: every desk sends only what its decision's schema requires (FN-010 …)."""

from uuid import uuid4

import pytest

from tests.journeys.desks import decide, revoke
from tests.journeys.town import procedure, states

ROLES = ("funeral_home", "county_supervisor", "finance")
LASTING = ("funeral.transport", "funeral.farewell", "funeral.cremation")  # nothing of it can be taken back
PAPERS_AND_MONEY = (
    "funeral.cremation_certificate",
    "funeral.free_items",
    "funeral.eco_burial_award",
    "funeral.memorial",
)
ROWS = (*LASTING, *PAPERS_AND_MONEY, "funeral.ashes")


def smallest(schema):
    """The least that a decision's data schema asks for."""
    data = {}
    for name in schema.get("required", ()):
        asked = schema["properties"][name]
        if "const" in asked or "enum" in asked:
            data[name] = asked.get("const", asked.get("enum", [None])[0])
        elif asked["type"] == "array":
            data[name] = ["甲", "乙"]
        elif asked.get("format") == "date-time":
            data[name] = ""
    return data


async def decide_next(town, case_no, *, skip=(), **said):
    """One open funeral task of the case, decided with its first decision; the type, or none when nothing is open.

    `said`: by decision, what a person says beyond the least.
    """
    await town.settle()
    for role in ROLES:
        desk = await town.as_user(role, region=town.county)
        listed = await desk.get("/api/v1/tasks", params={"limit": 200})
        assert listed.status_code == 200, listed.text
        for task in listed.json()["items"]:
            mine = task["case_no"] == case_no and task["may_decide"] and task["type"].startswith("funeral.")
            if not mine or task["type"] in skip:
                continue
            first = task["decisions"][0]
            data = smallest(first["data_schema"])
            data |= said.get(first["id"], {})
            if "starts_at" in data:
                data["starts_at"] = (await town.now()).replace(hour=23, minute=0, second=0).isoformat()
            body = {"decision": first["id"], "reason": "办理", "data": data, "version": task["version"]}
            answer = await desk.post(
                f"/api/v1/tasks/{task['id']}/decision", json=body, headers={"Idempotency-Key": str(uuid4())}
            )
            assert answer.status_code == 200, (task["type"], first["id"], data, answer.text)
            return task["type"]
    return None


@pytest.fixture
async def wished(town):
    """A death with every wish that a funeral can have."""
    wishes = {
        "transport": True, "remains": "cremation", "farewell": "hall", "ashes": "eco_burial", "eco_kind": "tree",
        "free_items": ["cremation", "urn"], "memorial": True,
    }  # fmt: skip
    dead = await town.person("elder_card")
    answer = await town.report(await town.form(dead, None, **wishes))
    return (await town.settled(answer.json()["case_no"]))["case_no"]


@pytest.fixture
async def finished(town, wished):
    """That funeral, worked through at every desk: the case number."""
    decided = []
    # Who follows the order of the law books the farewell before the cremation.
    for skip in (("funeral.cremation",), ()):
        while (
            kind := await decide_next(town, wished, skip=skip, arranged={"kind": "eco_burial"})
        ) is not None:
            decided.append(kind)
            assert len(decided) < 60, decided
    return wished


@pytest.mark.journey(*ROWS, to="done")
async def test_a_funeral_runs_to_its_end_and_says_what_was_done(town, finished):
    case = await town.settled(finished)
    ended = {kind: state for kind, state in states(case).items() if kind.startswith("funeral.")}
    assert set(ended.values()) == {"done"}, ended
    tag = procedure(case, "funeral.transport")["result"]["body_tag"]
    assert procedure(case, "funeral.cremation")["result"]["body_tag"] == tag
    assert procedure(case, "funeral.cremation_certificate")["result"]["version"] == 1
    assert procedure(case, "funeral.free_items")["result"]["waived_fen"] > 0
    assert procedure(case, "funeral.ashes")["result"]["eco_kind"] == "tree"
    award = procedure(case, "funeral.eco_burial_award")["result"]
    assert award == {"kind": "tree", "amount_fen": award["amount_fen"], "paid": True}


@pytest.mark.undo(*PAPERS_AND_MONEY, "funeral.ashes", to="undone")
async def test_after_a_funeral_under_a_wrong_name_all_but_the_funeral_itself_is_taken_back(town, finished):
    await revoke(town, finished)
    case = await decide(town, finished, "funeral.ashes", "funeral_home", "fetched")
    assert {kind: states(case)[kind] for kind in PAPERS_AND_MONEY} == dict.fromkeys(
        PAPERS_AND_MONEY, "undone"
    )
    assert {kind: states(case)[kind] for kind in LASTING} == dict.fromkeys(LASTING, "done")
    assert states(await town.until_status(finished, "revoked"))["funeral.ashes"] == "undone"


@pytest.mark.refusal("funeral.farewell", "funeral.cremation", to="refused")
@pytest.mark.refusal("funeral.transport", to="not_applicable")
async def test_the_home_may_have_to_say_no_to_each_of_its_services(town, wished):
    await decide(town, wished, "funeral.transport", "funeral_home", "not_needed", reason="家属已自行送到")
    await decide(town, wished, "funeral.farewell", "funeral_home", "impossible", reason="传染病，不能告别")
    case = await decide(town, wished, "funeral.cremation", "funeral_home", "impossible", reason="遗体已捐献")
    assert [procedure(case, kind)["reason"] for kind in LASTING] == [
        "家属已自行送到", "传染病，不能告别", "遗体已捐献"]  # fmt: skip


@pytest.mark.refusal("funeral.free_items", "funeral.ashes", to="refused")
async def test_who_is_not_entitled_pays_and_who_has_no_grave_is_told_so(town):
    dead = await town.person("elder_card")
    answer = await town.report(
        await town.form(dead, None, remains="burial", ashes="cemetery", free_items=["coffin"])
    )
    case_no = answer.json()["case_no"]
    await decide(town, case_no, "funeral.free_items", "funeral_home", "not_entitled", reason="不是本县户籍")
    case = await decide(town, case_no, "funeral.ashes", "funeral_home", "impossible", reason="没有空位")
    assert (states(case)["funeral.free_items"], states(case)["funeral.ashes"]) == ("refused", "refused")


@pytest.mark.undo("funeral.memorial", to="withdrawn")
async def test_the_family_may_have_the_memorial_deleted(town):
    dead = await town.person("elder_card")
    answer = await town.report(await town.form(dead, None, remains="burial", ashes="cemetery", memorial=True))
    case_no = (await town.settled(answer.json()["case_no"]))["case_no"]
    while await decide_next(town, case_no) is not None:
        pass
    case = await town.settled(case_no)
    memorial = procedure(case, "funeral.memorial")
    assert memorial["state"] == "done"
    clerk = await town.as_user("window_clerk", region=town.county)
    body = {"reason": "家属要求删除", "procedures": [memorial["id"]], "version": case["version"]}
    asked = await clerk.post(f"/api/v1/cases/{case_no}/withdrawal", json=body)
    assert asked.status_code == 202, asked.text
    deleted = procedure(await town.settled(case_no), "funeral.memorial")
    assert (deleted["state"], deleted["reason"]) == ("withdrawn", "deleted")
