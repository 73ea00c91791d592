"""What every process serves for those who run it: /healthz, /readyz, /metrics."""

import asyncio
from typing import Any

from fastapi import Depends, Request
from sqlalchemy import text
from starlette.responses import Response

from kernel.errors import Unavailable
from kernel.migrations import at_head
from kernel.public_service.access import public
from kernel.telemetry import CONTENT_TYPE_LATEST, generate_latest
from kernel.web.routing import Router

_DATABASE_SECONDS = 3.0

router = Router(tags=["operations"])


class NotReady(Unavailable):
    """服务尚未就绪。
    The service is not ready."""

    how = "请按 checks 中的原因处理；数据库恢复后会自动就绪。"
    how_en = "See checks for the reason; it becomes ready by itself once the database is back."


class MigrationsMissing(Unavailable):
    """数据库结构不是最新版本，请先执行 lianban migrate。
    The database is not at the newest revision: run lianban migrate."""


@router.get("/healthz", dependencies=[Depends(public("存活探针 / liveness probe"))])
async def healthz() -> dict[str, str]:
    """进程在运行。The process is alive; says nothing about the database."""
    return {"status": "alive"}


@router.get("/readyz", dependencies=[Depends(public("就绪探针 / readiness probe"))])
async def readyz(request: Request) -> dict[str, Any]:
    """数据库可用、结构为最新、各循环正常。Database answers, migrations at head, no worker loop is failing."""
    service = request.app.state.service
    checks = {state.name: state.failure for state in service.worker.failing}
    try:
        async with asyncio.timeout(_DATABASE_SECONDS), service.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            if not await at_head(connection, service.migrations):
                checks["migrations"] = MigrationsMissing.title_en
    except TimeoutError:
        checks["database"] = f"no answer within {_DATABASE_SECONDS:g} s"
    except Unavailable as away:
        checks["database"] = away.detail_en
    if checks:
        raise NotReady(extra={"checks": checks})
    return {"status": "ready", "checks": {}}


class Metrics(Response):
    """The exposition format of Prometheus."""

    media_type = CONTENT_TYPE_LATEST


@router.get(
    "/metrics",
    response_class=Metrics,
    dependencies=[Depends(public("指标抓取，无个人数据 / scraped, holds no personal data"))],
)
async def metrics() -> Metrics:
    """Prometheus 指标。Metrics of this process."""
    return Metrics(generate_latest())
