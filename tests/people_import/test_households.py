"""What the generator makes goes through lines and comes out the same: no field is lost on the one way in."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.people.model import SyntheticHousehold
from deploy.people_import.drafts import draft
from deploy.people_import.households import from_json, household_of, to_json, without_names
from deploy.people_import.judging import Judged, Seen, Standing, in_order, judge
from deploy.people_import.reading import Line
from gateway.people.register import Register
from kernel.public_service.sealing import Sealer
from tests.people_import.files import TODAY, changed, family, number, rows, synthetic

REGISTER = Register(Sealer({1: b"r" * 32}), b"i" * 32, 1)
NOBODY = Standing({})


def lines(made: list[dict[str, str]], first: int = 2) -> list[Line]:
    return [
        Line(place, {name: value for name, value in row.items() if value})
        for place, row in enumerate(made, first)
    ]


def through(household: SyntheticHousehold) -> SyntheticHousehold:
    verdict = judge(draft(lines(rows(household)), TODAY), NOBODY, Seen(), REGISTER)
    assert isinstance(verdict, Judged), verdict
    return household_of(verdict)


def plain(household: SyntheticHousehold) -> SyntheticHousehold:
    """Without what a file does not say, and with ties and beneficiaries in one order."""
    persons = tuple(replace(one, relations=tuple(sorted(one.relations))) for one in household.persons)
    holdings = tuple(replace(one, persons=tuple(sorted(one.persons))) for one in household.holdings)
    return replace(household, index=0, shape="", persons=persons, holdings=holdings)


@given(st.integers(0, 3000))
def test_a_generated_household_comes_out_as_it_went_in(nth: int) -> None:
    (household,) = synthetic(1, first=nth)
    assert plain(through(household)) == plain(household)


def test_what_is_staged_names_nobody_and_comes_back_as_it_was() -> None:
    made = synthetic(40)
    staged = to_json(made)
    assert from_json(staged) == tuple(without_names(one) for one in made)
    assert not any(
        person.name in str(staged) or person.id_number in str(staged)
        for one in made
        for person in one.persons
    )


def test_a_household_that_is_refused_lends_nobody_to_the_next() -> None:
    leaning = changed(family(1), "assistance", payee_id_number=number(0))
    drafts = [draft(lines(family(0)), TODAY), draft(lines(leaning, 9), TODAY)]
    accepted, faults = in_order(drafts, NOBODY, Seen(), REGISTER, {})
    assert (len(accepted), faults) == (2, {})
    accepted, faults = in_order(drafts, NOBODY, Seen(), REGISTER, {drafts[0].last_line: []})
    assert accepted == []
    assert [fault.code for fault in faults[drafts[1].last_line]] == ["person_unknown"]
