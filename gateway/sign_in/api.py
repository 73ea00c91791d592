"""Demo sign-in (api.md): a user of the directory, a token for twelve hours. 404 outside the demo profile."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.desk import ThisDesk
from gateway.sign_in.directory import DemoUser
from kernel.errors import NotFound, invalid
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.public_service.access import public
from kernel.public_service.clock import TZ
from kernel.web.routing import Router

router = Router(tags=["sign-in"])
_ACTOR = "sign-in"  # nobody is signed in yet: all share their keys


class SignIn(BaseModel):
    """Whom to sign in as: one of GET /demo/users."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"user": "window_clerk-331022"}})

    user: str = Field(min_length=1, max_length=100)


class Session(BaseModel):
    """A bearer token and whom it stands for."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "token": "eyJhbGciOi…", "user": "window_clerk-331022", "role": "window_clerk", "region": "331022",
                "expires_at": "2026-03-01T21:00:00+08:00",
            }
        }
    )  # fmt: skip

    token: str
    user: str
    role: str
    region: str
    expires_at: datetime


@router.post(
    "/api/v1/sessions", status_code=201, response_model=Session,
    dependencies=[Depends(public("演示登录，仅演示环境 / demo sign-in, demo profile only"))],
)  # fmt: skip
async def sign_in(
    wanted: SignIn, desk: ThisDesk, key: Annotated[RequestKey, Depends(request_key)]
) -> Response:
    """登录演示用户。Sign in as a demo user; each sign-in gives a new token."""
    user = await demo_user(desk, wanted.user)
    async with desk.open() as tx, idempotent(tx, _ACTOR, key) as slot:
        if slot.replay:
            return slot.response
        token = desk.service.tokens.issue(user.actor())
        session = Session(
            token=token.text, user=user.user, role=user.role.value, region=user.region,
            expires_at=token.expires_at.astimezone(TZ).replace(microsecond=0),
        )  # fmt: skip
        return await slot.keep(201, session, {"Cache-Control": "no-store"})


async def demo_user(desk: ThisDesk, name: str) -> DemoUser:
    """The user of that name. Raises NotFound outside the demo profile, 422 for a name that is not there."""
    if not desk.settings.demo:
        raise NotFound()
    async with desk.open() as tx:
        user = await desk.directory.user(tx, name)
    if user is None:
        raise invalid(
            "/user", "unknown_user", "没有这个演示用户。", "There is no such demo user.",
            "请从 GET /demo/users 的列表中选择。", "Choose one of GET /demo/users.",
        )  # fmt: skip
    return user
