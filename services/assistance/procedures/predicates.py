"""The conditions that only assistance can answer: true, false, or not known (design 4). Set-based."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from casework.procedure import Procedure
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.assistance.procedures.change_payee import drawn_for_others
from services.assistance.queries import gather, gather_paid_to, kinds_held, relations

_ADULT_AT = 18
_NEEDS_CARE = frozenset({"tekun", "disability_living", "disability_nursing", "orphan", "unattended_child"})
_KIN = frozenset({"spouse", "child", "parent", "grandchild", "sibling", "grandparent"})
_NO_KIN = frozenset({"village", "police", "care_home", "funeral_home"})


async def household_holds_benefit(
    procedures: Sequence[Procedure], *, tx: Transaction
) -> Mapping[UUID, bool | None]:
    """Whether living members remain in a household on dibao, edge or rigid."""
    standings = await gather(procedures, tx=tx)
    return {
        key: bool(standing.others_living()) and bool(standing.household_holdings())
        for key, standing in standings.items()
    }


async def is_payee(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether the dead person received what is somebody else's."""
    standings = await gather_paid_to(procedures, tx=tx)
    return {
        procedure.id: bool(drawn_for_others(standings[procedure.id])) or bool(procedure.memory.get("changed"))
        for procedure in procedures
    }


async def has_dependants(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether the form names dependants, or a minor or a person in need of care is left in the household."""
    standings = await gather(procedures, tx=tx)
    others = {m.person for standing in standings.values() for m in standing.others_living()}
    kinds = await kinds_held(tx, others)
    return {
        procedure.id: bool(procedure.fields.get("/dependants"))
        or any(
            _is_minor(m.birth_date, procedure) or kinds.get(m.person, frozenset()) & _NEEDS_CARE
            for m in standings[procedure.id].others_living()
        )
        for procedure in procedures
    }


def _is_minor(birth_date: date, procedure: Procedure) -> bool:
    day = procedure.occurred_at.astimezone(TZ).date()
    birthday_to_come = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - birthday_to_come < _ADULT_AT


async def no_heirs(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    """Whether nobody inherits (Civil Code 1127, 1145).

    No: the form names an heir, a relative reports, or one is known here. Yes: no heir is named although the form asks,
    and an office reports. Otherwise nobody knows.
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
