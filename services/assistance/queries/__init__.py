"""Set-based reads that procedures, routes and jobs share."""

from services.assistance.queries.people import benefits, holdings, regions_of
from services.assistance.queries.relatives import around, relations, tekun_holders
from services.assistance.queries.standings import gather, gather_paid_to, standings

__all__ = [
    "around",
    "benefits",
    "gather",
    "gather_paid_to",
    "holdings",
    "regions_of",
    "relations",
    "standings",
    "tekun_holders",
]
