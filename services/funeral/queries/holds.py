"""Holds of cases and their persons."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from casework.procedure import Procedure
from contracts.terms import HoldKind
from kernel.messaging.transaction import Transaction
from services.funeral.domain.facts import Facts
from services.funeral.domain.holds import Hold

_HOLDS = text(
    """SELECT id, kind, case_id, person, placed_at, released_at FROM holds
        WHERE case_id = ANY(CAST(:cases AS uuid[])) OR person = ANY(CAST(:persons AS uuid[])) ORDER BY id"""
)


async def gather_holds(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Facts]:
    """For rows that heed holds and need nothing else."""
    holds = await holds_on(tx, procedures)
    return {procedure.id: Facts(holds_of(procedure, holds)) for procedure in procedures}


async def holds_on(tx: Transaction, procedures: Sequence[Procedure]) -> list[Hold]:
    """Every hold on one of these cases or their subjects, those released too."""
    ids = {
        "cases": sorted({procedure.case for procedure in procedures}),
        "persons": sorted({procedure.subject for procedure in procedures}),
    }
    return [
        Hold(row.id, HoldKind(row.kind), row.case_id, row.person, row.placed_at, row.released_at)
        for row in await tx.execute(_HOLDS, ids)
    ]


def holds_of(procedure: Procedure, holds: Iterable[Hold]) -> tuple[Hold, ...]:
    return tuple(hold for hold in holds if hold.case == procedure.case or hold.person == procedure.subject)
