"""Kind words are a rule: over every template, every row of the catalogue and every state it may end in (design 9)."""

import re
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalog import ProcedureRow
from gateway.notices.digest import Digest, Waiting, compose, helper_of
from gateway.notices.kindness import UNKIND, may_be_said, unkind_words
from gateway.notices.names import name_of, rule_of
from gateway.notices.phrases import Line, reason_of, sentences
from gateway.notices.topics import Topic
from gateway.web.word_lists import REASONS
from tests.gateway.notices.seen import CASE, catalogue, event

NUMBER = "331022-20260302-7K3M9XQ2"
OF_THE_CASE = (Topic.ACCEPTED, Topic.FINISHED, Topic.WITHDRAWN, Topic.REVOKED)
OF_A_ROW = tuple(topic for topic in Topic if topic not in OF_THE_CASE)
ROWS = event().procedures
TRUE_IN = {
    Topic.SUPPLEMENT: "paused", Topic.CHOICE: "offered", Topic.DONE: "done", Topic.TOO_LATE: "done",
    Topic.REFUSED: "refused", Topic.NOT_NEEDED: "not_applicable", Topic.ROW_WITHDRAWN: "withdrawn", Topic.LATE: "open",
    Topic.RECOVERY: "done", Topic.FINISHED: "finished", Topic.ACCEPTED: "in_progress", Topic.WITHDRAWN: "withdrawn",
    Topic.REVOKED: "revoked",
}  # fmt: skip


def waiting(topic: Topic, spec: ProcedureRow | None = None, **values: object) -> Waiting:
    """A notice that is due and true."""
    plain = {
        "id": uuid4(), "case": CASE, "case_no": NUMBER, "region": "331022", "topic": topic,
        "type": spec and spec.type, "procedure": spec and uuid4(), "turn": 0, "again": False, "state": TRUE_IN[topic],
        "reason": None,
    }  # fmt: skip
    return Waiting(**{**plain, **values})  # type: ignore[arg-type]


def said(*notices: Waiting) -> Digest:
    return compose(notices, {CASE: event()}, catalogue().tree)


@pytest.mark.parametrize(
    ("spec", "topic"), list(product(ROWS, OF_A_ROW)), ids=lambda value: getattr(value, "type", str(value))
)
def test_every_row_and_end_is_said_kindly_in_both_languages(spec: ProcedureRow, topic: Topic) -> None:
    for again, reason in product(
        (False, True), (None, "need_more", "identity_doubt", "材料里的姓名和户口簿不一致")
    ):
        digest = said(waiting(topic, spec, again=again, reason=reason))
        assert len(digest.told) == 1
        assert unkind_words(digest.text) == []
        assert unkind_words(digest.text_en) == []
        chinese, english = digest.text.split("\n"), digest.text_en.split("\n")
        assert len(chinese) == len(english) == 3
        assert all(re.search(r"[\u4e00-\u9fff]", line) for line in chinese)
        assert all(re.search(r"[A-Za-z]{3}", line) for line in english)
        assert not re.search(r"[{}]", digest.text + digest.text_en)


@pytest.mark.parametrize("topic", OF_THE_CASE)
def test_what_is_said_of_the_whole_case_is_kind(topic: Topic) -> None:
    digest = said(waiting(topic))
    assert unkind_words(digest.text) == unkind_words(digest.text_en) == []
    assert NUMBER in digest.text and NUMBER in digest.text_en


@pytest.mark.parametrize("word", UNKIND)
def test_the_table_finds_each_of_its_words(word: str) -> None:
    assert word in unkind_words(f"x {word.upper()} y") or word in unkind_words(f"这里{word}了")


def test_the_cause_of_a_death_is_not_told_by_the_name_of_a_row() -> None:
    """Normal or not: the two proofs go by one name."""
    names = {
        name_of(event().row(kind)) for kind in ("health.death_certificate", "police.abnormal_death_proof")
    }
    assert len(names) == 1


def test_a_row_that_a_catalogue_names_bluntly_goes_without_its_name() -> None:
    blunt = (
        event()
        .row("tax.closing")
        .model_copy(
            update={
                "type": "x.y",
                "name": "逾期死亡登记",
                "name_en": "Death",
                "legal_basis": "死亡登记办法",
                "source": (),
            }
        )
    )
    assert name_of(blunt) == ("一个事项", "one of the steps")
    assert unkind_words(rule_of(blunt, event())) == []


@pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.type)
def test_a_refusal_gives_reason_facts_rule_remedy_and_helper(spec: ProcedureRow) -> None:
    digest = said(waiting(Topic.REFUSED, spec, reason="不是户口所在地的居民"))
    assert "原因：不是户口所在地的居民" in digest.text
    assert "看过的情况：" in digest.text
    assert f"依据：{rule_of(spec, event())}" in digest.text
    assert "60 日内申请行政复议" in digest.text and "6 个月内向法院起诉" in digest.text
    assert "60 days" in digest.text_en and "6 months" in digest.text_en
    assert "联办窗口" in digest.text and "12345" in digest.text


def test_a_decision_about_what_the_living_receive_is_told_with_its_remedy() -> None:
    digest = said(waiting(Topic.DONE, event().row("assistance.household_recheck")))
    assert "决定书" in digest.text and "60 日" in digest.text


def test_several_rows_are_named_in_the_order_in_which_a_family_meets_them() -> None:
    types = ("funeral.ashes", "housing_fund.withdrawal", "funeral.transport")
    text = said(*(waiting(Topic.CHOICE, event().row(type)) for type in types)).text
    named = [
        name_of(event().row(type))[0]
        for type in ("funeral.transport", "funeral.ashes", "housing_fund.withdrawal")
    ]
    assert "、".join(named) in text


def test_a_late_office_chases_itself() -> None:
    text = said(waiting(Topic.LATE, event().row("housing_fund.withdrawal"))).text
    assert "我们正在催办，您不用做什么" in text


@pytest.mark.parametrize(
    "reason",
    [
        "", "逾期未交", "请尽快补交", "死因不明", "电话 13800000000 打不通", "证件 330102 19420315 001X", "see remarks",
        "很" * 200,
    ],
)  # fmt: skip
def test_an_officers_own_words_are_left_in_the_decision_where_they_hurt_or_name_somebody(reason: str) -> None:
    assert not may_be_said(reason)
    assert reason_of(reason) == "理由写在决定书里"


@pytest.mark.parametrize("reason", ["户口簿上的姓名写法不同", "这个账户已经由他人提取过"])
def test_an_officers_kind_words_are_told(reason: str) -> None:
    assert reason_of(f"{reason}。") == reason


def test_a_code_is_told_in_words_or_not_at_all() -> None:
    assert reason_of("need_more") == REASONS["need_more"]
    assert reason_of("some_new_code") == "理由写在决定书里"


@given(st.text(max_size=80))
def test_whatever_an_officer_wrote_no_message_becomes_unkind(reason: str) -> None:
    lines = sentences(
        event(),
        [Line(Topic.REFUSED, event().row("housing_fund.withdrawal"), reason)],
        helper_of("331022", catalogue().tree),
    )
    assert all(unkind_words(text) == [] for line in lines for text in line)


def test_nothing_is_told_that_is_no_longer_true() -> None:
    spec = event().row("housing_fund.withdrawal")
    for topic in OF_A_ROW:
        if topic is not Topic.RECOVERY:
            digest = said(waiting(topic, spec, state="undone"))
            assert (digest.told, digest.text) == ((), "")


def test_a_contact_with_two_roles_is_told_a_matter_once_and_only_its_last_turn() -> None:
    spec = event().row("assistance.household_recheck")
    row = uuid4()
    first, twin = (waiting(Topic.DONE, spec, procedure=row) for _ in range(2))
    newer = waiting(Topic.DONE, spec, procedure=row, turn=1)
    digest = said(newer, first, twin)
    assert digest.told == (newer.id,)
    assert set(digest.dropped) == {first.id, twin.id}


def test_the_last_word_of_a_case_replaces_all_that_waited() -> None:
    spec = event().row("housing_fund.withdrawal")
    digest = said(waiting(Topic.REFUSED, spec), waiting(Topic.ACCEPTED), waiting(Topic.REVOKED))
    assert len(digest.told) == 1
    assert "致歉" in digest.text and "没有办成" not in digest.text


def test_no_topic_greets_asks_for_a_rating_or_offers_a_voucher() -> None:
    assert {topic.value for topic in Topic} == {
        "revoked", "withdrawn", "accepted", "refused", "supplement", "recovery", "done", "not_needed", "row_withdrawn",
        "too_late", "late", "choice", "finished",
    }  # fmt: skip
