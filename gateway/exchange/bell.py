"""Rings when a commit has written something to send: the pusher of the same process need not wait for its poll."""

import asyncio
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from kernel.messaging.transaction import Transaction

_bells: WeakKeyDictionary[Engine, asyncio.Event] = WeakKeyDictionary()


def bell_of(engine: Engine) -> asyncio.Event:
    """The bell of one database in this process (`AsyncEngine.sync_engine`)."""
    return _bells.setdefault(engine, asyncio.Event())


def ring_after_commit(tx: Transaction) -> None:
    """Wake the pusher once this transaction has committed."""
    tx.after_commit(bell_of(tx.connection.engine.sync_engine).set)
