"""The award for an eco-burial: the region's amount, once in a life, and books that hold what stands (FN-015)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as check_every_run

from casework.steps import SIGN_CORRECTION, SIGN_UNDO
from contracts.catalog_regions import EcoAward
from contracts.outcomes import OwnerState
from kernel.errors import Conflict, Unprocessable
from services.funeral.domain.effects import Award, AwardCancelled, AwardChanged, AwardPaid
from services.funeral.domain.facts import AwardFacts, GivenAward, Placement
from services.funeral.procedures import eco_burial_award as award
from tests.funeral.books import EVERY_RUN, Books
from tests.funeral.values import APPLICANT, NOW, after, decision, procedure, signed_undo

TREE = Placement("eco_burial", "tree", "示范生态园 1", placed=True)
IN_LIFE = GivenAward(None, "in_life", "tree", 100000, "county", APPLICANT, paid=True)


def row(**values: Any) -> Any:
    return procedure("funeral.eco_burial_award", **{"state": OwnerState.OPEN, "step": "decide", **values})


def test_the_county_signs_the_regions_amount_for_the_kind_that_was_carried_out() -> None:
    ruling = award.advance(row(), AwardFacts(TREE), decision("grant"), at=NOW)
    assert ruling.result == {"kind": "tree", "amount_fen": 300000, "paid": False}
    assert ruling.step == "pay"


@pytest.mark.parametrize(
    ("data", "code"), [({"kind": "sea"}, "kind_differs"), ({"amount_fen": 600000}, "amount_differs")]
)
def test_another_kind_or_amount_is_refused(data: dict[str, Any], code: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        award.advance(row(), AwardFacts(TREE), decision("grant", **data), at=NOW)
    assert refused.value.errors[0].code == code


def test_a_second_award_for_the_same_person_is_refused() -> None:
    other = GivenAward(None, "after_death", "sea", 600000, "county", APPLICANT, paid=True)
    with pytest.raises(Conflict) as refused:
        award.advance(row(), AwardFacts(TREE, (other,)), decision("grant"), at=NOW)
    assert refused.value.code == "awarded_before"


def test_one_enjoyed_in_life_leaves_none_after_death() -> None:
    shown = award.open(row(state=None), AwardFacts(TREE, (IN_LIFE,)), at=NOW)
    assert shown.task_facts == {"kind": "tree", "amount_fen": 0, "enjoyed_in_life_fen": 100000}
    with pytest.raises(Conflict) as refused:
        award.advance(row(), AwardFacts(TREE, (IN_LIFE,)), decision("grant"), at=NOW)
    assert refused.value.code == "awarded_before"


def test_or_the_difference_where_the_region_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EcoAward(kind="tree", amount_fen=300000, mode="after_death", valid_from="2021-01-01", source="test",
                     after_in_life="difference")  # fmt: skip
    monkeypatch.setattr(award, "_award", lambda procedure, kind: entry)
    ruling = award.advance(row(), AwardFacts(TREE, (IN_LIFE,)), decision("grant"), at=NOW)
    assert ruling.result["amount_fen"] == 200000


@pytest.mark.parametrize("region", ["440103", "331022"])
def test_where_no_award_is_published_none_is_granted(region: str) -> None:
    wall = replace(TREE, eco_kind="wall")
    with pytest.raises(Conflict) as refused:
        award.advance(row(region=region), AwardFacts(wall), decision("grant"), at=NOW)
    assert refused.value.code == "no_award"


def test_ashes_that_are_stored_have_no_award_whatever_is_named() -> None:
    stored = Placement("store", None, "示范骨灰楼 1", placed=True)
    with pytest.raises(Conflict) as refused:
        award.advance(row(), AwardFacts(stored), decision("grant", kind="tree"), at=NOW)
    assert refused.value.code == "no_award"


def test_a_burial_by_others_is_awarded_by_the_kind_that_its_proof_names() -> None:
    ruling = award.advance(row(), AwardFacts(), decision("grant", kind="sea"), at=NOW)
    assert ruling.result["amount_fen"] == 600000


class Awards(RuleBasedStateMachine):
    """Grant, pay, correct, sign, withdraw, undo in any order; finance pays what is owed and no fen more."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.given: GivenAward | None = None
        self.placement = TREE
        self.row = row(state=None, step=None)
        self.take(award.open(self.row, self.facts(), at=NOW))

    def facts(self):
        return AwardFacts(self.placement, () if self.given is None else (self.given,))

    def take(self, ruling):
        self.books.take(ruling)
        for effect in ruling.effects:
            if isinstance(effect, Award):
                self.given = GivenAward(
                    self.row.id,
                    "after_death",
                    effect.kind,
                    effect.amount_fen,
                    "county",
                    APPLICANT,
                    paid=False,
                )
            elif isinstance(effect, AwardChanged):
                self.given = replace(self.given, kind=effect.kind, amount_fen=effect.amount_fen)
            elif isinstance(effect, AwardPaid):
                self.given = replace(self.given, paid=True)
            elif isinstance(effect, AwardCancelled):
                self.given = None
        self.row = after(self.row, ruling)

    @precondition(lambda self: self.row.step in ("decide", "pay", SIGN_CORRECTION))
    @rule(word=st.sampled_from(["sign", "keep"]))
    def a_person_decides(self, word):
        words = {"decide": "grant", "pay": "paid", SIGN_CORRECTION: word}
        self.take(award.advance(self.row, self.facts(), decision(words[self.row.step]), at=NOW))

    @rule(kind=st.sampled_from(["tree", "sea", "flower"]))
    def the_kind_is_corrected(self, kind):
        self.placement = replace(TREE, eco_kind=kind)
        if self.row.state in (OwnerState.OPEN, OwnerState.DONE):
            self.take(award.correct(self.row, self.facts(), at=NOW))

    @rule()
    def it_is_withdrawn(self):
        paid = self.books.balances["paid"]
        self.take(award.withdraw(self.row, self.facts(), at=NOW))
        assert not paid or self.row.state is not OwnerState.WITHDRAWN

    @precondition(lambda self: self.row.state in (OwnerState.OPEN, OwnerState.DONE))
    @rule(chance=st.integers(0, 3))
    def it_is_undone(self, chance):
        if chance:
            return
        ruling = award.undo(replace(signed_undo(self.row), human=True), self.facts(), at=NOW)
        assert ruling.step != SIGN_UNDO, "the county has signed the revocation"
        self.take(ruling)

    @invariant()
    def the_books_hold_what_stands(self):
        standing = self.given.amount_fen if self.given else 0
        paid, recoverable = self.books.balances["paid"], -self.books.balances["recoverable"]
        assert self.books.balances["award_payable"] + paid - recoverable == standing
        assert self.books.balances["eco_award"] == -standing


@pytest.mark.slow
def test_any_order_of_grant_pay_correct_and_undo_leaves_the_books_with_what_stands() -> None:
    check_every_run(Awards, settings=EVERY_RUN)
