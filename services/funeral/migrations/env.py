"""Alembic environment of the funeral database."""

from kernel.migrations import run
from services.funeral.tables import ROWS

run(ROWS.metadata)
