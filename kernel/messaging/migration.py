"""The messaging tables' DDL: called by every service's first Alembic revision."""

from typing import Protocol

# The outbox and the mail are always nearly empty and rewritten all day: vacuum by a small number of
# dead rows, never by a share of the table (design 6); the server's naptime is set to seconds.
_CHURN = (
    "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, "
    "autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0"
)
_ENVELOPE = (
    "id uuid NOT NULL, topic text NOT NULL, key text NOT NULL, headers json NOT NULL, payload bytea NOT NULL"
)
_RECORDED = "timestamp with time zone NOT NULL DEFAULT now()"
_SEQUENCE = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

_CREATE = (
    f"CREATE TABLE outbox (seq {_SEQUENCE}, {_ENVELOPE}, created_at {_RECORDED}) WITH ({_CHURN})",
    "CREATE TABLE parked_outbox (topic text NOT NULL, key text NOT NULL, reason text NOT NULL, "
    f"parked_at {_RECORDED}, PRIMARY KEY (topic, key))",
    # Why by id: a unique index on a partitioned table must contain the partition key, so partitions by
    # time of arrival could take the same event twice, once per day. The id is a UUIDv7 and begins with
    # the millisecond it was made in, the same at every delivery: partitioned by ranges of ids, each a
    # day of making, (id, consumer) is unique across the whole table. Ids of no made day (or not of
    # version 7) rest in the default partition, under the same index.
    "CREATE TABLE inbox (id uuid NOT NULL, consumer text NOT NULL, "
    f"recorded_at {_RECORDED}, PRIMARY KEY (id, consumer)) PARTITION BY RANGE (id)",
    "CREATE TABLE inbox_default PARTITION OF inbox DEFAULT",
    f"CREATE TABLE mail (seq {_SEQUENCE}, consumer text NOT NULL, {_ENVELOPE}, created_at {_RECORDED}, "
    f"CONSTRAINT mail_consumer_id_key UNIQUE (consumer, id)) WITH ({_CHURN})",
    "CREATE INDEX mail_consumer_seq ON mail (consumer, seq)",
    "CREATE TABLE parked_keys (consumer text NOT NULL, topic text NOT NULL, key text NOT NULL, "
    f"reason text NOT NULL, attempts integer NOT NULL DEFAULT 1, parked_at {_RECORDED}, "
    "PRIMARY KEY (consumer, topic, key))",
    f'CREATE TABLE parked_events (n {_SEQUENCE}, consumer text NOT NULL, {_ENVELOPE}, "partition" integer NOT NULL, '
    f'"offset" bigint NOT NULL, parked_at {_RECORDED}, CONSTRAINT parked_events_key_fkey '
    "FOREIGN KEY (consumer, topic, key) REFERENCES parked_keys (consumer, topic, key))",
    "CREATE INDEX parked_events_key ON parked_events (consumer, topic, key, n)",
    f"CREATE TABLE parked_skips (id {_SEQUENCE}, consumer text NOT NULL, event uuid NOT NULL, topic text NOT NULL, "
    "key text NOT NULL, headers json NOT NULL, payload bytea NOT NULL, failure text NOT NULL, "
    f"person text NOT NULL, reason text NOT NULL, skipped_at {_RECORDED})",
)
_DROP = ("parked_skips", "parked_events", "parked_keys", "mail", "inbox", "parked_outbox", "outbox")


class Operations(Protocol):
    """As much of Alembic's `op` as is needed."""

    def execute(self, statement: str) -> object:
        """Run one statement."""


def create_messaging(op: Operations) -> None:
    """Make outbox, parked_outbox, inbox, mail, parked_keys, parked_events and parked_skips.

    Upkeep (`upkeep.py`) makes the inbox's daily partitions; until then the default one serves.
    """
    for statement in _CREATE:
        op.execute(statement)


def drop_messaging(op: Operations) -> None:
    """Undo create_messaging, partitions included."""
    for table in _DROP:
        op.execute(f"DROP TABLE {table}")
