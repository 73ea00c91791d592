"""The list of places on a page: every region, the visitor's own first."""

import pytest

from contracts.catalog_files import load_catalogue
from gateway.web.controls import places


@pytest.mark.parametrize(
    ("near", "first", "second"),
    [
        ("330781", "金华市", "台州市"),
        ("331022901000", "台州市", "金华市"),
        ("350582902000", "晋江市", "台州市"),
        ("370829", "济宁市", "台州市"),
    ],
)
def test_the_visitors_own_region_comes_first_and_then_the_own_province(
    near: str, first: str, second: str
) -> None:
    names = [name for name, _ in places(near)]
    assert names[:2] == [first, second]


def test_every_county_can_be_chosen_once() -> None:
    codes = [code for _, listed in places("000000") for code, _ in listed if len(code) == 6]
    wanted = [county.code for region in load_catalogue().regions.values() for county in region.counties]
    assert sorted(codes) == sorted(wanted)
