"""`gateway.proof_of_relation` (R28, FN-007): kinship shown by data, so that nobody has to bring a certificate.

Proven at once when the registers have the applicant as what the applicant says; else a clerk compares papers: an
affidavit with two witnesses, or a notary's certificate. What the registers say is evidence, with its source and its
day. A relation that is found wrong later is annotated, never deleted, and what rested on it is told by the planner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from casework import generic
from casework.generic import enter
from casework.procedure import Act, Procedure, Ruling, done, not_applicable, refused, unchanged
from contracts.outcomes import OwnerState
from gateway.procedures import kinship
from gateway.procedures.kinship import UNKNOWN, Kinship
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

APPLICANT = "applicant"
NO_KINSHIP = "no_kinship_claimed"
# Who reports without being a relative: an heir by will or a manager of the estate shows another paper (row 19).
_NO_RELATIVES = frozenset({"carer", "care_home", "hospital", "funeral_home", "police", "village"})


@dataclass(frozen=True, slots=True)
class Relations:
    """What the registers say each person of the case is to the subject, by role."""

    by_role: Mapping[str, Kinship]

    @property
    def applicant(self) -> Kinship:
        return self.by_role.get(APPLICANT, UNKNOWN)


async def gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Relations]:
    """One statement for all persons of all procedures."""
    asked = [
        (procedure.id, role, procedure.subject, person)
        for procedure in procedures
        for role, person in procedure.persons.items() if person != procedure.subject
    ]  # fmt: skip
    found = await kinship.between(tx, [(subject, person) for _, _, subject, person in asked])
    by_case: dict[UUID, dict[str, Kinship]] = {procedure.id: {} for procedure in procedures}
    for (procedure_id, role, _, _), known in zip(asked, found, strict=True):
        by_case[procedure_id][role] = known
    return {procedure_id: Relations(roles) for procedure_id, roles in by_case.items()}


def open(procedure: Procedure, facts: Relations, *, at: datetime) -> Ruling:
    """Done from data, or a clerk's comparison; nothing to prove for who claims no kinship."""
    claimed = procedure.fields.get("/applicant/relation")
    if claimed in _NO_RELATIVES:
        return not_applicable(NO_KINSHIP)
    known = facts.applicant
    if known.says is not None and known.says == claimed:
        memory = {**procedure.memory, "claimed": claimed, "method": "data"}
        return done(_result(claimed, "data", facts), memory=memory, seen=known.seen)
    compared: dict[str, Any] = {"claimed": claimed, "register": known.register or "unknown"}
    if known.as_of is not None:
        compared["as_of"] = known.as_of.isoformat()
    if known.marriage is not None:
        compared["marriage_base"] = known.marriage
    memory = {**procedure.memory, "claimed": claimed}
    step = procedure.terms.first_step.id
    return enter(procedure, step, task_facts=compared, memory=memory, result={}, seen=known.seen)


def advance(procedure: Procedure, facts: Relations, act: Act, *, at: datetime) -> Ruling:
    """The clerk's comparison: by data, by an affidavit with its witnesses, by a notary; or not proven."""
    if act.kind == "decision" and act.decision == "proven":
        claimed = procedure.fields.get("/applicant/relation")
        method = act.data.get("method", "data")
        result = _result(claimed, method, facts)
        if "witnesses" in act.data:
            result["witnesses"] = act.data["witnesses"]
        return done(
            result, reason=act.reason, memory={**procedure.memory, "claimed": claimed, "method": method}
        )
    if act.kind == "decision" and act.decision == "not_proven":
        return refused(act.reason or act.decision, result={})
    return generic.advance(procedure, facts, act, at=at)


def correct(procedure: Procedure, facts: Relations, *, at: datetime) -> Ruling:
    """Newer answers are compared anew; what was proven of the same claim stands while nothing contradicts it."""
    claimed = procedure.fields.get("/applicant/relation")
    same = procedure.memory.get("claimed", claimed) == claimed
    if procedure.state is OwnerState.DONE:
        if same and not (procedure.memory.get("method") == "data" and facts.applicant.says != claimed):
            return unchanged(procedure)
        return open(_annotated(procedure, at), facts, at=at)
    if procedure.state is OwnerState.REFUSED and same and facts.applicant.says != claimed:
        return unchanged(procedure)
    return open(procedure, facts, at=at)


def recheck(procedure: Procedure, facts: Relations) -> bool:
    """Whether a newer statement of the marriage base no longer carries what was proven from data."""
    claimed = procedure.memory.get("claimed")
    return procedure.memory.get("method") == "data" and facts.applicant.says != claimed


def _annotated(procedure: Procedure, at: datetime) -> Procedure:
    """The earlier proof stays on record with the day on which it was found not to hold."""
    earlier = {
        "relation": procedure.memory.get("claimed"), "method": procedure.memory.get("method"),
        "version": procedure.version, "annotated_on": at.astimezone(TZ).date().isoformat(),
    }  # fmt: skip
    notes = [*procedure.memory.get("annotations", ()), earlier]
    return replace(procedure, memory={"annotations": notes})


def _result(relation: str | None, method: str, facts: Relations) -> dict[str, Any]:
    """Public: the relation, how it was shown, from which registers as of when, and how many heirs they know."""
    known = facts.applicant
    others = [one for role, one in facts.by_role.items() if role.startswith("heirs/")]
    shown: dict[str, Any] = {}
    if method == "data" and known.sources:
        shown["registers"] = list(known.sources)
        shown["as_of"] = known.as_of.isoformat() if known.as_of else None
    return {
        "relation": relation, "method": method, "heirs_in_register": sum(one.says is not None for one in others),
        "heirs_named": len(others), **shown,
    }  # fmt: skip
