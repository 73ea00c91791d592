"""The gateway's own tasks: what only a person can settle between procedures (design 4 and 5)."""

from gateway.cases.planner.draft import Draft
from gateway.cases.planner.model import ENDED, FINAL, Ask, Row, RowState
from gateway.cases.planner.rules import RESTING, condition, ripe


def asks(draft: Draft) -> frozenset[Ask]:
    """The tasks that must stand now; the board opens what is new and closes what is gone.

    While a revocation waits for its signature nothing else is asked: declined, the other questions come back.
    """
    case = draft.case
    if case.status in FINAL:
        return frozenset()
    if case.signing:
        return frozenset({Ask("sign_revocation")})
    found: set[Ask] = set()
    evidence = [row for kind in case.event.evidence.confirmed_by if (row := draft.latest(kind))]
    if case.doubted:
        stuck = [row for row in evidence if row.state is RowState.STUCK]
        found.update(Ask("identity_doubt", row.id) for row in (stuck or evidence)[:1])
    if case.status not in RESTING:
        found.update(Ask("manual_path", code=path) for path in case.special - case.settled)
        found.update(_refused_evidence(draft, evidence))
        found.update(
            Ask("condition_unknown", row.id)
            for row in draft.newest()
            if row.state is RowState.WAITING
            and condition(draft, row) is None
            and ripe(draft, draft.spec(row))
        )
    return frozenset(found)


def _refused_evidence(draft: Draft, evidence: list[Row]) -> set[Ask]:
    """No issuer confirms, none is still asked: a person must decide what the declaration was worth."""
    case = draft.case
    if case.confirmed or case.doubted or any(row.state not in ENDED for row in evidence):
        return set()
    refused = {Ask("evidence_refused", row.id) for row in evidence if row.state is RowState.REFUSED}
    if refused or case.special - case.settled or any(row.state is RowState.DONE for row in evidence):
        return refused
    return {Ask("evidence_refused", row.id) for row in evidence[:1]}
