"""Who looked at the answers of a joint query, as SQLAlchemy Core; append-only (R28: shown to the other heirs)."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, Table, Text, Uuid

from gateway.registry import ROWS


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


LOOKUPS = Table(
    "asset_lookups", ROWS.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True), Column("procedure", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False), Column("at", DateTime(timezone=True), nullable=False), _text("kind"),
    _text("actor"), _text("role"), _text("region"), Column("person", Uuid), _text("purpose"),
    Column("edition", Integer, nullable=False),
)  # fmt: skip
