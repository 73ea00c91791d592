"""Who may do what to which thing: one table, one `authorize`, one declaration per route (design 7)."""

from kernel.public_service.access.actions import GRANTS, Action, Reach
from kernel.public_service.access.decide import authorize, may, reach, role_may
from kernel.public_service.access.roles import Actor, Kind, Role, covers, region_prefix
from kernel.public_service.access.routes import (
    COOKIE,
    SERVICE_KEY_HEADER,
    Access,
    Public,
    Requires,
    ServiceOnly,
    SignedIn,
    public,
    requires,
    service_only,
    signed_in,
)
from kernel.public_service.access.tokens import LIFETIME, Token, Tokens

__all__ = [
    "COOKIE",
    "GRANTS",
    "LIFETIME",
    "SERVICE_KEY_HEADER",
    "Access",
    "Action",
    "Actor",
    "Kind",
    "Public",
    "Reach",
    "Requires",
    "Role",
    "ServiceOnly",
    "SignedIn",
    "Token",
    "Tokens",
    "authorize",
    "covers",
    "may",
    "public",
    "reach",
    "region_prefix",
    "requires",
    "role_may",
    "service_only",
    "signed_in",
]
