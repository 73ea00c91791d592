"""The service's own registry with the tables that every owner has, and what rows of this service share."""

from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey
from sqlmodel import Field, SQLModel

from casework.tables import casework_tables
from kernel.database import service_registry
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables

ROWS = service_registry()
casework_tables(ROWS.metadata)
messaging_tables(ROWS.metadata)
ledger_tables(ROWS.metadata)


class Rows(SQLModel, registry=ROWS):
    """Puts every table of this package on the service's own registry."""


def home_of(*, index: bool = True) -> Any:
    """The column that names a row's funeral home."""
    return Field(sa_column=Column("home", ForeignKey("funeral_homes.id"), nullable=False, index=index))


def instant(*, nullable: bool = True) -> Any:
    """A column of an instant, with its zone."""
    kind = DateTime(timezone=True)
    return Field(default=None, sa_type=kind) if nullable else Field(sa_type=kind)
