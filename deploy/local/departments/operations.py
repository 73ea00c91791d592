"""What every process serves for those who run it (api.md, Habits), also this one: probes, metrics, OpenAPI."""

from collections.abc import Mapping
from typing import Any

import orjson

from kernel.telemetry import CONTENT_TYPE_LATEST, generate_latest

_JSON = "application/json"
_DEPARTMENT = {"name": "department", "in": "path", "required": True, "schema": {"type": "string"}}
_ITEMS = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["request_id"],
                "properties": {"request_id": {"type": "string", "format": "uuid"}},
            },
        }
    },
}


def _operation(summary: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": {"description": "已接收 / taken"}, "4XX": {"description": "请求有误 / refused"}},
    }
    if body is not None:
        said["requestBody"] = {"required": True, "content": {_JSON: {"schema": body}}}
    return said


OPENAPI: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "模拟部门 / Simulated departments", "version": "1"},
    "paths": {
        "/departments/{department}": {
            "parameters": [_DEPARTMENT], "get": _operation("人工答复页面 / the page on which a person answers"),
        },
        "/departments/{department}/tasks": {
            "parameters": [_DEPARTMENT], "post": _operation("收件 / takes requests in a list", _ITEMS),
        },
        "/departments/{department}/cancellations": {
            "parameters": [_DEPARTMENT], "post": _operation("撤件 / takes requests back", _ITEMS),
        },
    },
}  # fmt: skip


def operations(path: str) -> tuple[bytes, str] | None:
    """Body and content type of `/healthz`, `/readyz`, `/metrics`, `/openapi.json`; None for every other path."""
    if path == "/healthz":
        return orjson.dumps({"status": "alive"}), _JSON
    if path == "/readyz":  # it holds no database: who answers is ready
        return orjson.dumps({"status": "ready", "checks": {}}), _JSON
    if path == "/metrics":
        return generate_latest(), CONTENT_TYPE_LATEST
    return (orjson.dumps(OPENAPI), _JSON) if path == "/openapi.json" else None
