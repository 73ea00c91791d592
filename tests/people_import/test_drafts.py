"""One household by itself: every kind of mistake has its line, its column and its code."""

import pytest

from deploy.people_import import faults as fault_texts
from deploy.people_import.columns import COLUMNS, RECORDS
from deploy.people_import.drafts import Draft, draft
from deploy.people_import.faults import Fault
from deploy.people_import.reading import Line
from tests.people_import.files import TODAY, Row, changed, family, number, rows, synthetic


def read(lines: list[Row]) -> Draft:
    filled = [{name: value for name, value in row.items() if value != ""} for row in lines]
    return draft([Line(place, cells) for place, cells in enumerate(filled, 2)], TODAY)


def faults(lines: list[Row]) -> list[tuple[int, str, str]]:
    return [(one.line, one.field, one.code) for one in sorted(read(lines).faults)]


def test_a_sound_household_has_no_fault() -> None:
    assert faults(family()) == []


def test_everything_that_the_generator_makes_is_sound() -> None:
    kinds: set[str] = set()
    for household in synthetic(120):
        made = rows(household)
        kinds |= {row["record"] for row in made}
        assert faults(made) == [], household.shape
    assert kinds == set(RECORDS)


BAD_CHECK_DIGIT = number(0)[:-1] + ("1" if number(0)[-1] != "1" else "2")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"person": {"record": "perso"}}, (3, "record", "record_unknown")),
        ({"person": {"name": ""}}, (3, "name", "required")),
        ({"person": {"name": "王3"}}, (3, "name", "name")),
        ({"person": {"id_number": BAD_CHECK_DIGIT}}, (3, "id_number", "id_number_checksum")),
        ({"person": {"id_number": "331022420315001"}}, (3, "id_number", "id_number_fifteen_digits")),
        ({"person": {"sex": "female"}}, (3, "sex", "sex_differs")),
        ({"person": {"sex": "男"}}, (3, "sex", "choice")),
        ({"person": {"birth_date": "1950-05-18"}}, (3, "birth_date", "birth_differs")),
        ({"person": {"birth_date": "17.5.1950"}}, (3, "birth_date", "date")),
        ({"person": {"phone": "call me"}}, (3, "phone", "phone")),
        ({"person": {"relation": "child"}}, (3, "relation", "not_used")),
        ({"person": {"key": "7"}}, (3, "key", "key")),
        ({"household": {"region": "331022"}}, (2, "region", "region")),
        ({"household": {"region": "331099901000"}}, (2, "region", "region")),
        ({"household": {"amount_fen": "-1"}}, (2, "amount_fen", "amount")),
        ({"household": {"source": ""}}, (2, "source", "required")),
        ({"assistance": {"amount_fen": "1,200.00"}}, (6, "amount_fen", "amount")),
        ({"assistance": {"kind": "dole"}}, (6, "kind", "choice")),
        ({"assistance": {"from": "2026-03-03"}}, (6, "from", "future")),
        ({"assistance": {"from": "2026-02-30"}}, (6, "from", "date")),
        ({"assistance": {"through": "2026-13"}}, (6, "through", "month")),
        ({"assistance": {"record_no": ""}}, (6, "record_no", "record_no_missing")),
        ({"assistance": {"id_number": number(77)}}, (6, "id_number", "not_of_household")),
        ({"marriage": {"from": "1970-05-16"}}, (5, "from", "too_young")),
        ({"marriage": {"other_id_number": number(0)}}, (5, "other_id_number", "same_person")),
        ({"person_2": {"marital_state": "single"}}, (4, "marital_state", "not_married")),
        ({"elder_card": {"number": "x" * 101}}, (7, "number", "text")),
        ({"person_2": {"id_number": number(0)}}, (4, "id_number", "person_twice")),
    ],
)
def test_a_mistake_is_told_with_line_column_and_code(
    change: dict[str, Row], expected: tuple[int, str, str]
) -> None:
    lines = family()
    for record, values in change.items():
        name, nth = (record.removesuffix("_2"), 2) if record.endswith("_2") else (record, 1)
        [row for row in lines if row["record"] == name][nth - 1].update(values)
    assert expected in faults(lines)


def test_the_household_line_comes_first_and_once() -> None:
    lines = family()
    assert (2, "household", "household_line_missing") in faults(lines[1:])
    assert (3, "household", "household_line_missing") in faults([lines[1], lines[0], *lines[2:]])
    assert (3, "household", "household_twice") in faults([lines[0], *lines])


def test_a_household_without_people_is_told() -> None:
    assert faults(family()[:1]) == [(2, "record", "no_person")]


def test_one_benefit_of_a_kind_for_a_household_and_one_for_each_person() -> None:
    lines = family()
    dibao = next(row for row in lines if row["record"] == "assistance")
    other = {**dibao, "record_no": "A9", "id_number": lines[2]["id_number"]}
    assert faults([*lines, other]) == [(9, "kind", "benefit_twice")]
    personal = {**dibao, "record_no": "A8", "kind": "disability_living"}
    assert (
        faults([*lines, personal, {**personal, "record_no": "A7", "id_number": lines[2]["id_number"]}]) == []
    )
    assert faults([*lines, personal, {**personal, "record_no": "A7"}]) == [(10, "kind", "benefit_twice")]


def test_a_number_of_a_record_stands_once() -> None:
    lines = family()
    card = next(row for row in lines if row["record"] == "elder_card")
    assert faults([*lines, {**card, "id_number": lines[2]["id_number"]}]) == [
        (9, "record_no", "record_twice")
    ]


def test_a_voucher_has_no_more_left_than_it_was_worth() -> None:
    voucher = {"source": "s", "household": "H0", "record": "voucher", "record_no": "V1", "id_number": number(0),
               "amount_fen": "100", "balance_fen": "101", "through": "2026-03"}  # fmt: skip
    assert faults([*family(), voucher]) == [(9, "balance_fen", "balance")]


def test_two_people_do_not_share_a_key() -> None:
    key = "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20"
    both = changed(changed(family(), "person", key=key), "person", 2, key=key)
    assert faults(both) == [(4, "key", "key_taken")]


def test_an_income_of_nought_is_not_one_that_nobody_knows() -> None:
    known, unknown = (read(changed(family(), "household", amount_fen=income)) for income in ("0", ""))
    assert known.head is not None and unknown.head is not None
    assert known.head.values["amount_fen"] == 0
    assert "amount_fen" not in unknown.head.values


def test_the_same_source_and_number_give_the_same_key_and_another_source_another() -> None:
    one, same = read(family()), read(family())
    other = read([{**row, "source": "市低保系统"} for row in family()])
    keys = [[record.object for record in made.records] for made in (one, same, other)]
    assert keys[0] == keys[1]
    assert not set(keys[0]) & set(keys[2])


def test_a_new_persons_key_says_nothing_about_the_number() -> None:
    keys = {read(family()).people[number(0)].object for _ in range(3)}
    assert len(keys) == 3


def test_every_code_has_its_words() -> None:
    assert all(all(words) for words in fault_texts._TEXTS.values())
    assert Fault(2, "id_number", "id_number_future").texts[0]


def test_every_column_belongs_to_a_record() -> None:
    used = {name for record in RECORDS.values() for name in record} | {"source", "household", "record"}
    assert used == set(COLUMNS)
