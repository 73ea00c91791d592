"""Reads of elder care, each one statement for many people."""

from services.eldercare.queries.gathering import gather, gather_items, holds_elder_card, paid_after_death
from services.eldercare.queries.views import care_statements, holdings

__all__ = ["care_statements", "gather", "gather_items", "holdings", "holds_elder_card", "paid_after_death"]
