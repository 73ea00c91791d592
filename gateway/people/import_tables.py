"""What was imported from where (GX-042): files, their chunks on the way to the owners, and every line's provenance.

`import_chunks.sealed` holds what the owners still have to load, under the gateway's key; it is erased once all have it.
`import_set_aside` holds, sealed too, the households that one owner's database refused, until it takes them.
No table here holds a name or a number.
"""

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from gateway.registry import ROWS

IMPORTS = Table(
    "imports", ROWS.metadata,
    Column("id", Uuid, primary_key=True), Column("file_hash", Text, nullable=False),
    Column("file_name", Text, nullable=False), Column("started_by", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
)  # fmt: skip

CHUNKS = Table(
    "import_chunks", ROWS.metadata,
    Column("import_id", Uuid, ForeignKey("imports.id", name="import_chunks_import_id_fkey"), primary_key=True),
    Column("last_line", Integer, primary_key=True), Column("id", Uuid, nullable=False),
    Column("households", Integer, nullable=False), Column("people", Integer, nullable=False),
    Column("refused", Integer, nullable=False), Column("handed", ARRAY(Text), nullable=False),
    Column("sealed", JSONB), Column("staged_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

SET_ASIDE = Table(
    "import_set_aside", ROWS.metadata,
    Column("household", Uuid, primary_key=True), Column("owner", Text, primary_key=True),
    Column("chunk", Uuid, nullable=False), Column("line", Integer, nullable=False),
    Column("reason", Text, nullable=False), Column("sealed", JSONB, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

ROWS_IMPORTED = Table(
    "imported_rows", ROWS.metadata,
    Column("import_id", Uuid, ForeignKey("imports.id", name="imported_rows_import_id_fkey"), primary_key=True),
    Column("line", Integer, primary_key=True), Column("record", Text, nullable=False),
    Column("object", Uuid, nullable=False), Column("household", Uuid, nullable=False),
    Column("source", Text, nullable=False), Column("imported_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
