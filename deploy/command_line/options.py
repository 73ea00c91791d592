"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.local.installation import DEFAULT_FOLDER, Installation

Data = Annotated[
    Path,
    typer.Option("--data", help="数据目录 / data folder", envvar="LIANBAN_DATA", show_default=".lianban"),
]
Host = Annotated[str, typer.Option(help="监听地址 / address to listen on")]
FOLDER = DEFAULT_FOLDER


def installation(folder: Path) -> Installation:
    """The installation in a data folder, which need not exist yet."""
    return Installation(folder.absolute())
