"""Settlement, ashes, awards and memorials: what their verbs need to know."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from casework.facts import FactCopy, read_facts
from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.domain.bodies import Body
from services.funeral.domain.facts import (
    AshesFacts,
    AwardFacts,
    Cremated,
    GivenAward,
    Placement,
    RestingPlace,
    Settling,
)
from services.funeral.domain.halls import HallBooking
from services.funeral.domain.holds import Hold
from services.funeral.domain.keeping import charged_days
from services.funeral.domain.prices import Price
from services.funeral.queries.bodies import bodies_of
from services.funeral.queries.cremations import cremated_of
from services.funeral.queries.halls import hall_bookings_by_case
from services.funeral.queries.holds import holds_of, holds_on
from services.funeral.queries.timetables import homes_of, prices_of

ARRANGE_STEPS = frozenset({"arrange", "notice"})
BENEFITS = "benefits"

_PLACEMENTS = text(
    """SELECT m.procedure, m.case_id, m.kind, m.eco_kind, coalesce(l.site || ' ' || l.code, NULL) AS place, m.placed_at
         FROM placements m LEFT JOIN places l ON l.id = m.place
        WHERE m.released_at IS NULL AND m.case_id = ANY(CAST(:cases AS uuid[]))"""
)
# One place at a time is given in a county: whoever arranges waits for the one before.
_LOCK_COUNTY = text(
    """SELECT pg_advisory_xact_lock(hashtextextended('places ' || region, 0))
         FROM unnest(CAST(:regions AS text[])) AS r(region)"""
)
_PLACES = text(
    """SELECT l.id, l.region, l.kind, l.site, l.code, m.id IS NOT NULL AS taken FROM places l
         LEFT JOIN placements m ON m.place = l.id AND m.released_at IS NULL
        WHERE l.state = 'free' AND l.region = ANY(CAST(:regions AS text[])) ORDER BY l.region, l.kind, l.code"""
)
_AWARDS = text(
    """SELECT person, procedure, mode, kind, amount_fen, funding_source, payee, paid_at FROM eco_awards
        WHERE cancelled_at IS NULL AND person = ANY(CAST(:persons AS uuid[])) ORDER BY granted_at"""
)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done, by case; the first home of each county; benefits by person."""

    bodies: Mapping[UUID, Body]
    cremated: Mapping[UUID, Cremated]
    holds: Sequence[Hold]
    farewells: Mapping[UUID, HallBooking]
    placements: Mapping[UUID, Placement]
    first: Mapping[str, UUID]
    benefits: Mapping[UUID, FactCopy]

    def home(self, p: Procedure) -> UUID | None:
        """Who did it; where nothing was done here (a burial), the county's first home settles."""
        known = self.cremated.get(p.case) or self.bodies.get(p.case)
        return known.home if known else self.first.get(p.region[:6])


async def gather_settlements(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Settling]:
    """What was done for each case here, the home's prices, and the person's benefits as assistance told them last."""
    cases = sorted({p.case for p in procedures})
    done = _Done(
        await bodies_of(tx, cases), await cremated_of(tx, cases),
        await holds_on(tx, procedures),
        await hall_bookings_by_case(tx, cases), await placements_by_case(tx, cases),
        {home.region: home.id for home in reversed(await homes_of(tx, regions=_counties(procedures)))},
        await _benefits(tx, [p.subject for p in procedures]),
    )  # fmt: skip
    prices = await prices_of(tx, {home for p in procedures if (home := done.home(p)) is not None})
    return {p.id: _settling(p, done, prices) for p in procedures}


def _settling(p: Procedure, done: _Done, prices: Mapping[UUID, tuple[Price, ...]]) -> Settling:
    home, known = done.home(p), done.benefits.get(p.subject)
    farewell, placement = done.farewells.get(p.case), done.placements.get(p.case)
    return Settling(
        home=home,
        body=done.bodies.get(p.case),
        charged_days=charged_days(done.bodies.get(p.case), holds_of(p, done.holds)),
        cremated_at=done.cremated[p.case].finished_at if p.case in done.cremated else None,
        farewell_held=farewell is not None and farewell.held_at is not None,
        stored=placement is not None and placement.kind == "store",
        prices=prices.get(home, ()) if home else (),
        benefits=known.state if known else None,
        benefits_version=known.version if known else None,
    )


def _counties(procedures: Iterable[Procedure]) -> list[str]:
    return sorted({p.region[:6] for p in procedures})


async def _benefits(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, FactCopy]:
    return {fact.person: fact for fact in await read_facts(tx, persons, [BENEFITS])}


async def placements_by_case(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, Placement]:
    """Where each case's ashes (or the body) rest or shall rest."""
    wanted = sorted(set(cases))
    if not wanted:
        return {}
    rows = await tx.execute(_PLACEMENTS, {"cases": wanted})
    return {r.case_id: Placement(r.kind, r.eco_kind, r.place, r.placed_at is not None) for r in rows}


async def gather_ashes(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, AshesFacts]:
    """Holds and the placement; the places of the county, locked, only for those that arrange now."""
    holds = await holds_on(tx, procedures)
    known = [p for p in procedures if p.state is not None]
    cases = [p.case for p in known]
    placements, cremated = await placements_by_case(tx, cases), await cremated_of(tx, cases)
    places = await _places(tx, _counties(p for p in known if p.running and p.step in ARRANGE_STEPS))
    return {
        p.id: AshesFacts(
            holds_of(p, holds), placements.get(p.case), places.get(p.region[:6], ()), p.case in cremated
        )
        for p in procedures
    }


async def _places(tx: Transaction, regions: Sequence[str]) -> dict[str, tuple[RestingPlace, ...]]:
    if not regions:
        return {}
    await tx.execute(_LOCK_COUNTY, {"regions": list(regions)})
    found: dict[str, list[RestingPlace]] = defaultdict(list)
    for row in await tx.execute(_PLACES, {"regions": list(regions)}):
        found[row.region].append(RestingPlace(row.id, row.site, row.code, row.kind, row.taken))
    return {region: tuple(places) for region, places in found.items()}


async def gather_awards(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, AwardFacts]:
    """Where the ashes rest, and what this person has been awarded before, in life or after death."""
    placements = await placements_by_case(tx, [p.case for p in procedures])
    given: dict[UUID, list[GivenAward]] = defaultdict(list)
    for r in await tx.execute(_AWARDS, {"persons": sorted({p.subject for p in procedures})}):
        award = GivenAward(
            r.procedure, r.mode, r.kind, r.amount_fen, r.funding_source, r.payee, r.paid_at is not None
        )
        given[r.person].append(award)
    return {p.id: AwardFacts(placements.get(p.case), tuple(given[p.subject])) for p in procedures}
