"""Bodies with their tags, and the next numbers of a home."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.domain.bodies import TAGS, Body, Numbers
from services.funeral.domain.facts import BodyFacts
from services.funeral.domain.slots import Home, Timetable
from services.funeral.queries.holds import holds_of, holds_on
from services.funeral.queries.timetables import prices_of, timetables

COLLECT_STEP = "collect"

# The body that is there or expected; else the one that left last.
_BODIES = text(
    """SELECT DISTINCT ON (case_id) id, case_id, subject, home, tag, kept_from, kept_until, left_at FROM bodies
        WHERE case_id = ANY(CAST(:cases AS uuid[])) ORDER BY case_id, left_at DESC NULLS FIRST, tagged_at DESC"""
)
_LAST = text(
    "SELECT home, year, last FROM numbers WHERE home = ANY(CAST(:homes AS uuid[])) AND series = :series"
)


async def gather_bodies(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, BodyFacts]:
    """For the transport: the body, its home's prices, when the cremation is; homes and tags for who collects now."""
    holds = await holds_on(tx, procedures)
    running = [p for p in procedures if p.state is not None]
    bodies = await bodies_of(tx, [p.case for p in running])
    prices = await prices_of(tx, {body.home for body in bodies.values()})
    collecting = [p for p in running if p.running and p.step == COLLECT_STEP]
    tables = await timetables(tx, {p.region[:6] for p in collecting}, lock=True)
    homes = [home for table in tables.values() for home in table.homes]
    tags = await numbers_of(tx, homes, TAGS)
    return {
        p.id: BodyFacts(
            holds_of(p, holds),
            body=bodies.get(p.case),
            homes=tables.get(p.region[:6], Timetable()),
            tags=tags,
            prices=prices.get(bodies[p.case].home, ()) if p.case in bodies else (),
        )
        for p in procedures
    }


async def bodies_of(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, Body]:
    """The body of each case: the one that is there or expected, else the one that left last."""
    wanted = sorted(set(cases))
    if not wanted:
        return {}
    return {
        r.case_id: Body(r.id, r.case_id, r.subject, r.home, r.tag, r.kept_from, r.kept_until, r.left_at)
        for r in await tx.execute(_BODIES, {"cases": wanted})
    }


async def numbers_of(tx: Transaction, homes: Sequence[Home], series: str) -> dict[UUID, Numbers]:
    """The last numbers of each of these homes, which the caller has locked."""
    if not homes:
        return {}
    last: dict[UUID, dict[int, int]] = defaultdict(dict)
    for row in await tx.execute(_LAST, {"homes": [home.id for home in homes], "series": series}):
        last[row.home][row.year] = row.last
    return {home.id: Numbers(home, series, last[home.id]) for home in homes}
