"""Alembic environment of the marriage database."""

from kernel.migrations import run
from services.marriage.tables import ROWS

run(ROWS.metadata)
