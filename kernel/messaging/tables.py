"""The messaging tables as SQLAlchemy Core, for migrations' comparison, screens and tests.

The hot paths in `outbox.py`, `inbox.py`, `parking.py` and `bus/local.py` speak plain SQL to the same
tables; `migration.py` makes them.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSON


@dataclass(frozen=True, slots=True)
class MessagingTables:
    """One service's messaging tables."""

    outbox: Table
    parked_outbox: Table
    inbox: Table
    mail: Table
    parked_keys: Table
    parked_events: Table
    parked_skips: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Register the tables on a service's metadata (once; a second call returns the same tables)."""
    if "outbox" not in metadata.tables:
        _outgoing(metadata)
        _incoming(metadata)
        _parked(metadata)
    return MessagingTables(**{name: metadata.tables[name] for name in MessagingTables.__dataclass_fields__})


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _recorded(name: str) -> Column:
    """Technical time: never used for a legal limit."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _envelope() -> list[Column]:
    """What a message consists of; `headers` is JSON kept as written."""
    return [
        Column("id", Uuid, nullable=False),
        _text("topic"),
        _text("key"),
        Column("headers", JSON, nullable=False),
        Column("payload", LargeBinary, nullable=False),
    ]


def _outgoing(metadata: MetaData) -> None:
    sequence = Column("seq", BigInteger, Identity(always=True), primary_key=True)
    Table("outbox", metadata, sequence, *_envelope(), _recorded("created_at"))
    Table(
        "parked_outbox",
        metadata,
        _text("topic"),
        _text("key"),
        _text("reason"),
        _recorded("parked_at"),
        PrimaryKeyConstraint("topic", "key"),
    )


def _incoming(metadata: MetaData) -> None:
    Table(
        "inbox",
        metadata,
        Column("id", Uuid, nullable=False),
        _text("consumer"),
        _recorded("recorded_at"),
        PrimaryKeyConstraint("id", "consumer"),
        postgresql_partition_by="RANGE (id)",
    )
    Table(
        "mail",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        _text("consumer"),
        *_envelope(),
        _recorded("created_at"),
        UniqueConstraint("consumer", "id", name="mail_consumer_id_key"),
        Index("mail_consumer_seq", "consumer", "seq"),
    )


def _parked(metadata: MetaData) -> None:
    Table(
        "parked_keys",
        metadata,
        _text("consumer"),
        _text("topic"),
        _text("key"),
        _text("reason"),
        Column("attempts", Integer, nullable=False, server_default="1"),
        _recorded("parked_at"),
        PrimaryKeyConstraint("consumer", "topic", "key"),
    )
    Table(
        "parked_events",
        metadata,
        Column("n", BigInteger, Identity(always=True), primary_key=True),
        _text("consumer"),
        *_envelope(),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        _recorded("parked_at"),
        ForeignKeyConstraint(
            ["consumer", "topic", "key"],
            ["parked_keys.consumer", "parked_keys.topic", "parked_keys.key"],
            name="parked_events_key_fkey",
        ),
        Index("parked_events_key", "consumer", "topic", "key", "n"),
    )
    Table(
        "parked_skips",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        _text("consumer"),
        Column("event", Uuid, nullable=False),
        _text("topic"),
        _text("key"),
        Column("headers", JSON, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        _text("failure"),
        _text("person"),
        _text("reason"),
        _recorded("skipped_at"),
    )
