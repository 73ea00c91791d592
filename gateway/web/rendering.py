"""Templates, assets, and the route class that turns every refusal into a page with words and a way on."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.web import words
from gateway.web.visit import VISIT_COOKIE, SignInNeeded, Visit, read_visit, remember
from kernel.errors import Malformed, NotFound, Problem, Unprocessable
from kernel.web.problems import InternalError, database_problem

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@lru_cache
def assets() -> dict[str, tuple[bytes, str, str]]:
    """The page's own files by name: (content, media type, fingerprint)."""
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        content = path.read_bytes()
        found[path.name] = (content, _MEDIA_TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
    return found


def asset(name: str) -> str:
    """The address of an asset; it changes with its content, so a browser may keep it."""
    return f"/static/{name}?v={assets()[name][2]}"


@lru_cache
def environment() -> Environment:
    """Jinja with escaping always on and every missing name an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals.update(asset=asset, words=words)
    made.filters.update(
        day=words.day, moment=words.moment, yuan=words.yuan, region=words.region_name, owner=words.owner_name,
        role=words.role_name, limit=words.limit_words,
    )  # fmt: skip
    return made


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The answer of a page route. `title` must be given; `faulty` puts 有误 before it."""
    text = (
        environment().get_template(template).render(visit=visit, **{"faulty": False, "live": None, **context})
    )
    return HTMLResponse(text, status_code=status)


def go_to(address: str) -> RedirectResponse:
    """After a form: see other, so that a reload sends nothing twice."""
    return RedirectResponse(address, status_code=303)


def own_address(address: str, otherwise: str = "/") -> str:
    """`address` when it is one of our own pages, never another site's."""
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if own else otherwise


class PageRoute(APIRoute):
    """A page: no OpenAPI entry; refusals become pages, a missing sign-in leads to it and back."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **{**options, "include_in_schema": False, "response_model": None})

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInNeeded:
                response = go_to(f"/sign-in?next={quote(_return_to(request), safe='/')}")
            except (Problem, RequestValidationError, HTTPException) as error:
                response = problem_page(request, as_problem(error))
            except (SQLAlchemyError, PostgresError, InterfaceError, OSError) as error:
                response = problem_page(request, database_problem(error))
            except Exception as error:
                # A family gets words, not a document for programs; the log gets the rest.
                log.error("page_broke", route=self.path, exc_info=error)
                response = problem_page(request, InternalError())
            visit: Visit | None = getattr(request.state, "visit", None)
            if visit is not None and visit.fresh:
                remember(response, request, VISIT_COOKIE, visit.id)
            return response

        return as_page


def as_problem(error: Exception) -> Problem:
    """What went wrong, as a problem with words."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return NotFound() if any(each["loc"][0] == "path" for each in error.errors()) else Unprocessable()
    return Malformed()


def problem_page(request: Request, problem: Problem) -> Response:
    """The refusal in words, with what to do next. A session that ended leads to the sign-in."""
    if problem.status == 401:
        return go_to(f"/sign-in?next={quote(_return_to(request), safe='/')}")
    visit: Visit = getattr(request.state, "visit", None) or read_visit(request)
    request_id = ""
    if problem.status >= 500:
        log.error("page_failed", code=problem.code, status=problem.status)
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return page(
        visit, "problem.html", status=problem.status, title="没有办成", problem=problem, request_id=request_id
    )


def _return_to(request: Request) -> str:
    """The page to come back to: a form is not sent again by itself, its page is."""
    return request.url.path if request.method in ("GET", "HEAD") else "/"
