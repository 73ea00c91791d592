"""The conditions that only assistance can answer: true, false, or not known (design 4). Set-based."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.assistance.domain import depending
from services.assistance.domain.stopping import overpaid_months
from services.assistance.domain.values import Holding, Standing
from services.assistance.procedures.change_payee import without_payee
from services.assistance.queries import around, gather, gather_paid_to, relations, tekun_holders

_KIN = frozenset({"spouse", "child", "parent", "grandchild", "sibling", "grandparent"})
# Offices that report because nobody of the family does.
_NO_KIN = frozenset({"village", "police", "care_home", "funeral_home", "hospital"})


async def household_holds_benefit(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, bool | None]:
    """Whether living members remain in a household on dibao, edge or rigid (or were, until this recheck ended it)."""
    standings = await gather(procedures, tx=tx)
    return {
        procedure.id: bool(standings[procedure.id].others_living())
        and any(_rechecked(holding, procedure) for holding in standings[procedure.id].holdings)
        for procedure in procedures
    }


def _rechecked(holding: Holding, procedure: Procedure) -> bool:
    return holding.household is not None and (not holding.ended or holding.ended_by == procedure.id)


async def is_payee(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether the dead person was to receive what is somebody else's, or is still owed to their heirs."""
    standings = await gather_paid_to(procedures, tx=tx)
    return {
        procedure.id: bool(without_payee(standings[procedure.id], _died_on(procedure)))
        or bool(procedure.memory.get("changed"))
        for procedure in procedures
    }


async def paid_after_death(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether something that ends with the person was paid for months after the month of death (R24)."""
    standings = await gather(procedures, tx=tx)
    return {
        procedure.id: any(_overpaid(standings[procedure.id], _died_on(procedure))) for procedure in procedures
    }


def _overpaid(standing: Standing, died_on: date) -> list[bool]:
    """Computed from the payments, not read from the records: a correction asks before the records are renewed."""
    return [bool(overpaid_months(each, month_of(died_on))) for each in standing.ending_with_person()]


async def has_dependants(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether somebody who depended on the person is known here or named in the form; silence is not "none"."""
    found = await around(tx, [procedure.subject for procedure in procedures])
    return {
        procedure.id: depending.has_dependants(
            found[procedure.subject], procedure.fields.get("/dependants"), _died_on(procedure)
        )
        for procedure in procedures
    }


async def tekun_without_relatives(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, bool | None]:
    """Whether a person in destitute support died whom no relative buries (R04; Interim Measures 15).

    No: not in destitute support, or a relative reports, is named as heir or is known here. Yes: an office reports.
    Otherwise nobody knows; the catalogue then lets the township arrange.
    """
    subjects = [procedure.subject for procedure in procedures]
    tekun = await tekun_holders(tx, subjects)
    known = await relations(tx, tekun)
    return {
        procedure.id: procedure.subject in tekun
        and _left_alone(procedure.fields, known.get(procedure.subject, {}))
        for procedure in procedures
    }


def _left_alone(fields: Mapping[str, object], known: Mapping[UUID, str]) -> bool | None:
    relation = fields.get("/applicant/relation")
    if fields.get("/heirs") or relation in _KIN or relation == "other_relative" or _KIN & set(known.values()):
        return False
    return True if relation in _NO_KIN else None


async def no_heirs(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether nobody inherits (Civil Code 1127, 1145).

    No: the form names an heir, a relative reports, or a living one is known here. Yes: no heir is named although the
    form asks, and an office reports. Otherwise nobody knows: a distant relative or a carer may or may not inherit.
    """
    known = await relations(tx, [procedure.subject for procedure in procedures])
    return {
        procedure.id: _without_heirs(procedure.fields, known.get(procedure.subject, {}))
        for procedure in procedures
    }


def _without_heirs(fields: Mapping[str, object], known: Mapping[UUID, str]) -> bool | None:
    relation = fields.get("/applicant/relation")
    if fields.get("/heirs") or relation in _KIN or _KIN.intersection(known.values()):
        return False
    return True if fields.get("/heirs") == [] and relation in _NO_KIN else None


def _died_on(procedure: Procedure) -> date:
    return procedure.occurred_at.astimezone(TZ).date()
