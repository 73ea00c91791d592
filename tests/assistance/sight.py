"""What the tests of assistance look at: all rows, what is booked, what the internal API shows."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from deploy.local.people.model import SyntheticHousehold, SyntheticPerson
from tests.owner_desk import NOW, Desk, Report

HOLD, STOP = "assistance.hold_payments", "assistance.stop_benefits"
RECHECK, PAYEE = "assistance.household_recheck", "assistance.change_payee"
ALERT, ESTATE = "assistance.dependant_alert", "assistance.estate_manager"
OVERPAYMENT, FUNERAL = "assistance.overpayment", "assistance.tekun_funeral"
Households = Mapping[str, SyntheticHousehold]


def died(person: SyntheticPerson, *, days_ago: float = 2, **more: Any) -> Report:
    return Report(person.person, NOW - timedelta(days=days_ago), **more)


async def everything(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """All that is held, owed and booked by anybody, with its marks (booked: net, for entries are never deleted)."""
    tables = {
        "holdings": "SELECT * FROM holdings ORDER BY id",
        "payments": "SELECT * FROM payments ORDER BY id",
        "members": "SELECT * FROM household_members ORDER BY household, person",
        "dead": "SELECT * FROM person_locks WHERE dead_from IS NOT NULL ORDER BY person",
        "booked": "SELECT * FROM ledger_balances WHERE balance_fen <> 0 ORDER BY account",
    }
    return {name: [tuple(row) for row in await desk.rows(sql)] for name, sql in tables.items()}


async def booked(desk: Desk, kind: str) -> int:
    """Credits minus debits of all accounts of that kind, in fen."""
    rows = await desk.rows(
        """SELECT coalesce(sum(b.balance_fen), 0) AS fen FROM ledger_balances b
             JOIN ledger_accounts a ON a.id = b.account WHERE a.kind = :kind""",
        kind=kind,
    )
    return int(rows[0].fen)


async def holds(desk: Desk, person: UUID) -> dict[str, str]:
    """Kind → state, as the internal API answers."""
    async with desk.http() as client:
        answer = await client.get(f"/internal/v1/people/{person}")
    assert answer.status_code == 200, answer.text
    return {hold["kind"]: hold["state"] for hold in answer.json()["holds"]}
