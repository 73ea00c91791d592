"""The rows of the funeral service, all on one registry."""

from services.funeral.tables import afterwards, homes
from services.funeral.tables.registry import ROWS

__all__ = ["ROWS", "afterwards", "homes"]
