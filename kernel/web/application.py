"""The FastAPI app of a service: shared middleware, problem answers, operations routes, bilingual OpenAPI."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.settings import ServiceSettings
from kernel.web.envelope import Envelope
from kernel.web.operations import router as operations
from kernel.web.problems import install_problem_handlers
from kernel.web.request_gate import RequestGate
from kernel.web.routing import Router
from kernel.worker import Worker


class Serves(Protocol):
    """What the HTTP face needs of a service."""

    name: str
    title: str
    title_en: str
    settings: ServiceSettings
    engine: AsyncEngine
    worker: Worker
    migrations: Path
    large_paths: tuple[str, ...]

    def running(self) -> AbstractAsyncContextManager[object]: ...


_PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "出错时的回答 / what an error answers (RFC 9457)",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "中文标题"},
        "title_en": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "中文说明"},
        "detail_en": {"type": "string"},
        "code": {"type": "string", "description": "稳定的错误代码 / stable"},
        "how": {"type": "string", "description": "下一步怎么办"},
        "how_en": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message", "message_en", "how"],
                "properties": {
                    "field": {"type": "string", "description": "JSON Pointer"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "message_en": {"type": "string"},
                    "how": {"type": "string"},
                    "how_en": {"type": "string"},
                },
            },
        },
    },
}


def make_application(service: Serves, routers: Sequence[Router]) -> FastAPI:
    """The app, with `app.state.service`. Interactive documentation pages are off: they load foreign scripts."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = FastAPI(
        title=f"联办 · {service.title} / Lianban · {service.title_en}",
        version="1",
        description=(
            f"联办（一件事一次办）的{service.title}接口。出错时回答 application/problem+json。\n\n"
            f"The {service.title_en} interface of Lianban. Errors are application/problem+json."
        ),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    app.add_middleware(
        RequestGate,
        limit_bytes=service.settings.body_limit_bytes,
        large_bytes=service.settings.materials_limit_bytes,
        large_paths=service.large_paths,
    )
    app.add_middleware(Envelope, service=service.name)
    install_problem_handlers(app)
    for router in (operations, *routers):
        router.join(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Put the Problem schema into the OpenAPI document, which is made once, at first asking."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = dict(_PROBLEM_SCHEMA)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
