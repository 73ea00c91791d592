"""Orders in, outcomes out: whole batches, each message whole or not at all (design 5).

Order: inbox (the consumer's) → person locks → case and procedure locks, sorted → gather → verbs → case files →
effects → procedure rows → one report per case. A verb that raises parks its message before any SQL of it ran.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from casework.office import Office
from casework.persons import lock_persons
from casework.reading import read
from casework.rows import CaseFile, Row, lock_cases, lock_procedures, write_cases
from casework.work import Job, job_for_order, rule, settle
from contracts.orders import Order, OrdersIssued, Verb
from contracts.outcomes import Outcome, OutcomesReported, OwnerState
from contracts.terms import UndoKind
from kernel.messaging.consumer import ConsumerTransaction, Handler
from kernel.messaging.message import Message
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import Clock


class OrderWithoutProcedure(Exception):
    """更正一件本单位没有的事项：先核对是否跳过了它的开办指令。

    A correction of a procedure that this owner does not have: was the order that opens it skipped?
    """


class OrderWithoutTerms(Exception):
    """开办指令没有带目录条款。

    An order to open came without its terms.
    """


class NotOurOrder(Exception):
    """指令发给了别的承办单位。

    The orders are another owner's.
    """


@dataclass(slots=True)
class Taken:
    """What became of a batch: reports by case, and the messages (by position) that could not be carried out."""

    reports: list[OutcomesReported] = field(default_factory=list)
    failed: dict[int, Exception] = field(default_factory=dict)


def orders_handler(office: Office, clock: Clock) -> Handler:
    """The consumer's handler for `orders.<owner>`."""

    async def handle(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        await clock.refresh(tx)
        issued = await read(messages, tx, OrdersIssued)
        taken = await take_orders([orders for _, orders in issued], tx=tx, office=office, at=clock.now())
        for position, error in taken.failed.items():
            message, _ = issued[position]
            await tx.park(message, error)
        for report in taken.reports:
            tx.emit(report)

    return handle


async def carry_out(
    orders: Sequence[OrdersIssued], *, tx: Transaction, office: Office, at: datetime
) -> list[OutcomesReported]:
    """Domestic orders inside the caller's transaction: the same code without messages. Raises what a verb raises."""
    taken = await take_orders(orders, tx=tx, office=office, at=at)
    for error in taken.failed.values():
        raise error
    return taken.reports


async def take_orders(
    orders: Sequence[OrdersIssued], *, tx: Transaction, office: Office, at: datetime
) -> Taken:
    """Carry out whole orders in waves: the n-th order of each case together, so that a case keeps its order."""
    taken = Taken()
    await lock_persons(tx, await _persons(orders, tx, office))
    for wave in _waves(orders):
        parked_cases = {orders[position].case for position in taken.failed}
        positions = [position for position in wave if orders[position].case not in parked_cases]
        await _wave(
            {position: orders[position] for position in positions}, taken, tx=tx, office=office, at=at
        )
    return taken


async def _persons(orders: Sequence[OrdersIssued], tx: Transaction, office: Office) -> set[UUID]:
    """The persons of the orders, and whom else the modules will change (the surviving spouse)."""
    persons = {person for each in orders for person in (each.subject, *each.persons.values())}
    subjects: dict[str, set[UUID]] = {}
    for issued in orders:
        for order in issued.orders:
            subjects.setdefault(order.type, set()).add(issued.subject)
    for kind in sorted(subjects):
        persons.update(await office.procedures.module(kind).people(sorted(subjects[kind]), tx=tx))
    return persons


def _waves(orders: Sequence[OrdersIssued]) -> list[list[int]]:
    waves: list[list[int]] = []
    seen: dict[UUID, int] = {}
    for position, issued in enumerate(orders):
        wave = seen.get(issued.case, 0)
        seen[issued.case] = wave + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(position)
    return waves


async def _wave(
    orders: dict[int, OrdersIssued], taken: Taken, *, tx: Transaction, office: Office, at: datetime
) -> None:
    known = await lock_cases(tx, [issued.case for issued in orders.values()])
    rows = await lock_procedures(
        tx, [order.procedure for issued in orders.values() for order in issued.orders]
    )
    jobs: list[Job] = []
    answers: list[tuple[int, Outcome]] = []
    files: dict[int, CaseFile] = {}
    for position, issued in orders.items():
        try:
            files[position] = _newest(issued, known.get(issued.case), office)
            made, said = _jobs(issued, files[position], rows, position, office, at)
        except (NotOurOrder, OrderWithoutProcedure, OrderWithoutTerms) as error:
            taken.failed[position] = error
            continue
        jobs.extend(made)
        answers.extend((position, outcome) for outcome in said)
    ruled = await rule(jobs, tx=tx, office=office, at=at)
    taken.failed.update(
        {position: error for position, error in ruled.failed.items() if isinstance(position, int)}
    )
    await write_cases(tx, [file for position, file in files.items() if position not in taken.failed])
    settled = await settle(ruled.rulings, tx=tx, office=office, at=at)
    taken.reports.extend(_joined(settled, answers, orders, taken.failed, office.owner))


def _newest(issued: OrdersIssued, known: CaseFile | None, office: Office) -> CaseFile:
    """The case as the order tells it, unless a newer version is known already."""
    if issued.owner != office.owner:
        raise NotOurOrder(f"orders for {issued.owner} came to {office.owner}")
    if known is not None and known.case_version > issued.case_version:
        return known
    file = _case(issued)
    if known is not None and file.sealed is None:
        file.sealed = known.sealed
    return file


def _case(issued: OrdersIssued) -> CaseFile:
    return CaseFile(
        issued.case, issued.case_no, issued.case_version, issued.life_event, issued.subject, issued.persons,
        issued.region, issued.occurred_at, issued.effective_on, issued.confirmed,
        issued.sealed.model_dump_json() if issued.sealed else None, issued.evidence,
    )  # fmt: skip


def _jobs(
    issued: OrdersIssued,
    case: CaseFile,
    rows: dict[UUID, tuple[Row, CaseFile]],
    position: int,
    office: Office,
    at: datetime,
) -> tuple[list[Job], list[Outcome]]:
    """The jobs of one message, and the answers that need none. An order number already seen is passed over."""
    jobs, answers = [], []
    for order in issued.orders:
        found = rows.get(order.procedure)
        row = found[0] if found else None
        if row is not None and order.number <= row.order_no:
            continue
        if row is None and order.verb in (Verb.WITHDRAW, Verb.UNDO):
            answers.append(_never_opened(order, at))
            continue
        jobs.append(
            job_for_order(_standing(order, row, case, at), case, order, office=office, group=position)
        )
    return jobs, answers


def _standing(order: Order, row: Row | None, case: CaseFile, at: datetime) -> Row:
    if order.verb is not Verb.OPEN:
        if row is None:
            raise OrderWithoutProcedure(f"{order.verb} {order.type} {order.procedure}")
        return row
    if row is not None and row.state in (OwnerState.OPEN, OwnerState.PAUSED, OwnerState.UNDOING):
        return row
    fresh = _fresh(order, case, at)
    if row is not None:
        fresh.version, fresh.memory = row.version, row.memory
    return fresh


def _fresh(order: Order, case: CaseFile, at: datetime) -> Row:
    if order.terms is None:
        raise OrderWithoutTerms(f"{order.type} {order.procedure}")
    return Row(
        order.procedure,
        case.case_id,
        order.type,
        case.subject,
        order.region,
        order.terms,
        opened_at=at,
        changed_at=at,
    )


def _never_opened(order: Order, at: datetime) -> Outcome:
    """A withdrawal or undo of what this owner never opened (its opening was skipped): nothing stands."""
    undo = order.verb is Verb.UNDO
    return Outcome(
        procedure=order.procedure, type=order.type, order=order.number, version=1, at=at, reason="never_opened",
        state=OwnerState.UNDONE if undo else OwnerState.WITHDRAWN, undo_kind=UndoKind.NONE if undo else None,
    )  # fmt: skip


def _joined(
    settled: Sequence[OutcomesReported],
    answers: Sequence[tuple[int, Outcome]],
    orders: dict[int, OrdersIssued],
    failed: dict[int, Exception],
    owner: str,
) -> list[OutcomesReported]:
    by_case = {report.case: list(report.outcomes) for report in settled}
    for position, outcome in answers:
        if position not in failed:
            by_case.setdefault(orders[position].case, []).append(outcome)
    return [
        OutcomesReported(case=case, owner=owner, outcomes=tuple(outcomes))
        for case, outcomes in by_case.items()
    ]
