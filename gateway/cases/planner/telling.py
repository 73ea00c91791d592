"""A newer form reaches the rows: what is learnt of it, who is told, what a wish turns into (design 5)."""

from collections.abc import Mapping

from contracts.catalog import ProcedureRow
from contracts.orders import Verb
from gateway.cases.planner.draft import Draft
from gateway.cases.planner.model import RUNNING, Row, RowState, WishWord


def tell_correction(draft: Draft, changed: frozenset[str], said_by: str | None) -> None:
    """Every row that uses a changed answer looks again, and all of them when the event itself has moved.

    Not the proof that the department is just giving with this word. Another certificate for the same event
    (`papers`) opens nothing that a person has signed.
    """
    event = draft.case.event
    moved = event.occurred_at in changed
    paper = bool(changed) and changed <= frozenset(event.evidence.papers)
    for row in list(draft.newest()):
        spec = draft.spec(row)
        if not moved and not _touched(changed, spec.fields):
            continue
        _reissue(draft, row, changed, moved=moved)
        giving = said_by == spec.owner and row.state is not RowState.DONE
        own = giving and row.type in event.evidence.confirmed_by
        signed = row.state is RowState.REFUSED or (row.state is RowState.DONE and _by_hand(spec))
        if not own and not (paper and signed):
            _correct(draft, row)


def _reissue(draft: Draft, row: Row, changed: frozenset[str], *, moved: bool) -> None:
    """The issuer's own report was the proof; what it says of the person is another proof when it is corrected.

    No department is asked, so nobody else would count the versions. Who reported, or whom to call, proves nothing.
    """
    event = draft.case.event
    if row.type not in event.evidence.confirmed_by or row.state is not RowState.DONE or row.order:
        return
    of_the_person = frozenset(each for each in changed if each.startswith(f"/{event.subject}"))
    if moved or _touched(of_the_person, draft.spec(row).fields):
        draft.set(row, outcome_version=max(1, row.outcome_version) + 1)


def _by_hand(spec: ProcedureRow) -> bool:
    """Whether a person of ours decides it; a department's own hands are its own affair."""
    return any(step.actor not in ("system", "department") for step in spec.steps)


def _touched(changed: frozenset[str], fields: tuple[str, ...]) -> bool:
    """Whether a changed pointer lies in, above or below one of the row's fields."""
    return any(
        pointer == field or pointer.startswith(f"{field}/") or field.startswith(f"{pointer}/")
        for pointer in changed
        for field in fields
    )


def _correct(draft: Draft, row: Row) -> None:
    """Tell the owner, or ask him anew where he had found nothing to do."""
    spec = draft.spec(row)
    if row.state in RUNNING or row.state in (RowState.DONE, RowState.REFUSED, RowState.STUCK):
        if row.order:
            draft.want(row, Verb.CORRECT)
    elif row.state is RowState.NOT_APPLICABLE and not row.by_gateway and spec.when and spec.when.predicate:
        draft.add_round(row.type, RowState.WAITING)
    elif (
        row.state is RowState.WITHDRAWN
        and spec.origin == "applied"
        and draft.case.wishes.get(row.type) != "refused"
    ):
        draft.add_round(row.type, RowState.OFFERED)


def learn(
    draft: Draft,
    conditions: Mapping[str, bool | None],
    wishes: Mapping[str, WishWord],
    special: frozenset[str],
) -> None:
    """Take over the answers of a newer form; a silent wish never takes back one that was given.

    A special case that is over and comes back is worked anew.
    """
    kept = {kind: word for kind, word in draft.case.wishes.items() if wishes.get(kind, "absent") == "absent"}
    draft.amend(
        conditions={**draft.case.conditions, **conditions}, wishes={**draft.case.wishes, **wishes, **kept},
        special=special, settled=draft.case.settled & special,
    )  # fmt: skip


def spread_wishes(draft: Draft, *, first: bool) -> None:
    """Turn wishes into states: offered, waiting, or not applicable; a wish refused later withdraws."""
    for row in list(draft.newest()):
        if draft.spec(row).origin != "applied":
            continue
        word = draft.case.wishes.get(row.type, "absent")
        if row.state is RowState.WAITING and word == "absent":
            draft.set(row, state=RowState.OFFERED)
        elif row.state in (RowState.WAITING, RowState.OFFERED) and word == "refused":
            draft.end(row, RowState.NOT_APPLICABLE, "declined")
        elif row.state is RowState.OFFERED and word == "given":
            draft.set(row, state=RowState.WAITING)
            draft.note("accepted", row.id)
        elif not first and word == "refused" and row.state in RUNNING:
            draft.want(row, Verb.WITHDRAW)
