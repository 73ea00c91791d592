"""Once after the update: running cases that are older than the seam of proofs tell their owners what proves them.

The migration lists them (`proofs_to_tell`); each page is told and struck off in one transaction, so a start that is cut
short goes on where it stopped, and two workers share the list. What has its proof already is only told it again.
"""

import asyncio

from sqlalchemy import text

from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import ProofsUnheard
from kernel.messaging.transaction import Transactions
from kernel.public_service.clock import Clock

PAGE = 100
_TAKE = text("""
    DELETE FROM proofs_to_tell WHERE case_id IN (
        SELECT case_id FROM proofs_to_tell ORDER BY case_id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING case_id""")


class RetellProofs:
    """A loop of the gateway's worker: tells page after page, then waits for the end."""

    def __init__(self, transactions: Transactions, moves: Moves, clock: Clock, *, page: int = PAGE) -> None:
        self._transactions = transactions
        self._moves = moves
        self._clock = clock
        self._page = page

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set() and await self.once():
            pass
        await stop.wait()

    async def once(self) -> int:
        """One page; how many cases were struck off."""
        async with self._transactions.begin() as tx:
            await self._clock.refresh(tx)
            taken = (await tx.execute(_TAKE, {"most": self._page})).scalars().all()
            told = [(case, [ProofsUnheard()]) for case in taken]
            await self._moves.move(tx, told, at=self._clock.now(), actor="system")
        return len(taken)
