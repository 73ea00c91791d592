"""people generate, people load: synthetic people."""

import asyncio
from typing import Annotated

import orjson
import typer

from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.local.installation import Installation
from deploy.local.system import SyntheticPeople

app = typer.Typer(no_args_is_help=True, help="演示人员（全部虚构） / synthetic people")
Households = Annotated[int, typer.Argument(min=1, max=300_000, help="家庭数 / households")]


@app.command("generate")
def generate(households: Households = 300) -> None:
    """打印演示家庭，每行一个 JSON，不写数据库。Print synthetic households, one JSON a line."""
    for household in SyntheticPeople(households).population:
        print(orjson.dumps(household, default=str).decode())


@app.command("load")
def load(households: Households = 300, data: Data = FOLDER) -> None:
    """把演示家庭载入五个数据库；已有的不会重复。Load them into the databases; what is there stays as it is."""
    place = installation(data)
    people = asyncio.run(_load(place, households))
    print(f"共 {people} 人 · {people} people")


async def _load(place: Installation, households: int) -> int:
    """The departments must know them too: the number is remembered (and never becomes smaller)."""
    known, bench = place.people_loaded() or (0, 0)
    async with opened(place) as services:
        people = await SyntheticPeople(households, bench).load(services)
    if place.folder.exists():
        place.write_people(max(known, households), bench)
    return people
