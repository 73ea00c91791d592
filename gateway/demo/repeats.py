"""The same demo request twice is one request (api.md, Habits), for work that is no single transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Response

from gateway.desk import Desk
from kernel.idempotency import RequestKey, idempotent, kept_answer

_ACTOR = "demo"  # no token is needed here: all who play share their keys


async def once(desk: Desk, key: RequestKey, do: Callable[[], Awaitable[dict[str, Any]]]) -> Response:
    """The first answer of this key, or the answer of `do`, kept. No transaction is open meanwhile.

    Raises IdempotencyKeyReused. Of two that come at once both do their work; the second is told the first's answer.
    """
    async with desk.open() as tx:
        if (kept := await kept_answer(tx, _ACTOR, key)) is not None:
            return kept
    body = await do()
    async with desk.open() as tx, idempotent(tx, _ACTOR, key) as slot:
        return slot.response if slot.replay else await slot.keep(200, body)
