"""The planner's rules, applied until nothing changes (design 5): what may start, end, repeat or be sent."""

from collections.abc import Collection, Iterable
from uuid import UUID

from contracts.catalog import Need, ProcedureRow
from contracts.orders import Verb
from contracts.terms import UndoReason
from gateway.cases.planner.arrivals import resume
from gateway.cases.planner.draft import Draft
from gateway.cases.planner.model import ENDED, FINAL, RUNNING, CaseStatus, Row, RowState
from gateway.cases.planner.proofs import proofs

RESTING = frozenset({CaseStatus.WITHDRAWING, CaseStatus.REVOKING}) | FINAL
OURS = frozenset({"assistance", "eldercare", "funeral", "marriage", "gateway"})
UNSENT = frozenset({RowState.WAITING, RowState.OFFERED})
STARTED = RUNNING | {RowState.DONE}
DEAD_ENDS = ENDED - {RowState.DONE}


def settle(draft: Draft) -> None:
    """Apply every rule until a whole round changes nothing; each rule only ever moves a row forward."""
    for _ in range(4 * len(draft.specs) + 8):
        draft.moved = False
        _weigh_evidence(draft)
        if draft.case.status not in RESTING:
            for row in list(draft.newest()):
                _live(draft, row, draft.spec(row))
            _tell_proofs(draft)
        for row in list(draft.rows.values()):
            if row.wanted is not None and not row.unanswered:
                _flush(draft, row)
        _status(draft)
        if not draft.moved:
            return
    raise RuntimeError("the planner's rules do not come to rest")


def _live(draft: Draft, row: Row, spec: ProcedureRow) -> None:
    """The rules of a row in a case that is neither being withdrawn nor revoked."""
    if row.state in UNSENT:
        _end_or_start(draft, row, spec)
    elif row.state in STARTED:
        if condition(draft, row) is False:
            _take_back(draft, row)
        elif spec.needs:
            _tell_later(draft, row, spec)
    elif row.state is not RowState.REFUSED:
        _needed_again(draft, row, spec)


def _weigh_evidence(draft: Draft) -> None:
    """Declared becomes confirmed: an evidence row done, and no sign of life after the event (design 4)."""
    case = draft.case
    if case.status is CaseStatus.REVOKING or case.status in FINAL or case.doubted:
        return
    proof = [
        row
        for kind in case.event.evidence.confirmed_by
        if (row := draft.latest(kind)) and row.state is RowState.DONE and not row.unanswered
    ]
    if not proof:
        return
    signs = [row for kind in case.event.evidence.life_signs if (row := draft.latest(kind))]
    if _alive_after(draft, signs):
        draft.set(proof[0], state=RowState.STUCK, reason="identity_doubt")
        draft.amend(doubted=True, reviewed=False)
        draft.note("doubted", proof[0].id, reason="sign_of_life")
        return
    heard = case.issuer_reported or all(
        row.state not in (RowState.WAITING, RowState.ORDERED) for row in signs
    )
    if heard and not case.confirmed:
        draft.amend(confirmed=True)
        draft.note("confirmed", proof[0].id)
        if case.status is CaseStatus.WITHDRAWING:
            resume(draft)


def _alive_after(draft: Draft, signs: list[Row]) -> bool:
    """Whether somebody met the person after the event, at an instant that no human has explained."""
    event, cleared = draft.case.occurred_at, draft.case.cleared_at
    return event is not None and any(
        row.last_sign_of_life is not None
        and row.last_sign_of_life > event
        and (cleared is None or row.last_sign_of_life > cleared)
        for row in signs
    )


def condition(draft: Draft, row: Row) -> bool | None:
    """The row's condition at the gateway; an owner's predicate counts as true, unless a manual path rules it out."""
    when = draft.spec(row).when
    value = draft.case.conditions.get(row.type)
    if when is None or when.predicate:
        return value is not False
    if _ruling_path(draft, row.type) is not None:
        return False
    if value is None:
        value = draft.case.answers.get(row.type)
    if value is None and when.unknown != "wait":
        return when.unknown == "yes"
    return value


def _accepted(draft: Draft, need: Need) -> bool:
    """Whether one member of the group has ended in an accepted state, with nothing open about it."""
    for kind in need.any:
        row = draft.latest(kind)
        if (
            row
            and row.state.value in need.accept
            and not row.unanswered
            and row.wanted in (None, Verb.CORRECT)
        ):
            return True
    return False


def _impossible(draft: Draft, need: Need) -> bool:
    """Whether no member of the group can any more end in an accepted state."""
    if _accepted(draft, need):
        return False
    return all(
        row is None
        or (
            row.state in ENDED
            and not row.unanswered
            and row.wanted is None
            and row.state.value not in need.accept
        )
        for row in (draft.latest(kind) for kind in need.any)
    )


def _lost(draft: Draft, spec: ProcedureRow) -> bool:
    """Whether a hard need can no more be met."""
    return any(need.kind == "hard" and _impossible(draft, need) for need in spec.needs)


def _ruling_path(draft: Draft, procedure_type: str) -> str | None:
    """The manual path because of which the row has no object, or None."""
    special = draft.case.special
    return next(
        (path.id for path in draft.case.event.manual_paths if path.id in special and procedure_type in path.not_for),
        None,
    ) if special else None  # fmt: skip


def _waits_for_a_person(draft: Draft, spec: ProcedureRow) -> bool:
    """A special case that nobody has let go on yet keeps this row from starting (R29)."""
    open_paths = draft.case.special - draft.case.settled
    return bool(open_paths) and any(
        spec.type in path.waits for path in draft.case.event.manual_paths if path.id in open_paths
    )


def ripe(draft: Draft, spec: ProcedureRow) -> bool:
    """Whether stage and hard needs let a waiting row start; none of the confirmed stage while a revocation is asked."""
    case = draft.case
    if spec.stage == "confirmed" and (not case.confirmed or case.doubted or case.signing):
        return False
    if _waits_for_a_person(draft, spec):
        return False
    return all(need.kind == "soft" or _accepted(draft, need) for need in spec.needs)


def _held(draft: Draft, spec: ProcedureRow) -> bool:
    """A department's step is not sent while a hold stands; our own services check their own copy."""
    return spec.owner not in OURS and bool(draft.case.holds.intersection(spec.held_by))


def _end_or_start(draft: Draft, row: Row, spec: ProcedureRow) -> None:
    """Waiting or offered → not applicable (ruled out, or its last predecessor lost); waiting → ordered."""
    holds = condition(draft, row)
    if holds is False or _lost(draft, spec):
        ruled_out = (_ruling_path(draft, spec.type) or "condition") if holds is False else "need"
        draft.end(row, RowState.NOT_APPLICABLE, ruled_out)
    elif row.state is RowState.WAITING and holds and ripe(draft, spec) and not _held(draft, spec):
        draft.send(row, Verb.OPEN)


def _take_back(draft: Draft, row: Row) -> None:
    """A correction made a started row needless: its owner undoes it as `not_needed`."""
    if row.order and row.sent is not Verb.UNDO and row.wanted is not Verb.UNDO:
        draft.want(row, Verb.UNDO, UndoReason.NOT_NEEDED)


def _needed_again(draft: Draft, row: Row, spec: ProcedureRow) -> None:
    """Not applicable, undone or overtaken withdrawal, and the case calls for it: a new round (design 5)."""
    if row.unanswered or row.wanted is not None or not condition(draft, row) or _lost(draft, spec):
        return
    word = draft.case.wishes.get(row.type, "absent")
    if row.state is RowState.WITHDRAWN:
        if spec.origin == "ex_officio":
            draft.add_round(row.type, RowState.WAITING)
        return
    needless = row.state is RowState.NOT_APPLICABLE and row.by_gateway
    undone = row.state is RowState.UNDONE and row.undo_reason is UndoReason.NOT_NEEDED
    if not (needless or undone):
        return
    if spec.origin == "ex_officio" or word == "given":
        draft.add_round(row.type, RowState.WAITING)
    elif word == "absent" and row.reason not in ("declined", "offer_lapsed"):
        draft.add_round(row.type, RowState.OFFERED)


def _tell_later(draft: Draft, row: Row, spec: ProcedureRow) -> None:
    """A soft predecessor ended after this row had started: its owner is told by `correct`."""
    before = draft.before.get(row.id)
    if not row.order or before is None or not before.order:
        return
    for number, need in enumerate(spec.needs):
        if need.kind == "hard" or (row.id, number) in draft.told:
            continue
        if any(_ended_now(draft, kind) for kind in need.any):
            draft.told.add((row.id, number))
            draft.want(row, Verb.CORRECT)


def _ended_now(draft: Draft, kind: str) -> bool:
    """Whether that row came to its end in this plan."""
    row = draft.latest(kind)
    if row is None or row.state not in (RowState.DONE, RowState.REFUSED):
        return False
    before = draft.before.get(row.id)
    return before is None or before.state is not row.state


def _tell_proofs(draft: Draft) -> None:
    """A proof came, was issued anew, or is gone: our services whose running rows rest on it are told (design 4)."""
    if draft.proofs_before == proofs(draft.case, draft.current):
        return
    kinds = frozenset(draft.case.event.evidence.confirmed_by)
    for row in list(draft.newest()):
        before, spec = draft.before.get(row.id), draft.spec(row)
        if before is None or not before.order or row.state not in RUNNING or spec.owner not in OURS:
            continue
        if row.id not in draft.told_proofs and any(kinds.intersection(need.any) for need in spec.needs):
            draft.told_proofs.add(row.id)
            draft.want(row, Verb.CORRECT)


def _flush(draft: Draft, row: Row) -> None:
    """Send the folded wish, as the owner owes no answer; drop it where nothing is left to do."""
    if row.wanted is None:
        return
    if _void(row):
        draft.set(row, wanted=None)
    elif not (row.wanted is Verb.UNDO and _undo_waits(draft, row)):
        draft.send(row, row.wanted)


def _void(row: Row) -> bool:
    """Whether the wish came too late to mean anything: the row has ended, or is being undone."""
    if row.wanted is Verb.CORRECT and row.state is RowState.REFUSED:
        return False
    undoing = row.state is RowState.UNDOING and (row.wanted is not Verb.UNDO or row.sent is Verb.UNDO)
    return row.state in DEAD_ENDS or undoing


def _undo_waits(draft: Draft, row: Row) -> bool:
    """Only where the catalogue says so does one undo wait for another."""
    for kind in draft.spec(row).undo_after:
        other = draft.latest(kind)
        if other and (other.unanswered or other.wanted is Verb.UNDO or other.state not in ENDED):
            return True
    return False


def _rests_on_an_offer(draft: Draft, row: Row) -> bool:
    """Whether the row is an offer, or waits for nothing but an offer that nobody has accepted."""
    if row.state is not RowState.WAITING:
        return row.state is RowState.OFFERED
    for need in draft.spec(row).needs:
        if need.kind == "hard" and not _accepted(draft, need):
            members = [
                member for kind in need.any if (member := draft.latest(kind)) and member.state not in ENDED
            ]
            if members and all(_rests_on_an_offer(draft, member) for member in members):
                return True
    return False


def _open_rows(draft: Draft) -> list[Row]:
    """The rows that have not come to their end, or of which more is wanted."""
    return [
        row
        for row in draft.rows.values()
        if row.state not in ENDED or row.unanswered or row.wanted is not None
    ]


def nothing_but_offers(draft: Draft, open_rows: Iterable[Row]) -> bool:
    """Whether the case is finished: these rows rest on offers, and nobody has to sign or to work a special case."""
    case = draft.case
    waits = case.signing or case.special - case.settled
    return not waits and all(_rests_on_an_offer(draft, row) for row in open_rows)


def finished_without(draft: Draft, aside: Collection[UUID]) -> bool:
    """Whether the case would be finished but for these rows."""
    return nothing_but_offers(draft, (row for row in _open_rows(draft) if row.id not in aside))


def _status(draft: Draft) -> None:
    """The case's own state follows from its rows."""
    status = draft.case.status
    if status in FINAL:
        return
    open_rows = _open_rows(draft)
    if status is CaseStatus.WITHDRAWING:
        status = status if open_rows else CaseStatus.WITHDRAWN
    elif status is CaseStatus.REVOKING:
        status = status if open_rows else CaseStatus.REVOKED
    elif nothing_but_offers(draft, open_rows):
        status = CaseStatus.FINISHED
    elif status is not CaseStatus.ACCEPTED or draft.outcomes:
        status = CaseStatus.IN_PROGRESS
    if status is not draft.case.status:
        draft.note(f"case_{status.value}")
        draft.amend(status=status)
