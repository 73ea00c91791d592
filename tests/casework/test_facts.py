"""Facts: applied only if newer, told only if they would change a decision (design 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from casework.facts import Statement, facts_handler, read_facts, republish, state_facts, take_facts
from casework.persons import lock_persons
from casework.procedure import Procedure, Ruling, done
from casework.registry import Procedures
from contracts.facts import FactStated
from contracts.orders import Verb
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.event import encode
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import FixedClock
from tests.casework.plain_owner import NOW, OWNER, Bench, Matter, terms

reads_care = ModuleType("reads_care")


async def _gather(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Any]:
    copies = {each.person: each for each in await read_facts(tx, [p.subject for p in procedures], ["care"])}
    return {procedure.id: copies.get(procedure.subject) for procedure in procedures}


def _open(procedure: Procedure, facts: Any, *, at: Any) -> Ruling:
    level = facts.state["level"] if facts else 0
    return done({"level": level}, seen=(facts.seen,) if facts else ())


def _recheck(procedure: Procedure, facts: Any) -> bool:
    return bool(facts.state["level"] != procedure.result["level"])


reads_care.gather = _gather  # type: ignore[attr-defined]
reads_care.open = _open  # type: ignore[attr-defined]
reads_care.recheck = _recheck  # type: ignore[attr-defined]


def care(person: UUID, version: int, level: int) -> FactStated:
    return FactStated(
        person=person,
        fact="care",
        owner="eldercare",
        fact_version=version,
        recorded_at=NOW,
        state={"level": level},
    )


@pytest.fixture
def reader(bench: Bench) -> Bench:
    office = replace(bench.office, procedures=Procedures(OWNER, modules={"test.reads": reads_care}))
    return replace(bench, office=office)


async def take(bench: Bench, *facts: FactStated) -> list[Any]:
    async with bench.transactions.begin() as tx:
        reports = await take_facts(facts, tx=tx, office=bench.office, at=NOW)
    return [outcome for report in reports for outcome in report.outcomes]


async def test_only_a_newer_version_is_applied(reader: Bench) -> None:
    person = uuid4()
    await take(reader, care(person, 2, 5), care(person, 1, 4))
    await take(reader, care(person, 1, 3))
    async with reader.transactions.begin() as tx:
        copies = await read_facts(tx, [person], ["care"])
    assert [(each.version, each.state) for each in copies] == [(2, {"level": 5})]


async def test_a_fact_that_would_change_a_decision_is_told_once(reader: Bench) -> None:
    matter = Matter(terms(), type="test.reads")
    await take(reader, care(matter.subject, 1, 3))
    decided = await reader.send(matter, Verb.OPEN)
    told = await take(reader, care(matter.subject, 2, 4))
    assert [(each.procedure, each.signal, each.version) for each in told] == [
        (matter.procedure, "facts_changed", decided.version + 1)
    ]
    assert await take(reader, care(matter.subject, 2, 4)) == []


async def test_a_fact_that_changes_nothing_is_not_told(reader: Bench) -> None:
    matter = Matter(terms(), type="test.reads")
    await take(reader, care(matter.subject, 1, 3))
    await reader.send(matter, Verb.OPEN)
    assert await take(reader, care(matter.subject, 2, 3)) == []


@pytest.mark.parametrize(
    ("life", "effective_on", "dead_from"),
    [("dead", date(2026, 2, 27), date(2026, 3, 1)), ("alive", None, None)],
)
async def test_the_fact_of_a_death_forbids_later_grants_until_it_is_taken_back(
    bench: Bench, life: str, effective_on: date | None, dead_from: date | None
) -> None:
    person = uuid4()
    earlier = FactStated(
        person=person, fact="life", owner="gateway", fact_version=1, effective_on=date(2026, 1, 9), recorded_at=NOW,
        state={"life": "dead"},
    )  # fmt: skip
    later = earlier.model_copy(
        update={"fact_version": 2, "effective_on": effective_on, "state": {"life": life}}
    )
    await take(bench, earlier)
    await take(bench, later)
    await take(bench, earlier)
    async with bench.transactions.begin() as tx:
        assert await lock_persons(tx, [person]) == {person: dead_from}


async def test_an_owners_own_statements_rise_only_when_they_differ(bench: Bench) -> None:
    person = uuid4()
    versions = []
    for level in (1, 1, 2):
        async with bench.transactions.begin() as tx:
            stated = await state_facts(tx, [Statement(person, "care", {"level": level})], owner=OWNER, at=NOW)
            versions.append([each.fact_version for each in stated])
    assert versions == [[1], [], [2]]


async def test_republishing_tells_the_present_state_again_page_by_page(bench: Bench) -> None:
    people = sorted(uuid4() for _ in range(3))
    async with bench.transactions.begin() as tx:
        await state_facts(tx, [Statement(person, "care", {}) for person in people], owner=OWNER, at=NOW)
    told = []
    place: tuple[UUID, str] | None = (UUID(int=0), "")
    while place is not None:
        async with bench.transactions.begin() as tx:
            place = await republish(tx, owner=OWNER, after=place, limit=2)
            told.extend(message.key for message in tx.emitted)
    assert told == [str(person) for person in people]


async def test_an_owner_passes_over_its_own_facts(bench: Bench) -> None:
    own = care(uuid4(), 1, 1).model_copy(update={"owner": OWNER})
    handle = facts_handler(bench.office, FixedClock(NOW))
    async with bench.transactions.begin_as(ConsumerTransaction, consumer="facts") as tx:
        await handle([encode(own, source="/x")], tx)
        assert await read_facts(tx, [own.person], ["care"]) == []
