"""The gateway's own tasks: what only a person can settle between procedures (design 4 and 5)."""

from gateway.cases.planner.draft import Draft
from gateway.cases.planner.model import ENDED, FINAL, Ask, Row, RowState
from gateway.cases.planner.rules import RESTING, condition, ripe


def asks(draft: Draft) -> frozenset[Ask]:
    """The tasks that must stand now; the board opens what is new and closes what is gone."""
    case = draft.case
    if case.status in FINAL:
        return frozenset()
    found = {Ask("sign_revocation")} if case.signing else set()
    evidence = [row for kind in case.event.evidence.confirmed_by if (row := draft.latest(kind))]
    if case.doubted:
        stuck = [row for row in evidence if row.state is RowState.STUCK]
        found.update(Ask("identity_doubt", row.id) for row in (stuck or evidence)[:1])
    if case.status not in RESTING:
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
    if draft.case.confirmed or any(row.state not in ENDED for row in evidence):
        return set()
    return {Ask("evidence_refused", row.id) for row in evidence if row.state is RowState.REFUSED}
