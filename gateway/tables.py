"""All tables of the gateway's database in one metadata, for migrations and their comparison."""

from gateway.cases import tables as cases
from gateway.exchange import tables as exchange
from gateway.people import tables as people
from gateway.registry import ROWS
from gateway.web import tables as web

__all__ = ["ROWS", "cases", "exchange", "people", "web"]
