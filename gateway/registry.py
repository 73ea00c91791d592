"""The gateway's own SQLAlchemy registry: every `tables.py` below `gateway/` registers here."""

from kernel.database import service_registry

ROWS = service_registry()
