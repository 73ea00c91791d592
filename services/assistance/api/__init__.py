"""Routes of assistance beside the internal ones every owner has."""

from services.assistance.api import money, people

ROUTERS = (people.router, money.router)
