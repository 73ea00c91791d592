"""Imports of people: files, chunks on their way to the owners, provenance of every line (GX-042)."""

from alembic import op

revision = "0010_import"
down_revision = "0009_asset_query"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""CREATE TABLE imports (
        id uuid PRIMARY KEY, file_hash text NOT NULL, file_name text NOT NULL, started_by text NOT NULL,
        started_at timestamptz NOT NULL, finished_at timestamptz
    )""")
    op.execute("CREATE UNIQUE INDEX imports_file ON imports (file_hash) WHERE finished_at IS NULL")
    op.execute("CREATE INDEX imports_content ON imports (file_hash)")
    op.execute("""CREATE TABLE import_chunks (
        import_id uuid NOT NULL REFERENCES imports (id), last_line integer NOT NULL, id uuid NOT NULL,
        households integer NOT NULL, people integer NOT NULL, refused integer NOT NULL, handed text[] NOT NULL,
        sealed jsonb, staged_at timestamptz NOT NULL, PRIMARY KEY (import_id, last_line)
    )""")
    op.execute("CREATE INDEX import_chunks_staged ON import_chunks (staged_at) WHERE sealed IS NOT NULL")
    op.execute("""CREATE TABLE imported_rows (
        import_id uuid NOT NULL REFERENCES imports (id), line integer NOT NULL, record text NOT NULL,
        object uuid NOT NULL, household uuid NOT NULL, source text NOT NULL, imported_at timestamptz NOT NULL,
        PRIMARY KEY (import_id, line)
    )""")
    op.execute("CREATE INDEX imported_rows_object ON imported_rows (object)")


def downgrade() -> None:
    op.execute("DROP TABLE imported_rows")
    op.execute("DROP TABLE import_chunks")
    op.execute("DROP TABLE imports")
