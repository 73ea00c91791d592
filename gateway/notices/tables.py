"""Notices, contacts and messages as SQLAlchemy Core. Numbers and words lie only in the sealed columns (design 7)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry import ROWS


def _instant(name: str, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _text(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


NOTICES = Table(
    "notices", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("case_id", Uuid, nullable=False), _text("role"), _text("topic"),
    Column("procedure", Uuid), _text("type", True), _text("mark"), Column("turn", Integer, nullable=False),
    _instant("ready_at", False), Column("message", Uuid), _instant("dropped_at"),
)  # fmt: skip

CONTACTS = Table(
    "notice_contacts", ROWS.metadata,
    Column("case_id", Uuid, primary_key=True), Column("role", Text, primary_key=True), Column("person", Uuid),
    Column("contact", LargeBinary, nullable=False), _text("channel"), Column("sealed", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)  # fmt: skip

CURSOR = Table(
    "notice_cursor", ROWS.metadata,
    Column("id", Integer, primary_key=True, autoincrement=False), Column("xid", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
)  # fmt: skip

MESSAGES = Table(
    "messages", ROWS.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True), _instant("at", False),
    Column("case_id", Uuid, nullable=False), _text("case_no"), _text("channel"),
    Column("sealed", JSONB, nullable=False),
    Column("request", Uuid, nullable=False, server_default=text("gen_random_uuid()")), Column("contact", LargeBinary),
    Column("day", Date), Column("state", Text, nullable=False, server_default="sent"),
    Column("attempts", Integer, nullable=False, server_default="0"), _instant("next_try_at"), _instant("sent_at"),
    _text("region", True), Column("person", Uuid), _text("sent_by", True), _text("way", True),
    Column("erased", Boolean, nullable=False, server_default="false"),
)  # fmt: skip
