"""Cases, the board, timeline, feed, tasks and papers as SQLAlchemy Core (design 1).

The hot paths (`board.py`, `reports.py`, `feed.py`) speak plain SQL to the same tables; the migration makes them,
and a test compares the two. `cases.form` is the sealed form, owner `gateway`; nothing else here names a person.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from gateway.registry import ROWS


class XID8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_arguments: object) -> str:
        return "XID8"


def _instant(name: str, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _text(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _json(name: str, nullable: bool = False) -> Column[object]:
    return Column(name, JSONB, nullable=nullable)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _texts(name: str) -> Column[object]:
    return Column(name, ARRAY(Text), nullable=False)


def _serial() -> Column[int]:
    return Column("seq", BigInteger, Identity(always=True), primary_key=True)


PLANS = Table(
    "plans", ROWS.metadata,
    Column("id", Text, primary_key=True), _text("life_event"), _number("catalogue_version"), _json("content"),
    _instant("recorded_at", False),
)  # fmt: skip

CASES = Table(
    "cases", ROWS.metadata,
    Column("id", Uuid, primary_key=True), _text("case_no"), _text("life_event"), _text("plan"),
    Column("subject", Uuid, nullable=False), Column("applicant", Uuid),
    Column("reporters", ARRAY(Uuid), nullable=False), _json("persons"),
    Column("kin", ARRAY(Uuid), nullable=False),
    _text("region"), _json("regions"), _text("channel"), _instant("submitted_at", False), _text("submitted_by"),
    _json("form"), _texts("verified"), _json("vouchers"), _text("status"), _number("version"), _number("progress"),
    _instant("occurred_at"), _flag("confirmed"), _flag("doubted"), _flag("reviewed"), _instant("cleared_at"),
    _flag("issuer_reported"), _text("revocation", True), _text("signing", True), _texts("holds"),
    _json("conditions"), _json("answers"), _json("wishes"), _texts("special"), _texts("settled"), _texts("unheard"),
    _json("asks"), _texts("open_types"), _instant("changed_at", False),
)  # fmt: skip

PROCEDURES = Table(
    "case_procedures", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("case_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False), _text("type"), _text("owner"), _text("region"),
    _number("round"), _text("state"), _text("reason", True), _number("order_no"), _number("answered"),
    _number("outcome_version"), _text("sent", True), _text("wanted", True), _text("undo_reason", True),
    _flag("by_gateway"), _flag("too_late"), _instant("last_sign_of_life"), _instant("lapses_at"),
    _json("result"), _text("step", True), _json("task", True), Column("task_id", Uuid), _text("task_role", True),
    _text("task_region", True), _instant("due_at"), _instant("half_at"), _instant("warn_at"), _flag("provisional"),
    Column("escalation", SmallInteger, nullable=False), _instant("too_late_at"), _text("undo_kind", True),
    _instant("opened_at"), _instant("ended_at"), Column("body_released", Boolean), _instant("paused_at"),
    _instant("offered_at"),
)  # fmt: skip

PROOFS_TO_TELL = Table("proofs_to_tell", ROWS.metadata, Column("case_id", Uuid, primary_key=True))

SEEN_TASKS = Table(
    "case_tasks", ROWS.metadata,
    Column("task_id", Uuid, primary_key=True), Column("procedure", Uuid, nullable=False),
)  # fmt: skip

CHANGES = Table(
    "case_changes", ROWS.metadata,
    _serial(), Column("xid", XID8, nullable=False), Column("case_id", Uuid, nullable=False), _number("progress"),
    _instant("recorded_at", False),
)  # fmt: skip

TIMELINE = Table(
    "case_timeline", ROWS.metadata,
    _serial(), Column("case_id", Uuid, nullable=False), _instant("at", False), _text("actor"), _number("version"),
    _json("notes"),
)  # fmt: skip

TASKS = Table(
    "gateway_tasks", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("case_id", Uuid, nullable=False), Column("procedure", Uuid),
    _text("kind"), _text("role"), _text("region"), _number("version"), _json("facts"), _json("sealed", True),
    _instant("opened_at", False), _instant("due_at"), _instant("half_at"), _instant("warn_at"), _flag("provisional"),
    _instant("closed_at"), _text("closed_by", True), _text("decision", True), _text("reason", True),
    Column("escalation", SmallInteger, nullable=False), _instant("next_check_at"),
)  # fmt: skip

REPORTS = Table(
    "case_reports", ROWS.metadata,
    _serial(), Column("case_id", Uuid, nullable=False), _instant("at", False), _text("actor"), _text("channel"),
    Column("applicant", Uuid), _json("form"),
)  # fmt: skip

MATERIALS = Table(
    "case_materials", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("case_id", Uuid, nullable=False), _text("material"),
    _text("media_type"), _number("size_bytes"), Column("digest", LargeBinary, nullable=False), _json("sealed"),
    _text("added_by"), _instant("added_at", False),
)  # fmt: skip
