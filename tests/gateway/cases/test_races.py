"""Two acts at once on one case, through the gateway and the real services on the local bus (design 5)."""

import asyncio
from typing import Any

from gateway.cases.orders import SERVICES
from kernel.public_service.access import Role
from kernel.testing import eventually
from tests.gateway.office import Office, row

HOLD, STOP = "assistance.hold_payments", "eldercare.stop_benefits"
EARLIER, EARLIEST = "2026-02-20T06:20:00+08:00", "2026-01-10T06:20:00+08:00"


async def until(office: Office, case_no: str, kind: str, state: str) -> dict[str, Any]:
    """The case once that row has that state."""

    async def reached() -> dict[str, Any]:
        case = await office.read(case_no, office.supervisor)
        assert row(case, kind)["state"] == state, (kind, row(case, kind)["state"], case["status"])
        return case

    found: dict[str, Any] = await eventually(reached, within=30)
    return found


async def confirmed(office: Office) -> dict[str, Any]:
    """A death that the health department reports, stopped by every service of ours."""
    dead, _ = office.couple()
    return await until(office, await office.health_reports(dead), STOP, "done")


async def correct(office: Office, case: dict[str, Any], died_at: str, version: int | None = None) -> Any:
    return await office.act(
        office.clerk, case["case_no"], "corrections", changes={"/deceased/died_at": died_at},
        reason="以医学证明为准", version=version or case["version"],
    )  # fmt: skip


def last_months(case: dict[str, Any]) -> set[str]:
    stopped = row(case, STOP)["result"]["stopped"]
    return {line["last_payable_month"] for line in stopped if line["last_payable_month"]}


async def until_months(office: Office, case_no: str, month: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any]:
        case = await office.read(case_no, office.supervisor)
        assert last_months(case) == {month}
        return case

    found: dict[str, Any] = await eventually(reached, within=30)
    return found


async def test_of_two_corrections_of_one_version_one_is_stale_and_the_other_stands(working: Office) -> None:
    case = await confirmed(working)
    answers = await asyncio.gather(*(correct(working, case, when) for when in (EARLIER, EARLIEST)))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    won = EARLIER if answers[0].status_code == 202 else EARLIEST
    await until_months(working, case["case_no"], won[:7])


async def test_two_corrections_one_after_the_other_are_both_applied_and_the_last_one_stands(
    working: Office,
) -> None:
    """The second comes while the services still work on the first: it waits folded, and no money is counted twice."""
    case = await confirmed(working)
    first = await correct(working, case, EARLIEST)
    second = await correct(working, case, EARLIER, version=first.json()["version"])
    assert (first.status_code, second.status_code) == (202, 202)
    after = await until_months(working, case["case_no"], EARLIER[:7])
    assert after["version"] == case["version"] + 2
    assert len([one for one in after["procedures"] if one["type"] == STOP]) == 1


async def test_a_second_report_during_a_withdrawal_brings_the_case_back_and_suspends_again(
    working: Office,
) -> None:
    dead, spouse = working.couple()
    form = working.form(dead, spouse)
    case = (await working.post_report(form)).json()
    await until(working, case["case_no"], HOLD, "done")
    withdrawn, again = await asyncio.gather(
        working.act(working.clerk, case["case_no"], "withdrawal", reason="误报", version=case["version"]),
        working.post_report(form),
    )
    assert withdrawn.status_code in (202, 409) and again.status_code in (200, 201)
    standing = again.json()["case_no"]
    after = await until(working, standing, HOLD, "done")
    assert after["status"] in ("in_progress", "withdrawing", "withdrawn")
    if withdrawn.status_code == 202 and standing == case["case_no"]:
        suspended = row(after, HOLD)
        assert (after["status"], suspended["round"]) in (("in_progress", 2), ("in_progress", 1))


async def test_a_correction_while_everything_is_undone_is_the_issuers_alone_and_changes_no_undo(
    working: Office,
) -> None:
    case = await confirmed(working)
    revoked = await working.act(
        working.supervisor, case["case_no"], "revocation", kind="wrong_match", reason="认错了人", basis="核查记录",
        version=case["version"],
    )  # fmt: skip
    assert revoked.status_code == 202, revoked.text
    version = revoked.json()["version"]
    clerks = await correct(working, case, EARLIER, version=version)
    issuers = await working.act(
        working.client(Role.DEPARTMENT, region="000000", owner="health"), case["case_no"], "corrections",
        changes={"/deceased/died_at": EARLIER}, reason="医学证明更正", version=version,
    )  # fmt: skip
    assert clerks.status_code == 409
    assert issuers.status_code in (202, 409)
    after = await until(working, case["case_no"], STOP, "undone")
    assert row(after, STOP)["undo_kind"] == "restore"


async def test_a_revocation_that_meets_a_running_stop_undoes_it_and_leaves_nothing_behind(
    working: Office,
) -> None:
    """Signed while the first orders are still under way: each is answered, then undone, once."""
    dead, _ = working.couple()
    case_no = await working.health_reports(dead)
    case = await working.read(case_no, working.supervisor)
    revoked = await working.act(
        working.supervisor, case_no, "revocation", kind="certificate_void", reason="作废", basis="作废通知",
        version=case["version"],
    )  # fmt: skip
    assert revoked.status_code == 202, revoked.text

    async def ended() -> dict[str, Any]:
        """Departments are not there in this town: theirs end when they answer."""
        found = await working.read(case_no, working.supervisor)
        ours = [one for one in found["procedures"] if one["owner"] in SERVICES]
        assert {one["state"] for one in ours} <= {"undone", "withdrawn", "not_applicable"}
        return found

    after = await eventually(ended, within=30)
    assert {one["state"] for one in after["procedures"] if one["type"] in (HOLD, STOP)} == {"undone"}
    left = await working.rows("SELECT 1 FROM fact_statements WHERE fact = 'life' AND state->>'life' = 'dead'")
    assert left == []
