"""Every row of the table has a journey to its own end, and a refusal or an undo (the marks of rows.py, counted)."""

import importlib
import inspect
import pkgutil
from types import SimpleNamespace

import pytest

import tests.journeys
from contracts.catalog_files import load_catalogue
from contracts.terms import UndoKind
from tests.journeys.conftest import pytest_runtest_call
from tests.journeys.rows import JOURNEY, REFUSAL, UNDO, Claim, Reached, claims, not_borne_out

ROWS = {row.type: row for row in load_catalogue().life_events["death"].procedures}


def marked():
    """The marks of every journey that makes a claim: {module.test: marks}."""
    found = {}
    for module in pkgutil.iter_modules(tests.journeys.__path__, "tests.journeys."):
        for name, test in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            marks = getattr(test, "pytestmark", ())
            if test.__module__ == module.name and claims(marks):
                found[f"{module.name}.{name}"] = marks
    return found


TESTS = marked()
CLAIMS = [claim for marks in TESTS.values() for claim in claims(marks)]


def possible(claim):
    """Whether the row can come to that end at all, by what the catalogue says of it."""
    row = ROWS[claim.row]
    if claim.to in ("done", "withdrawn"):
        return True
    if claim.to == "undone":
        return row.undo is not UndoKind.NONE
    departments = any(step.actor == "department" for step in row.steps)
    ends = {decision.ends for step in row.steps for decision in step.decisions}
    return claim.to in ends or (departments and claim.to == "refused")


@pytest.mark.parametrize("row", ROWS)
def test_the_row_has_a_journey_to_its_own_end(row):
    assert [claim for claim in CLAIMS if claim.row == row and claim.kind == JOURNEY]


@pytest.mark.parametrize("row", ROWS)
def test_the_row_has_a_refusal_or_an_undo(row):
    assert [claim for claim in CLAIMS if claim.row == row and claim.kind in (REFUSAL, UNDO)]


def test_every_mark_names_a_row_of_the_table_and_an_end_that_it_can_have():
    assert not [claim for claim in CLAIMS if claim.row not in ROWS or not possible(claim)]


@pytest.mark.parametrize("name", TESTS)
def test_a_mark_stands_on_a_test_that_is_run(name):
    module, test = name.rsplit(".", 2)[1:]
    assert module.startswith("test_") and test.startswith("test_")
    assert not {mark.name for mark in TESTS[name]} & {"skip", "skipif", "xfail"}


SEEN = {"p1": ("ashes", ["open", "done", "undone"]), "p2": ("ashes", ["refused"]), "p3": ("urn", ["undone"])}


@pytest.mark.parametrize(
    ("claim", "true"),
    [
        (Claim(JOURNEY, "ashes", "done"), True),
        (Claim(UNDO, "ashes", "undone"), True),
        (Claim(UNDO, "ashes", "withdrawn"), False),
        (Claim(JOURNEY, "urn", "done"), False),
        (Claim(UNDO, "urn", "undone"), False),  # it had never been done
        (Claim(REFUSAL, "ashes", "refused"), False),  # nobody had been asked
        (Claim(JOURNEY, "coffin", "done"), False),
    ],
)
def test_a_claim_is_true_only_of_what_was_read_of_one_procedure(claim, true):
    reached = Reached()
    for read in range(3):
        reached.read({"procedures": [
            {"id": number, "type": kind, "state": states[min(read, len(states) - 1)]}
            for number, (kind, states) in SEEN.items()
        ]})  # fmt: skip
    assert not_borne_out([claim], reached) == ([] if true else [claim])


def test_a_marked_test_without_a_town_fails():
    running = pytest_runtest_call(
        SimpleNamespace(
            iter_markers=lambda: [pytest.mark.journey("funeral.ashes", to="done").mark], funcargs={}
        )
    )
    next(running)
    with pytest.raises(AssertionError, match="reads no case"):
        running.send(None)


def test_a_test_whose_mark_did_not_come_true_fails():
    lie = SimpleNamespace(iter_markers=lambda: [pytest.mark.journey("funeral.ashes", to="done").mark],
                          funcargs={"town": SimpleNamespace(reached=Reached())})  # fmt: skip
    running = pytest_runtest_call(lie)
    next(running)
    with pytest.raises(AssertionError, match=r"funeral\.ashes"):
        running.send(None)


@pytest.mark.parametrize(
    "mark", [pytest.mark.journey("a"), pytest.mark.undo(to="undone"), pytest.mark.journey("a", to="refused")]
)
def test_a_mark_without_rows_or_with_a_wrong_end_is_an_error(mark):
    with pytest.raises(ValueError, match="names its rows"):
        claims([mark.mark])
