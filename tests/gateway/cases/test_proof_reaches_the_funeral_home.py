"""The proof of a death on its way: from the issuer's report to the database that decides on a cremation."""

import importlib
from typing import Any

import orjson
from sqlalchemy import text

from gateway.cases.proofs_retold import RetellProofs
from kernel.testing import eventually
from tests.gateway.office import Office, row

HEALTH = "health.death_certificate"


async def told(office: Office, case_no: str) -> list[dict[str, Any]] | None:
    """What the funeral service knows of the proof of this case; none: nothing of the case."""
    found = await office.rows(
        "SELECT CAST(evidence AS text) AS evidence FROM case_files WHERE case_no = :case_no", "funeral", case_no=case_no
    )  # fmt: skip
    return orjson.loads(found[0].evidence) if found else None


async def proven(office: Office) -> str:
    """A death reported by health, and the family's wish for a cremation on the same case."""
    dead, spouse = office.couple()
    case_no = await office.health_reports(dead)
    answer = await office.post_report(office.form(dead, spouse, remains="cremation"))
    assert answer.json()["case_no"] == case_no
    return case_no


async def test_the_issuers_report_is_told_with_the_order(working: Office) -> None:
    case_no = await proven(working)
    await eventually(lambda: told(working, case_no))
    assert await told(working, case_no) == [{"type": HEALTH, "version": 1, "released": True}]


async def test_a_void_certificate_is_gone_at_the_funeral_home_too(working: Office) -> None:
    case_no = await proven(working)
    await eventually(lambda: told(working, case_no))

    async def waiting() -> bool:
        return row(await working.read(case_no), "funeral.cremation")["state"] == "open"

    await eventually(waiting)
    body = {"kind": "certificate_void", "reason": "证明作废", "basis": "卫健〔2026〕1号"}
    version = (await working.read(case_no))["version"]
    answer = await working.act(working.supervisor, case_no, "revocation", **body, version=version)
    assert answer.status_code == 202, answer.text

    async def gone() -> bool:
        return await told(working, case_no) == []

    await eventually(gone)


async def forget(office: Office, case_no: str) -> None:
    """As a case stands that was ordered before owners were told of proofs."""
    await office.rows(
        "UPDATE case_files SET evidence = '[]' WHERE case_no = :no RETURNING 1", "funeral", no=case_no
    )
    migration = importlib.import_module("gateway.migrations.versions.0014_proofs_to_tell")
    async with office.desk.open() as tx:
        await tx.execute(text(migration.LISTED))


async def test_a_case_older_than_the_seam_is_told_its_proof_by_the_first_start(working: Office) -> None:
    case_no = await proven(working)

    async def waiting() -> bool:
        return row(await working.read(case_no), "funeral.cremation")["state"] == "open"

    await eventually(lambda: told(working, case_no))
    await eventually(waiting)
    await forget(working, case_no)
    assert await told(working, case_no) == []
    assert len(await working.rows("SELECT case_id FROM proofs_to_tell")) == 1
    desk = working.desk
    retell = RetellProofs(desk.transactions, desk.moves, working.clock, page=1)
    assert [await retell.once(), await retell.once()] == [1, 0]
    found = await eventually(lambda: told(working, case_no))
    assert found == [{"type": HEALTH, "version": 1, "released": True}]
    assert await working.rows("SELECT case_id FROM proofs_to_tell") == []
