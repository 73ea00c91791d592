"""`assistance.dependant_alert` (row 21): whoever depended on the dead person is called the same day (R09, CH-004).

From the declaration on: nobody waits for a certificate to be looked after. Counts by reason go to the township, no
name; nothing of it is ever published. The township sees who they are in the people view, within its own scope.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling, unchanged
from contracts.outcomes import OwnerState
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.assistance.domain.depending import Around, dependent
from services.assistance.queries import around


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Around]:
    """Who is around each subject."""
    found = await around(tx, [procedure.subject for procedure in procedures])
    return {procedure.id: found[procedure.subject] for procedure in procedures}


def open(procedure: Procedure, facts: Around, *, at: datetime) -> Ruling:
    """The township's call, with how many there are and why."""
    return generic.enter(
        procedure,
        procedure.terms.first_step.id,
        at=at,
        task_facts=_counted(procedure, facts),
        memory={"known": _known(procedure, facts)},
    )


def advance(procedure: Procedure, facts: Around, act: Act, *, at: datetime) -> Ruling:
    """As the steps say; the county sees the same counts. What was arranged stays with the record of the task."""
    ruling = generic.advance(procedure, facts, act, at=at)
    if ruling.state is not OwnerState.OPEN:
        return ruling
    return generic.enter(procedure, str(ruling.step), at=at, task_facts=_counted(procedure, facts))


def correct(procedure: Procedure, facts: Around, *, at: datetime) -> Ruling:
    """Somebody more is named or known: they are called too, also when the others have been looked after."""
    known = _known(procedure, facts)
    if set(known) <= set(procedure.memory.get("known", ())):
        return generic.correct(procedure, facts, at=at)
    if procedure.running or procedure.state is OwnerState.DONE:
        return open(procedure, facts, at=at)
    return unchanged(procedure)


def _known(procedure: Procedure, facts: Around) -> list[str]:
    """Keys of those known here, and how many the form names: each further one is a further mark."""
    named = procedure.fields.get("/dependants") or ()
    here = sorted(str(person) for person in _dependent(procedure, facts))
    return [*here, *(f"form {place}" for place in range(len(named)))]


def _dependent(procedure: Procedure, facts: Around) -> Mapping[UUID, str]:
    return dependent(facts, procedure.occurred_at.astimezone(TZ).date())


def _counted(procedure: Procedure, facts: Around) -> dict[str, Any]:
    """`{known: {minor: 2, …}, named_in_form: 1}`: numbers only."""
    named = procedure.fields.get("/dependants") or ()
    return {
        "known": dict(sorted(Counter(_dependent(procedure, facts).values()).items())),
        "named_in_form": len(named),
    }
