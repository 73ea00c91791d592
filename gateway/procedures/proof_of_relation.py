"""`gateway.proof_of_relation` (R28, FN-007): kinship shown by data, so that nobody has to bring a certificate.

Proven at once when the register has the applicant as what the applicant says; else a clerk compares papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from casework.generic import enter
from casework.procedure import Procedure, Ruling, done, unchanged
from contracts.outcomes import OwnerState
from gateway.people import relatives
from kernel.messaging.transaction import Transaction

APPLICANT = "applicant"


@dataclass(frozen=True, slots=True)
class Relations:
    """What the register says each person of the case is to the subject, by role; None: no relation known."""

    by_role: Mapping[str, str | None]


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Relations]:
    """One statement for all persons of all procedures."""
    asked = [
        (procedure.id, role, procedure.subject, person)
        for procedure in procedures
        for role, person in procedure.persons.items() if person != procedure.subject
    ]  # fmt: skip
    found = await relatives.relations(tx, [(subject, person) for _, _, subject, person in asked])
    by_case: dict[UUID, dict[str, str | None]] = {procedure.id: {} for procedure in procedures}
    for (procedure_id, role, _, _), relation in zip(asked, found, strict=True):
        by_case[procedure_id][role] = relation
    return {procedure_id: Relations(roles) for procedure_id, roles in by_case.items()}


def open(procedure: Procedure, facts: Relations, *, at: datetime) -> Ruling:
    """Done from data, or a clerk's comparison."""
    claimed = procedure.fields.get("/applicant/relation")
    known = facts.by_role.get(APPLICANT)
    if known is not None and known == claimed:
        return done(_result(known, "data", facts))
    compared: dict[str, Any] = {"claimed": claimed, "register": known or "unknown"}
    return enter(procedure, procedure.terms.first_step.id, task_facts=compared)


def correct(procedure: Procedure, facts: Relations, *, at: datetime) -> Ruling:
    """Newer answers are compared anew; what a clerk proved stands as long as the applicant says the same."""
    proven = procedure.result.get("relation")
    if procedure.state is OwnerState.DONE and proven in (None, procedure.fields.get("/applicant/relation")):
        return unchanged(procedure)
    return open(procedure, facts, at=at)


def _result(relation: str, method: str, facts: Relations) -> dict[str, Any]:
    others = [known for role, known in facts.by_role.items() if role.startswith("heirs/")]
    return {
        "relation": relation, "method": method, "heirs_in_register": sum(known is not None for known in others),
        "heirs_named": len(others),
    }  # fmt: skip
