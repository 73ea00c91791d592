"""Puts the population into the owners' databases, in chunks, all owners at once.

Loading again changes nothing: every row has a key of its own and the importers skip keys that stand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import islice

from deploy.local.people.model import SyntheticHousehold
from kernel.messaging.transaction import Transaction, Transactions

Importer = Callable[[Transaction, Sequence[SyntheticHousehold]], Awaitable[object]]
CHUNK_HOUSEHOLDS = 1000


async def load(
    households: Iterable[SyntheticHousehold],
    *,
    services: Mapping[str, Transactions],
    importers: Mapping[str, Importer],
) -> int:
    """Hand every household to each importer, by the name of its owner; gives the number of people.

    An owner's chunk is one transaction. The gateway's importer comes first for a chunk: nobody holds anything who is
    not in the register.
    """
    people, rows = 0, iter(households)
    while chunk := tuple(islice(rows, CHUNK_HOUSEHOLDS)):
        people += sum(len(household.persons) for household in chunk)
        if "gateway" in importers:
            await _put(chunk, services["gateway"], importers["gateway"])
        others = [name for name in importers if name != "gateway"]
        await asyncio.gather(*(_put(chunk, services[name], importers[name]) for name in others))
    return people


async def _put(chunk: Sequence[SyntheticHousehold], transactions: Transactions, importer: Importer) -> None:
    async with transactions.begin() as tx:
        await importer(tx, chunk)
