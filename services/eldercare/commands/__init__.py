"""Writes of elder care, set-based: what verbs decided, payments, grants, beds, meetings, providers' services."""

from services.eldercare.commands.effects import apply

__all__ = ["apply"]
