import errno

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kernel.messaging.failures import REASON_CHARACTERS, HandlerTooSlow, describe, is_systemic
from kernel.messaging.waiting import Backoff
from tests.kernel.messaging.house import House

NUMBER = "110101194912310035"


class Form(BaseModel):
    id_number: int


def wrapped(error: Exception) -> Exception:
    return DBAPIError("INSERT …", {}, error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("reset"),
        TimeoutError(),
        OSError(errno.ENOSPC, "No space left on device"),
        KafkaConnectionError("away"),
        PoolTimeout("QueuePool limit reached"),
        wrapped(asyncpg.DeadlockDetectedError("deadlock detected")),
        wrapped(asyncpg.SerializationError("could not serialize access")),
        wrapped(asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT")),
        wrapped(asyncpg.DiskFullError("could not extend file")),
        wrapped(asyncpg.AdminShutdownError("terminating connection")),
        wrapped(asyncpg.CannotConnectNowError("the database system is starting up")),
        wrapped(asyncpg.TooManyConnectionsError("sorry, too many clients already")),
        wrapped(asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")),
        wrapped(asyncpg.InterfaceError("cannot perform operation: connection is closed")),
        ExceptionGroup("both", [ValueError("no"), ConnectionResetError("reset")]),
    ],
    ids=repr,
)
def test_a_failure_of_the_surroundings_is_waited_out(error: Exception) -> None:
    assert is_systemic(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("x"),
        FileNotFoundError(errno.ENOENT, "rules.yaml"),
        HandlerTooSlow("60 s"),
        wrapped(asyncpg.UniqueViolationError("duplicate key")),
        wrapped(asyncpg.DataError("invalid input for query argument $1")),
        wrapped(asyncpg.InFailedSQLTransactionError("current transaction is aborted")),
    ],
    ids=repr,
)
def test_a_failure_of_the_message_parks(error: Exception) -> None:
    assert not is_systemic(error)


def test_an_error_dealt_with_before_does_not_count() -> None:
    def fail_after_a_reset() -> None:
        try:
            raise ConnectionResetError("reset")
        except ConnectionResetError:
            raise ValueError("no")  # noqa: B904 - the reset is mere context here

    with pytest.raises(ValueError, match="no") as failure:
        fail_after_a_reset()
    assert not is_systemic(failure.value)


async def test_a_reason_names_the_constraint_and_never_the_values(local_house: House) -> None:
    async def insert_twice() -> None:
        async with local_house.listening.begin() as tx:
            for _ in range(2):
                await tx.execute(
                    text("INSERT INTO parked_outbox (topic, key, reason) VALUES ('hall', :key, '')"),
                    {"key": NUMBER},
                )

    with pytest.raises(DBAPIError) as failure:
        await insert_twice()
    reason = describe(failure.value)
    assert "UniqueViolationError 23505 parked_outbox parked_outbox_pkey" in reason
    assert NUMBER not in reason


def test_a_reason_names_the_place_of_a_wrong_value_and_never_the_value() -> None:
    with pytest.raises(ValidationError) as failure:
        Form.model_validate({"id_number": NUMBER + "X"})
    reason = describe(failure.value)
    assert "/id_number: int_parsing" in reason
    assert NUMBER not in reason


def test_long_numbers_are_blanked_and_long_reasons_cut() -> None:
    assert describe(ValueError(f"person {NUMBER[:17]}X of row 12")) == "ValueError: person … of row 12"
    assert len(describe(ValueError("长" * 5000))) == REASON_CHARACTERS


def test_waits_double_up_to_a_bound_and_begin_again_after_success() -> None:
    backoff = Backoff(first_seconds=0.1, most_seconds=1.0)
    assert [backoff.next_seconds() for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert [backoff.next_seconds() for _ in range(5000)][-1] == 1.0
    backoff.reset()
    assert backoff.next_seconds() == 0.1
