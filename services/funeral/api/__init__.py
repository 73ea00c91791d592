"""Routes of the funeral service beside the internal API that every owner has."""

from services.funeral.api import awards, holds, slots, visits

routers = (holds.router, slots.router, visits.router, awards.router)
