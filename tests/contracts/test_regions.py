"""The region tree: prefixes, paths, and the law in force at a place on a day."""

from datetime import date
from pathlib import Path

import pytest

from contracts.catalog_files import Catalogue, load_catalogue
from contracts.catalog_regions import FreeItem
from contracts.regions import RegionTree, inside, shortens, significant
from contracts.terms import Limit, LimitUnit
from tests.contracts.small_catalogue import TAIZHOU, write_catalogue

DAY = date(2026, 3, 2)


@pytest.fixture
def small(tmp_path: Path) -> Catalogue:
    return load_catalogue(write_catalogue(tmp_path))


def limit(amount: int, unit: LimitUnit) -> Limit:
    return Limit(amount=amount, unit=unit, counted_from="accepted")


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("330000", "33"),
        ("331000", "3310"),
        ("331022", "331022"),
        ("431000", "4310"),
        ("331022901000", "331022901"),
        ("331022901201", "331022901201"),
        ("331022000000", "331022"),
    ],
)
def test_a_code_names_its_division_by_its_first_digits(code: str, digits: str) -> None:
    assert significant(code) == digits


def test_a_division_holds_itself_and_what_lies_in_it() -> None:
    assert inside("330000", "331022901201")
    assert inside("331022", "331022")
    assert not inside("331022", "331000")
    assert not inside("331022", "331023901000")


def test_a_path_leads_from_the_province_to_the_village() -> None:
    tree = load_catalogue().tree
    assert tree.path("430121902203") == ("430000", "430100", "430121", "430121902000", "430121902203")
    assert tree.full_name("430121902203") == "湖南省长沙市长沙县示范竹山镇"
    assert tree.county_of("430121902203") == "430121"
    assert tree.county_of("430100") is None
    assert tree.parent("430121") == "430100"
    assert tree.parent("331000") is None


@pytest.mark.parametrize(
    "code", ["", "999999", "331099", "331022904000", "3310229010000", "33102290１000", None]
)
def test_an_unknown_code_is_not_in_the_tree(code: object) -> None:
    assert code not in load_catalogue().tree


def test_asking_for_an_unknown_code_raises() -> None:
    with pytest.raises(KeyError):
        load_catalogue().tree.name_of("999999")


def test_a_standard_counts_from_its_date_on(small: Catalogue) -> None:
    found = [small.tree.standard("dibao", "331022", day) for day in (date(2023, 6, 30), date(2023, 7, 1))]
    assert [standard.amount_fen for standard in found if standard] == [81000, 90000]


def test_the_standard_of_the_smaller_place_counts(small: Catalogue) -> None:
    standard = small.tree.standard("dibao", "331081", DAY)
    assert standard is not None
    assert standard.amount_fen == 95000


def test_a_standard_that_nobody_published_is_none_and_never_zero(small: Catalogue) -> None:
    assert small.tree.standard("dibao", "331022", date(2019, 12, 31)) is None
    assert small.tree.standard("tekun", "331022", DAY) is None
    assert small.tree.multiplier_percent("edge_line", "331022", date(2020, 9, 23)) is None
    assert small.tree.multiplier_percent("edge_line", "331022", DAY) == 150


def test_a_promise_shortens_the_limit_from_its_date_on(small: Catalogue) -> None:
    row = small.life_events["death"].row("health.certificate")
    assert small.tree.limit_for(row, "331022", date(2026, 6, 30)) == row.limit
    assert small.tree.limit_for(row, "331022901000", date(2026, 7, 1)).amount == 5


def test_the_terms_of_a_row_are_made_once_and_are_no_part_of_its_content(small: Catalogue) -> None:
    row = small.life_events["death"].row("health.certificate")
    content = row.model_dump_json()
    assert row.terms is row.terms
    assert row.model_dump_json() == content


def test_a_row_whose_limit_a_promise_shortens_sends_the_shorter_one_though_its_terms_were_made(
    small: Catalogue,
) -> None:
    row = small.life_events["death"].row("health.certificate")
    assert row.terms.limit == row.limit
    promised = small.tree.limit_for(row, "331022901000", date(2026, 7, 1))
    assert row.model_copy(update={"limit": promised}).terms.limit == promised != row.limit


def test_hunan_promises_two_working_days_for_the_household_register() -> None:
    catalogue = load_catalogue()
    row = catalogue.life_events["death"].row("police.household_cancellation")
    assert catalogue.tree.limit_for(row, "430121", DAY) == limit(2, LimitUnit.WORKING_DAY)
    assert catalogue.tree.limit_for(row, "331022", DAY) == limit(1, LimitUnit.MONTH)


def test_hunan_promises_the_cremation_certificate_in_four_hours() -> None:
    catalogue = load_catalogue()
    row = catalogue.life_events["death"].row("funeral.cremation_certificate")
    assert catalogue.tree.limit_for(row, "430121", DAY) == limit(4, LimitUnit.HOUR)
    assert catalogue.tree.limit_for(row, "331022", DAY).none


def test_a_longer_promise_never_shortens() -> None:
    assert shortens(limit(20, LimitUnit.WORKING_DAY), limit(1, LimitUnit.MONTH))
    assert not shortens(limit(29, LimitUnit.CALENDAR_DAY), limit(1, LimitUnit.MONTH))
    assert not shortens(Limit(none="x"), limit(1, LimitUnit.HOUR))
    assert shortens(limit(9, LimitUnit.MONTH), Limit(none="x"))


def test_a_county_may_switch_a_procedure_on_before_the_city(small: Catalogue) -> None:
    row = small.life_events["death"].row("funeral.cremation")
    assert not small.tree.switched_on(row, "331081", DAY)
    assert small.tree.switched_on(row, "331022901000", DAY)
    assert small.tree.switched_on(row, "331081", date(2019, 1, 1))


def test_power_is_delegated_per_county_and_from_a_date(small: Catalogue) -> None:
    assert small.tree.level_for("assistance.stop", "331022901000", DAY) == "township"
    assert small.tree.level_for("assistance.stop", "331081", DAY) is None
    assert small.tree.level_for("assistance.stop", "331022", date(2020, 12, 31)) is None


def test_a_delegated_power_may_bring_a_shorter_limit(tmp_path: Path) -> None:
    """R01: thirty working days, twenty where the township decides; the promise counts when it is shorter still."""
    plain = 'level: township, valid_from: "2021-01-01", regions'
    shorter = plain.replace("regions", "limit: {amount: 10, unit: WD, from: accepted}, regions")
    promise = "promises:\n"
    sooner = (
        "  - {procedure: assistance.stop, limit: {amount: 5, unit: WD, from: accepted}, "
        'valid_from: "2026-07-01", source: R20}\n'
    )
    taizhou = TAIZHOU.replace(plain, shorter).replace(promise, promise + sooner)
    catalogue = load_catalogue(write_catalogue(tmp_path, taizhou=taizhou))
    tree, row = catalogue.tree, catalogue.life_events["death"].row("assistance.stop")
    assert tree.limit_for(row, "331022", date(2020, 12, 31)) == row.limit
    assert tree.limit_for(row, "331022", date(2026, 6, 30)).amount == 10
    assert tree.limit_for(row, "331022", date(2026, 7, 1)).amount == 5


def test_the_same_content_is_built_once_and_other_content_has_another_version(tmp_path: Path) -> None:
    first = load_catalogue(write_catalogue(tmp_path / "a"))
    again = load_catalogue(write_catalogue(tmp_path / "b"))
    other = load_catalogue(write_catalogue(tmp_path / "c", taizhou=TAIZHOU.replace("810 元", "811 元")))
    assert again is first
    assert other.version != first.version
    assert other.versions == first.versions


def test_of_each_free_item_the_cells_with_the_newest_date_are_in_force() -> None:
    tree = load_catalogue().tree
    assert {cell.item for cell in tree.free_items("331022", DAY)} >= {
        "transport",
        "keeping",
        "cremation",
        "urn",
    }
    assert tree.free_items("331022", date(2022, 12, 31)) == ()


def test_a_newer_cell_replaces_the_older_ones_of_its_item_and_a_county_may_have_its_own() -> None:
    file = next(iter(load_catalogue().regions.values()))
    cells = (
        FreeItem(item="urn", classes=("poor",), valid_from="2020-01-01", source="a"),
        FreeItem(item="urn", classes=("local_hukou",), valid_from="2024-01-01", source="b"),
        FreeItem(item="urn", classes=("special",), valid_from="2024-01-01", source="c"),
        FreeItem(item="coffin", classes=("poor",), valid_from="2020-01-01", source="d", regions=("331081",)),
    )
    tree = RegionTree([file.model_copy(update={"free_items": cells})])
    assert [cell.source for cell in tree.free_items("331022", DAY)] == ["b", "c"]
    assert [cell.source for cell in tree.free_items("331081", DAY)] == ["b", "c", "d"]


def test_an_award_counts_by_kind_and_mode_from_its_date_on() -> None:
    tree = load_catalogue().tree
    found = tree.eco_award("sea", "after_death", "331022", DAY)
    assert found is not None and found.amount_fen == 600000
    assert tree.eco_award("wall", "in_life", "331022", DAY) is None
    assert tree.eco_award("sea", "after_death", "331022", date(2020, 12, 31)) is None


@pytest.mark.parametrize(
    ("region", "area"), [("331022901000", "331000"), ("430121", "430100"), ("430000", "430000")]
)
def test_local_is_the_city_of_a_county(region: str, area: str) -> None:
    assert load_catalogue().tree.local_area(region) == area
