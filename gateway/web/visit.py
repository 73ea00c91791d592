"""Who looks at a page: the session cookie, the visit that every form is bound to, and the size of the type.

Forms carry a token that follows from the visit cookie and the session: another site can neither read nor guess it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import ClassVar

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from kernel.errors import Forbidden, Unauthenticated
from kernel.public_service.access import COOKIE, Access, Action, Actor, role_may

VISIT_COOKIE = "lianban_visit"
LARGE_COOKIE = "lianban_large"
_LONGEST_FORM_FIELDS = 400


class FormNotOurs(Forbidden):
    """这张表单不是从本站页面打开的，或者打开得太久了。
    This form was not opened on our page, or too long ago."""

    how = "请回到上一页，刷新后再提交；您已经保存的内容还在。"
    how_en = "Go back, reload the page and send it again; what you saved is still there."


class SignInNeeded(Exception):
    """请先登录，登录后回到原来的页面。
    Sign in first; you come back to this page."""


@dataclass(slots=True)
class Visit:
    """One request for a page. `posted` holds the checked form of a POST."""

    request: Request
    id: str
    fresh: bool
    token: str | None
    actor: Actor | None
    large: bool
    posted: FormData = field(default_factory=FormData)

    @property
    def form_token(self) -> str:
        key = self.request.app.state.service.settings.token_key.get_secret_value()
        text = f"form|{self.id}|{self.token or ''}"
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()

    @property
    def who(self) -> Actor:
        """The signed-in actor. Raises SignInNeeded."""
        if self.actor is None:
            raise SignInNeeded()
        return self.actor

    def value(self, name: str) -> str:
        """A posted text, trimmed; empty when it is missing (or a file)."""
        given = self.posted.get(name)
        return given.strip() if isinstance(given, str) else ""

    def values(self, name: str) -> list[str]:
        """Every posted text of that name."""
        return [
            given.strip() for given in self.posted.getlist(name) if isinstance(given, str) and given.strip()
        ]


class Visitor(Access):
    """The dependency of every page. `action`: what the visitor's role must be allowed to do."""

    _safe_methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD")

    def __init__(self, action: Action | None = None, *, signed_in: bool = True) -> None:
        self.action = action
        self.signed_in = signed_in or action is not None

    async def __call__(self, request: Request) -> Visit:
        visit = read_visit(request)
        request.state.visit = visit
        if self.signed_in and visit.actor is None:
            raise SignInNeeded()
        if self.action is not None and not role_may(visit.who.role, self.action):
            raise Forbidden(extra={"action": self.action.value})
        if request.method not in self._safe_methods:
            visit.posted = await request.form(max_fields=_LONGEST_FORM_FIELDS)
            if not hmac.compare_digest(visit.value("form_token").encode(), visit.form_token.encode()):
                raise FormNotOurs()
        return visit


def read_visit(request: Request) -> Visit:
    """The visit that the cookies tell of; an expired session counts as none."""
    known = request.cookies.get(VISIT_COOKIE, "")
    token = request.cookies.get(COOKIE)
    return Visit(
        request=request,
        id=known if 20 <= len(known) <= 64 else secrets.token_urlsafe(24),
        fresh=not 20 <= len(known) <= 64,
        token=token,
        actor=_actor(request, token),
        large=request.cookies.get(LARGE_COOKIE) == "1",
    )


def _actor(request: Request, token: str | None) -> Actor | None:
    if token is None:
        return None
    try:
        actor: Actor = request.app.state.service.tokens.read(token)
    except Unauthenticated:
        return None
    return actor


def remember(response: Response, request: Request, name: str, value: str, *, days: int | None = None) -> None:
    """A cookie that scripts cannot read and other sites cannot send with a form."""
    response.set_cookie(
        name, value, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/",
        max_age=None if days is None else days * 86_400,
    )  # fmt: skip
