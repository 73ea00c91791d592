"""What a cremation needs to know; what was cremated; certificates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from services.funeral.domain.bodies import CERTIFICATES, TAGS
from services.funeral.domain.facts import CertificateFacts, Cremated, CremationFacts
from services.funeral.domain.slots import Timetable
from services.funeral.queries.bodies import bodies_of, numbers_of
from services.funeral.queries.halls import hall_bookings_by_case
from services.funeral.queries.holds import holds_of, holds_on
from services.funeral.queries.timetables import bookings_of, locked_homes, timetables

BOOK_STEP = "book"

_CREMATED = text(
    """SELECT r.case_id, r.finished_at, r.body_tag, c.home
         FROM cremation_records r JOIN cremators c ON c.id = r.cremator
        WHERE r.case_id = ANY(CAST(:cases AS uuid[])) ORDER BY r.finished_at"""
)
_STANDING = text(
    """SELECT procedure, certificate_no FROM certificates
        WHERE voided_at IS NULL AND procedure = ANY(CAST(:procedures AS uuid[]))"""
)


async def gather_cremations(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, CremationFacts]:
    """Holds, booking, body and farewell; the timetable, with its homes locked, only for those that book now."""
    holds = await holds_on(tx, procedures)
    known = [p for p in procedures if p.state is not None]
    if not known:
        return {p.id: CremationFacts(holds_of(p, holds)) for p in procedures}
    bookings = await bookings_of(tx, [p.id for p in known])
    bodies = await bodies_of(tx, [p.case for p in known])
    farewells = await hall_bookings_by_case(tx, [p.case for p in known])
    booking = {p.region[:6] for p in known if p.running and p.step == BOOK_STEP}
    tables = await timetables(tx, booking, lock=True)
    tags = await numbers_of(tx, [home for table in tables.values() for home in table.homes], TAGS)
    return {
        p.id: CremationFacts(
            holds_of(p, holds), bookings.get(p.id), tables.get(p.region[:6], Timetable()), bodies.get(p.case),
            farewells.get(p.case), tags,
        )
        for p in procedures
    }  # fmt: skip


async def cremated_of(tx: Transaction, cases: Iterable[UUID]) -> dict[UUID, Cremated]:
    """The cremation of each case, as its record has it."""
    wanted = sorted(set(cases))
    if not wanted:
        return {}
    rows = await tx.execute(_CREMATED, {"cases": wanted})
    return {row.case_id: Cremated(row.home, row.finished_at, row.body_tag) for row in rows}


async def gather_certificates(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, CertificateFacts]:
    """The cremation, the certificate that stands, and the next number at the home that did it (locked)."""
    known = [p for p in procedures if p.state is not None]
    cremated = await cremated_of(tx, [p.case for p in known])
    homes = await locked_homes(tx, {each.home for each in cremated.values()})
    numbers = await numbers_of(tx, list(homes.values()), CERTIFICATES)
    rows: Any = await tx.execute(_STANDING, {"procedures": [p.id for p in known]}) if known else ()
    standing = {row.procedure: row.certificate_no for row in rows}
    return {
        p.id: CertificateFacts(
            cremated.get(p.case), numbers.get(cremated[p.case].home) if p.case in cremated else None,
            standing.get(p.id),
        )
        for p in procedures
    }  # fmt: skip
