"""republish facts: an owner's present state once more, for a new reader (design 6)."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from casework.facts import republish
from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.command_line.running import Name
from deploy.local.installation import Installation

_PAGE = 500

app = typer.Typer(no_args_is_help=True, help="重新发布 / publish again")


@app.callback()
def republishing() -> None:
    """重新发布一个服务的现状。Publish a service's present state again."""


@app.command("facts")
def facts(owner: Annotated[Name, typer.Argument(help="服务名 / owner")], data: Data = FOLDER) -> None:
    """把一个承办单位的全部事实再发布一次（版本不变，重复无害）。Emit all facts of an owner again; harmless twice."""
    pages = asyncio.run(_republish(installation(data), owner.value))
    print(f"已放入发件箱（{pages} 批） · in the outbox, {pages} batches")


async def _republish(place: Installation, owner: str) -> int:
    pages = 0
    after: tuple[UUID, str] | None = (UUID(int=0), "")
    async with opened(place, [owner]) as services:
        while after is not None:
            async with services[owner].transactions.begin() as tx:
                after = await republish(tx, owner=owner, after=after, limit=_PAGE)
            pages += 1
    return pages
