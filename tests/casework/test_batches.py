"""Batches of orders: bounded statements, each message whole or not at all, numbers that tell duplicates (design 5)."""

from uuid import uuid4

import pytest

from casework.orders import NotOurOrder, OrderWithoutProcedure, OrderWithoutTerms, orders_handler, take_orders
from casework.registry import PredicateUnknown
from contracts.orders import Verb
from contracts.outcomes import OutcomesReported, OwnerState
from contracts.terms import UndoReason
from kernel.messaging.consumer import ConsumerTransaction
from kernel.messaging.event import decode, encode
from kernel.messaging.message import Message
from kernel.public_service.clock import FixedClock
from tests.casework.plain_owner import ANSWERS, CHECK, NOW, OWNER, Bench, Matter, terms


async def test_fifty_cases_take_as_many_statements_as_one(bench: Bench) -> None:
    await bench.send(Matter(), Verb.OPEN)
    seen = bench.count_statements()
    await bench.send(Matter(), Verb.OPEN)
    one = len(seen)
    seen.clear()
    await bench.send_all([Matter().order(Verb.OPEN) for _ in range(50)])
    assert len(seen) == one
    assert one <= 10


@pytest.mark.parametrize("verb", [Verb.WITHDRAW, Verb.CORRECT, Verb.UNDO])
async def test_fifty_later_orders_take_as_many_statements_as_one(bench: Bench, verb: Verb) -> None:
    matters = [Matter() for _ in range(51)]
    await bench.send_all([matter.order(Verb.OPEN) for matter in matters])
    seen = bench.count_statements()
    await bench.send(matters[0], verb)
    one = len(seen)
    seen.clear()
    await bench.send_all([matter.order(verb) for matter in matters[1:]])
    assert len(seen) == one
    assert one <= 8


async def test_a_batch_is_as_each_alone(bench: Bench) -> None:
    kinds = [terms(), terms(CHECK), terms(CHECK, predicate="holds"), terms(predicate="holds", unknown="no")]
    together = [Matter(each) for each in kinds]
    alone = [Matter(each) for each in kinds]
    for verb in (Verb.OPEN, Verb.CORRECT, Verb.WITHDRAW):
        reports = await bench.send_all([matter.order(verb) for matter in together])
        found = {outcome.procedure: outcome for report in reports for outcome in report.outcomes}
        singly = [await bench.send(matter, verb) for matter in alone]
        assert [(found[m.procedure].state, found[m.procedure].version) for m in together] == [
            (outcome.state, outcome.version) for outcome in singly
        ]


async def test_two_orders_of_one_case_in_one_batch_are_carried_out_in_order(bench: Bench) -> None:
    matter = Matter()
    reports = await bench.send_all([matter.order(Verb.OPEN), matter.order(Verb.WITHDRAW)])
    states = [(outcome.order, outcome.state) for report in reports for outcome in report.outcomes]
    assert states == [(1, OwnerState.OPEN), (2, OwnerState.WITHDRAWN)]


async def test_an_old_or_repeated_order_is_not_answered(bench: Bench) -> None:
    matter = Matter(terms())
    await bench.send(matter, Verb.OPEN)
    await bench.send(matter, Verb.UNDO, reason=UndoReason.WRONG_MATCH)
    for verb, number in ((Verb.OPEN, 1), (Verb.UNDO, 2), (Verb.WITHDRAW, 1)):
        assert await bench.send_all([matter.order(verb, number=number)]) == []


async def test_what_an_older_case_version_says_does_not_overwrite_a_newer_one(bench: Bench) -> None:
    matter = Matter()
    matter.version = 3
    await bench.send(matter, Verb.OPEN)
    matter.version, matter.occurred_at = 2, NOW.replace(day=1)
    await bench.send(matter, Verb.CORRECT)
    async with bench.transactions.begin() as tx:
        row = (await tx.connection.exec_driver_sql("SELECT case_version, occurred_at FROM case_files")).one()
    assert tuple(row) == (3, NOW)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Matter().order(Verb.CORRECT), OrderWithoutProcedure),
        (lambda: _without_terms(), OrderWithoutTerms),
        (lambda: Matter().order(Verb.OPEN).model_copy(update={"owner": "other"}), NotOurOrder),
        (lambda: Matter(terms(predicate="unregistered")).order(Verb.OPEN), PredicateUnknown),
        (lambda: Matter(type="test.failing").order(Verb.OPEN), ValueError),
    ],
)
async def test_what_cannot_be_carried_out_fails_alone_and_leaves_nothing(
    bench: Bench, make: object, error: type[Exception]
) -> None:
    good, bad = Matter(), make()  # type: ignore[operator]
    async with bench.transactions.begin() as tx:
        taken = await take_orders([bad, good.order(Verb.OPEN)], tx=tx, office=bench.office, at=NOW)
    assert [type(each) for each in taken.failed.values()] == [error]
    assert [report.case for report in taken.reports] == [good.case]
    async with bench.transactions.begin() as tx:
        cases = await tx.connection.exec_driver_sql("SELECT case_id FROM case_files")
        procedures = await tx.connection.exec_driver_sql("SELECT case_id FROM procedures")
        assert (list(cases.scalars()), list(procedures.scalars())) == ([good.case], [good.case])


def _without_terms() -> object:
    issued = Matter().order(Verb.OPEN)
    return issued.model_copy(update={"orders": (issued.orders[0].model_copy(update={"terms": None}),)})


async def test_later_orders_of_a_case_that_failed_wait(bench: Bench) -> None:
    matter = Matter(type="test.failing")
    orders = [matter.order(Verb.OPEN), matter.order(Verb.WITHDRAW)]
    async with bench.transactions.begin() as tx:
        taken = await take_orders(orders, tx=tx, office=bench.office, at=NOW)
    assert (list(taken.failed), taken.reports) == ([0], [])


async def test_the_handler_parks_what_a_verb_refuses_and_answers_the_rest(bench: Bench) -> None:
    good, bad = Matter(), Matter(type="test.failing")
    messages = [encode(each.order(Verb.OPEN), source="/gateway") for each in (bad, good)]
    messages.append(Message(uuid4(), "orders.test", "x", {"ce_type": "lianban.Nothing.v1"}, b"{}"))
    handle = orders_handler(bench.office, FixedClock(NOW))
    async with bench.transactions.begin_as(ConsumerTransaction, consumer="test") as tx:
        await handle(messages, tx)
        parked = set(tx.parked)
        reports = [decode(each) for each in tx.emitted]
    assert parked == {messages[0].id, messages[2].id}
    assert [(r.case, r.owner) for r in reports if isinstance(r, OutcomesReported)] == [(good.case, OWNER)]


async def test_everybody_concerned_is_locked(bench: Bench) -> None:
    matter, heir = Matter(), uuid4()
    issued = matter.order(Verb.OPEN).model_copy(update={"persons": {"heirs/0": heir}})
    await bench.send_all([issued])
    async with bench.transactions.begin() as tx:
        found = await tx.connection.exec_driver_sql("SELECT person FROM person_locks")
        assert set(found.scalars()) == {matter.subject, heir}


async def test_module_memory_stays_inside(bench: Bench) -> None:
    matter = Matter(terms(), type="test.remembers")
    outcome = await bench.send(matter, Verb.OPEN)
    assert outcome.result == {"taken": 1}
    assert "memory" not in outcome.model_dump()
    async with bench.transactions.begin() as tx:
        kept = await tx.connection.exec_driver_sql("SELECT memory ->> 'taken' FROM procedures")
        assert kept.scalar_one() == "1"


async def test_a_module_may_lift_what_is_done(bench: Bench) -> None:
    matter = Matter(terms(), type="test.remembers")
    await bench.send(matter, Verb.OPEN)
    assert (await bench.send(matter, Verb.WITHDRAW)).state is OwnerState.WITHDRAWN


async def test_a_predicate_is_asked_once_for_the_batch(bench: Bench) -> None:
    matters = [Matter(terms(CHECK, predicate="holds")) for _ in range(3)]
    ANSWERS.update({matters[0].subject: True, matters[1].subject: False})
    reports = await bench.send_all([matter.order(Verb.OPEN) for matter in matters])
    assert [report.outcomes[0].state for report in reports] == ["open", "not_applicable", "paused"]
