"""Row 8 on a real ledger: signed by the county, paid by finance, once in a life, recovered when it was wrong."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.catalog_files import load_catalogue
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.regions import RegionTree
from contracts.terms import UndoKind, UndoReason
from services.funeral.api import awards
from tests.funeral.cremations import death
from tests.funeral.rows import ASHES, AWARD, balances, done, fault, now, open_row, refusal
from tests.owner_desk import COUNTY, Desk, Report

APPLICANT = uuid4()


async def buried(desk: Desk, kind: str = "tree", report: Report | None = None) -> Report:
    """The ashes rest under a tree; the award is open at the county."""
    report = report or death()
    report.persons = {"applicant": APPLICANT}
    await open_row(desk, ASHES, report)
    await done(desk, ASHES, report, "arranged", data={"kind": "eco_burial", "eco_kind": kind})
    await done(desk, ASHES, report, "handed_over", data={"identity_checked": True})
    return await open_row(desk, AWARD, report)


async def paid(desk: Desk) -> Report:
    report = await buried(desk)
    await done(desk, AWARD, report, "grant")
    await done(desk, AWARD, report, "paid")
    return report


async def test_the_county_signs_and_finance_pays(desk: Desk) -> None:
    report = await buried(desk)
    task = now(desk, AWARD, report).task
    assert task is not None and (task.role, task.facts) == (
        "county_supervisor", {"amount_fen": 300000, "kind": "tree"},
    )  # fmt: skip
    granted = await done(desk, AWARD, report, "grant", data={"kind": "tree", "amount_fen": 300000})
    assert granted.task is not None and granted.task.role == "finance"
    assert await balances(desk) == {"award_payable": 300000, "eco_award": -300000}
    outcome = await done(desk, AWARD, report, "paid")
    assert (outcome.state, outcome.result) == (
        OwnerState.DONE, {"kind": "tree", "amount_fen": 300000, "paid": True},
    )  # fmt: skip
    assert await balances(desk) == {"paid": 300000, "eco_award": -300000}
    owed = await desk.rows("SELECT beneficiary, payee FROM ledger_accounts WHERE kind = 'award_payable'")
    assert [(row.beneficiary, row.payee) for row in owed] == [(report.subject, APPLICANT)]


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"kind": "sea"}, "kind_differs", "/data/kind"),
        ({"amount_fen": 600000}, "amount_differs", "/data/amount_fen"),
    ],
)
async def test_another_kind_or_amount_is_refused(
    desk: Desk, data: dict[str, Any], code: str, field: str
) -> None:
    report = await buried(desk)
    assert fault(await desk.decide(AWARD, report, "grant", data=data)) == (422, code, field)
    assert await balances(desk) == {}


async def test_there_is_no_second_award_for_the_same_person(desk: Desk) -> None:
    first = await paid(desk)
    second = death()
    second.subject = first.subject
    await buried(desk, "flower", second)
    assert refusal(await desk.decide(AWARD, second, "grant")) == (409, "awarded_before")
    refused = await done(desk, AWARD, second, "refuse", reason="已享受过奖补")
    assert refused.state is OwnerState.REFUSED


async def test_of_two_counties_that_grant_at_once_one_does(desk: Desk) -> None:
    first = await buried(desk)
    second = death()
    second.subject = first.subject
    await buried(desk, "flower", second)
    answers = await asyncio.gather(*(desk.decide(AWARD, each, "grant") for each in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await desk.rows("SELECT 1 FROM eco_awards")) == 1


async def test_an_undo_before_it_is_paid_owes_nothing_any_more(desk: Desk) -> None:
    report = await buried(desk)
    await done(desk, AWARD, report, "grant")
    outcome = await desk.send(Verb.UNDO, AWARD, report, reason=UndoReason.WRONG_MATCH)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RECOVER)
    assert await balances(desk) == {}


async def test_an_undo_after_it_was_paid_recovers_it(desk: Desk) -> None:
    report = await paid(desk)
    await desk.send(Verb.UNDO, AWARD, report, reason=UndoReason.WRONG_MATCH)
    assert await balances(desk) == {"paid": 300000, "recoverable": -300000}
    assert await desk.rows("SELECT 1 FROM eco_awards WHERE cancelled_at IS NULL") == []


async def test_a_withdrawal_after_it_was_paid_is_too_late(desk: Desk) -> None:
    assert (await desk.send(Verb.WITHDRAW, AWARD, await paid(desk))).too_late_at is not None


async def test_a_wrong_kind_is_corrected_by_paying_the_difference(desk: Desk) -> None:
    report = await paid(desk)
    await desk.write("UPDATE placements SET eco_kind = 'sea'")
    report.version = 2
    outcome = await desk.send(Verb.CORRECT, AWARD, report)
    assert (outcome.state, outcome.step, outcome.result["paid"]) == (OwnerState.OPEN, "pay", False)
    await done(desk, AWARD, report, "paid")
    assert await balances(desk) == {"paid": 600000, "eco_award": -600000}


async def test_or_by_recovering_it_with_a_signature(desk: Desk) -> None:
    report = await buried(desk, "sea")
    await done(desk, AWARD, report, "grant")
    await done(desk, AWARD, report, "paid")
    await desk.write("UPDATE placements SET eco_kind = 'lawn'")
    report.version = 2
    waiting = await desk.send(Verb.CORRECT, AWARD, report)
    assert waiting.step == "sign_correction"
    signed = await done(desk, AWARD, report, "sign")
    assert (signed.state, signed.result["recoverable_fen"]) == (OwnerState.DONE, 300000)
    assert await balances(desk) == {"paid": 600000, "recoverable": -300000, "eco_award": -300000}


@pytest.fixture
def in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that gives another award in life (000: two modes)."""
    catalogue = load_catalogue()
    file = catalogue.regions["331000"]
    tree = next(each for each in file.eco_awards if (each.kind, each.mode) == ("tree", "after_death"))
    given = tree.model_copy(update={"mode": "in_life", "amount_fen": 100000})
    after_death = [award for award in file.eco_awards if award.mode == "after_death"]
    with_both = file.model_copy(update={"eco_awards": (*after_death, given)})

    class Changed:
        tree = RegionTree([with_both])

    monkeypatch.setattr(awards, "load_catalogue", Changed)


async def enjoy(desk: Desk, person: UUID, kind: str = "tree") -> httpx.Response:
    body = {"person": str(person), "kind": kind, "region": COUNTY, "decided_by": "county-1"}
    async with desk.http() as client:
        return await client.post("/internal/v1/eco-awards/in-life", json=body)


@pytest.mark.usefixtures("in_life")
async def test_an_award_is_enjoyed_in_life_once_and_then_there_is_none_after_death(desk: Desk) -> None:
    report = death()
    first, again = await enjoy(desk, report.subject), await enjoy(desk, report.subject)
    assert (first.status_code, first.json()["amount_fen"]) == (201, 100000)
    assert refusal(again) == (409, "awarded_before")
    assert await balances(desk) == {"paid": 100000, "eco_award": -100000}
    await buried(desk, "tree", report)
    assert refusal(await desk.decide(AWARD, report, "grant")) == (409, "awarded_before")


@pytest.mark.usefixtures("in_life")
async def test_the_dead_enjoy_nothing(desk: Desk) -> None:
    person = uuid4()
    await desk.write("INSERT INTO person_locks (person, dead_from) VALUES (:p, '2026-11-01')", p=person)
    assert refusal(await enjoy(desk, person)) == (409, "dead_from_then")


async def test_where_the_region_gives_none_in_life_there_is_none(desk: Desk) -> None:
    assert refusal(await enjoy(desk, uuid4(), "wall")) == (409, "no_award")
