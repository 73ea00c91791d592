"""What the registers prove about two people: each alone, together, and against each other."""

import pytest

from gateway.procedures.kinship import Kinship, married

HE, SHE, OTHER = "he", "she", "other"


@pytest.mark.parametrize(
    ("register", "marriage", "says"),
    [
        ("child", None, "child"),
        ("spouse", None, "spouse"),
        ("spouse", "married", "spouse"),
        (None, "married", "spouse"),
        (None, None, None),
        ("spouse", "unmarried", None),
        ("child", "unmarried", "child"),
        ("child", "married", None),
    ],
)
def test_registers_that_contradict_each_other_prove_nothing(
    register: str | None, marriage: str | None, says: str | None
) -> None:
    assert Kinship(register=register, marriage=marriage).says == says  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], None),
        ([{"marital_state": "married", "spouse": SHE}], "married"),
        ([{"marital_state": "widowed", "spouse": None}], None),
        ([{"marital_state": "married", "spouse": SHE}, {"marital_state": "widowed", "spouse": None}], "married"),
        ([{"marital_state": "divorced", "spouse": None}], "unmarried"),
        ([{"marital_state": "single", "spouse": None}], "unmarried"),
        ([{"marital_state": "married", "spouse": OTHER}], "unmarried"),
    ],
)  # fmt: skip
def test_the_marriage_base_knows_the_couple_and_a_widow_is_no_contradiction(
    states: list[dict[str, str | None]], expected: str | None
) -> None:
    assert married(states, {HE, SHE}) == expected


def test_the_evidence_names_its_registers() -> None:
    assert Kinship(register="spouse", marriage="married").sources == ("household_register", "marriage_base")
    assert Kinship(register="child").sources == ("household_register",)
