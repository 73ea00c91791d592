"""The planner: one pure function that alone starts, skips, withdraws, corrects and undoes (design 1, 5).

It reads no clock, no database and no person's data. The same inputs in any order of repetition give the
same effects: an order is numbered, an outcome has a version, and a row's key follows from case, type and
round.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from gateway.cases.planner import rules
from gateway.cases.planner.arrivals import arrive
from gateway.cases.planner.draft import Draft, row_id
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.cases.planner.model import FINAL, Case, Plan
from gateway.cases.planner.questions import asks

__all__ = ["finished_without", "plan", "row_id"]


def plan(case: Case, inputs: Sequence[Input], *, at: datetime) -> Plan:
    """Decide what follows from the inputs, in their order, at the legal instant `at` (design 5).

    Raises KeyError when an offer answer names a row that the case does not have. Outcomes with a version
    already seen are counted as stale and change nothing; a final case changes no more.
    """
    draft = Draft(case, at)
    for number, event in enumerate(inputs):
        if draft.case.status in FINAL:
            draft.stale += 1
            continue
        arrive(event, draft)
        if not (isinstance(event, OutcomeArrived) and _outcome_follows(inputs, number)):
            rules.settle(draft)
    return draft.plan(asks(draft))


def finished_without(case: Case, aside: Collection[UUID], *, at: datetime) -> bool:
    """Whether nothing but offers would be left of the case if these rows had ended."""
    return rules.finished_without(Draft(case, at), aside)


def _outcome_follows(inputs: Sequence[Input], number: int) -> bool:
    """Outcomes that come together are settled together: they are one owner's or one list's answer."""
    return number + 1 < len(inputs) and isinstance(inputs[number + 1], OutcomeArrived)
