"""ID numbers: the checks of our own beside the check digit. All numbers here use unassigned county codes."""

import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from kernel.public_service.identifiers import (
    IdNumberInvalid,
    blind_index,
    check_resident_id,
    mask_id_number,
    mask_name,
    mask_phone,
    normalise,
)

TODAY = date(2026, 3, 1)


def number(birth: str, sequence: str = "001", region: str = "990001") -> str:
    digits = f"{region}{birth}{sequence}"
    return digits + ric.calc_check_digit(digits + "0")


VALID = number("19500101")


def code_of(bad: str) -> str:
    with pytest.raises(IdNumberInvalid) as raised:
        check_resident_id(bad, TODAY, field="/deceased/id_number")
    (error,) = raised.value.errors
    assert error.field == "/deceased/id_number"
    assert error.how
    assert error.message_en
    return error.code


def test_a_valid_number_tells_birth_date_and_sex() -> None:
    found = check_resident_id(VALID, TODAY)
    assert (found.number, found.birth_date, found.sex, found.region) == (
        VALID, date(1950, 1, 1), "male", "990001",
    )  # fmt: skip
    assert check_resident_id(number("19500101", "002"), TODAY).sex == "female"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("990001500101001", "id_number_fifteen_digits"),
        (VALID[:-1], "id_number_length"),
        ("", "id_number_length"),
        (VALID + "1", "id_number_length"),
        ("A" + VALID[1:], "id_number_characters"),
        (VALID[:5] + "²" + VALID[6:16] + "é" + VALID[17], "id_number_characters"),
        (VALID[:-1] + str((int(VALID[-1].replace("X", "0")) + 1) % 10), "id_number_checksum"),
        (number("19500230"), "id_number_date"),
        (number("19501301"), "id_number_date"),
        (number("00000101"), "id_number_date"),
        (number("17500101"), "id_number_date"),
        (number("20260302"), "id_number_future"),
    ],
)
def test_a_faulty_number_is_refused_for_its_own_reason(bad: str, code: str) -> None:
    assert code_of(bad) == code


def test_born_today_is_valid() -> None:
    assert check_resident_id(number("20260301"), TODAY).birth_date == TODAY


def test_full_width_digits_spaces_and_a_small_x_are_the_same_number() -> None:
    with_x = next(
        number("19500101", f"{n:03}") for n in range(1, 100) if number("19500101", f"{n:03}").endswith("X")
    )
    wide = "".join(chr(ord(character) + 0xFEE0) for character in with_x)
    for spelling in (wide, with_x.lower(), f" {with_x[:6]} {with_x[6:14]}-{with_x[14:]} "):
        assert check_resident_id(spelling, TODAY).number == with_x


def test_a_number_is_not_shown_by_repr_or_error() -> None:
    assert VALID not in repr(check_resident_id(VALID, TODAY))
    with pytest.raises(IdNumberInvalid) as raised:
        check_resident_id(VALID[:-1] + "?", TODAY)
    assert VALID[:-1] not in str(raised.value)
    assert VALID[:-1] not in str(raised.value.as_dict())


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, shift: int) -> None:
    changed = VALID[:place] + str((int(VALID[place]) + shift) % 10) + VALID[place + 1 :]
    with pytest.raises(IdNumberInvalid):
        check_resident_id(changed, TODAY)


@given(st.text(max_size=40))
def test_no_text_breaks_the_check(text: str) -> None:
    with pytest.raises(IdNumberInvalid):
        check_resident_id(text + "!", TODAY)


@pytest.mark.parametrize("suite", ["international", "guomi"])
def test_the_blind_index_finds_each_spelling_and_needs_the_key(suite: str) -> None:
    key = os.urandom(32)
    index = blind_index(key, "resident_id", VALID, suite=suite)
    assert len(index) == 32
    assert index == blind_index(key, "resident_id", f" {VALID} ", suite=suite)
    assert index != blind_index(os.urandom(32), "resident_id", VALID, suite=suite)
    assert index != blind_index(key, "passport", VALID, suite=suite)


def test_a_passport_keeps_its_letters() -> None:
    assert normalise("passport", " e 1234 5678") == "E12345678"


def test_masks_hide_the_middle() -> None:
    assert mask_id_number(VALID) == "990001" + "*" * 10 + VALID[-2:]
    assert mask_name("王一二") == "王**"
    assert mask_phone("13900000001") == "139****0001"
    assert mask_phone("12345") == "*****"
