"""The routes of api.md about life events, cases and tasks."""

from gateway.cases.api import act_routes, case_routes, event_routes, life_event_routes, task_routes

# The fixed paths first: `/cases/events` is not a case number.
ROUTERS = (
    life_event_routes.router, event_routes.router, case_routes.router, act_routes.router, task_routes.router,
)  # fmt: skip
