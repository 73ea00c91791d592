"""All tables of the gateway's database in one metadata, for migrations and their comparison."""

from casework.tables import casework_tables
from gateway import indexes
from gateway.assets import tables as assets
from gateway.cases import tables as cases
from gateway.exchange import tables as exchange
from gateway.filings import tables as filings
from gateway.notices import tables as notices
from gateway.people import import_tables as imports
from gateway.people import tables as people
from gateway.registry import ROWS
from gateway.web import tables as web
from kernel.messaging.tables import messaging_tables
from kernel.public_service.ledger import ledger_tables

__all__ = ["ROWS", "assets", "cases", "exchange", "filings", "imports", "notices", "people", "web"]

casework_tables(ROWS.metadata)
messaging_tables(ROWS.metadata)
ledger_tables(ROWS.metadata)
indexes.declare()
