"""How a route declares who may call it. Each route declares exactly one; an architecture test looks.

    @router.get("/cases/{case_no}")
    async def read(case_no: str, actor: Annotated[Actor, Depends(requires(Action.READ_CASE))]): ...

    @router.post("/sessions", dependencies=[Depends(public("演示登录 / demo sign-in"))])

    @router.post("/internal/v1/tasks/{id}/decision", dependencies=[Depends(service_only())])

`requires` checks token and role; what the thing is and where it lies is checked with `authorize` once it is read.
Pages carry the token in a cookie; a cookie counts for a write only when the request comes from our own pages.
"""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from kernel.errors import Forbidden, Unauthenticated
from kernel.public_service.access.actions import Action
from kernel.public_service.access.decide import role_may
from kernel.public_service.access.roles import Actor
from kernel.public_service.access.tokens import Tokens

COOKIE = "lianban_session"
SERVICE_KEY_HEADER = "X-Service-Key"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_bearer = HTTPBearer(auto_error=False, description="登录令牌 / token of POST /api/v1/sessions")
_service_key = APIKeyHeader(name=SERVICE_KEY_HEADER, auto_error=False, description="服务间密钥 / service key")

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
ServiceKey = Annotated[str | None, Security(_service_key)]


class CrossSiteWrite(Forbidden):
    """这次提交不是从本站页面发出的。
    This write did not come from our own pages."""

    how = "请回到本站页面重新提交。"
    how_en = "Send it from our own page, or use a bearer token."


class Access:
    """The marker an architecture test looks for among a route's dependencies."""


class Requires(Access):
    """The caller has a valid token whose role may do `action`. Gives the Actor."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request, bearer: Bearer) -> Actor:
        tokens: Tokens = request.app.state.service.tokens
        actor = tokens.read(_token(request, bearer))
        if not role_may(actor.role, self.action):
            raise Forbidden(extra={"action": self.action.value})
        request.state.actor = actor
        return actor


class SignedIn(Access):
    """The caller has a valid token, whatever the role. Gives the Actor; the route asks `authorize` itself."""

    async def __call__(self, request: Request, bearer: Bearer) -> Actor:
        tokens: Tokens = request.app.state.service.tokens
        actor = tokens.read(_token(request, bearer))
        request.state.actor = actor
        return actor


class Public(Access):
    """Open to everybody, for a reason that stands in the code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self) -> None:
        """Nothing to check."""


class ServiceOnly(Access):
    """Another process of Lianban, proven by the service key."""

    async def __call__(self, request: Request, key: ServiceKey) -> None:
        expected: str = request.app.state.service.settings.service_key.get_secret_value()
        if key is None or not hmac.compare_digest(key.encode(), expected.encode()):
            raise Unauthenticated("缺少服务密钥或密钥不正确。", "The service key is missing or wrong.")


def requires(action: Action | str) -> Requires:
    """A dependency (wrap it in `Depends`): token and role. Raises Unauthenticated or Forbidden."""
    return Requires(Action(action))


def signed_in() -> SignedIn:
    """A dependency: any valid token."""
    return SignedIn()


def public(reason: str) -> Public:
    """A dependency that lets everybody in and says why."""
    return Public(reason)


def service_only() -> ServiceOnly:
    """A dependency of /internal routes: the header `X-Service-Key`."""
    return ServiceOnly()


def _token(request: Request, bearer: HTTPAuthorizationCredentials | None) -> str:
    if bearer is not None:
        return bearer.credentials
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise Unauthenticated()
    if request.method not in _SAFE_METHODS and not _from_our_pages(request):
        raise CrossSiteWrite()
    return cookie


def _from_our_pages(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
