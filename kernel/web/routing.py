"""Routers of the house: complete in themselves, so that an app takes their routes as they stand."""

from typing import Any

from fastapi import APIRouter, FastAPI

from kernel.web.problems import MEDIA_TYPE


def _problem_answer(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


_PROBLEM_ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": _problem_answer("请求有误、无权办理或状态不允许 / refused, with code, fields and what to do"),
    503: _problem_answer("暂时无法办理，见 Retry-After / away for the moment, see Retry-After"),
}


class Router(APIRouter):
    """An `APIRouter` with its whole prefix, every route of which may answer with a Problem."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, responses=_PROBLEM_ANSWERS)

    def join(self, app: FastAPI) -> None:
        """Serve these routes in `app`. `include_router` would make each route again, at an app's first request."""
        app.router.routes.extend(self.routes)
