"""What must hold of a death once everything has settled, whatever people did and in whatever order (design 5 and 6).

`look` remembers what is held before anybody reports; `check` brings the run to its end (departments answer, what is
being taken back is decided) and then asks each law. The databases are read, never written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

from gateway.cases.orders import SERVICES
from gateway.cases.planner.model import FINAL, RowState
from gateway.exchange.delivery import TAKEN_BACK
from kernel.public_service.months import month_of, months_after
from services.eldercare.domain.effects import PAID
from tests.invariants.one_death import Death

OURS = {"gateway", *SERVICES}
ENDED = {status.value for status in FINAL}
UNDER_WAY = ("ordered", "open", "paused", "undoing", "waiting", "stuck")
# Revoked as this, nobody had died: a court's word that somebody lives after all mends less (Civil Code 51).
RESTORED = ("wrong_match", "certificate_void")
_ROUNDS = 14

_BOARD = """SELECT r.*, c.status, c.case_no FROM case_procedures r JOIN cases c ON c.id = r.case_id
    WHERE c.subject = :dead ORDER BY r.position, r.round"""
_OWNED = "SELECT id, type, state, order_no, version, result FROM procedures WHERE subject = :dead"
_ASKED = """SELECT d.procedure AS id, d.outcome AS state, d.order_no, d.version
    FROM deliveries d JOIN cases c ON c.id = d.case_id
    WHERE c.subject = :dead AND d.current AND d.asked_by IS NULL"""
_LEFT = """SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM mail) AS mail,
    (SELECT count(*) FROM parked_keys) AS parked, (SELECT count(*) FROM parked_outbox) AS unsent"""
_UNBALANCED = """SELECT entry FROM ledger_entries GROUP BY entry
    HAVING sum(CASE side WHEN 'credit' THEN amount_fen ELSE -amount_fen END) <> 0"""
_NEGATIVE = """SELECT a.id, a.kind, b.balance_fen FROM ledger_accounts a JOIN ledger_balances b ON b.account = a.id
    WHERE a.never_negative AND b.balance_fen < 0"""
_PAID_OUT = """SELECT p.holding, p.month, sum(p.amount_fen) AS fen, count(*) FILTER (WHERE NOT p.arrears) AS regular
    FROM payments p JOIN holdings h ON h.id = p.holding WHERE p.cancelled_by IS NULL
     AND (h.person = ANY(CAST(:people AS uuid[])) OR h.household = :household) GROUP BY p.holding, p.month"""
_RELEASED = """SELECT p.holding, p.month, sum(p.amount_fen) AS fen FROM payments p JOIN holdings h ON h.id = p.holding
    WHERE p.released_at IS NOT NULL
     AND (h.person = ANY(CAST(:people AS uuid[])) OR h.household = :household) GROUP BY p.holding, p.month"""
_HOLDINGS = """SELECT id, kind, state, amount_fen, payee, paid_through, ended_on, last_payable_month FROM holdings
    WHERE person = ANY(CAST(:people AS uuid[])) OR household = :household ORDER BY id"""
_ALLOWANCE_LINES = """SELECT account, effective_on AS month,
        sum(CASE side WHEN 'credit' THEN amount_fen ELSE -amount_fen END) AS fen
    FROM ledger_entries WHERE account = ANY(CAST(:accounts AS uuid[])) GROUP BY account, effective_on"""
_ALLOWANCES = """SELECT id, kind, amount_fen, paid_through FROM allowances
    WHERE person = ANY(CAST(:people AS uuid[])) ORDER BY id"""
_CLAIMS = """SELECT a.kind, sum(CASE e.side WHEN 'credit' THEN e.amount_fen ELSE -e.amount_fen END) AS fen
    FROM ledger_accounts a JOIN ledger_entries e ON e.account = a.id
    WHERE a.kind IN ('recoverable', 'payable', 'allowance_recoverable', 'received', 'allowance_repaid')
    GROUP BY a.kind HAVING sum(CASE e.side WHEN 'credit' THEN e.amount_fen ELSE -e.amount_fen END) <> 0"""
_STARTS = """SELECT b.procedure, b.started_at, coalesce(b.proof, '') AS proof, (
        SELECT count(*) FROM holds h WHERE (h.case_id = p.case_id OR h.person = p.subject)
           AND h.kind IN ('police', 'court', 'medical_dispute', 'relatives_dispute', 'unknown_identity')
           AND h.placed_at < b.started_at AND (h.released_at IS NULL OR h.released_at > b.started_at)) AS holds
    FROM bookings b JOIN procedures p ON p.id = b.procedure WHERE b.started_at IS NOT NULL"""
_STARTED_AS = (
    """SELECT t.data, t.closed_at FROM procedure_tasks t WHERE t.procedure = :p AND t.decision = 'start'"""
)
_MESSAGES = "SELECT contact, day, count(*) AS n FROM messages GROUP BY contact, day HAVING count(*) > 1"
_MATTERS = """SELECT case_id, role, topic, procedure, mark, turn FROM notices WHERE message IS NOT NULL
    ORDER BY case_id, role, topic, procedure, turn"""
_DIED_AT = """SELECT c.id, c.occurred_at, c.status, array_agg(DISTINCT r.owner) AS owners FROM cases c
    JOIN case_procedures r ON r.case_id = c.id AND r.state IN ('open', 'paused', 'done') AND r.order_no > 0
    WHERE c.subject = :dead AND c.status NOT IN ('withdrawn', 'revoked') GROUP BY c.id"""
_TOLD_AT = "SELECT occurred_at FROM case_files WHERE case_id = :case"
_DEAD = """SELECT 1 FROM person_locks WHERE person = :dead AND dead_from IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Held:
    """What the couple held before the report: rows of the owners, and what these show of them."""

    holdings: Mapping[UUID, Any]
    allowances: Mapping[UUID, Any]
    views: Mapping[str, Any]
    household: UUID


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a holding was paid for that month, in fen."""

    holding: UUID
    month: date
    fen: int


async def look(death: Death) -> Held:
    """Before anything has happened."""
    people = [death.dead.person, death.spouse.person]
    (home,) = await death.office.rows(
        "SELECT household FROM household_members WHERE person = :p", "assistance", p=death.dead.person
    )
    holdings = await death.office.rows(_HOLDINGS, "assistance", people=people, household=home.household)
    allowances = await death.office.rows(_ALLOWANCES, "eldercare", people=people)
    assert holdings or allowances
    views = await death.views(people)
    return Held({one.id: one for one in holdings}, {one.id: one for one in allowances}, views, home.household)


async def end(death: Death) -> None:
    """Everybody answers: departments what they were asked, people what is being taken back. Holds are lifted first."""
    while death.holds:
        await death.lift(0)
    for _ in range(_ROUNDS):
        await death.settle()
        waiting = await death.unanswered()
        for request in waiting:
            await death.say(request, "cancelled" if request.state in TAKEN_BACK else "done")
        undoing = [task for task in await death.tasks() if task.state == "undoing"]
        for task in undoing:
            await death.decide_task(task, 0)
        if not waiting and not undoing:
            return
    raise AssertionError(f"the run does not end: {waiting} {undoing}")


async def check(death: Death) -> None:
    """All laws, one after the other."""
    await end(death)
    await nothing_is_left_under_way(death)
    await every_row_is_lawful(death)
    await the_board_says_what_the_owners_say(death)
    await everybody_knows_the_day(death)
    await the_books_balance(death)
    await no_month_is_paid_twice(death)
    await nothing_started_without_clearance(death)
    cases = await death.cases()
    if cases and cases[-1].status == "revoked" and cases[-1].revocation in RESTORED:
        await all_is_as_before(death)
    await nobody_was_told_twice(death)


async def nothing_is_left_under_way(death: Death) -> None:
    """Outboxes and mail are empty, nothing was laid aside."""
    for name in death.office.services:
        (left,) = await death.office.rows(_LEFT, name)
        assert tuple(left) == (0, 0, 0, 0), (name, left)


async def every_row_is_lawful(death: Death) -> None:
    """A known state, every order answered, no wish waiting; what was taken back has ended, with nothing open."""
    for row in await death.office.rows(_BOARD, dead=death.dead.person):
        shown = (row.case_no, row.status, row.type, row.round, row.state, row.reason)
        RowState(row.state)
        assert row.order_no == row.answered and row.wanted is None, shown
        assert row.state not in ("ordered", "undoing"), shown
        assert row.status not in ("withdrawing", "revoking"), shown
        if row.status == "withdrawn":
            assert row.state not in UNDER_WAY or row.too_late, shown
        if row.status == "revoked":
            assert row.state not in UNDER_WAY, shown
        if row.status in ENDED:
            assert row.task_id is None or row.too_late, shown


async def the_board_says_what_the_owners_say(death: Death) -> None:
    """Row by row: state, number of the last order, version; and no owner has a procedure that the board lacks.

    A case that has ended rests: what a department says to a correction that was still out stays with the request.
    """
    board = {row.id: row for row in await death.office.rows(_BOARD, dead=death.dead.person)}
    owned: dict[UUID, Any] = {}
    for name in OURS:
        owned |= {one.id: one for one in await death.office.rows(_OWNED, name, dead=death.dead.person)}
    owned |= {one.id: one for one in await death.office.rows(_ASKED, dead=death.dead.person)}
    assert owned.keys() == {key for key, row in board.items() if row.order_no}, "the board lacks a procedure"
    for key, one in owned.items():
        row = board[key]
        if row.status in ENDED and row.owner not in OURS and row.outcome_version < one.version:
            continue
        told, known = (row.state, row.order_no, row.outcome_version), (one.state, one.order_no, one.version)
        assert told == known, (row.type, row.round, told, known)


async def everybody_knows_the_day(death: Death) -> None:
    """A corrected date has reached every owner who still works on the case or has done something about it."""
    for case in await death.office.rows(_DIED_AT, dead=death.dead.person):
        for owner in SERVICES & set(case.owners):
            ((told,),) = await death.office.rows(_TOLD_AT, owner, case=case.id)
            assert told == case.occurred_at, (owner, told, case.occurred_at)


async def the_books_balance(death: Death) -> None:
    """Of every service that has books: each entry is nought, and what may not go below zero has not."""
    for name in ("assistance", "eldercare", "funeral"):
        assert await death.office.rows(_UNBALANCED, name) == []
        assert await death.office.rows(_NEGATIVE, name) == []


async def no_month_is_paid_twice(death: Death) -> None:
    """A month of a holding has one regular payment, and with all arrears comes to the amount that was held, at most.

    The decisions of a recheck here only ever lower an amount.
    """
    held = death.before
    for line in await death.office.rows(_PAID_OUT, "assistance", **_of(death)):
        assert line.regular <= 1 and line.fen <= held.holdings[line.holding].amount_fen, line
    for line in await _allowance_lines(death):
        assert 0 <= line.fen <= held.allowances[line.holding].amount_fen, line


async def nothing_started_without_clearance(death: Death) -> None:
    """A cremation that was started had a proof of death, two operators, and no hold against it at that instant."""
    for start in await death.office.rows(_STARTS, "funeral"):
        assert start.holds == 0 and start.proof, start
        ((data, at),) = await death.office.rows(_STARTED_AS, "funeral", p=start.procedure)
        assert len(set(data["operators"])) == 2 and at == start.started_at, start


async def all_is_as_before(death: Death) -> None:
    """Nobody had died: holdings, amounts, payees and marriages are what they were, and every month is paid once.

    The next payment run pays what was missed: line by line, each month from the one after the last that had been paid
    comes to the whole amount, and to nothing more.
    """
    held = death.before
    after = await look(death)
    for key, was in held.holdings.items():
        now = after.holdings[key]
        assert (now.state, now.amount_fen, now.payee, now.ended_on, now.last_payable_month) == (
            was.state, was.amount_fen, was.payee, was.ended_on, was.last_payable_month), (was, now)  # fmt: skip
    assert _undated(after.views) == _undated(held.views)
    for name in SERVICES:
        assert await death.office.rows(_DEAD, name, dead=death.dead.person) == [], name
    await death.pay_run()
    this_month = month_of(death.office.clock.today())
    released = await death.office.rows(_RELEASED, "assistance", **_of(death))
    _each_month_once(held.holdings, this_month, released, "assistance")
    _each_month_once(held.allowances, this_month, await _allowance_lines(death), "eldercare")
    for name in ("assistance", "eldercare"):
        assert await death.office.rows(_CLAIMS, name) == [], name


async def _allowance_lines(death: Death) -> list[Line]:
    """What the books of elder care say was paid out, by allowance and month."""
    accounts = {uuid5(key, PAID): key for key in death.before.allowances}
    lines = await death.office.rows(_ALLOWANCE_LINES, "eldercare", accounts=list(accounts))
    return [Line(accounts[line.account], line.month, line.fen) for line in lines]


def _each_month_once(held: Mapping[UUID, Any], this_month: date, lines: Sequence[Any], owner: str) -> None:
    paid: dict[UUID, dict[date, int]] = defaultdict(dict)
    for line in lines:
        if line.fen:
            paid[line.holding][line.month] = line.fen
    for key, one in held.items():
        if not one.amount_fen or one.paid_through is None:
            continue
        due = dict.fromkeys(months_after(one.paid_through, this_month), one.amount_fen)
        later = {month: fen for month, fen in paid[key].items() if month > one.paid_through}
        assert later == due, (owner, one.kind, later, due)


def _undated(views: Mapping[str, Any]) -> Any:
    """What a service shows of people, without the last month paid: that goes on."""
    return {
        name: [
            {**view, "holds": sorted(_without_month(hold) for hold in view["holds"])} for view in people
        ] for name, people in views.items()
    }  # fmt: skip


def _without_month(hold: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in hold.items() if name != "paid_through"))


async def nobody_was_told_twice(death: Death) -> None:
    """A day later all that was to be told has been: one message a contact and day, no matter twice running."""
    await death.days_pass(1)
    assert await death.office.rows(_MESSAGES) == []
    told = [tuple(matter) for matter in await death.office.rows(_MATTERS)]
    for before, after in pairwise(told):
        assert before[:5] != after[:5], ("told twice running", before)


def _of(death: Death) -> dict[str, Any]:
    return {"people": [death.dead.person, death.spouse.person], "household": death.before.household}
