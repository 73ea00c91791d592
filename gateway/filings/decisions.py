"""Delegated decisions as the county files them: every one by itself, three in ten to be looked at (R01).

A decision is filed by being made: the list is read from the board. What the county says of it is kept: `filed` (noted),
`upheld` (looked at, right), `annulled` (looked at, wrong). Which ones must be looked at follows from the key of the
procedure, so nobody chooses. The time to say so counts from the decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from contracts.catalog_files import Catalogue
from contracts.terms import Limit, LimitUnit
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import region_prefix
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.clock import TZ

Finding = Literal["filed", "upheld", "annulled"]
# The ratio of tekun's sampling (F3 Art 16), taken for every delegated power (rules R01: our choice).
SAMPLE_PERCENT = 30
# [D] As long as the office itself has to decide where the power is delegated (R01).
CHECK_WITHIN = Limit(amount=20, unit=LimitUnit.WORKING_DAY, counted_from="accepted")

_COLUMNS = """
    p.id, p.case_id, p.type, p.region, p.outcome_version AS version, p.ended_at, p.result, c.case_no, c.submitted_at,
    f.finding, f.reason, f.said_by, f.said_at"""
_FROM = """
    FROM case_procedures p JOIN cases c ON c.id = p.case_id
    LEFT JOIN decision_filings f ON f.procedure = p.id AND f.outcome_version = p.outcome_version"""
_LIST = text(f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE p.state = 'done' AND p.type = ANY(CAST(:types AS text[])) AND p.region LIKE :here
      AND (f.finding IS NOT NULL) = :said AND (p.ended_at, p.id) > (:after_at, :after_id)
    ORDER BY p.ended_at, p.id LIMIT :limit""")
_ONE = text(f"SELECT {_COLUMNS} {_FROM} WHERE p.state = 'done' AND p.id = :id")
_SAY = text("""
    INSERT INTO decision_filings (procedure, outcome_version, finding, reason, said_by, said_at)
    VALUES (:id, :version, :finding, :reason, :by, :at) ON CONFLICT DO NOTHING""")
_BEGINNING = (datetime(1970, 1, 1, tzinfo=TZ), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Decided:
    """One delegated decision. `sampled`: the county must look at it; `check_until`: the last instant to say so."""

    id: UUID
    case_id: UUID
    case_no: str
    type: str
    region: str
    version: int
    decided_at: datetime
    decision: str
    sampled: bool
    check_until: datetime
    finding: Finding | None
    reason: str | None
    said_by: str | None
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filings:
    """Reads the board by the powers that the region files delegate."""

    catalogue: Catalogue
    calendar: WorkingCalendar

    async def listed(
        self, tx: Transaction, *, region: str, said: bool, after: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[list[Decided], tuple[datetime, UUID] | None]:
        """A page of the region's, the oldest decision first, and where the next one begins."""
        at, key = after or _BEGINNING
        given = {
            "types": self._types(), "here": region_prefix(region) + "%", "said": said, "after_at": at, "after_id": key,
            "limit": limit,
        }  # fmt: skip
        rows: Sequence[Any] = (await tx.execute(_LIST, given)).all()
        more = (rows[-1].ended_at, rows[-1].id) if len(rows) == limit else None
        return [decided for row in rows if (decided := self._decided(row)) is not None], more

    async def one(self, tx: Transaction, procedure: UUID) -> Decided | None:
        """That decision; none where nothing was decided by a delegated power."""
        row = (await tx.execute(_ONE, {"id": procedure})).first()
        return None if row is None or row.type not in self._types() else self._decided(row)

    def _types(self) -> list[str]:
        files = self.catalogue.regions.values()
        return sorted(
            {power.procedure for file in files for power in file.delegations if power.level == "township"}
        )

    def _decided(self, row: Any) -> Decided | None:
        """What the township decided; not what lay with the county all the same (SA-045), or was no decision."""
        on = row.submitted_at.astimezone(TZ).date()
        power = self.catalogue.tree.delegation_for(row.type, row.region, on)
        result = row.result or {}
        decision = result.get("decision")
        if power is None or power.level != "township" or decision is None or "office" in result:
            return None
        return Decided(
            row.id, row.case_id, row.case_no, row.type, row.region, row.version, row.ended_at.astimezone(TZ),
            str(decision), sampled(row.id), self.calendar.due(CHECK_WITHIN, row.ended_at).at, row.finding, row.reason,
            row.said_by, row.said_at and row.said_at.astimezone(TZ),
        )  # fmt: skip


def sampled(procedure: UUID) -> bool:
    """Whether the county must look at it: three in ten, told by the procedure's key."""
    return int.from_bytes(sha256(procedure.bytes).digest()[:4], "big") % 100 < SAMPLE_PERCENT


async def say(tx: Transaction, one: Decided, *, finding: Finding, reason: str, by: str, at: datetime) -> bool:
    """Keep the county's word on that outcome; false when there is one already."""
    given = {
        "id": one.id, "version": one.version, "finding": finding, "reason": reason, "by": by, "at": at,
    }  # fmt: skip
    return bool((await tx.execute(_SAY, given)).rowcount)
