"""Set-based writes that verbs, routes and jobs share."""

from services.assistance.commands.effects import apply

__all__ = ["apply"]
