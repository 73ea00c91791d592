"""catalog check."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.catalog_files import DEFAULT_FOLDER, check

app = typer.Typer(no_args_is_help=True, help="联办目录 / the catalogue")


@app.callback()
def catalog() -> None:
    """联办目录。The catalogue: what is linked to what."""


@app.command("check")
def check_catalogue(
    folder: Annotated[
        Path, typer.Argument(help="目录文件夹 / folder", exists=True, file_okay=False)
    ] = DEFAULT_FOLDER,
) -> None:
    """逐条列出错误的文件和行号，有错时退出码为 1。Every fault with file and line; exit code 1 when there is one."""
    faults = check(folder)
    for fault in faults:
        print(fault)
    if faults:
        print(f"共 {len(faults)} 处错误 · {len(faults)} faults")
        raise typer.Exit(1)
    print("目录没有错误 · the catalogue is sound")
