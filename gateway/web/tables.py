"""Drafts of reports as SQLAlchemy Core; what they hold lies sealed (design 7)."""

from sqlalchemy import Column, DateTime, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry import ROWS

DRAFTS = Table(
    "page_drafts", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("actor", Text, nullable=False),
    Column("life_event", Text, nullable=False), Column("region", Text, nullable=False),
    Column("sealed", JSONB, nullable=False), Column("changed_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
