"""Row 6 on a real ledger: the bill at the counter, what a correction and an undo book, claims, a second class."""

from datetime import date
from typing import Any

from casework.facts import take_facts
from contracts.facts import FactStated
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from tests.funeral.cremations import death, hold, release
from tests.funeral.rows import FREE, LOCAL, TRANSPORT, balances, cremated, done, fault, newest, now, open_row
from tests.owner_desk import Desk, Report

DIBAO = {"holds": [{"kind": "dibao", "state": "active", "last_payable_month": None}]}
NOTHING: dict[str, Any] = {"holds": []}


async def tell(desk: Desk, report: Report, state: dict[str, Any], version: int = 1) -> list[Any]:
    """The benefits of the dead person, as assistance states them."""
    fact = FactStated(
        person=report.subject, fact="benefits", owner="assistance", fact_version=version, state=state,
        effective_on=date(2026, 11, 1), recorded_at=desk.clock.now(),
    )  # fmt: skip
    async with desk.service.transactions.begin() as tx:
        return await take_facts([fact], tx=tx, office=desk.office, at=desk.clock.now())


async def settled(desk: Desk, **fields: Any) -> Report:
    report = await cremated(desk, **{**LOCAL, **fields})
    await open_row(desk, FREE, report)
    await done(desk, FREE, report, "settled")
    return report


async def test_the_bill_is_zero_for_what_is_free_and_every_fen_is_booked(desk: Desk) -> None:
    report = await settled(desk, **{"/wishes/free_items": ["urn"]})
    result = now(desk, FREE, report).result
    assert [(line["item"], line["waived_fen"], line["to_pay_fen"]) for line in result["items"]] == [
        ("cremation", 60000, 0), ("urn", 30000, 20000),
    ]  # fmt: skip
    assert (result["waived_fen"], result["to_pay_fen"]) == (90000, 20000)
    assert await balances(desk) == {"home_payable": 90000, "free_items": -90000}
    rows = await desk.rows(
        """SELECT a.beneficiary, e.payee, e.funding_source FROM ledger_entries e JOIN ledger_accounts a
               ON a.id = e.account WHERE a.kind = 'home_payable'"""
    )
    (home,) = await desk.rows("SELECT id FROM funeral_homes")
    assert {(row.beneficiary, row.payee, row.funding_source) for row in rows} == {
        (report.subject, home.id, "county")
    }


async def test_a_body_that_was_kept_is_settled_without_the_days_under_a_hold(desk: Desk) -> None:
    report = await open_row(desk, TRANSPORT, **LOCAL)
    await done(desk, TRANSPORT, report, "collected")
    held, _ = await hold(desk, "court", case_id=str(report.case))
    desk.pass_time(days=1)
    await release(desk, held)
    desk.pass_time(days=4)
    await cremated(desk, report)
    await open_row(desk, FREE, report)
    outcome = await done(desk, FREE, report, "settled")
    lines = {line["item"]: line for line in outcome.result["items"]}
    assert list(lines) == ["transport", "keeping", "cremation"]
    assert (lines["keeping"]["quantity"], lines["keeping"]["waived_fen"]) == (3, 3 * 8000)
    assert lines["keeping"]["to_pay_fen"] == 0


async def test_the_counter_sees_what_is_free_and_what_must_be_asked(desk: Desk) -> None:
    report = await open_row(desk, FREE, **LOCAL)
    task = now(desk, FREE, report).task
    assert task is not None
    assert task.facts["free"] == ["ash_storage", "cremation", "farewell", "keeping", "transport", "urn"]
    assert task.facts["ask"] == [] and task.facts["died_elsewhere"] is False


async def test_what_is_not_free_here_is_refused(desk: Desk) -> None:
    report = await cremated(desk, **{"/deceased/hukou_region": "440103", "/deceased/place_region": "331022"})
    await open_row(desk, FREE, report)
    answer = await desk.decide(FREE, report, "settled", data={"items": ["urn"]})
    assert fault(answer) == (422, "not_free", "/data/items")
    assert (await done(desk, FREE, report, "settled")).result["waived_fen"] == 60000


async def test_nobody_entitled_is_refused_with_a_reason(desk: Desk) -> None:
    report = await open_row(desk, FREE, **LOCAL)
    outcome = await done(desk, FREE, report, "not_entitled", reason="不属于本市免费对象")
    assert outcome.state is OwnerState.REFUSED


async def test_a_corrected_household_that_takes_items_away_waits_for_a_signature(desk: Desk) -> None:
    report = await settled(desk, **{"/wishes/free_items": ["urn"]})
    report.fields, report.version = {**report.fields, "/deceased/hukou_region": "440103"}, 2
    outcome = await desk.send(Verb.CORRECT, FREE, report)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "sign_correction")
    assert outcome.task is not None and outcome.task.facts == {"before_fen": 90000, "after_fen": 60000}
    assert await balances(desk) == {"home_payable": 90000, "free_items": -90000}
    assert (await done(desk, FREE, report, "sign")).result["waived_fen"] == 60000
    assert await balances(desk) == {"home_payable": 60000, "free_items": -60000}
    assert len(await desk.rows("SELECT DISTINCT entry FROM ledger_entries")) == 3


async def test_the_old_bill_may_be_kept_with_a_reason(desk: Desk) -> None:
    report = await settled(desk, **{"/wishes/free_items": ["urn"]})
    report.fields, report.version = {**report.fields, "/deceased/hukou_region": "440103"}, 2
    await desk.send(Verb.CORRECT, FREE, report)
    kept = await done(desk, FREE, report, "keep", reason="家属已按原政策办结")
    assert (kept.state, kept.result["waived_fen"]) == (OwnerState.DONE, 90000)
    assert await balances(desk) == {"home_payable": 90000, "free_items": -90000}


async def test_a_corrected_household_that_gives_items_is_booked_at_once(desk: Desk) -> None:
    report = await cremated(
        desk, **{**LOCAL, "/deceased/hukou_region": "440103", "/wishes/free_items": ["urn"]}
    )
    await open_row(desk, FREE, report)
    await done(desk, FREE, report, "settled")
    report.fields, report.version = {**report.fields, "/deceased/hukou_region": "331022"}, 2
    outcome = await desk.send(Verb.CORRECT, FREE, report)
    assert (outcome.state, outcome.result["waived_fen"]) == (OwnerState.DONE, 90000)
    assert await balances(desk) == {"home_payable": 90000, "free_items": -90000}


async def hunan(desk: Desk) -> Report:
    """A death in Hunan, where only the poor have free items, settled before anything was told of benefits."""
    report = await cremated(desk, **{"/deceased/hukou_region": "430121", "/deceased/place_region": "430121"})
    return await open_row(desk, FREE, report)


async def test_an_unknown_class_is_asked_and_never_taken_for_no(desk: Desk) -> None:
    report = await hunan(desk)
    task = now(desk, FREE, report).task
    assert task is not None and task.facts["ask"] == ["poor"]
    answer = await desk.decide(FREE, report, "settled")
    assert fault(answer) == (422, "class_unknown", "/data/poor")
    assert (await done(desk, FREE, report, "settled", data={"poor": True})).result["waived_fen"] == 60000


async def test_benefits_told_by_assistance_say_that_the_person_was_poor(desk: Desk) -> None:
    report = await hunan(desk)
    await tell(desk, report, DIBAO)
    assert (await done(desk, FREE, report, "settled")).result["waived_fen"] == 60000


async def test_benefits_told_later_make_the_desk_look_again_and_book_the_difference(desk: Desk) -> None:
    report = await hunan(desk)
    await done(desk, FREE, report, "settled", data={"poor": False})
    assert await balances(desk) == {}
    (told,) = await tell(desk, report, DIBAO)
    assert told.outcomes[0].signal == "facts_changed"
    await newest(desk, FREE, report)
    outcome = await desk.send(Verb.CORRECT, FREE, report)
    assert outcome.result["waived_fen"] == 60000
    assert await balances(desk) == {"home_payable": 60000, "free_items": -60000}


async def test_benefits_that_change_nothing_move_nothing(desk: Desk) -> None:
    report = await settled(desk)
    assert await tell(desk, report, NOTHING) == []


async def test_whoever_died_elsewhere_claims_with_receipts_and_the_family_is_owed(desk: Desk) -> None:
    away = {"/deceased/hukou_region": "331022", "/deceased/place_region": "440103"}
    report = await open_row(desk, FREE, **away)
    task = now(desk, FREE, report).task
    assert task is not None and task.facts["died_elsewhere"] is True
    nothing = await desk.decide(FREE, report, "claimed", reason="在外地去世")
    assert fault(nothing) == (422, "required", "/data")
    given = {"cremation_fen": 120000, "keeping_fen": 50000, "keeping_days": 5}
    outcome = await done(desk, FREE, report, "claimed", reason="在外地去世", data=given)
    assert (outcome.state, outcome.result["waived_fen"]) == (OwnerState.DONE, 150000)
    assert await balances(desk) == {"claim_payable": 150000, "free_items": -150000}


async def test_an_undo_books_the_reverse(desk: Desk) -> None:
    report = await settled(desk)
    outcome = await desk.send(Verb.UNDO, FREE, report, reason=UndoReason.WRONG_MATCH)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.RECOVER)
    assert outcome.result["recovered_fen"] == 60000
    assert await balances(desk) == {}
    assert len(await desk.rows("SELECT 1 FROM ledger_entries")) == 4


async def test_a_bill_that_stands_is_not_withdrawn(desk: Desk) -> None:
    report = await settled(desk)
    assert (await desk.send(Verb.WITHDRAW, FREE, report)).too_late_at is not None


async def test_a_burial_is_settled_too(desk: Desk) -> None:
    report = await open_row(desk, FREE, death(**{**LOCAL, "/wishes/free_items": ["urn"]}))
    outcome = await done(desk, FREE, report, "settled")
    assert [line["item"] for line in outcome.result["items"]] == ["urn"]
