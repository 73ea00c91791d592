"""What people hold at elder care together with the places they have on waiting lists (EC-022)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView, Wait
from kernel.messaging.transaction import Transaction
from services.eldercare.queries import holdings

# The list of a home in the order in which places were asked for; what was ended or paused keeps nobody waiting.
_PLACES = text("""
    SELECT id, person, asked_on, place FROM (
        SELECT id, person, asked_on, row_number() OVER (PARTITION BY home ORDER BY asked_on, id) AS place
        FROM bed_requests WHERE state = 'waiting' AND held_by IS NULL AND ended_by IS NULL
          AND home IN (SELECT home FROM bed_requests WHERE person = ANY(CAST(:persons AS uuid[])))
    ) AS list WHERE person = ANY(CAST(:persons AS uuid[])) ORDER BY asked_on, id""")


async def holds_and_waits(tx: Transaction, persons: Sequence[UUID]) -> Mapping[UUID, PersonView]:
    """As `queries.holdings`, with each place on a home's list."""
    waits: dict[UUID, list[Wait]] = defaultdict(list)
    for row in await tx.execute(_PLACES, {"persons": list(persons)}):
        waits[row.person].append(
            Wait(id=row.id, service="eldercare", kind="bed", since=row.asked_on, place=row.place)
        )
    held = await holdings(tx, persons)
    return {
        person: (held.get(person) or PersonView(person=person)).model_copy(
            update={"waits": tuple(waits[person])}
        )
        for person in held.keys() | waits.keys()
    }
