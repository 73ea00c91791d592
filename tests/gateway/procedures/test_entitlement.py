"""Who may ask where assets are held: the matrix of R28 and the Civil Code, written by hand."""

import pytest

from gateway.assets.entitlement import Capacity, Standing, entitled_by_data, question, still_entitled

PROVEN = [("spouse", Capacity.FIRST_ORDER_HEIR), ("child", Capacity.FIRST_ORDER_HEIR),
          ("parent", Capacity.FIRST_ORDER_HEIR), ("grandchild", None), ("sibling", None),
          ("other_relative", None)]  # fmt: skip


@pytest.mark.parametrize(("relation", "capacity"), PROVEN)
def test_only_a_proven_relation_of_the_first_order_entitles_by_data(
    relation: str, capacity: Capacity | None
) -> None:
    assert entitled_by_data(Standing("done", relation, relation)) is capacity


@pytest.mark.parametrize("proof", [None, "open", "paused", "refused", "not_applicable", "undone"])
def test_without_a_proof_nobody_is_entitled_by_data(proof: str | None) -> None:
    assert entitled_by_data(Standing(proof, "child", "child")) is None


def test_a_proof_of_another_relation_than_the_one_claimed_entitles_nobody() -> None:
    assert entitled_by_data(Standing("done", "child", "spouse")) is None


@pytest.mark.parametrize(
    ("claimed", "by_will", "asked"),
    [
        ("spouse", False, Capacity.FIRST_ORDER_HEIR),
        ("grandchild", False, Capacity.REPRESENTATION),
        ("sibling", False, Capacity.SECOND_ORDER_HEIR),
        ("village", False, Capacity.ESTATE_MANAGER),
        ("carer", True, Capacity.WILL),
        ("sibling", True, Capacity.WILL),
        ("other_relative", False, None),
        ("carer", False, None),
        ("hospital", False, None),
        (None, False, None),
    ],
)
def test_the_clerk_is_told_which_capacity_comes_into_question(
    claimed: str | None, by_will: bool, asked: Capacity | None
) -> None:
    assert question(Standing(None, None, claimed, by_will)) is asked


KEEPS = {
    #                              proof done  compared anew  refused
    Capacity.FIRST_ORDER_HEIR:    (True,       False,         False),
    Capacity.REPRESENTATION:      (True,       False,         False),
    Capacity.SECOND_ORDER_HEIR:   (True,       False,         False),
    Capacity.WILL:                (True,       True,          True),
    Capacity.ESTATE_MANAGER:      (True,       True,          True),
}  # fmt: skip


@pytest.mark.parametrize("capacity", Capacity)
def test_a_refused_relation_takes_away_what_rests_on_it_and_no_more(capacity: Capacity) -> None:
    found = tuple(
        still_entitled(capacity, Standing(proof, "child", "child")) for proof in ("done", "open", "refused")
    )
    assert found == KEEPS[capacity]


def test_an_heir_of_the_first_order_who_turns_out_a_sibling_is_looked_at_again() -> None:
    assert not still_entitled(Capacity.FIRST_ORDER_HEIR, Standing("done", "sibling", "sibling"))
