"""What people do to a case that stands: withdraw, correct, revoke, answer an offer, add a paper (design 5).

Each function takes the case under its lock, refuses what the state or the version forbids, and gives the planner's
inputs; `perform` keeps the act's own words sealed and moves the case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.catalog import FormField
from contracts.terms import UndoReason
from gateway.cases.moves import Moved, Moves
from gateway.cases.planner.inputs import (
    Input,
    OfferAnswered,
    RevocationAsked,
    RevocationSigned,
    WithdrawalAsked,
)
from gateway.cases.planner.model import ENDED, FINAL, CaseStatus, Row, RowState
from gateway.cases.problems import (
    CaseClosed,
    CaseEndsAlready,
    NothingToWithdraw,
    NotYoursToWithdraw,
    OfferGone,
    ProcedureUnknown,
)
from gateway.cases.readers import issuers_of
from gateway.cases.standing import OWNER, Standing
from kernel.errors import Forbidden, StaleVersion
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, Role

_ENDING = frozenset({CaseStatus.WITHDRAWING, CaseStatus.REVOKING})
_KEEP = text("""
    INSERT INTO case_reports (case_id, at, actor, channel, applicant, form)
    VALUES (:case, :at, :actor, :kind, NULL, CAST(CAST(:words AS text) AS jsonb))""")


class RevocationNotYours(Forbidden):
    """撤销只能由县级主管签署，或由签发部门、公安、法院提出。
    Only the county signs a revocation; only the issuer, the police or a court asks for one."""

    how = "请联系受理窗口，由有权机关提出。"
    how_en = "Ask the window; the competent authority has to ask for it."


class CorrectionNotYours(Forbidden):
    """这些内容不由您更正：部门只更正本部门收到的内容；不向家属询问的内容由签发部门、公安、法院更正。
    These answers are not yours to correct: a department corrects what it receives, a family what it is asked."""

    how = "请删去其他内容，或联系签发部门、受理窗口。"
    how_en = "Leave the other answers out, or turn to the issuer or the window."


@dataclass(frozen=True, slots=True)
class Act:
    """One act: who, which kind, what was said (kept sealed), and what it means for the planner."""

    kind: str
    actor: str
    words: Mapping[str, Any]
    inputs: Sequence[Input]


async def perform(tx: Transaction, moves: Moves, standing: Standing, act: Act, *, at: datetime) -> Moved:
    """Keep the act's words, sealed, and move the case."""
    sealed = moves.sealer.seal(act.words, standing.id, OWNER)
    await tx.execute(
        _KEEP,
        {
            "case": standing.id,
            "at": at,
            "actor": act.actor,
            "kind": act.kind,
            "words": sealed.model_dump_json(),
        },
    )
    (moved,) = await moves.move_loaded(tx, [(standing, act.inputs)], at=at, actor=act.actor)
    return moved


def check_version(standing: Standing, version: int) -> None:
    """Raises StaleVersion with the current one."""
    if version != standing.case.version:
        raise StaleVersion(standing.case.version)


def check_open(standing: Standing) -> None:
    """Raises CaseClosed when the case is final, CaseEndsAlready when it is on its way there."""
    if standing.case.status in FINAL:
        raise CaseClosed(extra={"case_status": standing.case.status.value})
    if standing.case.status in _ENDING:
        raise CaseEndsAlready(extra={"case_status": standing.case.status.value})


def withdrawal(standing: Standing, actor: Actor, procedures: Sequence[UUID], reason: str) -> Act:
    """The whole case, or procedures on application. Raises what the state forbids."""
    check_open(standing)
    rows = [_row(standing, procedure) for procedure in procedures]
    specs = {spec.type: spec for spec in standing.case.event.procedures}
    if any(specs[row.type].origin != "applied" for row in rows):
        raise NotYoursToWithdraw()
    if rows and all(row.state in ENDED - {RowState.DONE} for row in rows):
        raise NothingToWithdraw()
    words = {"reason": reason, "procedures": [str(procedure) for procedure in procedures]}
    return Act("withdrawal", actor.user, words, [WithdrawalAsked(frozenset(procedures))])


def revocation(standing: Standing, actor: Actor, kind: UndoReason, reason: str, basis: str) -> Act:
    """A county supervisor's is the signature; an issuer's, the police's or a court's makes a signing task."""
    if standing.case.status in FINAL:
        raise CaseClosed(extra={"case_status": standing.case.status.value})
    if standing.case.status is CaseStatus.REVOKING:
        raise CaseEndsAlready(extra={"case_status": standing.case.status.value})
    words = {"kind": kind.value, "reason": reason, "basis": basis}
    if actor.role is Role.COUNTY_SUPERVISOR:
        return Act("revocation", actor.user, words, [RevocationSigned(kind)])
    if actor.role is not Role.DEPARTMENT or actor.owner not in issuers_of(standing):
        raise RevocationNotYours()
    return Act("revocation_request", actor.user, words, [RevocationAsked(kind)])


def check_correction(standing: Standing, actor: Actor, pointers: Iterable[str]) -> None:
    """A department that issues no proof corrects only what its rows list, a family only what it is asked.

    Raises CorrectionNotYours. A clerk corrects everything: he has seen the paper, and answers for it.
    """
    if actor.kind == "citizen":
        _check_asked(standing, pointers)
        return
    if actor.role is not Role.DEPARTMENT or actor.owner in issuers_of(standing):
        return
    own = {
        field for row in standing.case.event.procedures if row.owner == actor.owner for field in row.fields
    }
    if others := sorted(set(pointers) - own):
        raise CorrectionNotYours(extra={"pointers": others})


def _check_asked(standing: Standing, pointers: Iterable[str]) -> None:
    """The class of the cause, the court's judgment: nobody asks a family, and none takes it back (R20)."""
    event = standing.case.event
    questions = {pointer: event.question(pointer) for pointer in pointers}
    if never := sorted(
        pointer for pointer, one in questions.items() if isinstance(one, FormField) and one.asked == "never"
    ):
        raise CorrectionNotYours(extra={"pointers": never})


def offer_answer(standing: Standing, actor: Actor, procedure: UUID, *, accept: bool) -> Act:
    """Accept or decline an offered row. Raises ProcedureUnknown or OfferGone."""
    check_open(standing)
    row = _row(standing, procedure)
    if row.state is not RowState.OFFERED:
        raise OfferGone(extra={"state": row.state.value})
    words = {"procedure": str(procedure), "accept": accept}
    return Act("offer_answer", actor.user, words, [OfferAnswered(procedure, accept)])


def _row(standing: Standing, procedure: UUID) -> Row:
    for row in standing.case.rows:
        if row.id == procedure:
            return row
    raise ProcedureUnknown()
