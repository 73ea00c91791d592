"""Every failure leaves as `application/problem+json` (api.md, Habits): the client's fault is never a 500."""

import asyncio
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import orjson
import sqlalchemy.exc
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kernel.database import constraint, sqlstate
from kernel.errors import (
    Conflict,
    Forbidden,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
    UnsupportedMediaType,
)
from kernel.messaging.failures import is_systemic
from kernel.web.body_content import JsonMalformed
from kernel.web.field_errors import field_errors, request_field_errors

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_BY_STATUS: dict[int, type[Problem]] = {
    400: Malformed,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    409: Conflict,
    413: TooLarge,
    415: UnsupportedMediaType,
    422: Unprocessable,
    429: TooManyRequests,
    503: Unavailable,
}


class InternalError(Problem):
    """系统内部出错，您的内容没有提交。
    Something failed on our side; nothing was stored."""


class NeighbourAway(Unavailable):
    """所需的另一个系统暂时没有应答，您的内容没有提交。
    Another system that is needed does not answer for the moment; nothing was stored."""


class ValueNotStorable(Unprocessable):
    """有内容超出可以保存的范围。
    Something is out of the range that can be stored."""


def install_problem_handlers(app: FastAPI) -> None:
    """Map our problems, FastAPI's and Starlette's errors, and what a database or neighbour that is away raises."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for trouble in (
        sqlalchemy.exc.SQLAlchemyError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        ConnectionError,
        TimeoutError,
        asyncio.IncompleteReadError,
    ):
        app.add_exception_handler(trouble, _on_database_trouble)
    app.add_exception_handler(httpx.TransportError, _on_neighbour_away)


def problem_response(problem: Problem) -> Response:
    return Response(
        orjson.dumps(problem.as_dict()),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def from_validation(error: ValidationError, *, start: tuple[str, ...] = ()) -> Unprocessable:
    """A 422 from a model validated by hand (a form by its catalogue, say); `start` is where it lies in the body."""
    return Unprocessable(
        errors=field_errors(error.errors(include_input=False, include_url=False), start=start)
    )


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("problem", code=error.code, exc_info=error)
    return problem_response(error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return problem_response(JsonMalformed())
    if _wrong_content_type(request, error):
        return problem_response(UnsupportedMediaType())
    return problem_response(Unprocessable(errors=request_field_errors(found)))


def _wrong_content_type(request: Request, error: RequestValidationError) -> bool:
    """A body that FastAPI did not parse arrives as bytes; a form route that got no form finds an empty one."""
    if isinstance(error.body, bytes):
        return True
    length = request.headers.get("content-length", "0" if "transfer-encoding" not in request.headers else "1")
    kind = request.headers.get("content-type", "")
    form = kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded"))
    in_body = any(each["loc"][:1] == ("body",) for each in error.errors())
    return in_body and length != "0" and not form and "json" not in kind


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    if isinstance(error.__cause__, Problem):  # raised while FastAPI read the body, which it calls a 400
        return problem_response(error.__cause__)
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        kind = Malformed if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else InternalError
    problem = kind()
    problem.headers.update(error.headers or {})
    return problem_response(problem)


async def _on_neighbour_away(_request: Request, error: Exception) -> Response:
    log.warning("neighbour_away", error=type(error).__name__)
    return problem_response(NeighbourAway())


async def _on_database_trouble(_request: Request, error: Exception) -> Response:
    return problem_response(database_problem(error))


def database_problem(error: Exception) -> Problem:
    """What a failed statement means for the caller. The driver's message is neither shown nor logged: it quotes values.

    Systemic → 503 with Retry-After; a value the column cannot hold → 422; a lost race on a unique or foreign key →
    409; anything else is our own fault: 500, logged with its trace.
    """
    state = sqlstate(error)
    known: dict[str, Any] = {
        "error": type(error).__name__,
        "sqlstate": state,
        "constraint": constraint(error),
    }
    if state.startswith("22") or _not_encodable(error):
        log.warning("value_not_storable", **known)
        return ValueNotStorable()
    if is_systemic(error):
        log.warning("database_away", **known)
        return Unavailable()
    if state in ("23505", "23503", "23P01"):
        log.warning("constraint_race", **known)
        return Conflict()
    if state in ("23502", "23514", "23001"):
        log.error("constraint_refused", **known)
        return Conflict()
    log.error("statement_failed", **known, exc_info=error)
    return InternalError()


def _not_encodable(error: BaseException) -> bool:
    """asyncpg could not put a value into a parameter: too large, a NUL, half a character."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, asyncpg.DataError):
            return True
        seen = getattr(seen, "orig", None) or seen.__cause__
    return False
