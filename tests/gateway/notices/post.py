"""A post office for tests: what happens to a case, what the day brings, and what had been told by then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.outcomes import Outcome, OwnerState
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.notices.messages import Message, sent
from kernel.public_service.clock import TZ
from tests.gateway.office import Office, row

CERTIFICATE = "health.death_certificate"
CANCELLATION = "police.household_cancellation"
SIGNS = ("assistance.hold_payments", "eldercare.pause_services")
APPLICANT_PHONE = "13800000000"


def at(text: str) -> datetime:
    """`03-02 10:00` of 2026, Asia/Shanghai."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=TZ)


@dataclass
class Post:
    """One office's mail."""

    office: Office
    version: int = 5

    async def case_id(self, case: Mapping[str, Any]) -> UUID:
        (found,) = await self.office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
        key: UUID = found.id
        return key

    async def inputs(self, case: Mapping[str, Any], *inputs: Input) -> None:
        """Move the case at the office's present instant."""
        desk = self.office.desk
        async with desk.open() as tx:
            await desk.moves.move(tx, [(await self.case_id(case), inputs)], at=desk.clock.now(), actor="test")

    async def outcome(self, case: Mapping[str, Any], kind: str, state: str, **more: Any) -> None:
        """The owner's answer, newer than any before."""
        self.version += 1
        shown = await self.office.read(case["case_no"])
        values = {"at": self.office.clock.now(), "order": 1, "version": self.version, **more}
        outcome = Outcome(procedure=row(shown, kind)["id"], type=kind, state=OwnerState(state), **values)
        await self.inputs(case, OutcomeArrived(outcome))

    async def confirm(self, case: Mapping[str, Any]) -> None:
        """The certificate, and no sign of life."""
        for kind in SIGNS:
            await self.outcome(case, kind, "done", result={"suspended": []})
        await self.outcome(case, CERTIFICATE, "done")

    async def look(self) -> None:
        """Read what has changed."""
        await self.office.desk.teller.catch_up()

    async def comes(self, text: str) -> int:
        """That instant has come: changes are read, digests made and sent. How many messages went out."""
        self.office.clock.instant = at(text)
        await self.look()
        return await self.office.desk.teller.tell(self.office.clock.now())

    async def told(self, case: Mapping[str, Any] | None = None) -> list[Message]:
        """What was sent, oldest first (of all cases: newest first)."""
        desk = self.office.desk
        async with desk.open() as tx:
            return list(await sent(tx, case_no=case and case["case_no"], sealer=desk.sealer))
