"""Every route of every process says who may call it, and every public POST takes an Idempotency-Key."""

import importlib
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kernel.idempotency import request_key, required_request_key
from kernel.public_service.access import Access, Public, ServiceOnly

PROCESSES = ["gateway", "services.assistance", "services.eldercare", "services.funeral", "services.marriage"]
# A sign-in changes nothing that a repetition would double, and its answer (a token) is not to be kept.
WITHOUT_KEY = {"/api/v1/sessions"}


@pytest.fixture(params=PROCESSES)
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The app as `make_service` builds it; no route is called, so the database need not exist."""
    monkeypatch.setenv("LIANBAN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    made: FastAPI = importlib.import_module(f"{request.param}.main").make_service().app
    return made


def routes(app: FastAPI) -> Iterator[RouteContext]:
    """API routes, those of mounted apps too. Anything else than static files and the schema is refused."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            if isinstance(route.app, FastAPI):
                yield from routes(route.app)
            else:
                assert isinstance(route.app, StaticFiles), (
                    f"{route.path} mounts something without declared access"
                )
        elif isinstance(route, APIRoute):
            yield context
        else:
            assert isinstance(route, Route), f"{route!r} cannot declare access"
            assert route.path == app.openapi_url, f"{route.path} is no API route: it cannot declare access"


def calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from calls(each)


def access_of(context: RouteContext) -> list[Access]:
    return [call for call in calls(context.dependant) if isinstance(call, Access)]


def test_each_route_declares_access_exactly_once(app: FastAPI) -> None:
    found = list(routes(app))
    wrong = [
        f"{sorted(each.methods or ())} {each.path}: {len(access_of(each))}"
        for each in found
        if len(access_of(each)) != 1
    ]
    assert len(found) > 3
    assert not wrong, f"declare one of requires(), signed_in(), public(), service_only(): {wrong}"


def test_an_open_route_gives_its_reason(app: FastAPI) -> None:
    opened = [
        (each.path, mark) for each in routes(app) for mark in access_of(each) if isinstance(mark, Public)
    ]
    assert opened
    assert not [path for path, mark in opened if len(mark.reason) < 4]


def test_internal_routes_are_for_services_only_and_others_are_not(app: FastAPI) -> None:
    wrong = [
        each.path
        for each in routes(app)
        for mark in access_of(each)
        if isinstance(mark, ServiceOnly) is not str(each.path).startswith("/internal/")
    ]
    assert not wrong


def test_every_public_post_takes_an_idempotency_key(app: FastAPI) -> None:
    missing = [
        each.path
        for each in routes(app)
        if "POST" in (each.methods or ())
        and str(each.path).startswith(("/api/v1/", "/exchange/v1/"))
        and each.path not in WITHOUT_KEY
        and not {request_key, required_request_key} & set(calls(each.dependant))
    ]
    assert not missing


def test_no_two_routes_answer_the_same_address(app: FastAPI) -> None:
    seen = [(method, each.path) for each in routes(app) for method in each.methods or ()]
    assert len(seen) == len(set(seen))


def test_the_checks_above_find_a_route_that_forgot() -> None:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.post("/api/v1/forgotten")
    async def forgotten() -> None:
        """Declares nothing."""

    (context,) = routes(app)
    assert access_of(context) == []
    assert not set(calls(context.dependant)) & {request_key, required_request_key}
    app.mount("/elsewhere", lambda scope, receive, send: None)
    with pytest.raises(AssertionError, match="without declared access"):
        list(routes(app))
