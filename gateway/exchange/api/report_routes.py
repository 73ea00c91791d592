"""`POST /exchange/v1/life-events`: what a department has learnt."""

from typing import Annotated, Any

from fastapi import Depends, Response

from contracts.catalog import LifeEvent
from contracts.forms import clean_form
from gateway.exchange.api.models import CaseNumber, LifeEventReport
from gateway.exchange.api.task_routes import Key, department_of
from gateway.exchange.court import as_declared
from gateway.exchange.exchange import Exchange, ThisExchange
from gateway.exchange.life_events import DepartmentReport, region_of
from kernel.errors import Unprocessable, invalid
from kernel.idempotency import idempotent
from kernel.public_service.access import Action, Actor, requires
from kernel.web.routing import Router

router = Router(prefix="/exchange/v1", tags=["exchange"])
Reporter = Annotated[Actor, Depends(requires(Action.EXCHANGE_REPORT))]
_APPLICANT = "applicant"


@router.post("/life-events", status_code=202, response_model=CaseNumber)
async def report(given: LifeEventReport, exchange: ThisExchange, actor: Reporter, key: Key) -> Response:
    """Opens the case, joins the one that stands, or corrects it (a higher version of the same source number)."""
    desk = exchange.desk
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        at = desk.clock.now()
        event = _event(exchange, given.life_event)
        form = as_declared(event, department_of(actor), _clean(exchange, event, given))
        clean = DepartmentReport(
            department=department_of(actor), event=event, source_no=given.source_no,
            source_version=given.source_version, form=form,
            region=region_of(event, form, desk.catalogue.tree, _fallback(exchange, actor)),
        )  # fmt: skip
        _, case_no = await exchange.life_events(tx, clean, at=at)
        return await slot.keep(202, CaseNumber(case_no=case_no))


def _event(exchange: Exchange, name: str) -> LifeEvent:
    event = exchange.desk.catalogue.life_events.get(name)
    if event is None:
        raise invalid(
            "/life_event", "unknown_life_event", "没有这个一件事。", "There is no such life event.",
            "可用的编号见 GET /api/v1/life-events。", "The ids are listed at GET /api/v1/life-events.",
        )  # fmt: skip
    return event


def _clean(exchange: Exchange, event: LifeEvent, given: LifeEventReport) -> dict[str, Any]:
    """The form in one spelling. The instant of the event is taken from `occurred_at` where the form leaves it out."""
    form = {name: dict(part) if isinstance(part, dict) else part for name, part in given.form.items()}
    _, section, name = event.occurred_at.split("/")
    subject = form.setdefault(section, {})
    if isinstance(subject, dict):
        subject.setdefault(name, given.occurred_at.isoformat())
    clean, faults = clean_form(
        event, form, now=exchange.desk.clock.now(), regions=exchange.desk.catalogue.tree,
        optional_sections=(_APPLICANT,),
    )  # fmt: skip
    if faults:
        raise Unprocessable(errors=[fault.as_error() for fault in faults])
    return clean


def _fallback(exchange: Exchange, actor: Actor) -> str:
    """A county to accept in when the form names none: the department's own."""
    tree = exchange.desk.catalogue.tree
    return actor.region if actor.region in tree else exchange.desk.settings.region
