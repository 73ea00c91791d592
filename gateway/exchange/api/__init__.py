"""The exchange's routes for departments (api.md, Exchange), each with a token of role `department`."""

from fastapi import APIRouter

from gateway.exchange.api import hold_routes, report_routes, task_routes

router = APIRouter(prefix="/exchange/v1", tags=["exchange"])
for part in (task_routes, report_routes, hold_routes):
    router.include_router(part.router)

__all__ = ["router"]
