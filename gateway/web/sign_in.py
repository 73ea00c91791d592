"""Sign-in, sign-out, the size of the type, and the first page. In the demo profile one chooses an invented user."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gateway.web import words
from gateway.web.api_client import Api
from gateway.web.rendering import PageRoute, go_to, own_address, page
from gateway.web.visit import LARGE_COOKIE, Visit, Visitor, remember
from kernel.public_service.access import COOKIE, Action, Role, role_may
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Anybody = Annotated[Visit, Depends(Visitor(signed_in=False))]

# Who comes first on the sign-in page: families, then the desks.
_ORDER = (Role.CITIZEN, Role.AGENT, Role.WINDOW_CLERK, Role.TOWNSHIP_OFFICER, Role.COUNTY_SUPERVISOR, Role.REGISTRAR,
          Role.FUNERAL_HOME, Role.PROVIDER, Role.FINANCE)  # fmt: skip
_RANK = {role.value: rank for rank, role in enumerate(_ORDER)}


@router.get("/")
async def home(visit: Anybody) -> Response:
    """Where this visitor works."""
    if visit.actor is None:
        return go_to("/sign-in")
    if visit.actor.kind == "staff" and role_may(visit.actor.role, Action.LIST_TASKS):
        return go_to("/desk")
    return go_to("/cases")


@router.get("/sign-in")
async def sign_in_page(visit: Anybody) -> Response:
    demo = visit.request.app.state.service.settings.demo
    users = await Api(visit).get("/demo/users") if demo else []
    return page(
        visit, "sign_in.html", title="登录", groups=_by_region(users), demo=demo,
        next=own_address(visit.request.query_params.get("next", "/")),
    )  # fmt: skip


def _by_region(users: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Users by county, families first; departments and offices of no county last."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for user in sorted(users, key=lambda one: (_RANK.get(one["role"], 99), one["user"])):
        county = (user["region"] or "")[:6]
        name = words.region_name(county) if user["role"] in _RANK and county else "各部门和监督"
        groups.setdefault(name, []).append(user)
    return sorted(groups.items(), key=lambda group: group[0] == "各部门和监督")


@router.post("/sign-in")
async def sign_in(visit: Anybody) -> Response:
    session = await Api(visit).post("/api/v1/sessions", {"user": visit.value("user")})
    response = go_to(own_address(visit.value("next")))
    remember(response, visit.request, COOKIE, session["token"])
    return response


@router.post("/sign-out")
async def sign_out(visit: Anybody) -> Response:
    """The session cookie goes; a token that was copied elsewhere ends by itself after twelve hours."""
    response = go_to("/sign-in")
    secure = visit.request.url.scheme == "https"
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=secure)
    return response


@router.post("/type-size")
async def type_size(visit: Anybody) -> Response:
    """Large type on or off, for this browser."""
    response = go_to(own_address(visit.value("back")))
    remember(response, visit.request, LARGE_COOKIE, "0" if visit.large else "1", days=365)
    return response


@router.get("/demo-people")
async def demo_people(visit: Annotated[Visit, Depends(Visitor())]) -> Response:
    """Invented people to try a report with (404 outside the demo profile, as the API says)."""
    query = visit.request.query_params
    holds = query.get("holds", "dibao")
    people = await Api(visit).get(
        "/demo/people", region=query.get("region") or visit.who.region[:6], holds=holds, limit=50
    )
    listed = people["items"] if isinstance(people, dict) else people
    return page(visit, "demo_people.html", title="演示人员", people=listed, holds=holds)
