"""Every process that has a database, as the demo's clock and `settle` see it: checks, clock, and what is under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import text

from casework import deadlines
from casework.consumers import consumers_of
from gateway.cases.outcomes import CONSUMER
from gateway.cases.owners import OwnerAway, OwnerRefused, Owners
from gateway.cases.planner.inputs import OutcomeArrived
from gateway.clocks import Clocks
from gateway.desk import Desk
from gateway.people.known_facts import FACTS_CONSUMER
from kernel.messaging.bus.interface import Bus
from kernel.messaging.failures import BusAway
from kernel.messaging.transaction import Transaction

_RUN_MOST = 500
# Answers of departments that answer by themselves; what a hold keeps back, and what lies aside, does not count.
_MOVING = text("""
    SELECT (SELECT count(*) FROM outbox o WHERE NOT EXISTS
               (SELECT 1 FROM parked_outbox p WHERE p.topic = o.topic AND p.key = o.key)) AS outbox,
           (SELECT count(*) FROM mail) AS mail,
           (SELECT count(*) FROM deliveries d LEFT JOIN demo_departments m ON m.department = d.department
            WHERE d.state IN ('pending', 'sent', 'cancelling', 'told') AND d.department = ANY(CAST(:pushed AS text[]))
              AND coalesce(m.mode, 'prompt') IN ('prompt', 'slow', 'wrong')
              AND (d.kind = 'undo' OR d.held_by = '{}'
                   OR NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = d.case_id AND c.holds && d.held_by))
           ) AS deliveries,
           (SELECT coalesce(max(seq), 0) FROM case_changes)
               + (SELECT last_value + CAST(is_called AS integer) FROM outbox_seq_seq) AS changes""")


@dataclass(frozen=True, slots=True)
class Moving:
    """What is under way in one place: `what` is outbox, messages, deliveries, changes (it moved between two looks)
    or unreachable."""

    where: str
    what: str
    count: int


class Place(Protocol):
    """One database with its clock. `changes`, as of the last look, grows with whatever the place does by messages."""

    changes: int

    @property
    def name(self) -> str: ...

    async def next_check(self) -> datetime | None: ...
    async def run_checks(self, now: datetime) -> int: ...
    async def set_clock(self, now: datetime) -> None: ...
    async def moving(self) -> Sequence[Moving]: ...


@dataclass(slots=True)
class OwnerPlace:
    """A service, over its internal API."""

    name: str
    owners: Owners
    changes: int = 0

    async def next_check(self) -> datetime | None:
        found = await self.owners.call(self.name, "GET", "/internal/v1/checks/next")
        return datetime.fromisoformat(found["next_check_at"]) if found["next_check_at"] else None

    async def run_checks(self, now: datetime) -> int:
        """As many calls as it takes until nothing is due."""
        fired, body = 0, {"now": now.isoformat(), "limit": _RUN_MOST}
        while some := (await self.owners.call(self.name, "POST", "/internal/v1/checks/run", json=body))[
            "fired"
        ]:
            fired += some
        return fired

    async def set_clock(self, now: datetime) -> None:
        """An owner whose clock is ahead by a few milliseconds already stays there."""
        try:
            await self.owners.call(self.name, "POST", "/internal/v1/clock", json={"now": now.isoformat()})
        except OwnerRefused as refused:
            if refused.code != "clock_goes_forward_only":
                raise

    async def moving(self) -> Sequence[Moving]:
        """A service that is away for the moment has not settled."""
        try:
            found = await self.owners.call(self.name, "GET", "/internal/v1/settle")
        except OwnerAway:
            return [Moving(self.name, "unreachable", 1)]
        self.changes = found["emitted"]
        counts = (("outbox", found["outbox"]), ("messages", found["waiting"]))
        return [Moving(self.name, what, count) for what, count in counts if count]


class BusPlace:
    """What lies on the bus for consumers, whether or not anybody runs them."""

    name = "bus"

    def __init__(self, bus: Bus, owners: Sequence[str]) -> None:
        self._bus = bus
        self._consumers: dict[str, Sequence[str]] = {CONSUMER: ("outcomes",), FACTS_CONSUMER: ("facts",)}
        for owner in owners:
            self._consumers.update(consumers_of(owner))

    async def moving(self) -> Sequence[Moving]:
        """Named after the service that has yet to handle it; a broker that is away has not settled."""
        try:
            unread = await self._bus.unread(self._consumers)
        except BusAway:
            return [Moving(self.name, "unreachable", 1)]
        return [Moving(name.partition(".")[0], "messages", count) for name, count in unread.items()]


class GatewayPlace:
    """The gateway's own database: its procedures, its cases, its deliveries."""

    name = "gateway"

    def __init__(self, desk: Desk, pushed: Sequence[str], clocks: Clocks) -> None:
        self._desk = desk
        self._clocks = clocks
        self._pushed = list(pushed)
        self.changes = 0

    async def next_check(self) -> datetime | None:
        async with self._desk.open() as tx:
            found = [await deadlines.next_check(tx), await self._clocks.next_check(tx)]
        found.append(await self._desk.teller.next_at())
        return min((at for at in found if at is not None), default=None)

    async def run_checks(self, now: datetime) -> int:
        fired = 0
        while some := await self._run_some(now):
            fired += some
        await self._desk.teller.tell(now)  # a digest is no due check: it is not counted
        return fired

    async def _run_some(self, now: datetime) -> int:
        """Raises the error of an act that a verb refused, after what else was due has been committed."""
        async with self._desk.open() as tx:
            own = await self._run_own(tx, now)
            fired = own.count or await self._clocks.run_due(tx, now=now, limit=_RUN_MOST)
        if own.failed:
            raise own.failed[0]
        return fired

    async def _run_own(self, tx: Transaction, now: datetime) -> deadlines.Fired:
        """The gateway as an owner: its outcomes go to its own planner."""
        fired = await deadlines.run_due(tx, office=self._desk.office, now=now, limit=_RUN_MOST)
        inputs = [(one.case, [OutcomeArrived(outcome) for outcome in one.outcomes]) for one in fired.reports]
        if inputs:
            await self._desk.moves.move(tx, inputs, at=now, actor="clock")
        return fired

    async def set_clock(self, now: datetime) -> None:
        async with self._desk.transactions.begin() as tx:
            await self._desk.clock.set(tx, now)

    async def moving(self) -> Sequence[Moving]:
        async with self._desk.transactions.begin() as tx:
            row = (await tx.execute(_MOVING, {"pushed": self._pushed})).one()
        self.changes = row.changes
        counts = (("outbox", row.outbox), ("messages", row.mail), ("deliveries", row.deliveries))
        return [Moving(self.name, what, count) for what, count in counts if count]
