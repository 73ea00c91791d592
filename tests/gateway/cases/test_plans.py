"""A case's plan: each row with the limit of the county that decides it, as of the day of acceptance (design 4)."""

from collections.abc import Mapping
from datetime import date

import pytest

from contracts.catalog_files import load_catalogue
from gateway.cases.plans import Plans

DAY = date(2026, 8, 1)
TAIZHOU, HUNAN = "331022", "430121"
REGISTER, CREMATED = "police.household_cancellation", "funeral.cremation_certificate"


@pytest.fixture
def plans() -> Plans:
    return Plans(load_catalogue())


def limit(plans: Plans, kind: str, region: str, competent: Mapping[str, str], on: date = DAY) -> tuple:
    spec = plans.for_region("death", region, on, competent)[1].row(kind)
    assert spec.terms.limit == spec.limit  # what the owner or the department is sent
    return spec.limit.amount, spec.limit.unit


def test_the_promise_is_that_of_the_county_which_decides(plans: Plans) -> None:
    """Reported in Taizhou about somebody registered in Hunan, whose police promise two working days."""
    assert limit(plans, REGISTER, TAIZHOU, {}) == (1, "month")
    assert limit(plans, REGISTER, TAIZHOU, {"hukou": HUNAN}) == (2, "WD")
    assert limit(plans, REGISTER, HUNAN, {"hukou": TAIZHOU}) == (1, "month")


def test_a_promise_counts_for_services_and_departments_alike(plans: Plans) -> None:
    assert limit(plans, CREMATED, HUNAN, {}) == (4, "hour")
    assert limit(plans, "health.death_certificate", HUNAN, {}) == (5, "WD")


def test_a_promise_counts_from_its_date_on(plans: Plans) -> None:
    kind = "health.death_certificate"
    assert limit(plans, kind, TAIZHOU, {}, date(2026, 6, 30)) == (15, "WD")
    assert limit(plans, kind, TAIZHOU, {}, date(2026, 7, 1)) == (5, "WD")


def test_the_same_places_have_one_plan(plans: Plans) -> None:
    one = plans.for_region("death", TAIZHOU, DAY, {"hukou": "331022901000"})
    other = plans.for_region("death", "331022902000", DAY, {})
    assert one[0] == other[0] and one[1] is other[1]
