"""All routes of this package, for the gateway's `Service(routers=[…])`."""

from gateway.outside_cases import bed_offers, declarations

ROUTERS = (bed_offers.router, declarations.router)
