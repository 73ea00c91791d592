"""Which failures pass by themselves (wait) and which belong to one message (park); design 6."""

import errno
import re
import traceback
from collections.abc import Iterator

from aiokafka.errors import KafkaError
from asyncpg import PostgresError
from asyncpg import exceptions as pg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

REASON_CHARACTERS = 500

# SQLSTATE: connection 08, no resources or disk full 53, shutdown or starting 57P, I/O 58,
# serialisation 40001, deadlock 40P01, read-only 25006, lock not available 55P03, cancelled 57014.
_SYSTEMIC_STATES = ("08", "53", "57P", "58", "40001", "40003", "40P01", "25006", "55P03", "57014")
_SYSTEMIC_ERRNO = {
    errno.ENOSPC,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
    errno.EROFS,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,
}
# While upkeep attaches a day's partition of the inbox, an insert on its way to the default one is refused, once.
_DEFAULT_PARTITION = "inbox_default"
_DIGITS = re.compile(r"\d{6,}[\dXx]?")


class LostOffset(Exception):
    """消费位置已丢失或已过保留期：核对后人工重设位置，程序不会自行跳过。

    The group's position is lost or past retention. It never jumps: check what is missing, set the
    group's offsets by hand, start again.
    """


class BusAway(Exception):
    """消息总线暂时没有应答。
    The bus does not answer for the moment."""


class HandlerTooSlow(Exception):
    """处理超过时限，逐条重试，仍超时的事件停放。

    The handler ran past its time; messages are tried one by one and the slow one is parked.
    """


def is_systemic(error: BaseException) -> bool:
    """True when the surroundings failed, not the message: it is tried again without limit."""
    return any(_one_is_systemic(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from; never mere context, which may long be dealt with."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _chain(inner)
        error = error.__cause__ or getattr(error, "orig", None)


def _one_is_systemic(error: BaseException) -> bool:
    if isinstance(error, HandlerTooSlow):
        return False
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, pg.CheckViolationError) and error.table_name == _DEFAULT_PARTITION:
        return True
    if isinstance(error, PostgresError):
        return (error.sqlstate or "").startswith(_SYSTEMIC_STATES)
    if isinstance(error, pg.InterfaceError):
        return "connection" in str(error) and "closed" in str(error)
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError) or error.errno in _SYSTEMIC_ERRNO
    return isinstance(error, PoolTimeout | KafkaError)


def describe(error: BaseException) -> str:
    """Why it failed, fit for a table, a log or a screen: no parameters, no input values, no long numbers.

    Database errors give state and constraint, validation errors their places; in everything else runs
    of six digits and more are blanked, for they may be somebody's number.
    """
    database = next((each for each in _chain(error) if isinstance(each, PostgresError)), None)
    if database is not None:
        named = " ".join(filter(None, (database.table_name, database.constraint_name, database.column_name)))
        text = f"{type(database).__name__} {database.sqlstate} {named}".strip()
        # Our own `raise exception` texts (P0001) carry no values; the server's others may.
        text += f": {database.args[0]}" if database.sqlstate == "P0001" and database.args else ""
    elif isinstance(error, ValidationError):
        places = [
            f"/{'/'.join(map(str, item['loc']))}: {item['type']}"
            for item in error.errors(include_input=False)
        ]
        text = f"ValidationError {error.title} {'; '.join(places)}"
    else:
        text = f"{type(error).__name__}: {error}"
    return _DIGITS.sub("…", f"{text}{_where(error)}")[:REASON_CHARACTERS]


def _where(error: BaseException) -> str:
    """The innermost line of our own code that the error passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if "site-packages" not in frame.filename and "/lib/python" not in frame.filename
    ]
    if not ours:
        return ""
    frame = ours[-1]
    return f" [{'/'.join(frame.filename.split('/')[-2:])} line {frame.lineno} in {frame.name}]"
