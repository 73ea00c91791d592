"""A request to a source: what is kept of an answer, which word follows which, how it is taken back. Pure."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.outcomes import OwnerState
from gateway.exchange.answering import Answer, Moment, Verdict
from gateway.exchange.asked import ask, ask_again, heard_of_source, said_in, take_back, take_source_answer
from gateway.exchange.changes import Change
from gateway.exchange.delivery import Delivery, DeliveryState
from kernel.public_service.sealing import Sealer
from tests.gateway.procedures.asking import AT, procedure

SEALER = Sealer({1: bytes(32)})
NEW = UUID(int=99)
MOMENT = Moment(AT, NEW, UUID(int=98))


def request(**values: Any) -> Delivery:
    """Just written for the banks' channel."""
    made = ask(procedure(), "bank", "bank.asset_query", new_id=UUID(int=20), due_at=AT, at=AT)
    return replace(made, **values)


SENT = request(state=DeliveryState.SENT, sent_at=AT)


def heard(word: str, reason: str | None = None, **data: Any) -> Answer:
    return heard_of_source(word, reason, data, SENT, SEALER)  # type: ignore[arg-type]


def only(change: Change) -> Delivery:
    (row,) = change.updated
    return row


def answered(delivery: Delivery, word: str, **data: Any) -> Delivery:
    verdict, change = take_source_answer(delivery, heard(word, **data), MOMENT)
    assert verdict is Verdict.ACCEPTED
    return only(change)


@pytest.mark.parametrize(
    ("word", "reason", "data", "held", "places"),
    [
        ("done", None, {"held": True, "places": ["示范农商银行"]}, True, ("示范农商银行",)),
        ("done", None, {"held": False}, False, ()),
        ("refused", "nothing_held", {}, False, ()),
        ("done", None, {}, None, ()),
        ("done", None, {"held": "yes"}, None, ()),
        ("done", None, {"held": True, "balance_fen": 5_000_000, "account": "6222020000000000000"}, True, ()),
        ("done", None, {"held": True, "places": ["农行 6222020000000000", 7, " "]}, True, ("农行 …",)),
    ],
)
def test_of_an_answer_only_has_or_has_not_and_where_is_kept(
    word: str, reason: str | None, data: dict[str, Any], held: bool | None, places: tuple[str, ...]
) -> None:
    answer = heard(word, reason, **data)
    assert (answer.word, answer.reason, answer.result) == ("done", None, {})
    said = said_in(answer.sealed, SENT.case_id, SEALER)  # type: ignore[arg-type]
    assert (said.held, said.places) == (held, places)


@pytest.mark.parametrize("word", ["refused", "need_more", "wrong_person"])
def test_a_source_that_does_not_say_leaves_no_content(word: str) -> None:
    answer = heard(word, "身份证号 33102219400506001X 不符", held=True)
    assert (answer.sealed, answer.reason, answer.result) == (None, None, {})


def test_has_and_has_not_look_alike_on_the_row() -> None:
    rows = [answered(SENT, "done", held=held) for held in (True, False)]
    assert replace(rows[0], sealed=None) == replace(rows[1], sealed=None)


@pytest.mark.parametrize("first", ["refused", "need_more", "wrong_person"])
def test_a_source_that_could_not_answer_may_answer_later(first: str) -> None:
    assert answered(answered(SENT, first), "done", held=True).answer == "done"


def test_the_same_answer_twice_is_one_and_another_after_done_is_refused() -> None:
    done = answered(SENT, "done", held=True)
    assert take_source_answer(done, heard("refused", "nothing_held"), MOMENT)[0] is Verdict.DUPLICATE
    assert take_source_answer(done, heard("wrong_person"), MOMENT)[0] is Verdict.CONFLICT


def test_nobody_is_given_a_task_by_a_source() -> None:
    for word in ("refused", "need_more", "wrong_person"):
        assert answered(SENT, word).task_id is None


def test_what_was_never_sent_is_dropped_without_a_word() -> None:
    dropped = only(take_back(request(), reason="withdrawn", new_id=NEW))
    assert (dropped.state, dropped.outcome) == (DeliveryState.CANCELLED, OwnerState.WITHDRAWN)


def test_what_was_sent_is_cancelled_under_the_same_id() -> None:
    recalled = only(take_back(SENT, reason="withdrawn", new_id=NEW))
    assert (recalled.id, recalled.state) == (SENT.id, DeliveryState.CANCELLING)
    assert answered(recalled, "cancelled").state is DeliveryState.CANCELLED


def test_an_answer_that_is_taken_back_is_forgotten_and_the_source_voids_its_record() -> None:
    change = take_back(answered(SENT, "done", held=True), reason="wrong_match", new_id=NEW)
    assert (only(change).sealed, only(change).current) == (None, False)
    assert change.created is not None
    assert (change.created.kind, change.created.undo_reason, change.created.replaces) == (
        "undo", "wrong_match", SENT.id,
    )  # fmt: skip
    confirmed = answered(change.created, "done")
    assert (confirmed.outcome, confirmed.sealed) == (OwnerState.UNDONE, None)


def test_an_answer_that_crossed_the_recall_is_voided_and_not_kept() -> None:
    recalled = only(take_back(SENT, reason="withdrawn", new_id=NEW))
    _, change = take_source_answer(recalled, heard("done", held=True), MOMENT)
    assert change.created is not None
    assert change.created.kind == "undo"
    assert all(row.sealed is None for row in (*change.updated, change.created))


def test_taking_back_twice_is_taking_back_once() -> None:
    recalled = only(take_back(SENT, reason="withdrawn", new_id=NEW))
    assert take_back(recalled, reason="withdrawn", new_id=NEW) == Change()


def test_a_question_that_changed_before_it_was_sent_goes_out_as_it_now_stands() -> None:
    assert ask_again(request(), new_id=NEW, due_at=AT) == Change()


def test_a_question_that_changed_after_its_answer_is_asked_as_a_correction_and_the_answer_is_forgotten() -> (
    None
):
    change = ask_again(answered(SENT, "done", held=True), new_id=NEW, due_at=AT)
    assert change.created is not None
    assert (change.created.kind, change.created.answer) == ("correction", None)
    assert only(change).sealed is None
