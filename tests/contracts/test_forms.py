"""The death form: everything wrong is told at once, what is right comes out in one spelling."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from contracts.catalog_files import load_catalogue
from contracts.forms import clean_form, json_schema, validate_form
from kernel.public_service.clock import TZ

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)
DEATH = load_catalogue().life_events["death"]
TREE = load_catalogue().tree


def synthetic_number(birth: str, order: str = "002") -> str:
    """A number of an unassigned county with a valid check digit."""
    first = f"339999{birth}{order}"
    return first + ric.calc_check_digit(f"{first}0")


ELDER = synthetic_number("19450307")
CHILD = synthetic_number("19750101", "011")


def form(**changed: dict[str, Any]) -> dict[str, Any]:
    """A good form; `deceased={"name": None}` replaces single answers, None leaves one out."""
    good: dict[str, Any] = {
        "deceased": {
            "name": "王大山",
            "id_number": ELDER,
            "died_at": "2026-03-01T20:00:00+08:00",
            "place": "home",
        },
        "applicant": {"name": "王小明", "id_number": CHILD, "relation": "child", "phone": "13800000000"},
    }
    for section, answers in changed.items():
        merged = {**good.get(section, {}), **answers}
        good[section] = {name: value for name, value in merged.items() if value is not None}
    return good


def faults(submitted: Any, **options: Any) -> set[tuple[str, str]]:
    found = validate_form(DEATH, submitted, now=NOW, regions=TREE, **options)
    assert all(fault.message and fault.message_en and fault.how for fault in found)
    return {(fault.pointer, fault.code) for fault in found}


def clean(submitted: Any) -> dict[str, Any]:
    cleaned, found = clean_form(DEATH, submitted, now=NOW, regions=TREE)
    assert found == []
    return cleaned


def test_a_good_form_has_no_faults() -> None:
    assert faults(form()) == set()


def test_sex_birth_date_and_defaults_are_filled_in() -> None:
    deceased = clean(form())["deceased"]
    assert deceased["sex"] == "female"
    assert deceased["birth_date"] == "1945-03-07"
    assert (deceased["id_kind"], deceased["cause"]) == ("resident_id", "unknown")


def test_answers_come_out_in_one_spelling() -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in ELDER)
    cleaned = clean(
        form(
            deceased={"name": "  王　大山 ", "id_number": full_width, "died_at": "2026-03-01T12:00:00Z"},
            applicant={
                "phone": "+86 138-0000-0000",
                "id_number": CHILD.lower(),
                "bank_account": "6200 0000 0000 0000",
            },
        )
    )
    assert cleaned["deceased"]["name"] == "王 大山"
    assert cleaned["deceased"]["id_number"] == ELDER
    assert cleaned["deceased"]["died_at"] == "2026-03-01T20:00:00+08:00"
    assert cleaned["applicant"]["phone"] == "13800000000"
    assert cleaned["applicant"]["id_number"] == CHILD
    assert cleaned["applicant"]["bank_account"] == "6200000000000000"


def test_cleaning_a_clean_form_changes_nothing() -> None:
    once = clean(form(wishes={"remains": "cremation", "free_items": ["urn"], "transport": True}))
    assert clean(once) == once


def test_blank_answers_and_empty_sections_are_left_out() -> None:
    cleaned = clean(form(deceased={"certificate_no": "  "}, wishes={"free_items": []}))
    assert "certificate_no" not in cleaned["deceased"]
    assert "wishes" not in cleaned


def test_an_empty_list_says_that_there_is_nobody_and_silence_says_nothing() -> None:
    cleaned = clean({**form(), "heirs": []})
    assert cleaned["heirs"] == [] and "dependants" not in cleaned


def test_all_faults_are_told_at_once() -> None:
    submitted = form(
        deceased={"name": None, "place": "moon", "died_at": "2026-03-01T20:00:00"},
        applicant={"phone": "12", "nickname": "x"},
        wishes={"transport": "yes"},
    )
    submitted["extra"] = 1
    assert faults(submitted) == {
        ("/deceased/name", "required"),
        ("/deceased/place", "not_a_choice"),
        ("/deceased/died_at", "instant_without_offset"),
        ("/applicant/phone", "phone_shape"),
        ("/applicant/nickname", "unknown_field"),
        ("/wishes/transport", "wrong_type"),
        ("/extra", "unknown_field"),
    }


def test_a_missing_section_tells_each_of_its_required_answers() -> None:
    submitted = {"deceased": form()["deceased"]}
    names = ("name", "id_number", "relation", "phone")
    assert faults(submitted) == {(f"/applicant/{name}", "required") for name in names}
    assert faults(submitted, optional_sections=("applicant",)) == set()


def test_the_number_is_required_unless_the_identity_is_unknown() -> None:
    assert faults(form(deceased={"id_number": None})) == {("/deceased/id_number", "required")}
    assert faults(form(deceased={"id_number": None, "id_kind": "unknown"})) == set()
    assert faults(form(deceased={"id_number": None, "id_kind": "passport"})) == {
        ("/deceased/id_number", "required")
    }


WRONG_DIGIT = ELDER[:-1] + ("0" if ELDER[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (WRONG_DIGIT, "id_number_checksum"),
        ("33999919450231002X", "id_number_date"),
        (synthetic_number("20990101"), "id_number_future"),
        ("123", "id_number_length"),
    ],
)
def test_a_wrong_resident_number_is_told_at_its_place(number: str, code: str) -> None:
    assert faults(form(applicant={"id_number": number})) == {("/applicant/id_number", code)}
    assert faults({**form(), "heirs": [{"name": "甲", "relation": "child", "id_number": number}]}) == {
        ("/heirs/0/id_number", code)
    }


def test_a_passport_is_not_checked_as_a_resident_number() -> None:
    assert faults(form(deceased={"id_kind": "passport", "id_number": "e12345678"})) == set()
    assert faults(form(deceased={"id_kind": "passport", "id_number": "!"})) == {
        ("/deceased/id_number", "id_number_shape")
    }


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"died_at": "2026-03-02T09:00:01+08:00"}, ("/deceased/died_at", "in_future")),
        ({"died_at": "1945-03-06T23:00:00+08:00"}, ("/deceased/died_at", "before_birth")),
        ({"died_at": "2026-02-30T10:00:00+08:00"}, ("/deceased/died_at", "instant_shape")),
        ({"died_at": "0001-01-01T00:00:00+23:59"}, ("/deceased/died_at", "instant_shape")),
        ({"died_at": 20260301}, ("/deceased/died_at", "wrong_type")),
        ({"birth_date": "1945-3-7"}, ("/deceased/birth_date", "date_shape")),
        ({"birth_date": "19450307"}, ("/deceased/birth_date", "date_shape")),
        ({"place_region": "999999"}, ("/deceased/place_region", "unknown_region")),
        ({"hukou_region": "33102"}, ("/deceased/hukou_region", "unknown_region")),
        ({"certificate_no": "!!!!"}, ("/deceased/certificate_no", "certificate_shape")),
        ({"infectious": 1}, ("/deceased/infectious", "wrong_type")),
        ({"name": "x" * 201}, ("/deceased/name", "too_long")),
        ({"name": "a\u0000b"}, ("/deceased/name", "characters")),
        ({"name": "a\ud800b"}, ("/deceased/name", "characters")),
    ],
)
def test_a_wrong_answer_is_told_with_its_kind(changed: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(form(deceased=changed)) == {fault}


def test_the_very_moment_of_reporting_is_not_the_future() -> None:
    assert faults(form(deceased={"died_at": "2026-03-02T09:00:00+08:00"})) == set()


def test_a_birth_date_in_the_future_is_told() -> None:
    found = faults(form(deceased={"id_kind": "unknown", "id_number": None, "birth_date": "2026-03-03"}))
    assert ("/deceased/birth_date", "in_future") in found


@pytest.mark.parametrize(
    "phone",
    [
        "13800000000",
        "0576-88888888",
        "010-12345678-12",
        "+85212345678",
        "１３８００００００００",
        "86 13800000000",
    ],
)
def test_usual_telephone_numbers_are_taken(phone: str) -> None:
    assert faults(form(applicant={"phone": phone})) == set()


@pytest.mark.parametrize("phone", ["23800000000", "1380000000", "88888888", "phone", "+1"])
def test_other_texts_are_no_telephone_numbers(phone: str) -> None:
    assert faults(form(applicant={"phone": phone})) == {("/applicant/phone", "phone_shape")}


def test_a_list_section_takes_a_list_of_at_most_twenty() -> None:
    person = {"name": "甲", "kind": "minor"}
    assert faults({**form(), "dependants": [person] * 20}) == set()
    assert faults({**form(), "dependants": [person] * 21}) == {("/dependants", "too_many")}
    assert faults({**form(), "dependants": person}) == {("/dependants", "wrong_type")}
    assert faults({**form(), "dependants": ["x"]}) == {("/dependants/0", "wrong_type")}


def test_no_fault_repeats_what_was_typed() -> None:
    found = validate_form(
        DEATH, form(applicant={"phone": "secret-phone", "id_number": "secret-id"}), now=NOW, regions=TREE
    )
    assert len(found) == 2
    assert not any("secret" in str(fault) for fault in found)


def test_a_fault_becomes_an_error_of_the_request() -> None:
    fault = validate_form(DEATH, form(applicant={"phone": "1"}), now=NOW, regions=TREE)[0]
    error = fault.as_error()
    assert error.field == "/form/applicant/phone"
    assert (error.code, error.how_en != "") == ("phone_shape", True)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=6,
)
near_forms = st.fixed_dictionaries(
    {},
    optional={
        name: anything | section
        for name, section in {
            "deceased": st.fixed_dictionaries(
                {}, optional=dict.fromkeys(DEATH.form["deceased"].fields, anything)
            ),
            "heirs": st.lists(
                st.fixed_dictionaries({}, optional={"name": anything, "id_number": anything}), max_size=2
            ),
            "wishes": st.fixed_dictionaries(
                {}, optional=dict.fromkeys(DEATH.form["wishes"].fields, anything)
            ),
        }.items()
    },
)


@settings(deadline=None)
@given(anything | near_forms)
def test_whatever_is_sent_is_answered_with_faults_that_can_be_written(submitted: Any) -> None:
    found = validate_form(DEATH, submitted, now=NOW, regions=TREE)
    assert found
    for fault in found:
        json.dumps(fault.pointer).encode()
        fault.pointer.encode("utf-8")


def test_the_schema_is_valid_and_takes_the_form_that_the_check_takes() -> None:
    schema = json_schema(DEATH)
    jsonschema_rs.meta.validate(schema)
    assert not list(jsonschema_rs.validator_for(schema).iter_errors(form()))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda it: it.update(extra=1),
        lambda it: it["deceased"].pop("id_number"),
        lambda it: it["deceased"].update(place="moon"),
        lambda it: it["applicant"].pop("phone"),
        lambda it: it["applicant"].update(nickname="x"),
    ],
)
def test_the_schema_refuses_what_the_check_refuses(break_it: Callable[[dict[str, Any]], object]) -> None:
    submitted = form()
    break_it(submitted)
    assert validate_form(DEATH, submitted, now=NOW, regions=TREE)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(json_schema(DEATH), submitted)


def test_every_question_has_a_chinese_title_and_every_choice_a_label() -> None:
    for section in json_schema(DEATH)["properties"].values():
        questions = section.get("items", section)["properties"]
        for question in questions.values():
            assert any("\u4e00" <= letter <= "\u9fff" for letter in question["title"])
            choices = question.get("enum") or question.get("items", {}).get("enum") or []
            assert set(choices) == set(question.get("x-labels", {}))


def test_a_household_registration_anywhere_in_the_country_is_taken() -> None:
    assert not faults(form(deceased={"hukou_region": "440306"}))
