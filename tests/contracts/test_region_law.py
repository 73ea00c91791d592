"""What the five plans fix for a death, and what a changed region file changes: data alone, no code (FN-006, SA-044)."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contracts.catalog import LifeEvent
from contracts.catalog_files import DEFAULT_FOLDER, Catalogue, check, load_catalogue
from contracts.catalog_regions import Region
from contracts.regional_rows import quiet_period
from contracts.terms import Limit, LimitUnit
from gateway.cases.plans import Plans

CATALOGUE = load_catalogue()
TREE = CATALOGUE.tree
DAY = date(2026, 3, 2)
JINHUA, TAIZHOU, JINJIANG, JINING, HUNAN = "330700", "331000", "350582", "370800", "430000"
RECHECK = "assistance.household_recheck"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue that a test may change."""
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "catalog"))


def changed(folder: Path, file: str, change: Callable[[str], str]) -> Catalogue:
    """The catalogue after a change of one region file's text."""
    path = folder / "regions" / file
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return load_catalogue(folder)


def plan(catalogue: Catalogue, region: str, on: date = DAY) -> LifeEvent:
    return Plans(catalogue).for_region("death", region, on)[1]


def types(event: LifeEvent) -> set[str]:
    return {row.type for row in event.procedures}


def decides(event: LifeEvent, procedure: str) -> tuple[str, str | None]:
    step = event.row(procedure).terms.first_step
    return step.actor, step.level


# --- the five files


def test_there_are_the_five_regions_of_the_five_plans_each_naming_its_plan() -> None:
    assert set(CATALOGUE.regions) == {JINHUA, TAIZHOU, JINJIANG, JINING, HUNAN}
    plans = {code: region.plan.split("requirements.md ")[1][:3] for code, region in CATALOGUE.regions.items()}
    assert plans == {TAIZHOU: "000", JINHUA: "001", HUNAN: "002", JINJIANG: "003", JINING: "004"}


def test_regions_are_listed_in_the_order_that_their_files_say() -> None:
    assert list(CATALOGUE.regions) == [TAIZHOU, JINHUA, HUNAN, JINJIANG, JINING]
    assert TREE.demo_counties[0] == "331022"


@pytest.mark.parametrize(
    ("region", "counties"),
    [
        (
            JINHUA,
            "330702婺城区 330703金东区 330723武义县 330726浦江县 330727磐安县 330781兰溪市 330782义乌市 330783东阳市 "
            "330784永康市",
        ),
        (JINJIANG, "350582晋江市"),
        (
            JINING,
            "370811任城区 370812兖州区 370826微山县 370827鱼台县 370828金乡县 370829嘉祥县 370830汶上县 370831泗水县 "
            "370832梁山县 370881曲阜市 370883邹城市",
        ),
    ],
)
def test_the_counties_are_those_of_the_national_standard(region: str, counties: str) -> None:
    assert [f"{one.code}{one.name}" for one in CATALOGUE.regions[region].counties] == counties.split()


@pytest.mark.parametrize("region", CATALOGUE.regions.values(), ids=lambda one: one.name_en)
def test_every_region_says_all_that_a_death_asks_of_it(region: Region) -> None:
    demo = region.demo_county
    assert TREE.standard("dibao", demo, DAY) is not None
    assert TREE.multiplier_percent("edge_line", demo, DAY) in (150, 200)
    assert TREE.level_for(RECHECK, demo, DAY) in ("township", "county")
    assert region.free_items and region.promises
    assert len(TREE.county(demo).townships) == 3


@pytest.mark.parametrize("region", CATALOGUE.regions.values(), ids=lambda one: one.name_en)
def test_an_amount_says_its_unit_and_what_is_invented_says_so(region: Region) -> None:
    for standard in region.standards:
        invented = "示范" in standard.published
        assert invented == (standard.standing == "demo"), standard
        assert ("目标" in standard.published) == (standard.standing == "T"), standard
        assert "/月" in standard.published or "/年" in standard.published or "标准" in standard.published, (
            standard
        )
        assert invented or any(source in standard.published for source in ("SA-", "CH-", "散居")), standard


def test_a_county_that_is_its_own_region_lies_in_the_tree_once() -> None:
    assert TREE.path("350582902000") == ("350582", "350582902000")
    assert TREE.full_name("350582902000") == "晋江市示范安平镇"
    assert (TREE.county_of("350582902201"), TREE.parent("350582")) == ("350582", None)
    assert TREE.region_of("350582901000").code == JINJIANG
    assert "350500" not in TREE


@pytest.mark.parametrize(
    ("standard", "county", "on", "fen"),
    [
        ("dibao", "350582", "2019-12-31", 58000),
        ("dibao", "350582", "2020-01-01", 77500),
        ("tekun_basic", "350582", "2026-03-02", 118200),
        ("tekun_half_care", "350582", "2026-03-02", 144000),
        ("tekun_full_care", "350582", "2026-03-02", 169800),
        ("disability_nursing", "350582", "2026-03-02", 11500),
        ("disability_nursing_2", "350582", "2026-03-02", 8500),
        ("disability_living", "350582", "2026-03-02", 20000),
        ("dibao", "370829", "2018-06-01", 50300),
        ("dibao", "370829", "2026-03-02", 71900),
        ("dibao_rural", "370829", "2026-03-02", 53700),
        ("orphan", "370829", "2026-03-02", 140000),
        ("tekun_urban", "430121", "2026-03-02", 72925),
        ("tekun_rural", "430121", "2026-03-02", 52475),
        ("dibao", "331022", "2024-12-31", 81000),
        ("dibao", "331022", "2025-01-01", 108333),
    ],
)
def test_standards_are_those_that_the_plans_publish(standard: str, county: str, on: str, fen: int) -> None:
    found = TREE.standard(standard, county, date.fromisoformat(on))
    assert found is not None and found.amount_fen == fen


def free(region: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in CATALOGUE.regions[region].free_items:
        found.setdefault(entry.item, set()).update(entry.classes)
    return found


def test_free_items_are_six_in_jinhua_four_in_jining_five_for_the_poor_of_hunan() -> None:
    assert len(free(JINHUA)) == 6
    assert set(free(JINING)) == {"transport", "keeping", "cremation", "ash_storage"}
    assert free(HUNAN) == {item: {"poor"} for item in ("transport", "keeping", "cremation", "coffin", "urn")}
    assert [one.cap_fen for one in CATALOGUE.regions[HUNAN].free_items if one.item == "urn"] == [20_000]


def test_jinjiang_cremates_whoever_dies_there_and_waives_all_for_the_five_old() -> None:
    matrix = free(JINJIANG)
    assert matrix["cremation"] == {"any_death_here"}
    assert {item for item, classes in matrix.items() if "special" in classes} == {
        "transport", "keeping", "ash_storage",
    }  # fmt: skip
    assert TREE.basic_services("350582", DAY) == {"transport", "keeping", "cremation", "ash_storage"}


@pytest.mark.parametrize(("who", "months"), [("five_old", 6), ("five_old_spouse", 3)])
def test_jinjiang_pays_months_once_more_after_the_death_of_a_five_old(who: str, months: int) -> None:
    assert TREE.bereavement_months(who, "350582901000", DAY) == months
    assert TREE.bereavement_months(who, "350582901000", date(2020, 12, 31)) is None
    assert TREE.bereavement_months(who, "370829", DAY) is None


def test_lanxi_awards_what_it_published_and_no_other_county_of_jinhua() -> None:
    awards = {one.kind: one for one in CATALOGUE.regions[JINHUA].eco_awards}
    assert (awards["sea"].amount_fen, awards["tree"].amount_fen) == (600_000, 300_000)
    assert {one.regions for one in awards.values()} == {("330781",)}
    assert "funeral.eco_burial_award" in types(plan(CATALOGUE, "330781"))
    assert "funeral.eco_burial_award" not in types(plan(CATALOGUE, "330782"))


def test_taizhou_awards_after_death_and_in_life() -> None:
    assert {one.mode for one in CATALOGUE.regions[TAIZHOU].eco_awards} == {"after_death", "in_life"}


@pytest.mark.parametrize(("county", "percent"), [("350582", 200), ("330781", 150), ("370829", 150)])
def test_the_edge_line_is_the_regions_own(county: str, percent: int) -> None:
    assert TREE.multiplier_percent("edge_line", county, DAY) == percent


# --- the quiet period

MONEY_ROWS = ("assistance.overpayment", "eldercare.overpayment")


def days(amount: int) -> Limit:
    return Limit(amount=amount, unit=LimitUnit.CALENDAR_DAY, counted_from="event")


def longer_in_one_county(text: str) -> str:
    """Sixty days in the city from May on, ninety in one county."""
    return (
        text
        + """
quiet_periods:
  - {limit: {amount: 60, unit: CD, from: event}, valid_from: "2026-05-01", source: D}
  - {limit: {amount: 90, unit: CD, from: event}, valid_from: "2026-05-01", source: D, regions: ["331022"]}
"""
    )


@pytest.mark.parametrize("row", MONEY_ROWS)
@pytest.mark.parametrize("region", CATALOGUE.regions.values(), ids=lambda one: one.name_en)
def test_where_nobody_has_said_otherwise_families_are_left_in_peace_for_seven_weeks(
    row: str, region: Region
) -> None:
    event = plan(CATALOGUE, region.demo_county)
    assert event.row(row).terms.step("quiet").not_before == days(49)
    assert quiet_period(event.row(row), TREE, region.demo_county, DAY) == days(49)


@pytest.mark.parametrize("row", MONEY_ROWS)
@pytest.mark.parametrize(
    ("county", "on", "period"),
    [
        ("331022", date(2026, 5, 1), 90), ("331002", date(2026, 5, 1), 60), ("331022", date(2026, 4, 30), 49),
        ("430121", date(2026, 5, 1), 49),
    ],
)  # fmt: skip
def test_a_region_says_itself_how_long_nobody_writes_about_money(
    folder: Path, row: str, county: str, on: date, period: int
) -> None:
    event = plan(changed(folder, "331000-taizhou.yaml", longer_in_one_county), county, on)
    assert event.row(row).terms.step("quiet").not_before == days(period)
    waiting = [step.id for one in event.procedures for step in one.steps if step.not_before is not None]
    assert waiting == ["quiet"] * len(MONEY_ROWS)


def test_a_quiet_period_is_a_wait(folder: Path) -> None:
    path = folder / "regions" / "331000-taizhou.yaml"
    period = 'quiet_periods:\n  - {limit: {amount: 3, unit: WD, from: event}, valid_from: "2026-05-01", source: D}\n'
    path.write_text(path.read_text(encoding="utf-8") + period, encoding="utf-8")
    (fault,) = check(folder)
    assert "calendar days or hours" in str(fault)


# --- powers


@pytest.mark.parametrize(
    ("county", "office"),
    [
        ("331022", ("township_officer", "township")),
        ("331081", ("county_supervisor", "county")),
        ("330781", ("county_supervisor", "county")),
        ("430121", ("township_officer", "township")),
        ("350582", ("township_officer", "township")),
        ("370829", ("township_officer", "township")),
    ],
)
def test_the_power_over_dibao_lies_where_the_plan_puts_it(county: str, office: tuple[str, str]) -> None:
    assert decides(plan(CATALOGUE, county), RECHECK) == office


def test_a_power_that_moves_leaves_desks_departments_and_the_system_where_they_are(folder: Path) -> None:
    given = '\n  - {procedure: funeral.eco_burial_award, level: township, valid_from: "2021-01-01"}\n'
    catalogue = changed(
        folder, "331000-taizhou.yaml", lambda text: text.replace("\ndelegations:\n", f"\ndelegations:{given}")
    )
    before, after = (
        plan(one, "331022").row("funeral.eco_burial_award").steps for one in (CATALOGUE, catalogue)
    )
    assert [step.actor for step in before] == ["county_supervisor", "finance"]
    assert [step.actor for step in after] == ["township_officer", "finance"]


def test_other_powers_from_a_date_are_a_line_in_a_region_file(folder: Path) -> None:
    line = f'  - {{procedure: {RECHECK}, level: township, valid_from: "2027-01-01", regions: ["330782"]}}\n'
    catalogue = changed(
        folder, "330700-jinhua.yaml", lambda text: text.replace("delegations:\n", f"delegations:\n{line}")
    )
    assert decides(plan(catalogue, "330782", date(2026, 12, 31)), RECHECK)[0] == "county_supervisor"
    assert decides(plan(catalogue, "330782", date(2027, 1, 1)), RECHECK) == ("township_officer", "township")
    assert decides(plan(catalogue, "330783", date(2027, 1, 1)), RECHECK)[0] == "county_supervisor"


# --- switches


def test_a_pilot_county_goes_first_and_the_whole_city_follows() -> None:
    linked = {
        "police.household_cancellation", "human_resources.survivor_benefit", "human_resources.stop_benefits",
        "medical_insurance.settlement",
    }  # fmt: skip
    assert linked <= types(plan(CATALOGUE, "370829", date(2021, 6, 1)))
    assert not linked & types(plan(CATALOGUE, "370830", date(2021, 6, 1)))
    assert linked <= types(plan(CATALOGUE, "370830", date(2022, 1, 1)))


def test_a_procedure_switched_off_in_a_county_leaves_its_plan_and_no_other(folder: Path) -> None:
    line = 'switches:\n  - {procedure: funeral.memorial, on: false, valid_from: "2026-03-01", regions: ["430181"]}\n'
    catalogue = changed(folder, "430000-hunan.yaml", lambda text: text + line)
    assert types(plan(CATALOGUE, "430181")) - types(plan(catalogue, "430181")) == {"funeral.memorial"}
    assert types(plan(catalogue, "430121")) == types(plan(CATALOGUE, "430121"))
    assert "funeral.memorial" in types(plan(catalogue, "430181", date(2026, 2, 28)))


def test_a_shorter_promise_is_a_line_too(folder: Path) -> None:
    line = (
        "promises:\n  - {procedure: gateway.asset_query, limit: {amount: 2, unit: WD, from: accepted}, "
        'valid_from: "2026-06-01", source: 县级承诺, regions: ["370881"]}\n'
    )
    catalogue = changed(folder, "370800-jining.yaml", lambda text: text.replace("promises:\n", line, 1))
    assert plan(catalogue, "370881", date(2026, 6, 1)).row("gateway.asset_query").limit.amount == 2
    assert plan(catalogue, "370829", date(2026, 6, 1)).row("gateway.asset_query").limit != Limit(
        amount=2, unit=LimitUnit.WORKING_DAY, counted_from="accepted"
    )


def test_the_files_have_no_fault_and_a_fault_names_its_line(folder: Path) -> None:
    assert check(folder) == []
    path = folder / "regions" / "350582-jinjiang.yaml"
    text = path.read_text(encoding="utf-8").replace("who: five_old,", "who: five_young,")
    path.write_text(text, encoding="utf-8")
    line = next(n for n, part in enumerate(text.splitlines(), 1) if "five_young" in part)
    assert [(fault.file, fault.line) for fault in check(folder)] == [
        ("catalog/regions/350582-jinjiang.yaml", line)
    ]
