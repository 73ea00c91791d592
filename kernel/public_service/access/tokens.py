"""Bearer tokens: PyJWT, HS256, 12 hours of real time (a demo clock that jumps a month signs nobody out)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from kernel.errors import Unauthenticated
from kernel.public_service.access.roles import Actor, Role

LIFETIME = timedelta(hours=12)


class TokenExpired(Unauthenticated):
    """登录已过期。
    The sign-in has expired."""


class TokenInvalid(Unauthenticated):
    """登录凭证无效。
    The bearer token is not valid."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires_at: datetime


class Tokens:
    """Issues and reads tokens under one key (≥ 32 characters)."""

    def __init__(self, key: str, *, issuer: str = "lianban") -> None:
        self._key = key
        self._issuer = issuer

    def issue(self, actor: Actor) -> Token:
        now = datetime.now(UTC).replace(microsecond=0)
        claims = {
            "iss": self._issuer,
            "sub": actor.user,
            "role": actor.role.value,
            "region": actor.region,
            "person": None if actor.person is None else str(actor.person),
            "owner": actor.owner,
            "iat": now,
            "exp": now + LIFETIME,
        }
        return Token(jwt.encode(claims, self._key, algorithm="HS256"), now + LIFETIME)

    def read(self, text: str) -> Actor:
        """The actor of a token. Raises TokenExpired or TokenInvalid."""
        try:
            claims = jwt.decode(
                text,
                self._key,
                algorithms=["HS256"],
                issuer=self._issuer,
                options={"require": ["exp", "sub"]},
            )
            person = claims.get("person")
            return Actor(
                user=claims["sub"],
                role=Role(claims["role"]),
                region=claims["region"],
                person=None if person is None else UUID(person),
                owner=claims.get("owner"),
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired() from error
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise TokenInvalid() from error
