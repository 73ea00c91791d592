"""The catalogue that ships: every row of the contract's table, nothing sent that an owner does not need."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.catalog import ProcedureRow
from contracts.catalog_files import DEFAULT_FOLDER, SERVICES, load_catalogue
from contracts.conditions import evaluate, wish_of
from contracts.terms import LimitUnit, UndoKind

CATALOGUE = load_catalogue()
DEATH = CATALOGUE.life_events["death"]
ROWS = {row.type: row for row in DEATH.procedures}

_GAP = re.compile(r"[\u4e00-\u9fff，。；：、）] +[\u4e00-\u9fff（“]")

# The table of the public contract: row, type, origin, stage.
TABLE = """
1 health.death_certificate ex_officio declared
1b police.abnormal_death_proof ex_officio declared
2 police.household_cancellation ex_officio confirmed
3 funeral.transport applied declared
4a funeral.farewell applied declared
4 funeral.cremation applied confirmed
5 funeral.cremation_certificate applied confirmed
6 funeral.free_items applied confirmed
7 funeral.ashes applied confirmed
8 funeral.eco_burial_award applied confirmed
9a assistance.hold_payments ex_officio declared
9a eldercare.pause_services ex_officio declared
9 assistance.stop_benefits ex_officio confirmed
9 eldercare.stop_benefits ex_officio confirmed
9b assistance.household_recheck ex_officio confirmed
9c assistance.change_payee ex_officio confirmed
9d eldercare.overpayment ex_officio confirmed
10 human_resources.stop_benefits ex_officio confirmed
11 human_resources.survivor_benefit applied confirmed
12 human_resources.account_balance applied confirmed
13 medical_insurance.settlement ex_officio confirmed
14 housing_fund.withdrawal applied confirmed
15 police.identity_card ex_officio confirmed
15 vehicle.driving_licence ex_officio confirmed
15 human_resources.social_card ex_officio confirmed
15 eldercare.elder_card ex_officio confirmed
16 veterans.bereavement applied confirmed
17 tax.closing ex_officio confirmed
17 market.legal_representative ex_officio confirmed
18 gateway.proof_of_relation applied confirmed
19 gateway.asset_query applied confirmed
20 gateway.estate_guide applied confirmed
21 assistance.dependant_alert ex_officio declared
22 assistance.estate_manager ex_officio confirmed
23 funeral.memorial applied confirmed
R80 marriage.widowed ex_officio confirmed
"""
# What stands beside the contract's table: each ends by itself unless its predicate calls for people (decision 0010).
ADDED = """
9d assistance.overpayment ex_officio confirmed
R04 assistance.tekun_funeral ex_officio declared
"""

# The form that the contract fixes.
FORM = {
    "deceased": "name id_kind id_number sex birth_date died_at place place_region certificate_no cause infectious "
    "pacemaker hukou_region residence_region ethnic_custom circumstance declaration judged_on",
    "applicant": "name id_number relation phone bank_account",
    "heirs": "name id_number relation",
    "dependants": "name id_number kind",
    "wishes": "transport remains farewell farewell_on ashes eco_kind collector free_items asset_query memorial",
}


def opening(cause: str) -> set[str]:
    """The issuers that a death of that cause opens, as the planner reads an unknown condition."""
    found = set()
    for kind in ("health.death_certificate", "police.abnormal_death_proof"):
        when = ROWS[kind].when
        assert when is not None
        answer = evaluate(when, {"deceased": {"cause": cause} if cause else {}})
        if answer or (answer is None and when.unknown == "yes"):
            found.add(kind)
    return found


def test_every_row_of_the_contract_stands_in_the_catalogue() -> None:
    stands = {f"{row.row} {row.type} {row.origin} {row.stage}" for row in DEATH.procedures}
    assert stands - set(ADDED.strip().splitlines()) == set(TABLE.strip().splitlines())
    assert stands > set(ADDED.strip().splitlines())


def test_the_form_is_that_of_the_contract() -> None:
    assert {name: " ".join(section.fields) for name, section in DEATH.form.items()} == FORM


def test_three_things_are_asked_first_and_the_cause_never() -> None:
    first = {
        f"{name}/{key}"
        for name, section in DEATH.form.items()
        for key, field in section.fields.items()
        if field.asked == "first"
    }
    assert first == {
        "deceased/name",
        "deceased/id_number",
        "deceased/died_at",
        "deceased/place",
        "applicant/phone",
    }
    cause = DEATH.form["deceased"].fields["cause"]
    assert (cause.asked, cause.default) == ("never", "unknown")


@pytest.mark.parametrize(
    ("cause", "issuer"),
    [
        ("natural", "health.death_certificate"),
        ("unknown", "health.death_certificate"),
        ("", "health.death_certificate"),
        ("abnormal", "police.abnormal_death_proof"),
    ],
)
def test_one_issuer_proves_the_death(cause: str, issuer: str) -> None:
    assert opening(cause) == {issuer}


def test_every_department_row_states_purpose_and_basis_and_is_answered_by_the_department() -> None:
    rows = [row for row in DEATH.procedures if row.owner not in SERVICES]
    assert len(rows) == 14
    for row in rows:
        assert row.owner in CATALOGUE.departments
        assert row.purpose
        assert row.legal_basis
        assert [step.actor for step in row.steps] == ["department"]


def test_what_ends_by_itself_for_a_person_without_payee_dependants_or_missing_heirs_has_no_human_step() -> (
    None
):
    predicates = {
        "household_holds_benefit", "is_payee", "has_dependants", "no_heirs", "paid_after_death",
        "tekun_without_relatives",
    }  # fmt: skip
    for row in DEATH.procedures:
        human = any(step.actor not in ("system", "department") for step in row.steps)
        if row.origin == "ex_officio" and human:
            assert row.when is not None
            assert row.when.predicate in predicates, row.type


def test_only_the_police_and_health_learn_how_the_person_is_told_apart() -> None:
    receiving = {row.owner for row in DEATH.procedures if "/deceased/birth_date" in row.fields}
    assert receiving == {"health", "police"}


def test_the_cause_of_death_is_sent_to_nobody() -> None:
    assert not any("/deceased/cause" in row.fields for row in DEATH.procedures)


def test_marriage_and_the_stopping_rows_receive_nothing_of_the_form() -> None:
    for kind in (
        "marriage.widowed",
        "assistance.hold_payments",
        "assistance.stop_benefits",
        "eldercare.pause_services",
        "eldercare.stop_benefits",
        "assistance.household_recheck",
    ):
        assert ROWS[kind].fields == ()


def test_a_bank_account_goes_only_where_money_moves() -> None:
    assert all(row.money for row in DEATH.procedures if "/applicant/bank_account" in row.fields)


def test_the_household_is_rechecked_within_three_months_of_the_death() -> None:
    limit = ROWS["assistance.household_recheck"].limit
    assert (limit.amount, limit.unit, limit.counted_from) == (3, LimitUnit.MONTH, "event")


def test_money_paid_after_a_death_is_spoken_of_only_when_signed_and_the_quiet_period_is_over() -> None:
    row = ROWS["assistance.overpayment"]
    decided = {decision.id: decision for step in row.steps for decision in step.decisions}
    assert (decided["recover"].to, row.steps[-1].id, row.tells, row.fields) == ("quiet", "quiet", (), ())
    wait = row.terms.step("quiet").not_before
    assert wait is not None
    assert (wait.amount, wait.unit, wait.counted_from) == (49, LimitUnit.CALENDAR_DAY, "event")
    assert all(decision.needs_reason for decision in decided.values())


@pytest.mark.parametrize("kind", ["assistance.dependant_alert", "assistance.tekun_funeral"])
def test_who_cannot_wait_is_seen_to_within_a_day(kind: str) -> None:
    limit = ROWS[kind].steps[0].limit
    assert limit is not None
    assert (limit.amount, limit.unit) == (24, LimitUnit.HOUR)


def test_cremation_cannot_be_undone_and_needs_two_operators_before_it_starts() -> None:
    row = ROWS["funeral.cremation"]
    assert (row.undo, row.point_of_no_return) == (UndoKind.NONE, "start")
    entering = [
        (step, decision) for step in row.steps for decision in step.decisions if decision.to == "start"
    ]
    assert [(step.id, decision.id) for step, decision in entering] == [("identify", "start")]
    operators = entering[0][1].data["properties"]["operators"]
    assert (operators["minItems"], operators["uniqueItems"]) == (2, True)
    assert {"police", "court", "unknown_identity"} <= set(row.held_by)


@pytest.mark.parametrize(
    ("remains", "word"),
    [("cremation", "given"), ("burial", "refused"), ("donation", "refused"), (None, "absent")],
)
def test_the_wish_for_the_remains_decides_on_cremation(remains: str | None, word: str) -> None:
    assert wish_of(ROWS["funeral.cremation"], {"wishes": {"remains": remains}}) == word


def needs(row: ProcedureRow) -> set[tuple[frozenset[str], str, frozenset[str]]]:
    return {(frozenset(need.any), need.kind, frozenset(need.accept)) for need in row.needs}


PROOF = frozenset({"health.death_certificate", "police.abnormal_death_proof"})
DONE = frozenset({"done"})
ENDED = frozenset({"done", "not_applicable"})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("police.household_cancellation", {(PROOF, "hard", DONE)}),
        ("funeral.transport", {(PROOF, "soft", DONE)}),
        ("funeral.cremation", {(PROOF, "hard", DONE), (frozenset({"funeral.farewell"}), "soft", DONE)}),
        ("funeral.cremation_certificate", {(frozenset({"funeral.cremation"}), "hard", DONE)}),
        ("funeral.free_items", {(frozenset({"funeral.cremation"}), "hard", ENDED)}),
        ("funeral.ashes", {(frozenset({"funeral.cremation_certificate"}), "hard", ENDED)}),
        ("funeral.eco_burial_award", {(frozenset({"funeral.ashes"}), "hard", DONE)}),
        ("assistance.dependant_alert", set()),
        ("assistance.estate_manager", set()),
        ("assistance.change_payee", set()),
        ("marriage.widowed", set()),
        (
            "gateway.asset_query",
            {
                (frozenset({"police.household_cancellation"}), "hard", ENDED),
                (frozenset({"gateway.proof_of_relation"}), "hard", ENDED),
                (frozenset({"gateway.proof_of_relation"}), "soft", DONE),
            },
        ),
        ("gateway.estate_guide", {(frozenset({"gateway.asset_query"}), "soft", DONE)}),
    ],
)
def test_needs_are_those_that_were_settled(
    kind: str, expected: set[tuple[frozenset[str], str, frozenset[str]]]
) -> None:
    assert needs(ROWS[kind]) == expected


def test_every_name_and_decision_is_chinese() -> None:
    words = [row.name for row in DEATH.procedures]
    words += [step.name for row in DEATH.procedures for step in row.steps]
    words += [decision.name for row in DEATH.procedures for step in row.steps for decision in step.decisions]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words)


def test_the_eighteen_named_departments_and_those_of_the_death_are_known() -> None:
    named = (
        "development_reform education police justice treasury human_resources natural_resources housing transport "
        "agriculture health emergency market medical_insurance rural_revitalisation banking securities "
        "disabled_federation court housing_fund vehicle veterans tax"
    )
    asked_about_assets = "real_estate bank insurance securities_registry payment"
    assert set(CATALOGUE.departments) == {*named.split(), *asked_about_assets.split()}


def test_taizhou_has_its_nine_counties_and_hunan_its_122() -> None:
    taizhou, hunan = CATALOGUE.regions["331000"], CATALOGUE.regions["430000"]
    assert {county.code: county.name for county in taizhou.counties} == {
        "331002": "椒江区",
        "331003": "黄岩区",
        "331004": "路桥区",
        "331022": "三门县",
        "331023": "天台县",
        "331024": "仙居县",
        "331081": "温岭市",
        "331082": "临海市",
        "331083": "玉环市",
    }
    assert (len(hunan.cities), len(hunan.counties)) == (14, 122)


def test_every_township_is_invented_and_says_so() -> None:
    townships = [
        place
        for region in CATALOGUE.regions.values()
        for county in region.counties
        for place in county.townships
    ]
    assert len(townships) == 3 * len(CATALOGUE.regions)
    assert all(place.demo and place.name.startswith("示范") for place in townships)


@pytest.mark.parametrize(
    ("department", "kinds"),
    [
        ("police", "police unknown_identity relatives_dispute"),
        ("court", "court relatives_dispute"),
        ("health", "medical_dispute infection"),
    ],
)
def test_the_departments_of_the_exchange_may_place_the_holds_of_their_own_competence(
    department: str, kinds: str
) -> None:
    assert set(kinds.split()) <= {kind.value for kind in CATALOGUE.departments[department].may_hold}


@pytest.mark.parametrize(("kind", "department"), [("police", "police"), ("court", "court")])
def test_no_other_department_holds_in_the_name_of_police_or_court(kind: str, department: str) -> None:
    assert [one.id for one in CATALOGUE.departments.values() if kind in one.may_hold] == [department]


def test_who_pays_may_say_that_heirs_dispute() -> None:
    """A department's own row that heeds a dispute between relatives can be held by that department."""
    paying = {row.owner for row in DEATH.procedures if row.owner not in SERVICES and row.held_by}
    assert all("relatives_dispute" in CATALOGUE.departments[owner].may_hold for owner in paying)


@pytest.mark.parametrize("row", DEATH.procedures, ids=lambda row: row.type)
def test_what_hangs_on_a_finding_is_answered_by_its_owner_also_when_nothing_was_found(
    row: ProcedureRow,
) -> None:
    """Closed by the gateway because our service held nothing, it would tell a stranger so (design 7)."""
    if getattr(row.when, "predicate", None) is None:
        return
    ours = [
        need
        for need in row.needs
        if need.kind == "hard" and any(ROWS[one].owner in SERVICES for one in need.any)
    ]
    assert [need.any for need in ours if "not_applicable" not in need.accept] == []


@pytest.mark.parametrize("file", sorted(DEFAULT_FOLDER.rglob("*.yaml")), ids=lambda file: file.name)
def test_no_text_for_people_has_a_gap_where_its_lines_were_joined(file: Path) -> None:
    gaps = [text for text in _texts(yaml.safe_load(file.read_text("utf-8"))) if _GAP.search(text)]
    assert gaps == []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
