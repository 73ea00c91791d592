"""What each input does to the draft before the rules settle it."""

from datetime import datetime
from functools import singledispatch

from contracts.acts import ESCALATED
from contracts.catalog import Wish
from contracts.orders import Verb
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import UndoReason
from gateway.cases.planner import inputs as given
from gateway.cases.planner.draft import Draft
from gateway.cases.planner.model import ENDED, RUNNING, CaseStatus, Row, RowState, WishWord
from gateway.cases.planner.telling import learn, spread_wishes, tell_correction

HOLDABLE = RUNNING | {RowState.DONE}
_KEEPS_THE_BODY = "funeral"


@singledispatch
def arrive(event: given.Input, draft: Draft) -> None:
    """Apply one input to the draft; an input of an unknown class is a fault of the caller."""
    raise TypeError(f"not an input of the planner: {type(event).__name__}")


@arrive.register
def _reported(event: given.Reported, draft: Draft) -> None:
    first = not draft.rows
    if first:
        draft.amend(occurred_at=event.occurred_at)
        for spec in draft.case.event.procedures:
            draft.add_round(spec.type, RowState.WAITING)
    elif event.differs:
        draft.amend(version=draft.case.version + 1)
    if draft.case.status is CaseStatus.WITHDRAWING:
        resume(draft)
    learn(draft, event.conditions, event.wishes, event.special)
    spread_wishes(draft, first=first)
    _ask_again(draft, event.asked)
    draft.note("reported" if first else "joined")
    if event.confirming:
        _confirm_from_report(draft, event.confirming)
    if event.doubting:
        _doubt_report(draft, event.doubting)


def _ask_again(draft: Draft, asked: frozenset[str]) -> None:
    """What a later report itself wishes begins anew where it had been withdrawn."""
    for kind in sorted(asked) if draft.case.status is not CaseStatus.REVOKING else ():
        row = draft.latest(kind)
        if row and row.state is RowState.WITHDRAWN and not row.unanswered:
            draft.note("accepted", draft.add_round(kind, RowState.WAITING).id)


def is_news(row: Row, outcome: Outcome) -> bool:
    """The version check: an outcome already seen, or overtaken by a later one, changes nothing."""
    return outcome.version > row.outcome_version


def _confirm_from_report(draft: Draft, procedure_type: str) -> None:
    """An issuer's own report is the act itself (design 4): the row is done without delivery.

    A row already sent to the department is ended by the exchange, as the department's own answer.
    """
    row = draft.latest(procedure_type)
    draft.amend(issuer_reported=True)
    if row and row.state in (RowState.WAITING, RowState.NOT_APPLICABLE) and not row.order:
        draft.set(row, state=RowState.DONE, reason="reported_by_issuer", by_gateway=True)
        draft.note("done", row.id, reason="reported_by_issuer")


def _doubt_report(draft: Draft, procedure_type: str) -> None:
    """The issuer names another person than is known: stuck, until a person has compared them (design 4).

    A row already sent to the department is left in doubt by the exchange, as the department's own answer.
    """
    row = draft.latest(procedure_type)
    if row and row.state in (RowState.WAITING, RowState.NOT_APPLICABLE) and not row.order:
        draft.set(row, state=RowState.STUCK, reason="identity_doubt", by_gateway=True)
    if not draft.case.doubted:
        draft.amend(doubted=True, reviewed=False)
        draft.note("doubted", row.id if row else None, reason="identity_doubt")


@arrive.register
def _outcome(event: given.OutcomeArrived, draft: Draft) -> None:
    outcome = event.outcome
    row = draft.rows.get(outcome.procedure)
    if row is None or not is_news(row, outcome):
        draft.stale += 1
        return
    draft.outcomes[row.id] = outcome
    was = row
    row = draft.set(
        row,
        outcome_version=outcome.version,
        answered=max(row.answered, min(outcome.order, row.order)),
        state=RowState(outcome.state.value),
        reason=outcome.reason,
        by_gateway=False,
        too_late=outcome.too_late_at is not None,
        last_sign_of_life=_sign(outcome) or row.last_sign_of_life,
        body_released=_released(outcome, row.body_released),
        escalation=outcome.escalation,
    )
    if row.state is not was.state or outcome.too_late_at:
        draft.note("too_late" if outcome.too_late_at else row.state.value, row.id, reason=outcome.reason)
    if outcome.escalation >= ESCALATED > was.escalation:
        draft.note("escalated", row.id)
    _signal(draft, row, outcome)


def _signal(draft: Draft, row: Row, outcome: Outcome) -> None:
    """A stuck evidence row doubts the identity; a newer fact asks the owner to look again.

    A doubt is left only by a person: the issuer's later word counts once the office has corrected the form.
    """
    evidence = row.type in draft.case.event.evidence.confirmed_by
    if evidence and outcome.state is OwnerState.STUCK and not draft.case.doubted:
        draft.amend(doubted=True, reviewed=False)
        draft.note("doubted", row.id, reason=outcome.reason)
    elif evidence and outcome.state is OwnerState.DONE and draft.case.doubted and draft.case.reviewed:
        draft.amend(doubted=False)
    if outcome.signal == "facts_changed":
        draft.want(draft.rows[row.id], Verb.CORRECT)


def _sign(outcome: Outcome) -> datetime | None:
    """The last sign of life that an owner knows of, or None."""
    sign = outcome.result.get("last_sign_of_life")
    return datetime.fromisoformat(sign) if sign else None


def _released(outcome: Outcome, known: bool | None) -> bool | None:
    """Whether the police's answer says that the body is free; what was said before stands while nothing is said."""
    said = outcome.result.get("released")
    return said if isinstance(said, bool) else known


@arrive.register
def _offer(event: given.OfferAnswered, draft: Draft) -> None:
    row = draft.rows[event.row]
    if row.state is not RowState.OFFERED:
        return
    draft.amend(version=draft.case.version + 1)
    word: WishWord = "given" if event.accept else "refused"
    draft.amend(wishes={**draft.case.wishes, row.type: word})
    if event.accept:
        _accept(draft, row)
    else:
        draft.end(row, RowState.NOT_APPLICABLE, "declined")


def _accept(draft: Draft, row: Row) -> None:
    """The row waits now, and with it what it cannot do without where the family was asked about both at once."""
    draft.set(row, state=RowState.WAITING, reason=None)
    draft.note("accepted", row.id)
    spec = draft.spec(row)
    if not isinstance(spec.wish, Wish) or spec.wish.pointer is None:
        return
    for kind in (kind for need in spec.needs if need.kind == "hard" for kind in need.any):
        before = draft.latest(kind)
        if before and before.state is RowState.OFFERED and draft.spec(before).wish == spec.wish:
            draft.amend(wishes={**draft.case.wishes, kind: "given"})
            _accept(draft, before)


@arrive.register
def _withdrawal(event: given.WithdrawalAsked, draft: Draft) -> None:
    draft.amend(version=draft.case.version + 1)
    whole = not event.rows
    before_confirmation = whole and not draft.case.confirmed
    draft.note("withdrawal_asked")
    if before_confirmation:
        _withdraw_all(draft)
        return
    for row in list(draft.newest()):
        if row.id in event.rows:
            _withdraw(draft, row, HOLDABLE)
        elif whole and draft.spec(row).origin == "applied":
            _withdraw(draft, row, RUNNING)


def _withdraw(draft: Draft, row: Row, reach: frozenset[RowState]) -> None:
    """Ends what was never sent; asks the owner for the rest, who alone knows the point of no return."""
    if row.state in (RowState.WAITING, RowState.OFFERED):
        draft.end(row, RowState.WITHDRAWN, "withdrawn")
    elif row.state in reach or row.state is RowState.STUCK:
        if not row.order and row.state is RowState.STUCK:
            draft.end(row, RowState.WITHDRAWN, "withdrawn")
        elif row.order:
            draft.want(row, Verb.WITHDRAW)


@arrive.register
def _corrected(event: given.Corrected, draft: Draft) -> None:
    moved = event.occurred_at != draft.case.occurred_at
    draft.amend(version=draft.case.version + 1, occurred_at=event.occurred_at)
    learn(draft, event.conditions, event.wishes, event.special)
    draft.note("corrected")
    if draft.case.doubted and event.by_office:
        draft.amend(reviewed=True)
    changed = event.changed | ({draft.case.event.occurred_at} if moved else set())
    if draft.case.status in (CaseStatus.WITHDRAWING, CaseStatus.REVOKING):
        draft.amend(unheard=draft.case.unheard | changed)
        return
    tell_correction(draft, changed, event.said_by)
    spread_wishes(draft, first=False)


@arrive.register
def _asked(event: given.RevocationAsked, draft: Draft) -> None:
    draft.amend(signing=event.reason)
    draft.note("revocation_asked", reason=event.reason.value)


@arrive.register
def _declined(event: given.RevocationDeclined, draft: Draft) -> None:
    draft.amend(signing=None)
    draft.note("revocation_declined")


@arrive.register
def _signed(event: given.RevocationSigned, draft: Draft) -> None:
    reason = event.reason or draft.case.signing or UndoReason.CERTIFICATE_VOID
    draft.amend(
        version=draft.case.version + 1,
        status=CaseStatus.REVOKING,
        revocation=reason,
        signing=None,
        doubted=False,
    )
    draft.note("revoking", reason=reason.value)
    for row in list(draft.newest()):
        if row.state in (RowState.WAITING, RowState.OFFERED):
            draft.end(row, RowState.WITHDRAWN, "revoked")
        elif row.state in (RowState.DONE, RowState.STUCK) and not row.order:
            draft.end(row, RowState.UNDONE, reason.value)
        elif row.state not in ENDED or row.state is RowState.DONE:
            draft.want(row, Verb.UNDO, reason)


@arrive.register
def _identity_doubted(event: given.IdentityDoubted, draft: Draft) -> None:
    if draft.case.status is not CaseStatus.REVOKING:
        _doubt_report(draft, event.type)


@arrive.register
def _cleared(event: given.DoubtCleared, draft: Draft) -> None:
    draft.amend(doubted=False, cleared_at=draft.at)
    draft.note("doubt_cleared")
    for row in list(draft.newest()):
        if row.type in draft.case.event.evidence.confirmed_by and row.state is RowState.STUCK:
            draft.set(row, state=RowState.DONE, reason="identity_confirmed_by_person")


@arrive.register
def _sought(event: given.EvidenceSought, draft: Draft) -> None:
    row = draft.latest(event.type)
    if row and row.state is RowState.REFUSED and not draft.case.confirmed:
        again = draft.add_round(event.type, RowState.WAITING)
        draft.note("evidence_sought", again.id)


@arrive.register
def _subject_known(event: given.SubjectKnown, draft: Draft) -> None:
    """About the body nothing changes; what was asked about nobody is taken back, and asked anew about somebody."""
    draft.note("identified")
    for row in list(draft.newest()):
        evidence = row.type in draft.case.event.evidence.confirmed_by
        if row.order and not evidence and draft.spec(row).owner != _KEEPS_THE_BODY and row.state in HOLDABLE:
            draft.want(row, Verb.UNDO, UndoReason.NOT_NEEDED)


@arrive.register
def _manual(event: given.ManualPathDecided, draft: Draft) -> None:
    """Gone on by a person, who may have seen a proof from elsewhere; or ended: before confirmation as a withdrawal,
    after it only with the county's signature."""
    draft.note("manual_path_continued" if event.go_on else "manual_path_ended", reason=event.path)
    if not event.go_on:
        if draft.case.confirmed:
            draft.amend(signing=UndoReason.NOT_NEEDED)
        else:
            _withdraw_all(draft)
        return
    draft.amend(settled=draft.case.settled | {event.path})
    proven = next((path.proves for path in draft.case.event.manual_paths if path.id == event.path), None)
    row = draft.latest(proven) if proven else None
    if row and not row.order and row.state in (RowState.WAITING, RowState.NOT_APPLICABLE):
        draft.set(row, state=RowState.DONE, reason="proven_by_document", by_gateway=True)
        draft.note("done", row.id, reason="proven_by_document")


def _withdraw_all(draft: Draft) -> None:
    """The whole case before confirmation: every row ends, suspensions are lifted (G5)."""
    draft.amend(status=CaseStatus.WITHDRAWING)
    for row in list(draft.newest()):
        _withdraw(draft, row, HOLDABLE)


@arrive.register
def _condition(event: given.ConditionAnswered, draft: Draft) -> None:
    draft.amend(answers={**draft.case.answers, event.type: event.holds})
    row = draft.latest(event.type)
    draft.note("condition_answered", row.id if row else None, holds=event.holds)


@arrive.register
def _holds(event: given.HoldsStand, draft: Draft) -> None:
    if event.kinds != draft.case.holds:
        draft.note("held" if event.kinds else "released", kinds=sorted(kind.value for kind in event.kinds))
    draft.amend(holds=event.kinds)


@arrive.register
def _material(event: given.Material, draft: Draft) -> None:
    draft.amend(version=draft.case.version + 1)
    draft.note("material_added")


@arrive.register
def _due(event: given.DueCheck, draft: Draft) -> None:
    for row in list(draft.newest()):
        if row.state is RowState.OFFERED and row.lapses_at and row.lapses_at <= draft.at:
            draft.end(row, RowState.NOT_APPLICABLE, "offer_lapsed")


@arrive.register
def _annulled(event: given.DecisionAnnulled, draft: Draft) -> None:
    """Its undo needs the county's signature, as that of every decision of a person; a new round follows it."""
    row = draft.rows[event.row]
    if row.state is RowState.DONE and not row.unanswered:
        draft.want(row, Verb.UNDO, UndoReason.NOT_NEEDED)
        draft.note("annulled", row.id)


@arrive.register
def _proofs_unheard(event: given.ProofsUnheard, draft: Draft) -> None:
    draft.proofs_before = ()


@arrive.register
def _question(event: given.QuestionEscalated, draft: Draft) -> None:
    draft.note("escalated", event.row)


def resume(draft: Draft) -> None:
    """A new report or the issuer's proof overtakes a withdrawal: what the state must do runs on (G5)."""
    draft.amend(status=CaseStatus.IN_PROGRESS)
    draft.note("withdrawal_overtaken")
    for row in list(draft.newest()):
        if row.wanted is Verb.WITHDRAW and draft.spec(row).origin == "ex_officio":
            draft.set(row, wanted=None)
    unheard = draft.case.unheard
    if unheard:
        draft.amend(unheard=frozenset())
        tell_correction(draft, unheard, None)
        spread_wishes(draft, first=False)
