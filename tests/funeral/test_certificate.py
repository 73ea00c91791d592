"""Row 5: numbered per home and year; issued anew the old number is void."""

from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from tests.funeral.rows import CERTIFICATE, cremated, done, now, open_row, refusal
from tests.owner_desk import COUNTY, Desk, Report

FIRST, SECOND, THIRD = (f"{COUNTY}-H2026-0000{n}" for n in (1, 2, 3))


async def issued(desk: Desk) -> Report:
    report = await cremated(desk)
    await open_row(desk, CERTIFICATE, report)
    await done(desk, CERTIFICATE, report, "issued")
    return report


async def test_certificates_are_numbered_by_home_and_year(desk: Desk) -> None:
    first, second = await issued(desk), await issued(desk)
    numbers = [now(desk, CERTIFICATE, each).result["certificate_no"] for each in (first, second)]
    assert numbers == [FIRST, SECOND]
    assert now(desk, CERTIFICATE, first).result == {
        "certificate_no": FIRST, "version": 1, "issued_on": "2026-11-22",
    }  # fmt: skip
    desk.pass_time(days=60)
    third = await issued(desk)
    assert now(desk, CERTIFICATE, third).result["certificate_no"] == f"{COUNTY}-H2027-00001"


async def test_a_number_of_the_homes_own_is_taken_once(desk: Desk) -> None:
    report, other = await cremated(desk), await cremated(desk)
    await open_row(desk, CERTIFICATE, report)
    await done(desk, CERTIFICATE, report, "issued", data={"certificate_no": "三殡〔2026〕7号"})
    await open_row(desk, CERTIFICATE, other)
    answer = await desk.decide(CERTIFICATE, other, "issued", data={"certificate_no": "三殡〔2026〕7号"})
    assert refusal(answer) == (409, "certificate_number_taken")


async def test_a_correction_issues_it_anew_and_voids_the_old_number(desk: Desk) -> None:
    report = await issued(desk)
    report.version = 2
    outcome = await desk.send(Verb.CORRECT, CERTIFICATE, report)
    assert outcome.state is OwnerState.DONE
    assert outcome.result == {
        "certificate_no": SECOND, "version": 2, "issued_on": "2026-11-22", "void_certificate_no": FIRST,
    }  # fmt: skip
    rows = await desk.rows("SELECT certificate_no, void_reason FROM certificates ORDER BY version")
    assert [(row.certificate_no, row.void_reason) for row in rows] == [(FIRST, "reissued"), (SECOND, None)]


async def test_a_correction_of_the_same_version_issues_nothing(desk: Desk) -> None:
    report = await issued(desk)
    outcome = await desk.send(Verb.CORRECT, CERTIFICATE, report)
    assert outcome.result["certificate_no"] == FIRST


async def test_an_undo_voids_it(desk: Desk) -> None:
    report = await issued(desk)
    outcome = await desk.send(Verb.UNDO, CERTIFICATE, report, reason=UndoReason.WRONG_MATCH)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, UndoKind.REISSUE)
    assert outcome.result["void_certificate_no"] == FIRST and "certificate_no" not in outcome.result
    assert await desk.rows("SELECT 1 FROM certificates WHERE voided_at IS NULL") == []


async def test_a_needless_one_is_voided_with_a_signature(desk: Desk) -> None:
    report = await issued(desk)
    waiting = await desk.send(Verb.UNDO, CERTIFICATE, report, reason=UndoReason.NOT_NEEDED)
    assert (waiting.state, waiting.step) == (OwnerState.UNDOING, "sign_undo")
    assert len(await desk.rows("SELECT 1 FROM certificates WHERE voided_at IS NULL")) == 1
    assert (await done(desk, CERTIFICATE, report, "sign")).state is OwnerState.UNDONE
    assert await desk.rows("SELECT 1 FROM certificates WHERE voided_at IS NULL") == []


async def test_nothing_cremated_nothing_certified(desk: Desk) -> None:
    report = await open_row(desk, CERTIFICATE)
    assert refusal(await desk.decide(CERTIFICATE, report, "issued")) == (409, "not_cremated")
