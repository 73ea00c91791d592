"""What an installation remembers of its invented people, so that a region that joins moves nobody."""

import json
from pathlib import Path

from contracts.catalog_files import load_catalogue
from deploy.local.installation import Installation, PeopleLoaded
from deploy.local.system import SyntheticPeople


def test_households_and_counties_are_remembered(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    assert place.people_loaded() is None
    loaded = SyntheticPeople(30, 4).loaded
    place.write_people(loaded)
    assert place.people_loaded() == loaded
    assert loaded.counties == load_catalogue().tree.demo_counties


def test_an_installation_of_two_regions_keeps_its_two_counties(tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text(json.dumps({"households": 30, "bench": 0}))
    loaded = Installation(tmp_path).people_loaded()
    assert loaded == PeopleLoaded(30, 0, ("331022", "430121"))
    people = SyntheticPeople.of(loaded)
    assert {one.region[:6] for one in people.population} == {"331022", "430121"}
