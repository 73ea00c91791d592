"""Alembic environment of the gateway's database."""

from gateway.tables import ROWS
from kernel.migrations import run

run(ROWS.metadata)
