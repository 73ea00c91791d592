"""How much of a person a reader sees: the table is written by hand."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from gateway.people.sight import Sight, Subject, kinds_seen, sight_of
from kernel.public_service.access import Actor, Role

TODAY = date(2026, 3, 2)
READER, OTHER = UUID(int=1), UUID(int=2)
SUBJECT = Subject(OTHER, "331022901000", "alive", date(1950, 1, 1))
CITIZEN = Actor("citizen", Role.CITIZEN, "331022", READER)


@pytest.mark.parametrize(
    ("subject", "sight"),
    [
        (SUBJECT, Sight.NOTHING),
        (replace(SUBJECT, person=READER), Sight.WHOLE),
        (replace(SUBJECT, same_household=True), Sight.NOTHING),  # lives there, is no known relative
        (replace(SUBJECT, reader_is="spouse"), Sight.NOTHING),  # lives elsewhere
        (replace(SUBJECT, reader_is="spouse", same_household=True), Sight.SHARED),
        (replace(SUBJECT, reader_is="child", life="dead"), Sight.WHOLE),
        (replace(SUBJECT, life="dead"), Sight.NOTHING),
        (replace(SUBJECT, proven=True), Sight.WHOLE),
        (replace(SUBJECT, reader_is="parent", birth_date=date(2008, 3, 3)), Sight.WHOLE),  # eighteen tomorrow
        (replace(SUBJECT, reader_is="parent", birth_date=date(2008, 3, 2)), Sight.NOTHING),  # eighteen today
        (replace(SUBJECT, reader_is="parent", birth_date=None), Sight.NOTHING),
        (replace(SUBJECT, reader_is="sibling", birth_date=date(2015, 1, 1)), Sight.NOTHING),
    ],
)
def test_a_citizen_sees(subject: Subject, sight: Sight) -> None:
    assert sight_of(CITIZEN, subject, on=TODAY) is sight


@pytest.mark.parametrize(
    ("role", "region", "sight"),
    [
        (Role.WINDOW_CLERK, "331022", Sight.WHOLE),
        (Role.TOWNSHIP_OFFICER, "331022901000", Sight.WHOLE),
        (Role.TOWNSHIP_OFFICER, "331022902000", Sight.NOTHING),
        (Role.COUNTY_SUPERVISOR, "331022", Sight.WHOLE),
        (Role.WINDOW_CLERK, "331000", Sight.WHOLE),
        (Role.WINDOW_CLERK, "430121", Sight.NOTHING),
        (Role.HOTLINE, "331022", Sight.KINDS),
        (Role.VILLAGE_ASSISTANT, "331022901001", Sight.NOTHING),
        (Role.VILLAGE_ASSISTANT, "331022901000", Sight.KINDS),
        (Role.AUDITOR, "000000", Sight.WHOLE),
        (Role.FINANCE, "331022", Sight.NOTHING),
        (Role.OPERATOR, "000000", Sight.NOTHING),
    ],
)
def test_a_desk_sees_its_region(role: Role, region: str, sight: Sight) -> None:
    assert sight_of(Actor("someone", role, region), SUBJECT, on=TODAY) is sight


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (Sight.WHOLE, {"dibao", "old_age_allowance"}),
        (Sight.KINDS, {"dibao", "old_age_allowance"}),
        (Sight.SHARED, {"dibao"}),
        (Sight.NOTHING, set()),
    ],
)
def test_a_sight_reaches_these_kinds(sight: Sight, seen: set[str]) -> None:
    assert kinds_seen(sight, {"dibao", "old_age_allowance"}) == seen
