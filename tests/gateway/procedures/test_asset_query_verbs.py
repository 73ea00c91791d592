"""The joint query's verbs: when it asks, when it delivers, what takes it away. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from casework.procedure import Act
from contracts.outcomes import OwnerState
from contracts.terms import Limit, UndoReason
from gateway.procedures import asset_query
from gateway.procedures.asset_requests import Ask, Recall
from kernel.public_service.clock import TZ
from tests.gateway.procedures.asking import AT, ROW, after, delivered, facts, procedure

ANSWER = Act("answer", "sources")
CLOCK = Act("clock")
LATER = AT + timedelta(hours=1)
STILL_LATER = AT + timedelta(hours=2)


def test_a_proven_heir_is_served_at_once_and_all_sources_are_asked() -> None:
    ruling = asset_query.open(procedure(), facts(), at=AT)
    (asked,) = ruling.effects
    assert (ruling.state, ruling.step) == (OwnerState.OPEN, "query")
    assert isinstance(asked, Ask)
    assert len(asked.sources) == 10


@pytest.mark.parametrize(
    ("relation", "proof"), [("sibling", "done"), ("carer", "not_applicable"), ("grandchild", "done")]
)
def test_everybody_else_shows_a_paper_and_the_limit_stands_still(relation: str, proof: str) -> None:
    ruling = asset_query.open(procedure(), facts(relation, proof=proof), at=AT)
    assert (ruling.state, ruling.step, ruling.pause_reason) == (OwnerState.PAUSED, "entitlement", "papers")
    assert ruling.effects == ()


def test_answers_are_waited_for_until_the_promises_end() -> None:
    """Five working days from Monday 2 March; a region's promise goes before."""
    asked = asset_query.open(procedure(), facts(), at=AT)
    assert asked.wake_at == datetime(2026, 3, 9, 23, 59, 59, tzinfo=TZ)
    shorter = Limit.model_validate({"amount": 2, "unit": "WD", "from": "accepted"})
    promised = procedure(terms=ROW.terms.model_copy(update={"limit": shorter}))
    assert asset_query.open(promised, facts(), at=AT).wake_at == datetime(2026, 3, 4, 23, 59, 59, tzinfo=TZ)


def test_while_sources_are_to_answer_nothing_is_delivered_and_the_alarm_stays() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    ruling = asset_query.advance(asked, facts(asked=10, answered=9, pending=1), ANSWER, at=AT)
    assert (ruling.state, ruling.step) == (OwnerState.OPEN, "query")
    assert ruling.wake_at == datetime.fromisoformat(asked.memory["until"])


def test_an_alarm_that_a_new_calendar_has_moved_earlier_stays_where_it_was_moved() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    earlier = datetime.fromisoformat(asked.memory["until"]) - timedelta(days=1)
    moved = replace(asked, due_at=earlier, wake_at=earlier)
    ruling = asset_query.advance(moved, facts(asked=10, answered=9, pending=1), ANSWER, at=AT)
    assert (ruling.state, ruling.wake_at) == (OwnerState.OPEN, earlier)


def test_when_the_last_source_has_answered_the_list_is_delivered() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    ruling = asset_query.advance(asked, facts(asked=10, answered=10), ANSWER, at=AT)
    assert ruling.state is OwnerState.DONE
    assert ruling.result == {
        "sources": 10, "answered": 10, "not_answered": 0, "edition": 1, "valid_until": "2026-04-01",
    }  # fmt: skip


def test_at_the_promises_end_it_is_delivered_with_what_was_not_answered() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    until = datetime.fromisoformat(asked.memory["until"])
    ruling = asset_query.advance(asked, facts(asked=10, answered=7, pending=2), CLOCK, at=until)
    assert ruling.state is OwnerState.DONE
    assert (ruling.result["answered"], ruling.result["not_answered"]) == (7, 3)


def test_a_promise_that_a_pause_has_moved_is_kept_at_its_new_end() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    until = datetime.fromisoformat(asked.memory["until"])
    moved = replace(asked, due_at=until + timedelta(days=2))
    ruling = asset_query.advance(moved, facts(asked=10, answered=7, pending=3), CLOCK, at=until)
    assert (ruling.state, ruling.wake_at) == (OwnerState.OPEN, until + timedelta(days=2))


def test_a_late_answer_makes_a_new_edition() -> None:
    ruling = asset_query.advance(delivered(), facts(asked=10, answered=8, pending=2), ANSWER, at=AT)
    assert ruling.state is OwnerState.DONE
    assert (ruling.result["edition"], ruling.result["answered"]) == (2, 8)


@pytest.mark.parametrize(("route", "told"), [({}, "notary"), ({"next_route": "court"}, "court")])
def test_a_clerk_refuses_with_a_reason_and_another_way(route: dict[str, str], told: str) -> None:
    waiting = after(procedure(), asset_query.open(procedure(), facts("sibling"), at=AT))
    act = Act("decision", "not_entitled", data=route, reason="有第一顺序继承人")
    ruling = asset_query.advance(waiting, facts("sibling"), act, at=AT)
    assert (ruling.state, ruling.reason, ruling.result) == (
        OwnerState.REFUSED, "有第一顺序继承人", {"next_route": told},
    )  # fmt: skip


def test_a_clerk_admits_an_heir_by_will_and_the_sources_are_asked() -> None:
    waiting = after(procedure(), asset_query.open(procedure(), facts("carer", proof="not_applicable"), at=AT))
    act = Act("decision", "entitled", data={"capacity": "will", "paper": "will"})
    ruling = asset_query.advance(waiting, facts("carer", proof="not_applicable"), act, at=AT)
    assert ruling.memory["capacity"] == "will"
    assert isinstance(ruling.effects[0], Ask)


def test_another_identity_of_the_dead_person_is_asked_for_anew() -> None:
    ruling = asset_query.correct(delivered(), facts(asked=10, answered=10), at=AT)
    assert (ruling.state, ruling.step) == (OwnerState.OPEN, "query")
    assert isinstance(ruling.effects[0], Ask)


def test_a_proof_that_is_confirmed_once_more_asks_nobody_anew() -> None:
    ruling = asset_query.correct(delivered(), facts(asked=10, answered=10, proof_ended_at=LATER), at=AT)
    assert (ruling.state, ruling.effects) == (OwnerState.DONE, ())


def test_a_relation_found_wrong_later_is_looked_at_by_a_person_before_anything_is_taken_away() -> None:
    refused = facts("child", proof="refused", asked=10, answered=10, proof_ended_at=LATER)
    ruling = asset_query.correct(delivered(), refused, at=AT)
    assert (ruling.state, ruling.step, ruling.effects) == (OwnerState.PAUSED, "entitlement", ())
    looked = after(delivered(), ruling)
    gone = asset_query.advance(looked, refused, Act("decision", "not_entitled", reason="出生记录有误"), at=AT)
    assert (gone.state, gone.effects) == (OwnerState.REFUSED, (Recall("not_entitled"),))


def test_an_identity_that_changes_after_a_second_proof_is_asked_for_anew() -> None:
    proven_again = facts(asked=10, answered=10, proof_ended_at=LATER)
    told = after(delivered(), asset_query.correct(delivered(), proven_again, at=LATER))
    assert isinstance(asset_query.correct(told, proven_again, at=LATER).effects[0], Ask)


def test_an_heir_who_is_admitted_again_sees_the_list_that_stands() -> None:
    refused = facts("child", proof="refused", asked=10, answered=10, proof_ended_at=LATER)
    looked = after(delivered(), asset_query.correct(delivered(), refused, at=AT))
    again = facts("child", asked=10, answered=10, proof_ended_at=STILL_LATER)
    ruling = asset_query.correct(looked, again, at=AT)
    assert (ruling.state, ruling.effects, ruling.result["edition"]) == (OwnerState.DONE, (), 1)


def test_a_list_that_was_voided_is_asked_anew_when_somebody_is_admitted_after_all() -> None:
    looked = after(
        delivered(), asset_query.correct(delivered(), facts(proof="refused", proof_ended_at=LATER), at=AT)
    )
    act = Act("decision", "not_entitled", reason="不是继承人")
    gone = after(looked, asset_query.advance(looked, facts(proof="refused"), act, at=AT))
    ruling = asset_query.correct(gone, facts(proof_ended_at=STILL_LATER), at=AT)
    assert isinstance(ruling.effects[0], Ask)


def test_a_withdrawal_before_delivery_takes_the_questions_back() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    ruling = asset_query.withdraw(asked, facts(asked=10, answered=3, pending=7), at=AT)
    assert (ruling.state, ruling.effects) == (OwnerState.WITHDRAWN, (Recall("withdrawn"),))


def test_a_delivered_list_cannot_be_withdrawn_any_more() -> None:
    ruling = asset_query.withdraw(delivered(), facts(asked=10, answered=10), at=AT)
    assert (ruling.state, ruling.too_late_at, ruling.effects) == (OwnerState.DONE, AT, ())


def test_a_revocation_takes_the_list_back_and_tells_the_sources() -> None:
    revoked = replace(delivered(), undo_reason=UndoReason.WRONG_MATCH)
    ruling = asset_query.undo(revoked, facts(asked=10, answered=10), at=AT)
    assert (ruling.state, ruling.undo_kind) == (OwnerState.UNDONE, "annotate")
    assert ruling.effects == (Recall("wrong_match"),)
    assert "capacity" not in ruling.memory


def test_a_plan_from_before_the_sources_is_worked_off_by_a_clerk() -> None:
    """Open cases keep the plan they were opened with."""
    old = asset_query.Facts((), facts().standing)
    assert asset_query.open(procedure(), old, at=AT).step == ROW.terms.first_step.id


def test_nothing_of_what_was_found_is_in_result_or_memory() -> None:
    asked = after(procedure(), asset_query.open(procedure(), facts(), at=AT))
    ruling = asset_query.advance(asked, facts(asked=10, answered=10), ANSWER, at=AT)
    assert set(ruling.result) == {"sources", "answered", "not_answered", "edition", "valid_until"}
    assert set(ruling.memory) == {
        "capacity",
        "stale",
        "until",
        "edition",
        "delivered_at",
        "valid_until",
        "proof_ended_at",
    }
