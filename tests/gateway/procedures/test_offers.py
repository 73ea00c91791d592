"""The joint query and the proof that it needs are one question to the family: accepting the one accepts the other."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from contracts.catalog_files import load_catalogue
from gateway.cases.planner import plan
from gateway.cases.planner.inputs import OfferAnswered, Reported
from gateway.cases.planner.model import Case, Plan, Row, RowState
from kernel.public_service.clock import TZ

DEATH = load_catalogue().life_events["death"]
AT = datetime(2026, 3, 2, 9, tzinfo=TZ)


def newest(planned: Plan, kind: str) -> Row:
    return max((row for row in planned.case.rows if row.type == kind), key=lambda row: row.round)


@pytest.fixture
def reported() -> Plan:
    first = Reported(conditions={}, wishes={}, occurred_at=AT - timedelta(days=1))
    return plan(Case(id=uuid4(), event=DEATH), [first], at=AT)


def answered(before: Plan, kind: str, *, accept: bool) -> Plan:
    return plan(before.case, [OfferAnswered(newest(before, kind).id, accept)], at=AT)


def test_who_accepts_the_query_accepts_the_proof_of_relation_with_it(reported: Plan) -> None:
    after = answered(reported, "gateway.asset_query", accept=True)
    assert newest(after, "gateway.proof_of_relation").state is RowState.WAITING
    assert newest(after, "gateway.estate_guide").state is RowState.OFFERED


def test_who_accepts_the_proof_alone_has_not_asked_for_the_query(reported: Plan) -> None:
    after = answered(reported, "gateway.proof_of_relation", accept=True)
    assert newest(after, "gateway.asset_query").state is RowState.OFFERED


def test_who_declines_the_query_may_still_have_the_proof(reported: Plan) -> None:
    after = answered(reported, "gateway.asset_query", accept=False)
    assert newest(after, "gateway.proof_of_relation").state is RowState.OFFERED


def test_accepting_eco_burial_does_not_decide_on_the_ashes(reported: Plan) -> None:
    """Other rows that need each other were asked about one by one."""
    after = answered(reported, "funeral.memorial", accept=True)
    assert newest(after, "funeral.ashes").state is RowState.OFFERED
