"""All routes of this package, for the gateway's `Service(routers=[…])`."""

from gateway.outside_cases import awards_in_life, bed_offers, declarations, grant_checks, visits

ROUTERS = (bed_offers.router, declarations.router, awards_in_life.router, grant_checks.router, visits.router)
