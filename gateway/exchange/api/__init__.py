"""The exchange's routes for departments (api.md, Exchange), each with a token of role `department`."""

from gateway.exchange.api import hold_routes, report_routes, task_routes

ROUTERS = (task_routes.router, report_routes.router, hold_routes.router)

__all__ = ["ROUTERS"]
