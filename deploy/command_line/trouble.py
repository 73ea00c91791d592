"""Failures that a person can mend are said in two languages on standard error, without a trace; the code is 1."""

import re
import sys
from typing import Any

import typer

from contracts.catalog_faults import CatalogueInvalid
from deploy.http_server import PortInUse
from deploy.local.installation import NotInstalled
from deploy.local.postgres_user import DataFolderOutOfReach
from deploy.local.server_process import FolderInUse, ServerDidNotStart
from deploy.local.up_kafka import NotReady
from deploy.processes import NeedsKafka
from kernel.database import DatabaseAway
from kernel.errors import Problem
from kernel.messaging.replay import NotParked, SkipNeedsReason
from kernel.settings import SecretMissing

MENDABLE = (
    CatalogueInvalid, DataFolderOutOfReach, DatabaseAway, FolderInUse, NeedsKafka, NotInstalled, NotParked, NotReady,
    PortInUse, Problem, SecretMissing, ServerDidNotStart, SkipNeedsReason,
)  # fmt: skip


class CommandLine(typer.Typer):
    """A Typer that says what is wrong and how to mend it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except MENDABLE as trouble:
            sys.stderr.write(f"{said(trouble)}\n")
            sys.exit(1)
        except KeyboardInterrupt:
            sys.stderr.write("\n已中断 · interrupted\n")
            sys.exit(130)


def said(trouble: Exception) -> str:
    """The words of a failure: a problem's in both languages with what to do, else the message."""
    if isinstance(trouble, Problem):
        lines = (trouble.detail, trouble.detail_en, trouble.how, trouble.how_en)
        return "\n".join(dict.fromkeys(line for line in lines if line))
    return re.sub(r"\n +", "\n", str(trouble) or str(type(trouble).__doc__))
