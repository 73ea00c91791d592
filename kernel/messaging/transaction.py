"""The only place that commits: rows and the messages about them in one transaction (design 6)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from kernel.messaging import outbox
from kernel.messaging.event import Event, encode
from kernel.messaging.message import Message

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Transaction:
    """One open transaction. `Transactions.begin` commits it; nobody else does."""

    def __init__(self, connection: AsyncConnection, *, source: str) -> None:
        self.connection = connection
        self.emitted: list[Message] = []
        self._source = source
        self._session: AsyncSession | None = None
        self._after_commit: list[Callable[[], None]] = []

    @property
    def session(self) -> AsyncSession:
        """An ORM session on this transaction's connection, made when first asked for.

        Flushed before the commit and before every `execute`; its own `commit` is not to be called.
        """
        if self._session is None:
            self._session = AsyncSession(bind=self.connection, expire_on_commit=False)
        return self._session

    async def execute(
        self, statement: Executable, parameters: Parameters = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run `text()` or Core on the connection, after what the session still holds back."""
        await self._flush()
        return await self.connection.execute(statement, parameters)

    def emit(self, event: Event, *, id: UUID | None = None, cause: Message | None = None) -> UUID:
        """Say that something has happened; it leaves with the commit, in the order of emission.

        The row is written as the transaction's last statement, so after every lock: per key, `seq` rises
        in commit order as long as the aggregate's row is locked or version-checked in this transaction.
        `cause` hands on the trace of the message being handled. Raises MessageTooLarge above 256 KiB.
        """
        message = encode(event, source=self._source, id=id, cause=cause)
        outbox.check_size(message)
        self.emitted.append(message)
        return message.id

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the commit has succeeded; not at all when it has not."""
        self._after_commit.append(callback)

    async def _flush(self) -> None:
        if self._session is not None:
            await self._session.flush()

    async def _finish(self) -> None:
        """Everything still to be written, the outbox last."""
        await self._flush()
        if self.emitted:
            await outbox.insert(self.connection, self.emitted)

    async def _close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _committed(self) -> None:
        for callback in self._after_commit:
            callback()


T = TypeVar("T", bound=Transaction)


class Transactions:
    """Transactions on one database. `source` is the CloudEvents source of what is emitted.

    `wake` is set after a commit that emitted something: the relay of the same process need not poll.
    """

    def __init__(self, engine: AsyncEngine, *, source: str, wake: asyncio.Event | None = None) -> None:
        self.engine = engine
        self.source = source
        self.wake = wake

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction: committed at the end, rolled back on any exception.

        Raises what the database raises; after a lost connection during the commit itself the outcome is
        unknown, so callers repeat under an idempotency key or an inbox row.
        """
        async with self.begin_as(Transaction) as tx:
            yield tx

    @asynccontextmanager
    async def begin_as(self, kind: Callable[..., T], **arguments: Any) -> AsyncIterator[T]:
        """As `begin`, with a Transaction of another kind (the consumer's own)."""
        async with self.engine.connect() as connection, connection.begin():
            tx = kind(connection, source=self.source, **arguments)
            try:
                yield tx
                await tx._finish()
            finally:
                await tx._close()
        if tx.emitted and self.wake is not None:
            self.wake.set()
        tx._committed()
