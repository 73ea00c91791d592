"""Alembic environment of the assistance database."""

from kernel.migrations import run
from services.assistance.tables import ROWS

run(ROWS.metadata)
