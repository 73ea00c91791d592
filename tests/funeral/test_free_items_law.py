"""Who is entitled to what, what is waived, and that corrections and undos book the difference only (R22)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as check_every_run

from casework.procedure import Form
from casework.steps import SIGN_CORRECTION, SIGN_UNDO
from contracts.catalog_regions import FreeItem
from contracts.outcomes import OwnerState
from kernel.errors import Problem, Unprocessable
from services.funeral.domain.bodies import Body
from services.funeral.domain.facts import Settling
from services.funeral.domain.free_items import Death, classes, difference, entitled, lines, receipts
from services.funeral.domain.prices import Price
from services.funeral.procedures import free_items
from tests.funeral.books import EVERY_RUN, Books
from tests.funeral.values import CASE, NOW, SUBJECT, after, decision, procedure, signed_undo

HOME = UUID(int=9)
DAY = date(2026, 11, 21)
FEN = {
    "transport": 30000,
    "keeping": 8000,
    "farewell": 40000,
    "cremation": 60000,
    "urn": 50000,
    "coffin": 20000,
}
PRICES = tuple(Price(HOME, item, "once", fen, date(2020, 1, 1)) for item, fen in FEN.items())
TAIZHOU, ELSEWHERE, HUNAN = "331022", "440103", "430121"
BODY = Body(UUID(int=2), CASE, SUBJECT, HOME, "T-1", kept_from=NOW - timedelta(days=5))


def death(**values: Any) -> Death:
    plain = {"region": TAIZHOU, "local_area": "331000", "hukou": TAIZHOU, "place": TAIZHOU, "on": DAY,
             "benefits": {"holds": []}, "answers": {}}  # fmt: skip
    return Death(**{**plain, **values})


def dibao(**values: Any) -> dict[str, Any]:
    return {"holds": [{"kind": "dibao", "state": "active", "last_payable_month": None, **values}]}


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ({}, "local_hukou", True),
        ({"hukou": "331023"}, "local_hukou", True),
        ({"hukou": "330700"}, "local_hukou", False),
        ({"hukou": None}, "local_hukou", None),
        ({"hukou": "330700"}, "province_hukou", True),
        ({"place": ELSEWHERE}, "any_death_here", False),
        ({"place": "331081901000"}, "any_death_here", True),
        ({"benefits": None}, "poor", None),
        ({"benefits": None, "answers": {"poor": True}}, "poor", True),
        ({}, "poor", False),
        ({"benefits": dibao()}, "poor", True),
        ({"benefits": dibao(state="ended", last_payable_month="2026-11-01")}, "poor", True),
        ({"benefits": dibao(state="ended", last_payable_month="2026-09-01")}, "poor", False),
        ({"benefits": dibao(kind="old_age_allowance")}, "poor", False),
        ({}, "special", None),
    ],
)
def test_a_class_is_true_false_or_unknown(values: dict[str, Any], name: str, expected: bool | None) -> None:
    assert classes(death(**values))[name] is expected


def cell(item: str, *of: str, **values: Any) -> FreeItem:
    return FreeItem(item=item, classes=of, valid_from="2020-01-01", source="test", **values)


def opened(cells: list[FreeItem], **values: Any) -> tuple[set[str], set[str]]:
    who = death(**values)
    free, unknown = entitled(cells, classes(who), who)
    return set(free), set(unknown)


def test_an_unknown_class_opens_nothing_and_is_asked() -> None:
    assert opened([cell("urn", "poor")], benefits=None) == (set(), {"urn"})


def test_an_unknown_class_is_not_asked_where_another_one_opens_the_item() -> None:
    cells = [cell("urn", "poor"), cell("urn", "local_hukou", cap_fen=100)]
    assert opened(cells, benefits=None) == ({"urn"}, set())


def test_the_best_cell_counts() -> None:
    who = death(benefits=dibao())
    free, _ = entitled([cell("urn", "local_hukou", cap_fen=100), cell("urn", "poor")], classes(who), who)
    assert free["urn"][1] == "poor"


def test_a_cell_may_ask_for_the_place_of_death() -> None:
    cells = [cell("cremation", "local_hukou", places=["331081"])]
    assert opened(cells) == (set(), set())
    assert opened(cells, place="331081") == ({"cremation"}, set())


def test_waived_is_the_price_up_to_days_and_cap() -> None:
    cells = {
        "keeping": (cell("keeping", "poor", days=3), "poor"),
        "urn": (cell("urn", "poor", cap_fen=20000), "poor"),
        "cremation": (cell("cremation", "poor"), "poor"),
    }
    found = lines(["keeping", "urn", "cremation"], cells, {"keeping": 5}, PRICES, DAY)
    assert [(line.waived_fen, line.charged_fen) for line in found] == [
        (24000, 16000),
        (20000, 30000),
        (60000, 0),
    ]


def test_receipts_are_given_back_up_to_days_and_cap() -> None:
    cells = {
        "keeping": (cell("keeping", "poor", days=3), "poor"), "urn": (cell("urn", "poor", cap_fen=20000), "poor"),
    }  # fmt: skip
    given = [{"item": "keeping", "amount_fen": 50000, "days": 5}, {"item": "urn", "amount_fen": 15000}]
    assert [line.waived_fen for line in receipts(given, cells)] == [30000, 15000]


def test_the_difference_is_by_item_and_budget() -> None:
    cells = {"urn": (cell("urn", "poor", cap_fen=20000), "poor"), "coffin": (cell("coffin", "poor"), "poor")}
    before = lines(["urn"], cells, {}, PRICES, DAY)
    assert difference(before, lines(["coffin"], cells, {}, PRICES, DAY)) == {
        ("coffin", "county"): 20000, ("urn", "county"): -20000,
    }  # fmt: skip
    assert difference(before, before) == {}


def facts(**values: Any) -> Settling:
    plain: dict[str, Any] = {"home": HOME, "body": BODY, "charged_days": 5, "cremated_at": NOW, "prices": PRICES,
                             "benefits": {"holds": []}, "benefits_version": 1}  # fmt: skip
    return Settling(**{**plain, **values})


def row(**fields: Any) -> Any:
    return procedure(
        "funeral.free_items", state=OwnerState.OPEN, step="settle",
        fields={"/deceased/hukou_region": TAIZHOU, "/deceased/place_region": TAIZHOU, **fields},
    )  # fmt: skip


def test_without_a_list_everything_free_that_was_done_is_waived_and_what_was_wished() -> None:
    asked = row(**{"/wishes/free_items": ["urn", "farewell"]})
    done = free_items.advance(asked, facts(), decision("settled"), at=NOW)
    assert [line["item"] for line in done.result["items"]] == ["transport", "keeping", "cremation", "urn"]
    assert done.result["waived_fen"] == 30000 + 3 * 8000 + 60000 + 30000


@pytest.mark.parametrize(
    ("fields", "known", "data", "code"),
    [
        ({"/deceased/hukou_region": ELSEWHERE}, {}, {"items": ["urn"]}, "not_free"),
        ({"/deceased/hukou_region": None}, {}, {"items": ["urn"]}, "class_unknown"),
        ({"/deceased/place_region": HUNAN}, {"benefits": None}, {}, "class_unknown"),
        ({}, {"charged_days": None}, {"items": ["keeping"]}, "required"),
        ({}, {}, {"waived_fen": 1}, "sum_differs"),
    ],
)
def test_what_is_not_free_not_known_or_not_the_sum_is_refused(
    fields: dict[str, Any], known: dict[str, Any], data: dict[str, Any], code: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        free_items.advance(row(**fields), facts(**known), decision("settled", **data), at=NOW)
    assert refused.value.errors[0].code == code


def test_an_item_without_a_price_is_not_settled_as_nothing() -> None:
    with pytest.raises(Problem) as refused:
        free_items.advance(row(), facts(prices=()), decision("settled", items=["cremation"]), at=NOW)
    assert refused.value.code == "price_unknown"


def test_hunan_asks_whether_the_person_was_poor_and_takes_the_answer() -> None:
    asked = replace(row(**{"/deceased/place_region": HUNAN}), region=HUNAN)
    shown = free_items.open(replace(asked, state=None), facts(benefits=None), at=NOW)
    assert "poor" in shown.task_facts["ask"] and shown.task_facts["free"] == []
    done = free_items.advance(asked, facts(benefits=None), decision("settled", poor=True), at=NOW)
    assert {line["item"] for line in done.result["items"]} == {"transport", "keeping", "cremation"}


def test_whoever_died_elsewhere_claims_with_receipts() -> None:
    away = row(**{"/deceased/place_region": ELSEWHERE})
    given = {"urn_fen": 45000, "keeping_fen": 40000, "keeping_days": 5}
    done = free_items.advance(away, facts(), decision("claimed", **given), at=NOW)
    assert done.result["waived_fen"] == 30000 + 24000
    assert {effect.credit for effect in done.effects} == {"claim_payable"}


def test_what_was_left_off_the_bill_does_not_come_back_by_a_correction() -> None:
    settled = free_items.advance(row(), facts(), decision("settled", items=["urn"]), at=NOW)
    again = free_items.correct(after(row(), settled), facts(), at=NOW)
    assert [line["item"] for line in again.result["items"]] == ["urn"] and again.effects == ()


class Settlements(RuleBasedStateMachine):
    """Settle, learn, correct, sign, undo in any order: the books hold what the standing lines say, no fen else."""

    @initialize(
        poor=st.sampled_from([True, False, None]), wished=st.sampled_from([[], ["urn"], ["urn", "coffin"]])
    )
    def a_case(self, poor, wished):
        self.books = Books()
        self.poor, self.fields = poor, {"/deceased/hukou_region": TAIZHOU, "/deceased/place_region": TAIZHOU,
                                        "/wishes/free_items": wished}  # fmt: skip
        self.farewell = False
        self.row = procedure("funeral.free_items", fields=self.fields)
        self.take(free_items.open(self.row, self.facts(), at=NOW))

    def facts(self):
        told = None if self.poor is None else (dibao() if self.poor else {"holds": []})
        return facts(benefits=told, farewell_held=self.farewell)

    def take(self, ruling):
        self.books.take(ruling)
        self.row = after(self.row, ruling)

    def learn(self):
        fields = dict(self.fields)
        self.row = replace(self.row, form=Form(lambda: fields), case_version=self.row.case_version + 1)

    @rule(region=st.sampled_from([TAIZHOU, ELSEWHERE, "330700", None]))
    def the_household_is_corrected(self, region):
        self.fields["/deceased/hukou_region"] = region
        self.correct()

    @rule(wished=st.lists(st.sampled_from(["urn", "farewell", "ash_storage"]), unique=True))
    def the_wish_is_corrected(self, wished):
        self.fields["/wishes/free_items"] = wished
        self.correct()

    @rule(poor=st.sampled_from([True, False, None]), farewell=st.booleans())
    def more_is_known(self, poor, farewell):
        self.poor, self.farewell = poor, farewell
        if free_items.recheck(self.row, self.facts()):
            self.correct()

    def correct(self):
        self.learn()
        if self.row.state in (OwnerState.OPEN, OwnerState.DONE):
            self.take(free_items.correct(self.row, self.facts(), at=NOW))

    @precondition(lambda self: self.row.step == "settle")
    @rule(items=st.none() | st.lists(st.sampled_from(sorted(FEN)), unique=True))
    def it_is_settled(self, items):
        data = {} if items is None else {"items": items}
        try:
            ruling = free_items.advance(self.row, self.facts(), decision("settled", **data), at=NOW)
        except Problem:
            return
        self.take(ruling)

    @precondition(lambda self: self.row.step == SIGN_CORRECTION)
    @rule(word=st.sampled_from(["sign", "keep"]))
    def a_person_signs(self, word):
        self.take(free_items.advance(self.row, self.facts(), decision(word), at=NOW))

    @precondition(lambda self: self.row.memory)
    @rule()
    def a_settled_bill_is_not_withdrawn(self):
        ruling = free_items.withdraw(self.row, self.facts(), at=NOW)
        assert ruling.too_late_at is not None and not ruling.effects

    @precondition(lambda self: self.row.memory)
    @rule(signed=st.booleans())
    def it_is_undone(self, signed):
        asked = signed_undo(self.row) if signed else replace(self.row, human=True)
        ruling = free_items.undo(asked, self.facts(), at=NOW)
        if ruling.step == SIGN_UNDO:
            self.books.take(ruling)
            ruling = free_items.undo(replace(self.row, human=False), self.facts(), at=NOW)
        self.take(ruling)

    @invariant()
    def the_books_hold_what_stands(self):
        if not hasattr(self, "row"):
            return
        standing = sum(line["waived_fen"] for line in self.row.memory.get("lines", ()))
        assert self.books.balances["home_payable"] == standing
        assert self.books.balances["free_items"] == -standing


@pytest.mark.slow
def test_any_order_of_settle_correct_and_undo_leaves_the_books_with_what_stands() -> None:
    check_every_run(Settlements, settings=EVERY_RUN)
