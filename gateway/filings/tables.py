"""What the county said of a delegated decision: once for each outcome. Who is concerned stands on the board."""

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid

from gateway.registry import ROWS

FILINGS = Table(
    "decision_filings", ROWS.metadata,
    Column("procedure", Uuid, primary_key=True), Column("outcome_version", Integer, primary_key=True),
    Column("finding", Text, nullable=False), Column("reason", Text, nullable=False),
    Column("said_by", Text, nullable=False), Column("said_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
