"""Writes of elder care, set-based: what verbs decided, the monthly payment, and grants."""

from services.eldercare.commands.effects import apply

__all__ = ["apply"]
