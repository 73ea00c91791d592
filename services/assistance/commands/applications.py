"""Pending applications of somebody who died: their own lapse, the household's go on in the name of who is left.

The household is the unit of help, not the applicant (SA-003). An undo finds by the procedure what it closed or handed
on; what has been granted meanwhile stays granted.
"""

from collections.abc import Sequence

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.assistance.domain.effects import LapseApplications

APPLICANT_DIED = "applicant_died"

_GIVEN = """unnest(CAST(:person AS uuid[]), CAST(:procedure AS uuid[])) AS new(person, procedure)"""
_HAND_ON = text(
    f"""WITH heir AS (
           SELECT DISTINCT ON (a.id) a.id, m.person, new.procedure FROM {_GIVEN}
             JOIN applications a ON a.person = new.person AND a.state = 'pending'
             JOIN household_members m ON m.household = a.household AND m.left_by IS NULL AND m.person <> new.person
            ORDER BY a.id, m.birth_date, m.person)
       UPDATE applications a SET handed_on_from = a.person, handed_on_by = heir.procedure, person = heir.person
         FROM heir WHERE a.id = heir.id"""
)
_LAPSE = text(
    f"""UPDATE applications a SET state = 'lapsed', lapsed_by = new.procedure, reason = :reason
         FROM {_GIVEN} WHERE a.person = new.person AND a.state = 'pending'"""
)
_STAND_AGAIN = text(
    f"""UPDATE applications a
           SET state = 'pending', lapsed_by = NULL, reason = NULL, person = coalesce(a.handed_on_from, a.person),
               handed_on_from = NULL, handed_on_by = NULL
         FROM {_GIVEN}
        WHERE (a.state = 'lapsed' AND a.lapsed_by = new.procedure)
           OR (a.state = 'pending' AND a.handed_on_by = new.procedure)"""
)


async def lapse(tx: Transaction, effects: Sequence[LapseApplications]) -> None:
    """Close and hand on, or bring back: at most three statements for the batch. Who died has left the household."""
    closing = [each for each in effects if each.lapse]
    reopening = [each for each in effects if not each.lapse]
    if closing:
        await tx.execute(_HAND_ON, _columns(closing))
        await tx.execute(_LAPSE, {**_columns(closing), "reason": APPLICANT_DIED})
    if reopening:
        await tx.execute(_STAND_AGAIN, _columns(reopening))


def _columns(effects: Sequence[LapseApplications]) -> dict[str, list[object]]:
    ordered = sorted(effects, key=lambda each: each.person)
    return {
        "person": [each.person for each in ordered],
        "procedure": [each.procedure for each in ordered],
    }
