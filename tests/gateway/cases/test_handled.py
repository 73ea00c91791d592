"""Before kinship is proven nothing tells whether the dead person's household holds anything (design 7)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.terms import UndoReason
from gateway.cases.api.event_routes import _all_changes, _one_case
from gateway.cases.planner.inputs import RevocationSigned
from kernel.public_service.access import Actor, Role
from kernel.testing import eventually
from tests.gateway.cases.test_feed import hearing
from tests.gateway.cases.test_moves import CERTIFICATE, SIGNS, move, outcome
from tests.gateway.office import NOW, Office, row

STOP = "assistance.stop_benefits"
RECHECK = "assistance.household_recheck"
LATER = NOW + timedelta(days=20)


@dataclass
class Reported:
    """A confirmed case, reported by a relative or by somebody whom the register does not know as one."""

    office: Office
    case: dict[str, Any]
    case_id: UUID
    reporter: Any

    @property
    def family(self) -> httpx.AsyncClient:
        return self.office.client(Role.CITIZEN, person=self.reporter)

    async def seen(self) -> dict[str, Any]:
        """As the reporter reads it."""
        return await self.office.read(self.case["case_no"], self.family)

    async def told(self, kind: str, **more: Any) -> None:
        await move(self.office, (self.case_id, [outcome(self.case, kind, **more)]))


async def reported(office: Office, *, kin: bool, **wishes: Any) -> Reported:
    dead, spouse = office.couple()
    reporter = spouse if kin else office.couple()[0]
    form = office.form(dead, reporter, **wishes)
    form["applicant"]["relation"] = "spouse" if kin else "carer"
    client = office.client(Role.CITIZEN, person=reporter.person)
    case = (await office.post_report(form, client=client)).json()
    (stored,) = await office.rows("SELECT id FROM cases WHERE case_no = :no", no=case["case_no"])
    given = Reported(office, case, stored.id, reporter.person)
    await move(office, (stored.id, [outcome(case, kind) for kind in (*SIGNS, CERTIFICATE)]))
    return given


async def found_something(given: Reported) -> None:
    """The household holds dibao: a recheck stands open for the township, three months long."""
    await given.told(STOP, result={"stopped": [{"hold": "x"}]}, reason="held")
    await given.told(
        RECHECK, state="open", step="sign", due_at=LATER, half_at=NOW, warn_at=LATER, result={"before_fen": 81000},
        provisional=True, escalation=2, version=7,
    )  # fmt: skip


async def found_nothing(given: Reported) -> None:
    await given.told(STOP, state="not_applicable", reason="holds_nothing")
    await given.told(RECHECK, state="not_applicable", reason="condition")


def comparable(case: dict[str, Any]) -> Any:
    """What a reader sees of the two rows, and in the timeline, without keys and without where the two families live."""
    keys = {one["id"]: one["type"] for one in case["procedures"]}
    rows = [{**row(case, kind), "id": kind, "region": "the family's"} for kind in (STOP, RECHECK)]
    lines = [{**line, "procedure": keys.get(line["procedure"])} for line in case["timeline"]]
    return case["status"], rows, lines


async def test_to_a_stranger_a_household_with_benefits_and_one_without_look_the_same(office: Office) -> None:
    holding, empty = await reported(office, kin=False), await reported(office, kin=False)
    assert row(await holding.seen(), RECHECK)["state"] == "waiting"
    await found_something(holding)
    await found_nothing(empty)
    seen = await holding.seen()
    assert comparable(seen) == comparable(await empty.seen())
    shown = row(seen, RECHECK)
    assert (shown["state"], shown["reason"], shown["result"]) == ("done", "handled", {})
    assert (shown["due_at"], shown["overdue"], shown["step"]) == (None, False, None)
    assert [line["kind"] for line in seen["timeline"] if line["procedure"] == shown["id"]] == ["done"]


async def test_that_a_hidden_row_is_late_is_told_to_no_stranger(office: Office) -> None:
    holding, empty = await reported(office, kin=False), await reported(office, kin=False)
    await found_something(holding)
    await found_nothing(empty)
    await holding.told(RECHECK, state="open", step="sign", due_at=NOW, version=9, escalation=3)
    assert comparable(await holding.seen()) == comparable(await empty.seen())
    assert row(await holding.seen(), RECHECK)["escalation"] == "none"
    kinds = [line["kind"] for line in (await office.read(holding.case["case_no"]))["timeline"]]
    assert "escalated" in kinds  # the office itself reads it


async def test_an_unanswered_order_reads_open_to_everybody(office: Office) -> None:
    given = await reported(office, kin=False)
    await given.told(STOP)
    assert row(await given.seen(), RECHECK)["state"] == "open"
    assert row(await given.office.read(given.case["case_no"]), RECHECK)["state"] == "open"


async def test_what_comes_after_the_first_answer_is_told_to_a_stranger_no_more(office: Office) -> None:
    """The township signs weeks later, and the county takes everything back: only who held something sees it."""
    holding, empty = await reported(office, kin=False), await reported(office, kin=False)
    await found_something(holding)
    await found_nothing(empty)
    await holding.told(RECHECK, state="done", reason="adjusted", version=8, at=LATER)
    assert comparable(await holding.seen()) == comparable(await empty.seen())
    await holding.told(STOP, state="open", reason="signature", version=9, at=LATER)
    assert comparable(await holding.seen()) == comparable(await empty.seen())
    for given in (holding, empty):
        await move(office, (given.case_id, [RevocationSigned(UndoReason.WRONG_MATCH)]))
    for kind in (STOP, RECHECK):
        await holding.told(kind, state="undone", version=12, order=2, undo_kind="restore", at=LATER)
    assert comparable(await holding.seen()) == comparable(await empty.seen())


async def test_a_proven_relative_sees_the_open_recheck_and_the_clerk_sees_it_too(office: Office) -> None:
    given = await reported(office, kin=True)
    await found_something(given)
    for client in (given.family, office.clerk):
        shown = row(await office.read(given.case["case_no"], client), RECHECK)
        assert (shown["state"], shown["reason"], shown["step"]) == ("open", None, "sign")
        assert shown["due_at"] == LATER.isoformat(timespec="seconds")
    assert row(await given.seen(), STOP)["result"] == {"stopped": [{"hold": "x"}]}


async def test_what_a_stranger_asked_for_himself_is_told_as_it_is(office: Office) -> None:
    given = await reported(office, kin=False, transport=True)
    assert row(await given.seen(), "funeral.transport")["state"] == "open"
    await given.told("funeral.transport", state="refused", reason="no_car")
    shown = row(await given.seen(), "funeral.transport")
    assert (shown["state"], shown["reason"]) == ("refused", "no_car")


async def end_the_rest(given: Reported) -> None:
    """Whatever else is open ends, and what that opens too."""
    while rest := [
        one for one in (await given.office.read(given.case["case_no"]))["procedures"]
        if one["state"] == "open" and one["type"] != RECHECK
    ]:  # fmt: skip
        await move(
            given.office, (given.case_id, [outcome({"procedures": rest}, one["type"]) for one in rest])
        )


async def test_a_case_is_finished_for_a_stranger_when_only_handled_rows_run_on(office: Office) -> None:
    holding, empty = await reported(office, kin=False), await reported(office, kin=False)
    await found_something(holding)
    await found_nothing(empty)
    for given in (holding, empty):
        await end_the_rest(given)
    statuses = [(await office.read(given.case["case_no"]))["status"] for given in (holding, empty)]
    assert statuses == ["in_progress", "finished"]
    assert [(await given.seen())["status"] for given in (holding, empty)] == ["finished", "finished"]
    assert comparable(await holding.seen()) == comparable(await empty.seen())
    for given in (holding, empty):
        for status, number in (("finished", 1), ("in_progress", 0), (None, 1)):
            async with given.family as http:
                query = {"status": status} if status else {}
                items = (await http.get("/api/v1/cases", params=query)).json()["items"]
            assert [item["status"] for item in items] == ["finished"] * number


async def changed_at(given: Reported) -> str:
    """When the reporter's list says that the case last changed."""
    async with given.family as http:
        (item,) = (await http.get("/api/v1/cases")).json()["items"]
    moved: str = item["changed_at"]
    return moved


@pytest.mark.parametrize("kin", [False, True])
async def test_a_list_tells_a_relative_and_no_stranger_when_a_hidden_row_moved(
    office: Office, kin: bool
) -> None:
    given = await reported(office, kin=kin)
    await found_something(given)
    before = await changed_at(given)
    hidden = outcome(given.case, RECHECK, state="done", result={"after_fen": 1}, version=9)
    async with office.desk.open() as tx:
        await office.desk.moves.move(tx, [(given.case_id, [hidden])], at=LATER, actor="system")
    (stored,) = await office.rows("SELECT changed_at FROM cases")
    assert stored.changed_at == LATER
    assert (await changed_at(given) > before) is kin


@pytest.mark.parametrize(("kin", "events"), [(False, 1), (True, 2)])
async def test_the_arrival_of_an_event_tells_no_stranger_that_a_hidden_row_moved(
    office: Office, kin: bool, events: int
) -> None:
    given = await reported(office, kin=kin)
    await found_something(given)
    feed = office.desk.feed
    reader = Actor("family", Role.CITIZEN, "331022", given.reporter)
    stream = _one_case(office.desk, reader, given.case["case_no"], given.case_id, None)
    async with hearing(feed, stream) as heard, hearing(feed, _all_changes(feed, None)) as every:
        await eventually(lambda: heard.events)
        await given.told(RECHECK, state="done", result={"after_fen": 1}, version=9)
        await eventually(lambda: every.events)
        await eventually(lambda: len(heard.events) == events)
        await office.act(office.supervisor, given.case["case_no"], "withdrawal", reason="不办了", version=1)
        await eventually(lambda: len(heard.events) > events)
    assert len(heard.events) == events + 1


async def test_a_strangers_last_event_names_what_he_reads_and_not_how_often_the_case_moved(
    office: Office,
) -> None:
    given = await reported(office, kin=False)
    await found_something(given)
    feed = office.desk.feed
    reader = Actor("family", Role.CITIZEN, "331022", given.reporter)
    async with hearing(
        feed, _one_case(office.desk, reader, given.case["case_no"], given.case_id, None)
    ) as heard:
        await eventually(lambda: heard.events)
    last = heard.events[0][0]
    await given.told(RECHECK, state="done", result={"after_fen": 1}, version=9)
    stream = _one_case(office.desk, reader, given.case["case_no"], given.case_id, last)
    assert await anext(stream) == b": up to date\n\n"
    await stream.aclose()
    assert not last.isdigit()
