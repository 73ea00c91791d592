"""A counter's page: one form that is no act on a case, drawn again with what is to be mended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from starlette.responses import Response

from gateway.web.api_client import Refused
from gateway.web.controls import Control, Said
from gateway.web.rendering import page
from gateway.web.report.answers import SummaryLine
from gateway.web.visit import Visit

Words = Mapping[str, str]


def counter_page(
    visit: Visit,
    controls: Sequence[Control],
    words: Words,
    *,
    refused: Refused | None = None,
    said: tuple[str, str] | None = None,
) -> Response:
    """`words`: action, title, title_en, lead, lead_en, button. A control's name is its pointer into the API's body."""
    drawn = [replace(control, faults=faults_of(control, refused)) for control in controls]
    lines = summary_of(drawn, refused)
    return page(
        visit, "counter.html", status=refused.status if refused else 200, title=words["title"], act=words,
        controls=drawn, faults=lines, faulty=bool(lines), key=visit.value("key") or uuid4().hex, said=said,
    )  # fmt: skip


def faults_of(control: Control, refused: Refused | None) -> tuple[Said, ...]:
    """What the API said of this control's answer."""
    errors = refused.errors if refused is not None else ()
    return tuple(
        Said(error.message, error.how) for error in errors if error.field.rstrip("/") == control.name
    )


def summary_of(controls: Sequence[Control], refused: Refused | None) -> list[SummaryLine]:
    """The faults by control; what concerns none of them is said of the whole."""
    lines = [SummaryLine(f"#{one.id}", one.label, fault.message) for one in controls for fault in one.faults]
    if refused is None:
        return lines
    told = {line.message for line in lines}
    others = [error.message for error in refused.errors if error.message not in told]
    said = others if lines or others else [f"{refused.detail} {refused.how}"]
    return [*lines, *(SummaryLine("#main", "这次提交", message) for message in said)]
