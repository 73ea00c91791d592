"""Alembic environment of the eldercare database."""

from kernel.migrations import run
from services.eldercare.tables import ROWS

run(ROWS.metadata)
