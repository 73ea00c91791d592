"""people generate, people load: synthetic people. people import: people of another system, from a CSV file."""

import asyncio
import sys
from getpass import getuser
from pathlib import Path
from typing import Annotated

import orjson
import typer

from deploy.command_line.opened import opened
from deploy.command_line.options import FOLDER, Data, installation
from deploy.local.installation import Installation
from deploy.local.people.rows import write_csv
from deploy.local.system import SyntheticPeople, make_importer
from deploy.people_import.importer import Report
from gateway.people.set_aside import SetAside

app = typer.Typer(
    no_args_is_help=True, help="人员：演示人员（全部虚构）和导入 / people, synthetic or imported"
)
Households = Annotated[int, typer.Argument(min=1, max=300_000, help="家庭数 / households")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV 文件 / CSV file")]


@app.command("generate")
def generate(
    households: Households = 300,
    csv: Annotated[bool, typer.Option("--csv", help="按导入文件的格式 / as an import file")] = False,
) -> None:
    """打印演示家庭，每行一个 JSON，不写数据库。Print synthetic households, one JSON a line."""
    population = SyntheticPeople(households).population
    if csv:
        write_csv(population, sys.stdout)
        return
    for household in population:
        print(orjson.dumps(household, default=str).decode())


@app.command("load")
def load(households: Households = 300, data: Data = FOLDER) -> None:
    """把演示家庭载入五个数据库；已有的不会重复。Load them into the databases; what is there stays as it is."""
    place = installation(data)
    people = asyncio.run(_load(place, households))
    print(f"共 {people} 人 · {people} people")


async def _load(place: Installation, households: int) -> int:
    """The departments must know them too: the number is remembered (and never becomes smaller)."""
    known = place.people_loaded()
    people = SyntheticPeople.of(known)
    people.households, people.bench = households, known.bench if known else 0
    async with opened(place) as services:
        count = await people.load(services)
    if place.folder.exists():
        people.households = max(known.households if known else 0, households)
        place.write_people(people.loaded)
    return count


@app.command("import")
def import_(
    file: File,
    check: Annotated[
        bool, typer.Option("--check", help="只检查，不写入 / look for faults, write nothing")
    ] = False,
    data: Data = FOLDER,
) -> None:
    """导入一个 CSV 文件（docs/import-people.md）；中断后再运行即可续传。Import a file; run it again to go on."""
    report = asyncio.run(_import(installation(data), file, check))
    if report.before:
        print("这个文件以前已全部导入 · this file was imported before")
    print(_words(report, check))
    if report.faults:
        print(f"有 {report.faults} 处错误，见 · {report.faults} faults, see {file}.errors.csv")
    for one in report.aside:
        print(_aside_words(one))
    if report.faults or report.aside:
        raise typer.Exit(1)


async def _import(place: Installation, file: Path, check: bool) -> Report:
    async with opened(place) as services:
        return await make_importer(services, by=getuser(), said=_progress).run_file(file, check=check)


def _progress(report: Report) -> None:
    """On standard error, so that the last line of standard output is the result."""
    sys.stderr.write(f"  {report.last_line} 行 · lines, {report.people} 人 · people\n")


def _aside_words(one: SetAside) -> str:
    return (
        f"{one.file_name} 第 {one.line} 行起的一户，{one.owner} 的数据库不接受（{one.reason}），已搁置，下次运行再试 · "
        f"household from line {one.line}: {one.owner} refuses it, set aside, tried again by the next run"
    )


def _words(report: Report, check: bool) -> str:
    done, done_en = ("可以导入", "could be imported") if check else ("已导入", "imported")
    return (
        f"{done} {report.households} 户 {report.people} 人，{report.refused} 户未导入 · "
        f"{report.households} households, {report.people} people {done_en}, {report.refused} households refused"
    )
