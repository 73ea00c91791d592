"""Holds: stored, told to the planner, and handed to the funeral service in the same request (design 4).

A hold stands at the gateway from its first commit, whatever the funeral service says: until that has confirmed it,
it is pending, retried, and the department is told 503. The same source number is the same hold. Which kinds a
department may place stands in `catalog/departments.yaml`; only who placed a hold releases it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from uuid_utils.compat import uuid7

from contracts.terms import HoldKind
from gateway.cases.moves import Moves
from gateway.cases.owners import OwnerRefused
from gateway.cases.planner.inputs import HoldsStand
from gateway.cases.problems import CaseUnknown
from gateway.exchange.bell import ring_after_commit
from gateway.exchange.funeral_client import HandOver, HoldHanded
from gateway.exchange.held_clocks import holds_stand
from gateway.exchange.limits import Limits
from gateway.exchange.problems import FuneralAway, HoldNotYours, HoldUnknown, SourceNumberReused
from kernel.errors import StaleVersion, Unavailable
from kernel.messaging.transaction import Transaction, Transactions
from kernel.messaging.waiting import Backoff, wait_until
from kernel.public_service.clock import Clock
from kernel.public_service.sealing import Sealer

log = structlog.get_logger("lianban.exchange")
_POLL_SECONDS = 2.0
_COLUMNS = "id, department, source_no, case_id, person, kind, placed_at, released_at, release_no, version"
_INSERT = text(f"""
    INSERT INTO holds (id, department, source_no, case_id, person, kind, sealed, placed_at)
    VALUES (:id, :department, :source_no, :case_id, :person, :kind, CAST(CAST(:sealed AS text) AS jsonb), :at)
    ON CONFLICT (department, source_no) DO NOTHING RETURNING {_COLUMNS}""")
_OF_SOURCE = text(f"SELECT {_COLUMNS} FROM holds WHERE department = :department AND source_no = :source_no")
_OF_ID = text(f"SELECT {_COLUMNS} FROM holds WHERE id = :id FOR UPDATE")
_RELEASE = text(f"""
    UPDATE holds SET released_at = :at, release_no = :release_no, version = version + 1
    WHERE id = :id RETURNING {_COLUMNS}""")
_RELEASE_FOLLOWING = text(f"""
    UPDATE holds SET released_at = :at, release_no = :release_no, version = version + 1
    WHERE follows = :id AND released_at IS NULL RETURNING {_COLUMNS}""")
_CASE = text("SELECT id FROM cases WHERE case_no = :case_no")
# All live cases that a hold is about, with the kinds that stand on each: by case, or by the person who died.
_STANDING = text("""
    SELECT c.id, array_remove(array_agg(DISTINCT h.kind), NULL) AS kinds FROM cases c
    LEFT JOIN holds h ON h.released_at IS NULL AND (h.case_id = c.id OR h.person = c.subject)
    WHERE c.status NOT IN ('withdrawn', 'revoked')
      AND (c.id = CAST(:case_id AS uuid) OR c.subject = CAST(:person AS uuid))
    GROUP BY c.id ORDER BY c.id""")
_HANDED = text("""
    UPDATE holds SET handed_at = coalesce(handed_at, clock_timestamp()),
        release_handed_at = CASE WHEN released_at IS NOT NULL THEN clock_timestamp() ELSE release_handed_at END
    WHERE id = :id AND version = :version""")
_TO_HAND = text(f"""
    SELECT {_COLUMNS} FROM holds
    WHERE handed_at IS NULL OR (released_at IS NOT NULL AND release_handed_at IS NULL)
    ORDER BY placed_at LIMIT 100""")


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `reason` is kept sealed and not read back here."""

    id: UUID
    department: str
    source_no: str
    case_id: UUID | None
    person: UUID | None
    kind: HoldKind
    placed_at: datetime
    released_at: datetime | None
    release_no: str | None
    version: int

    def body(self) -> HoldHanded:
        return HoldHanded(
            version=self.version, case=self.case_id, person=self.person, kind=self.kind.value,
            department=self.department, placed_at=self.placed_at, released_at=self.released_at,
        )  # fmt: skip


class Holds:
    """Places and releases holds. `limits` knows who may place which kind, `hand_over` reaches the funeral service."""

    def __init__(
        self,
        transactions: Transactions,
        moves: Moves,
        sealer: Sealer,
        clock: Clock,
        hand_over: HandOver,
        limits: Limits,
    ) -> None:
        self._transactions = transactions
        self._moves = moves
        self._sealer = sealer
        self._clock = clock
        self._hand_over = hand_over
        self._limits = limits
        self._departments = limits.departments

    async def place(
        self,
        tx: Transaction,
        *,
        department: str,
        source_no: str,
        kind: HoldKind,
        reason: str,
        case_no: str | None,
        person: UUID | None,
        at: datetime,
    ) -> Hold:
        """Store it and tell the planner; `hand` follows after the commit.

        Raises CaseUnknown, SourceNumberReused, HoldNotYours.
        """
        case_id = None if case_no is None else (await tx.execute(_CASE, {"case_no": case_no})).scalar()
        if case_no is not None and case_id is None:
            raise CaseUnknown()
        new_id = uuid7()
        row = (await tx.execute(_INSERT, {
            "id": new_id, "department": department, "source_no": source_no, "case_id": case_id, "person": person,
            "kind": kind.value, "at": at,
            "sealed": self._sealer.seal({"reason": reason}, new_id, "gateway").model_dump_json(),
        })).first()  # fmt: skip
        if row is None:
            known = await tx.execute(_OF_SOURCE, {"department": department, "source_no": source_no})
            return _same(_hold(known.one()), kind, case_id, person)
        # Only now: a hold that stands is repeated and released as it was placed, whatever the catalogue says today.
        self._check_competence(department, kind)
        hold = _hold(row)
        await self._tell_planner(tx, hold, at=at)
        return hold

    def _check_competence(self, department: str, kind: HoldKind) -> None:
        """Raises HoldNotYours, and with it takes back what was just inserted."""
        known = self._departments.get(department)
        may_place = known.may_hold if known else ()
        if kind not in may_place:
            placed_by = [one.id for one in self._departments.values() if kind in one.may_hold]
            raise HoldNotYours(kind.value, may_place=[one.value for one in may_place], placed_by=placed_by)

    async def release(
        self, tx: Transaction, hold_id: UUID, *, department: str, release_no: str, version: int, at: datetime
    ) -> Hold:
        """Only the department that placed it. The same release number twice is one release."""
        row = (await tx.execute(_OF_ID, {"id": hold_id})).first()
        if row is None or row.department != department:
            raise HoldUnknown()
        hold = _hold(row)
        if hold.released_at is not None and hold.release_no == release_no:
            return hold
        if hold.released_at is not None or version != hold.version:
            raise StaleVersion(hold.version)
        released = _hold(
            (await tx.execute(_RELEASE, {"id": hold_id, "at": at, "release_no": release_no})).one()
        )
        following = await tx.execute(_RELEASE_FOLLOWING, {"id": hold_id, "at": at, "release_no": release_no})
        for one in (released, *(_hold(each) for each in following.all())):
            await self._tell_planner(tx, one, at=at)
        ring_after_commit(tx)
        return released

    async def _tell_planner(self, tx: Transaction, hold: Hold, *, at: datetime) -> None:
        found = (await tx.execute(_STANDING, {"case_id": hold.case_id, "person": hold.person})).all()
        moves = [(row.id, [HoldsStand(frozenset(HoldKind(kind) for kind in row.kinds))]) for row in found]
        if moves:
            await self._moves.move(tx, moves, at=at, actor=f"department:{hold.department}")
            kinds = {row.id: frozenset(row.kinds) for row in found}
            await holds_stand(tx, kinds, moves=self._moves, limits=self._limits, at=at)

    async def hand(self, hold: Hold) -> None:
        """Hand it to the funeral service. Raises FuneralAway when that does not confirm; it is then retried."""
        try:
            await self._hand_over(hold.id, hold.body())
        except (Unavailable, OwnerRefused) as error:
            extra: Mapping[str, Any] = {"hold": str(hold.id), "state": "pending"}
            raise FuneralAway(extra=extra) from error
        async with self._transactions.begin() as tx:
            await tx.execute(_HANDED, {"id": hold.id, "version": hold.version})

    async def waiting(self) -> list[Hold]:
        """Those that the funeral service has not confirmed yet."""
        async with self._transactions.begin() as tx:
            return [_hold(row) for row in await tx.execute(_TO_HAND)]

    async def run(self, stop: asyncio.Event) -> None:
        """Retry what the funeral service has not confirmed, without end."""
        backoff = Backoff(first_seconds=_POLL_SECONDS, most_seconds=30.0)
        while not stop.is_set():
            wait = _POLL_SECONDS
            for hold in await self.waiting():
                try:
                    await self.hand(hold)
                    backoff.reset()
                except FuneralAway:
                    wait = backoff.next_seconds()
                    log.warning("hold_pending", hold=str(hold.id), kind=hold.kind.value, wait_seconds=wait)
                    break
            await wait_until(stop, wait)


def _same(hold: Hold, kind: HoldKind, case_id: UUID | None, person: UUID | None) -> Hold:
    if (hold.kind, hold.case_id, hold.person) != (kind, case_id, person):
        raise SourceNumberReused()
    return hold


def _hold(row: Any) -> Hold:
    values = dict(row._mapping)
    return Hold(**{**values, "kind": HoldKind(values["kind"])})
