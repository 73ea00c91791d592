"""The exchange's tables as SQLAlchemy Core, for migrations' comparison, screens and tests.

`rows.py`, `leases.py` and `holds.py` speak plain SQL to the same tables; `migration.py` makes them.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry import ROWS


def _instant(name: str, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _text(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _key(name: str, nullable: bool = False) -> Column[object]:
    return Column(name, Uuid, nullable=nullable)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


DELIVERIES = Table(
    "deliveries", ROWS.metadata,
    Column("id", Uuid, primary_key=True), _key("procedure"), _key("case_id"), _text("case_no"),
    _number("case_version"), _text("type"), _text("department"), _text("region"), _text("kind"), _text("state"),
    _number("order_no"), _number("version"), _text("outcome"), _text("step"), _text("undo"),
    _instant("opened_at", False), Column("held_by", ARRAY(Text), nullable=False), _flag("evidence"),
    _text("reason", True), Column("result", JSONB, nullable=False), _text("answer", True), Column("sealed", JSONB),
    _text("undo_reason", True), _text("undo_kind", True), _text("signal", True), _instant("too_late_at"),
    _instant("due_at"), _instant("half_at"), _instant("warn_at"), _flag("provisional"),
    Column("escalation", SmallInteger, nullable=False), _instant("next_check_at"), _text("cancel_for", True),
    _key("replaces", True), _flag("current"), _key("task_id", True), _text("task_kind", True), _instant("task_at"),
    _instant("sent_at"), _instant("leased_until"), _instant("answered_at"), _instant("done_at"),
    _number("attempts"), _text("failure", True), Column("limit_amount", Integer), _text("limit_unit", True),
    _instant("limit_at"), _instant("asked_at"), Column("rung", SmallInteger, nullable=False), _instant("paused_at"),
    _text("pause_reason", True), Column("pauses", JSONB, nullable=False), _key("asked_by", True),
)  # fmt: skip

HOLDS = Table(
    "holds", ROWS.metadata,
    Column("id", Uuid, primary_key=True), _text("department"), _text("source_no"), _key("case_id", True),
    _key("person", True), _text("kind"), Column("sealed", JSONB, nullable=False), _instant("placed_at", False),
    _instant("handed_at"), _instant("released_at"), _text("release_no", True), _instant("release_handed_at"),
    _number("version"), _key("follows", True),
)  # fmt: skip

SOURCES = Table(
    "life_event_sources", ROWS.metadata,
    Column("department", Text, primary_key=True), Column("source_no", Text, primary_key=True), _number("version"),
    _key("case_id"), _text("case_no"), _instant("recorded_at", False),
)  # fmt: skip

DEMO_DEPARTMENTS = Table(
    "demo_departments", ROWS.metadata,
    Column("department", Text, primary_key=True), _text("mode"), Column("delay_seconds", Float, nullable=False),
)  # fmt: skip
