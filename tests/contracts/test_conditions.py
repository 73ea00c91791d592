"""Conditions are three-valued, wishes three-worded, and pointers pick only what is there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalog import Condition, ProcedureRow, Wish
from contracts.conditions import evaluate, pick, value_at, wish_of
from contracts.terms import Limit, Step, UndoKind

NAMES = ("a", "b", "c")

tests_on_a_field = st.builds(
    Condition,
    field=st.sampled_from(NAMES).map(lambda name: f"/s/{name}"),
    equals=st.sampled_from(["x", "y"]),
)
conditions = st.recursive(
    tests_on_a_field,
    lambda parts: st.one_of(
        parts.map(lambda part: Condition(negate=part)),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: Condition(all_of=tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: Condition(any_of=tuple(some))),
    ),
    max_leaves=8,
)
answers = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["x", "y"]))


def completions(known: dict[str, str]) -> list[dict[str, str]]:
    """Every way in which the open answers may still be given; `z` stands for any other value."""
    forms = [dict(known)]
    for name in NAMES:
        if name not in known:
            forms = [{**form, name: value} for form in forms for value in ("x", "y", "z")]
    return forms


@given(conditions, answers)
def test_a_known_truth_holds_however_the_open_answers_turn_out(
    condition: Condition, known: dict[str, str]
) -> None:
    answer = evaluate(condition, {"s": known})
    later = {evaluate(condition, {"s": form}) for form in completions(known)}
    assert None not in later
    if answer is not None:
        assert later == {answer}


@given(conditions, answers)
def test_negation_swaps_true_and_false_and_leaves_unknown(
    condition: Condition, known: dict[str, str]
) -> None:
    form = {"s": known}
    answer = evaluate(condition, form)
    assert evaluate(Condition(negate=condition), form) == (None if answer is None else not answer)


def test_a_false_part_decides_all_of_beside_an_unknown_one() -> None:
    unknown = Condition(field="/s/a", equals="x")
    false = Condition(field="/s/b", equals="x")
    assert evaluate(Condition(all_of=(unknown, false)), {"s": {"b": "y"}}) is False


def test_a_true_part_decides_any_of_beside_an_unknown_one() -> None:
    unknown = Condition(field="/s/a", equals="x")
    true = Condition(field="/s/b", equals="x")
    assert evaluate(Condition(any_of=(unknown, true)), {"s": {"b": "x"}}) is True
    assert evaluate(Condition(any_of=(unknown, unknown)), {"s": {"b": "x"}}) is None


@pytest.mark.parametrize("value", [None, "", []])
def test_presence_is_never_unknown(value: Any) -> None:
    assert evaluate(Condition(field="/s/a", present=True), {"s": {"a": value}}) is False
    assert evaluate(Condition(field="/s/a", present=False), {"s": {}}) is True


def test_true_is_not_the_number_one() -> None:
    assert evaluate(Condition(field="/s/a", equals=1), {"s": {"a": True}}) is False


def test_an_owners_predicate_is_unknown_here() -> None:
    assert evaluate(Condition(predicate="is_payee"), {}) is None


def row(wish: Wish | str | None, origin: str = "applied") -> ProcedureRow:
    return ProcedureRow(
        type="funeral.x",
        owner="funeral",
        name="x",
        row="1",
        source=("R1",),
        origin=origin,
        wish=wish,
        steps=(Step(id="a", name="a"),),
        limit=Limit(none="x"),
        undo=UndoKind.NONE,
    )


ASHES = Wish(pointer="/wishes/ashes", given=("eco_burial",), refused=("store",), undecided=("undecided",))
BOOLEAN = Wish(pointer="/wishes/memorial")


@pytest.mark.parametrize(
    ("wish", "form", "word"),
    [
        (BOOLEAN, {"memorial": True}, "given"),
        (BOOLEAN, {"memorial": False}, "refused"),
        (BOOLEAN, {}, "absent"),
        (ASHES, {"ashes": "eco_burial"}, "given"),
        (ASHES, {"ashes": "store"}, "refused"),
        (ASHES, {"ashes": "undecided"}, "absent"),
        (ASHES, {"ashes": "family"}, "absent"),
        (Wish(pointer="/wishes/free_items"), {"free_items": []}, "absent"),
        (Wish(pointer="/wishes/free_items"), {"free_items": ["urn"]}, "given"),
        (Wish(pointer=None), {"memorial": True}, "absent"),
        ("by_report", {}, "given"),
    ],
)
def test_a_wish_is_given_absent_or_refused(wish: Wish | str, form: dict[str, Any], word: str) -> None:
    assert wish_of(row(wish), {"wishes": form}) == word


def test_an_ex_officio_row_needs_no_wish() -> None:
    assert wish_of(row(None, "ex_officio"), {}) == "given"


def test_pick_takes_only_what_is_asked_and_there() -> None:
    form = {"a": {"x": 1, "y": None, "z": 3}, "heirs": [{"name": "n"}]}
    assert pick(form, ["/a/x", "/a/y", "/b/x", "/heirs"]) == {"/a/x": 1, "/heirs": [{"name": "n"}]}


def test_pointers_reach_into_lists_and_escaped_keys() -> None:
    assert value_at({"heirs": [{"a/b": 7}]}, "/heirs/0/a~1b") == 7
    assert value_at({"heirs": [1]}, "/heirs/1") is None
    assert value_at({"heirs": "text"}, "/heirs/0") is None
