"""What people hold at assistance together with what they wait for: pending applications (SA-089)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView, Wait
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.assistance.queries import holdings

_PENDING = text("""
    SELECT id, person, kind, submitted_at FROM applications
    WHERE person = ANY(CAST(:persons AS uuid[])) AND state = 'pending' ORDER BY submitted_at, id""")


async def holds_and_waits(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """As `queries.holdings`, with what was applied for and is not decided."""
    waits: dict[UUID, list[Wait]] = defaultdict(list)
    for row in await tx.execute(_PENDING, {"persons": list(persons)}):
        since = row.submitted_at.astimezone(TZ).date()
        waits[row.person].append(Wait(id=row.id, service="assistance", kind=row.kind, since=since))
    held = await holdings(tx, persons)
    return {
        person: (held.get(person) or PersonView(person=person)).model_copy(
            update={"waits": tuple(waits[person])}
        )
        for person in held.keys() | waits.keys()
    }
