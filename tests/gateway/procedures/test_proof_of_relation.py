"""Row 18 to its own end: proven by data, by papers, refused; annotated when it is found wrong (R28, FN-007)."""

from typing import Any

import pytest

from gateway.cases.standing import parsed
from kernel.public_service.clock import TZ
from tests.gateway.procedures.estate import PROOF, QUERY, Estate

_MARITAL = """
    INSERT INTO fact_copies (person, fact, owner, fact_version, recorded_at, state)
    VALUES (:person, 'marital', 'marriage', 1, now(), CAST(CAST(:state AS text) AS jsonb)) RETURNING 1"""


async def test_a_child_is_proven_by_the_register_at_once_with_source_and_day(estate: Estate) -> None:
    await estate.report(estate.second)
    row = await estate.row(PROOF)
    assert (row["state"], row["tasks"]) == ("done", [])
    result = row["result"]
    assert (result["relation"], result["method"], result["registers"]) == (
        "child",
        "data",
        ["household_register"],
    )
    (known,) = await estate.office.rows(
        "SELECT recorded_at FROM people WHERE person = :father", father=estate.father.person
    )
    assert result["as_of"] == known.recorded_at.astimezone(TZ).date().isoformat()


async def test_one_direction_of_the_register_is_enough(estate: Estate) -> None:
    """Birth data of the child name the father, though the father's own entry does not name the child."""
    await estate.office.rows(
        "DELETE FROM person_relations WHERE person = :father AND relative = :son RETURNING 1",
        father=estate.father.person, son=estate.second.person,
    )  # fmt: skip
    await estate.report(estate.second)
    assert (await estate.row(PROOF))["state"] == "done"


async def test_a_spouse_whom_only_the_marriage_base_knows_is_proven(estate: Estate) -> None:
    state = f'{{"marital_state": "married", "spouse": "{estate.stranger.person}"}}'
    await estate.office.rows(_MARITAL, person=estate.father.person, state=state)
    await estate.report(estate.stranger, "spouse")
    row = await estate.row(PROOF)
    assert (row["state"], row["result"]["registers"]) == ("done", ["marriage_base"])


async def test_a_divorce_that_the_household_register_does_not_know_is_compared_by_a_clerk(
    estate: Estate,
) -> None:
    dead, spouse = estate.office.couple()
    estate.father = dead
    await estate.office.rows(
        _MARITAL, person=dead.person, state='{"marital_state": "divorced", "spouse": null}'
    )
    await estate.report(spouse, "spouse")
    row = await estate.row(PROOF)
    assert (row["state"], row["step"]) == ("open", "compare")
    async with estate.office.clerk as http:
        task = (await http.get(f"/api/v1/tasks/{row['tasks'][0]['id']}")).json()
    assert (task["facts"]["register"], task["facts"]["marriage_base"]) == ("spouse", "unmarried")


async def test_an_affidavit_needs_two_witnesses(estate: Estate) -> None:
    await estate.report(estate.stranger, "child")
    for data in ({"method": "affidavit"}, {"method": "affidavit", "witnesses": 1}):
        wrong = await estate.decide(PROOF, "proven", data)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/data/witnesses")
    right = await estate.decide(PROOF, "proven", {"method": "affidavit", "witnesses": 2})
    assert right.status_code == 200, right.text
    result = (await estate.row(PROOF))["result"]
    assert (result["relation"], result["method"], result["witnesses"]) == ("child", "affidavit", 2)


async def test_a_relation_that_cannot_be_proven_is_refused_with_its_reason_and_nothing_is_asked(
    estate: Estate,
) -> None:
    await estate.asking(estate.stranger, "child")
    silent = await estate.decide(PROOF, "not_proven", {})
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "/reason")
    refused = await estate.decide(PROOF, "not_proven", {}, "户籍和出生数据都没有记录")
    assert refused.status_code == 200, refused.text
    row = await estate.row(PROOF)
    assert (row["state"], row["reason"]) == ("refused", "户籍和出生数据都没有记录")
    query = await estate.row(QUERY)
    assert (query["state"], query["reason"]) == ("not_applicable", "need")


@pytest.mark.parametrize("relation", ["carer", "village", "hospital"])
async def test_who_claims_no_kinship_has_nothing_to_prove(estate: Estate, relation: str) -> None:
    await estate.report(estate.stranger, relation)
    row = await estate.row(PROOF)
    assert (row["state"], row["reason"]) == ("not_applicable", "no_kinship_claimed")


async def memory_of(estate: Estate) -> dict[str, Any]:
    (row,) = await estate.office.rows("SELECT memory FROM procedures WHERE type = :type", type=PROOF)
    memory: dict[str, Any] = parsed(row.memory)
    return memory


async def test_a_relation_found_wrong_later_stays_on_record_and_kinship_ends(estate: Estate) -> None:
    await estate.report(estate.second)
    assert estate.second.person in (await estate.office.rows("SELECT kin FROM cases"))[0].kin
    await estate.correct({"/applicant/relation": "other_relative"})
    assert (await estate.row(PROOF))["state"] == "open"
    (note,) = (await memory_of(estate))["annotations"]
    assert (note["relation"], note["method"], note["annotated_on"]) == ("child", "data", "2026-03-02")
    assert (await estate.decide(PROOF, "not_proven", {}, "出生登记已更正")).status_code == 200
    assert estate.second.person not in (await estate.office.rows("SELECT kin FROM cases"))[0].kin


async def test_a_revoked_case_leaves_the_proof_annotated(estate: Estate) -> None:
    await estate.report(estate.second)
    version = (await estate.office.read(estate.case_no))["version"]
    await estate.office.act(
        estate.office.supervisor, estate.case_no, "revocation", kind="certificate_void", reason="证明作废",
        basis="卫健函", version=version,
    )  # fmt: skip
    row = await estate.row(PROOF)
    assert (row["state"], row["undo_kind"]) == ("undone", "annotate")
