"""Where the synthetic people live: the demo counties of the catalogue."""

from datetime import date

from contracts.catalog_files import load_catalogue
from deploy.local.people.generate import Population, places_of
from deploy.local.people.model import INVENTED_STANDARDS

MONTH = date(2026, 11, 1)


def test_the_catalogue_gives_the_demo_counties_and_their_standards() -> None:
    places = places_of(load_catalogue().regions.values(), MONTH)
    assert [place.county for place in places] == ["331022", "330781", "430121", "350582", "370829"]
    assert all(
        len(township) == 12 and township.startswith(p.county) for p in places for township in p.townships
    )
    taizhou = places[0]
    assert taizhou.standard("dibao") == 108_333
    assert Population(places, MONTH, households=4).household(0).region.startswith(taizhou.county)


def test_a_standard_counts_from_its_date() -> None:
    before = places_of(load_catalogue().regions.values(), date(2020, 6, 1))[0]
    assert before.standard("dibao") == 81_000


def test_every_region_says_what_its_people_draw_or_the_sum_is_marked_as_invented() -> None:
    for place in places_of(load_catalogue().regions.values(), MONTH):
        assert {"dibao", "tekun_basic", "disability_living", "disability_nursing"} <= set(place.standards), (
            place.county
        )
        assert all(place.standard(name) > 0 for name in INVENTED_STANDARDS), place.county


def test_people_that_stand_keep_their_counties_when_a_region_joins() -> None:
    regions = load_catalogue().regions.values()
    before = places_of(regions, MONTH, ("331022", "430121"))
    assert [place.county for place in before] == ["331022", "430121"]
    old, new = Population(before, MONTH), Population(places_of(regions, MONTH), MONTH)
    assert old.household(2).region.startswith("331022")
    assert new.household(2).region.startswith("430121")
