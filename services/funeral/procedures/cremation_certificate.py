"""`funeral.cremation_certificate` (row 5): a number per home and year; issued anew, the old number is void (R22).

A correction of what it says (name, number, day of death) issues it anew by itself: version + 1, another number. An
undo makes the number void (kind `reissue`: the right person's certificate is a new one).
"""

from dataclasses import replace
from datetime import datetime

from casework import generic
from casework.procedure import Act, Procedure, Ruling, done
from contracts.outcomes import OwnerState
from kernel.public_service.clock import TZ
from services.funeral.commands.certificates import apply_certificates as apply
from services.funeral.domain.effects import Issue, Number, Void
from services.funeral.domain.facts import CertificateFacts
from services.funeral.problems import NotCremated
from services.funeral.procedures.taken_back import taken_back
from services.funeral.queries.cremations import gather_certificates as gather

__all__ = ["advance", "apply", "correct", "gather", "undo"]

ISSUED_ON = "case_version"


def advance(procedure: Procedure, facts: CertificateFacts, act: Act, *, at: datetime) -> Ruling:
    """Issued, with the next number unless the paper has one of the home's own."""
    if act.kind == "decision" and act.decision == "issued":
        return _issued(procedure, facts, at, own=str(act.data.get("certificate_no") or "").strip())
    return generic.advance(procedure, facts, act, at=at)


def correct(procedure: Procedure, facts: CertificateFacts, *, at: datetime) -> Ruling:
    """A newer form: the certificate that stands says something else, so it is issued anew."""
    newer = procedure.case_version > int(procedure.memory.get(ISSUED_ON, 0))
    if procedure.state is OwnerState.DONE and newer and facts.standing is not None:
        return _issued(procedure, facts, at, own="")
    return generic.correct(procedure, facts, at=at)


def undo(procedure: Procedure, facts: CertificateFacts, *, at: datetime) -> Ruling:
    """The number that stands is void."""
    reason = procedure.undo_reason.value if procedure.undo_reason else "undo"
    ruling = taken_back(generic.undo(procedure, facts, at=at), Void(reason))
    if ruling.state is OwnerState.UNDONE and facts.standing is not None:
        result = {**procedure.result, "void_certificate_no": facts.standing}
        result.pop("certificate_no", None)
        return replace(ruling, result=result)
    return ruling


def _issued(procedure: Procedure, facts: CertificateFacts, at: datetime, *, own: str) -> Ruling:
    if facts.cremated is None or facts.numbers is None:
        raise NotCremated()
    number = facts.numbers.next(at)
    certificate_no = own or number.text
    version = int(procedure.result.get("version", 0)) + 1
    result = {"certificate_no": certificate_no, "version": version, "issued_on": _day(at)}
    effects: tuple[object, ...] = (Issue(facts.cremated.home, certificate_no, version),)
    if not own:
        effects = (Number(number), *effects)
    if facts.standing is not None:
        result["void_certificate_no"] = facts.standing
        effects = (Void("reissued"), *effects)
    return done(result, memory={ISSUED_ON: procedure.case_version}, effects=effects)


def _day(at: datetime) -> str:
    return at.astimezone(TZ).date().isoformat()
