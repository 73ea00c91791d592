"""Routes of elder care beside the internal API that every owner has: for providers' systems, under the service key."""

from services.eldercare.api import bed_routes, grant_routes, money_routes, service_routes

ROUTERS = (service_routes.router, money_routes.router, bed_routes.router, grant_routes.router)

__all__ = ["ROUTERS"]
