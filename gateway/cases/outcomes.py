"""The consumer of `outcomes`: a whole batch of many cases moves in one transaction (design 1 and 6)."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from contracts.outcomes import OutcomesReported
from gateway.cases import board
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import Input, OutcomeArrived
from kernel.messaging.consumer import ConsumerTransaction, Handler
from kernel.messaging.event import UnknownEvent, decode
from kernel.messaging.message import Message
from kernel.public_service.clock import Clock

CONSUMER = "gateway.outcomes"


class CaseNotHere(Exception):
    """收到本库没有的联办件的办理结果：请核对数据库是否恢复自旧备份，再重放。

    An outcome of a case that this database does not have: was it restored from an old backup?
    """


def outcomes_handler(moves: Moves, clock: Clock) -> Handler:
    """The handler. A message that cannot be read, or of an unknown case, parks its key; the rest moves."""

    async def handle(messages: Sequence[Message], tx: ConsumerTransaction) -> None:
        await clock.refresh(tx)
        inputs: dict[UUID, list[Input]] = defaultdict(list)
        of_case: dict[UUID, list[Message]] = defaultdict(list)
        for message in messages:
            reported = await _read(message, tx)
            if reported is not None:
                inputs[reported.case] += [OutcomeArrived(outcome) for outcome in reported.outcomes]
                of_case[reported.case].append(message)
        standing = await board.load(tx, inputs, moves.plans)
        for case in inputs.keys() - standing.keys():
            for message in of_case[case]:
                await tx.park(message, CaseNotHere(f"case {case}"))
        known = [(standing[case], inputs[case]) for case in standing]
        await moves.move_loaded(tx, known, at=clock.now(), actor="system")

    return handle


async def _read(message: Message, tx: ConsumerTransaction) -> OutcomesReported | None:
    """The event of a message; an unreadable one parks its key."""
    try:
        event = decode(message)
    except (UnknownEvent, ValidationError) as error:
        await tx.park(message, error)
        return None
    return event if isinstance(event, OutcomesReported) else None
