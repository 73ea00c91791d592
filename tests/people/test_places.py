"""Where the synthetic people live: the demo counties of the catalogue."""

from datetime import date

from contracts.catalog_files import load_catalogue
from deploy.local.people.generate import Population, places_of

MONTH = date(2026, 11, 1)


def test_the_catalogue_gives_the_demo_counties_and_their_standards() -> None:
    places = places_of(load_catalogue().regions.values(), MONTH)
    assert [place.county[:2] for place in places] == ["33", "43"]
    assert all(
        len(township) == 12 and township.startswith(p.county) for p in places for township in p.townships
    )
    taizhou = places[0]
    assert taizhou.standard("dibao") == 108_333
    assert Population(places, MONTH, households=4).household(0).region.startswith(taizhou.county)


def test_a_standard_counts_from_its_date() -> None:
    before = places_of(load_catalogue().regions.values(), date(2020, 6, 1))[0]
    assert before.standard("dibao") == 81_000
