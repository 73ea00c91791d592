"""Who looked at or did what, for which purpose. Append-only: a trigger refuses UPDATE and DELETE.

Kept because a reveal of personal data states its purpose (design 7). A line names a person by key, never by number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from kernel.public_service.clock import Executes

APPEND_ONLY = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$"""

DDL = (
    APPEND_ONLY,
    """CREATE TABLE IF NOT EXISTS audit_log (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        object text NOT NULL,
        purpose text NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX IF NOT EXISTS ix_audit_log_object ON audit_log (object, seq)",
    "CREATE INDEX IF NOT EXISTS ix_audit_log_actor ON audit_log (actor, seq)",
    """CREATE OR REPLACE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)

_INSERT = text(
    """INSERT INTO audit_log (at, actor, action, object, purpose)
       SELECT * FROM unnest(CAST(:at AS timestamptz[]), CAST(:actor AS text[]), CAST(:action AS text[]),
                            CAST(:object AS text[]), CAST(:purpose AS text[]))"""
)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """`object` is what was touched, as `kind:id` (`person:…`, `case:…`, `task:…`)."""

    at: datetime
    actor: str
    action: str
    object: str
    purpose: str = ""


async def record(tx: Executes, lines: Sequence[AuditLine]) -> None:
    """Append lines in one statement, in the caller's transaction: no deed without its line, no line without deed."""
    if not lines:
        return
    await tx.execute(
        _INSERT,
        {
            "at": [line.at for line in lines],
            "actor": [line.actor for line in lines],
            "action": [line.action for line in lines],
            "object": [line.object for line in lines],
            "purpose": [line.purpose for line in lines],
        },
    )
