"""The other rows of a funeral at the desk, for the tests of each."""

from typing import Any

import httpx

from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from tests.funeral.cremations import KIND, OPERATORS, death
from tests.owner_desk import Desk, Report

TRANSPORT, FAREWELL = "funeral.transport", "funeral.farewell"
CERTIFICATE, FREE, ASHES = "funeral.cremation_certificate", "funeral.free_items", "funeral.ashes"
AWARD, MEMORIAL = "funeral.eco_burial_award", "funeral.memorial"
LOCAL = {"/deceased/hukou_region": "331022", "/deceased/place_region": "331022"}


async def open_row(desk: Desk, kind: str, report: Report | None = None, **fields: Any) -> Report:
    """A row of this case (or of a new one), as the gateway orders it."""
    report = report or death(**fields)
    await desk.send(Verb.OPEN, kind, report)
    return report


def now(desk: Desk, kind: str, report: Report) -> Outcome:
    """The newest outcome known at the desk."""
    return desk.outcomes[report.procedures[kind]]


async def done(desk: Desk, kind: str, report: Report, decision: str, **more: Any) -> Outcome:
    """A decision that is taken."""
    answer = await desk.decide(kind, report, decision, **more)
    assert answer.status_code == 200, answer.text
    return now(desk, kind, report)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def fault(answer: httpx.Response) -> tuple[int, str, str]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["field"]


async def newest(desk: Desk, kind: str, report: Report) -> Outcome:
    """The procedure as the owner has it now, whatever moved it."""
    async with desk.http() as client:
        body = (await client.get(f"/internal/v1/procedures/{report.procedures[kind]}")).json()
    outcome = Outcome.model_validate(body["outcome"])
    desk.outcomes[outcome.procedure] = outcome
    return outcome


async def cremated(desk: Desk, report: Report | None = None, **fields: Any) -> Report:
    """A case whose cremation is done."""
    report = await open_row(desk, KIND, report, **fields)
    await done(desk, KIND, report, "booked")
    await done(desk, KIND, report, "start", data=OPERATORS)
    assert (await done(desk, KIND, report, "finish")).state is OwnerState.DONE
    return report


async def balances(desk: Desk) -> dict[str, int]:
    """Fen by kind of account: credits minus debits."""
    rows = await desk.rows(
        """SELECT a.kind, CAST(sum(b.balance_fen) AS bigint) AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account GROUP BY a.kind"""
    )
    return {row.kind: row.fen for row in rows if row.fen}
