"""The DDL of the record of look-ups: called by the gateway's ninth Alembic revision."""

from typing import Protocol

from kernel.public_service.audit import APPEND_ONLY

_CREATE = (
    """CREATE TABLE asset_lookups (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, procedure uuid NOT NULL,
        case_id uuid NOT NULL REFERENCES cases (id), at timestamptz NOT NULL,
        kind text NOT NULL CHECK (kind IN ('asked', 'list', 'log')), actor text NOT NULL, role text NOT NULL,
        region text NOT NULL, person uuid, purpose text NOT NULL, edition integer NOT NULL
    )""",
    "CREATE INDEX asset_lookups_procedure ON asset_lookups (procedure, id)",
    APPEND_ONLY,
    """CREATE OR REPLACE TRIGGER asset_lookups_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON asset_lookups
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Operations(Protocol):
    """As much of Alembic's `op` as is needed."""

    def execute(self, statement: str) -> object:
        """Run one statement."""


def create_lookups(op: Operations) -> None:
    """Make asset_lookups."""
    for statement in _CREATE:
        op.execute(statement)


def drop_lookups(op: Operations) -> None:
    """Undo create_lookups."""
    op.execute("DROP TABLE asset_lookups")
