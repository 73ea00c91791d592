"""The register of people as SQLAlchemy Core (design 7). `persons`, casework's lock rows, is another table.

Names and numbers lie only in `person_details.sealed` (owner `gateway`, the person's key in place of a case) and, for
finding them again, as blind indexes.
"""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry import ROWS

PEOPLE = Table(
    "people", ROWS.metadata,
    Column("person", Uuid, primary_key=True), Column("region", Text), Column("household", Uuid),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

IDENTIFIERS = Table(
    "person_identifiers", ROWS.metadata,
    Column("kind", Text, primary_key=True), Column("blind_index", LargeBinary, primary_key=True),
    Column("key_version", Integer, primary_key=True), Column("person", Uuid, nullable=False),
)  # fmt: skip

DETAILS = Table(
    "person_details", ROWS.metadata,
    Column("person", Uuid, primary_key=True), Column("name_index", LargeBinary, nullable=False),
    Column("sealed", JSONB, nullable=False),
)  # fmt: skip

RELATIONS = Table(
    "person_relations", ROWS.metadata,
    Column("person", Uuid, primary_key=True), Column("relative", Uuid, primary_key=True),
    Column("relation", Text, nullable=False),
)  # fmt: skip
