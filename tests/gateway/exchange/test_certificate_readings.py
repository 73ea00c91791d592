"""A proof's words held against a form, without a database: what doubts, what corrects, what fills in."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalog_files import load_catalogue
from gateway.exchange.certificates import Certificate, read_certificate, speaks
from gateway.exchange.court import DeclarationInvalid, as_declared
from kernel.public_service.clock import TZ

CATALOGUE = load_catalogue()
DEATH = CATALOGUE.life_events["death"]
NOW = datetime(2026, 3, 2, 12, tzinfo=TZ)
DIED = "2026-03-01T08:00:00+08:00"
FORM = {
    "deceased": {
        "name": "甲", "id_kind": "passport", "id_number": "E12345678", "sex": "male", "birth_date": "1940-05-06",
        "died_at": DIED, "place": "home",
    },
}  # fmt: skip


def read(**data: Any) -> Certificate:
    return read_certificate(DEATH, FORM, data, now=NOW, regions=CATALOGUE.tree)


@pytest.mark.parametrize(
    "data", [{"name": "乙"}, {"id_number": "E87654321"}, {"sex": "female"}, {"birth_date": "1940-05-07"}]
)
def test_another_name_number_sex_or_birth_date_is_another_person(data: dict[str, str]) -> None:
    assert read(**data, died_at="2026-02-28T08:00:00+08:00") == Certificate(doubt="identity_mismatch")


def test_another_date_corrects_and_a_number_that_nobody_gave_is_filled_in() -> None:
    found = read(name=" 甲 ", died_at="2026-02-28T08:00:00+08:00", certificate_no="33-0001")
    assert (found.doubt, found.agrees) == (None, frozenset({"/deceased/name"}))
    assert found.changes == {"/deceased/died_at": "2026-02-28T08:00:00+08:00"}
    assert found.fills == {"/deceased/certificate_no": "33-0001"}


@pytest.mark.parametrize("died_at", ["2026-03-03T08:00:00+08:00", "1939-05-06T08:00:00+08:00", "昨天", 7])
def test_a_death_before_the_birth_or_tomorrow_is_unreadable(died_at: Any) -> None:
    assert read(died_at=died_at) == Certificate(doubt="evidence_unreadable")


def test_the_same_instant_in_another_zone_changes_nothing() -> None:
    assert read(died_at="2026-03-01T00:00:00Z").changes == {}


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.integers(), st.text(), st.booleans())))
def test_whatever_a_department_says_is_read_or_doubted_and_never_breaks(data: dict[str, Any]) -> None:
    found = read(**{key: value for key, value in data.items() if key not in ("now", "regions")})
    assert found.doubt or not found.changes or speaks(DEATH, data)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(max_size=30), "sex": st.sampled_from(["male", "female", "x", ""]),
            "birth_date": st.one_of(st.dates().map(str), st.text(max_size=12)),
            "died_at": st.one_of(st.datetimes().map(str), st.text(max_size=30)),
            "certificate_no": st.text(max_size=50),
        },
    )
)  # fmt: skip
def test_a_proof_that_differs_on_who_it_is_about_never_corrects_anything(data: dict[str, str]) -> None:
    found = read(**data)
    assert found.doubt is None or (found.changes, found.fills) == ({}, {})
    assert not found.changes.keys() & {f"/deceased/{name}" for name in DEATH.evidence.matches}


def declared(**deceased: str) -> dict[str, Any]:
    return {"deceased": {**FORM["deceased"], **deceased}}


def test_a_declaration_is_about_a_missing_person() -> None:
    form = as_declared(DEATH, "court", declared(declaration="absence", judged_on="2026-03-01"))
    assert form["deceased"]["circumstance"] == "missing"


def test_the_day_of_death_is_that_of_beijing() -> None:
    """23:50 UTC on the last of February is the first of March there."""
    form = declared(declaration="absence", judged_on="2026-03-01", died_at="2026-02-28T23:50:00+00:00")
    assert as_declared(DEATH, "court", form)["deceased"]["circumstance"] == "missing"


def test_a_report_without_a_declaration_comes_back_as_it_is() -> None:
    assert as_declared(DEATH, "police", declared()) == declared()


def test_a_declaration_without_its_judgment_is_refused() -> None:
    with pytest.raises(DeclarationInvalid):
        as_declared(DEATH, "court", declared(declaration="accident"))
