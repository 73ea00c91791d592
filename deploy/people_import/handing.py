"""Handing a chunk over to the owners: each in a transaction of its own, a household that one refuses set aside there.

What an owner's database refuses (a constraint that its objections did not foresee) is found by halving the chunk, kept
sealed with line and reason, and tried again by every later run; nothing else waits for it. A database that is away
refuses nothing: that error ends the run, and the chunk waits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from deploy.local.people.model import SyntheticHousehold
from deploy.people_import.households import from_json, to_json
from gateway.people import set_aside, staging
from gateway.people.set_aside import SetAside
from kernel.database import constraint, sqlstate
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.clock import Clock
from kernel.public_service.sealing import Sealer

Load = Callable[[Transaction, Sequence[SyntheticHousehold]], Awaitable[object]]
Object = Callable[[Transaction, Sequence[SyntheticHousehold]], Awaitable[Mapping[UUID, str]]]
# SQLSTATE classes of what is wrong with the rows themselves: data exception, integrity constraint.
_REFUSALS = frozenset({"22", "23"})


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner's side: its database, its loader, and what it says against rows (none: nothing)."""

    transactions: Transactions
    load: Load
    objections: Object | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Gives chunks to owners. `transactions`, `sealer` and `clock` are the gateway's."""

    transactions: Transactions
    sealer: Sealer
    clock: Clock
    owners: Mapping[str, Owner]

    async def what_waits(self) -> int:
        """Chunks that some owner still lacks, then what was set aside; how many chunks waited."""
        async with self.transactions.begin() as tx:
            waiting = await staging.waiting(tx, self.sealer)
        for chunk in waiting:
            await self.give(chunk.id, from_json(chunk.content), chunk.handed)
        await self._try_again()
        return len(waiting)

    async def give(self, chunk: UUID, made: Sequence[SyntheticHousehold], handed: frozenset[str]) -> None:
        """Each owner in a transaction of its own; then the gateway knows that this one has it."""
        for name, owner in self.owners.items():
            if name in handed:
                continue
            refused = await _loaded(owner, made)
            async with self.transactions.begin() as tx:
                await self.clock.refresh(tx)
                for household, reason in refused:
                    await set_aside.keep(
                        tx, self.sealer, chunk=chunk, owner=name, household=household.household, reason=reason,
                        content=to_json([household]), at=self.clock.now(),
                    )  # fmt: skip
                await staging.handed(tx, chunk, name)
        async with self.transactions.begin() as tx:
            await staging.erase(tx, chunk, list(self.owners))

    async def standing_aside(self) -> Sequence[SetAside]:
        """What owners still refuse, of any import."""
        async with self.transactions.begin() as tx:
            return await set_aside.standing(tx)

    async def _try_again(self) -> None:
        """Each by itself: what was wrong may have been mended at the owner since."""
        async with self.transactions.begin() as tx:
            kept = await set_aside.contents(tx, self.sealer)
        for one in kept:
            if one.owner not in self.owners:
                continue
            refused = await _loaded(self.owners[one.owner], from_json(one.content))
            async with self.transactions.begin() as tx:
                await self.clock.refresh(tx)
                if refused:
                    await set_aside.refused_again(tx, one, reason=refused[0][1], at=self.clock.now())
                else:
                    await set_aside.loaded(tx, one)


async def _loaded(
    owner: Owner, made: Sequence[SyntheticHousehold]
) -> Sequence[tuple[SyntheticHousehold, str]]:
    """Load them, all but those that the owner's database refuses: these, each with the constraint's name."""
    if not made:
        return ()
    try:
        async with owner.transactions.begin() as tx:
            await owner.load(tx, made)
    except DBAPIError as error:
        if sqlstate(error)[:2] not in _REFUSALS:
            raise
        if len(made) == 1:
            return ((made[0], constraint(error) or sqlstate(error)),)
        half = len(made) // 2
        return (*await _loaded(owner, made[:half]), *await _loaded(owner, made[half:]))
    return ()
