"""A small life event that has every kind of row the planner knows, and short ways to plan over it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.catalog import (
    Condition,
    Evidence,
    FormField,
    FormSection,
    LifeEvent,
    ManualPath,
    Need,
    ProcedureRow,
    Wish,
)
from contracts.outcomes import Outcome, OwnerState
from contracts.terms import HoldKind, Limit, Step, StepDecision, UndoKind
from gateway.cases.planner import plan
from gateway.cases.planner.inputs import Corrected, Input, OutcomeArrived, Reported
from gateway.cases.planner.model import Case, Plan, Row, RowState
from kernel.public_service.clock import TZ

AT = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)
DIED = AT - timedelta(days=1)
CASE = UUID("00000000-0000-4000-8000-000000000001")
SYSTEM = (Step(id="act", name="自动办理"),)
DEPARTMENT = (Step(id="act", name="部门办理", actor="department"),)
HUMAN = (
    Step(
        id="sign",
        name="签批",
        actor="township_officer",
        decisions=(StepDecision(id="agree", name="同意", ends="done"),),
    ),
)
ACT = (
    Step(
        id="book",
        name="预约",
        actor="funeral_home",
        decisions=(StepDecision(id="go", name="开始", to="start"),),
    ),
    Step(
        id="start",
        name="开始",
        actor="funeral_home",
        decisions=(StepDecision(id="end", name="完成", ends="done"),),
    ),
)


def row(type_: str, owner: str, **values: Any) -> ProcedureRow:
    """A catalogue row with the plain values filled in."""
    plain: dict[str, Any] = {
        "name": type_,
        "row": "0",
        "source": ("R24",),
        "origin": "ex_officio",
        "stage": "confirmed",
        "steps": SYSTEM,
        "limit": Limit(none="test"),
        "undo": UndoKind.RESTORE,
    }
    return ProcedureRow(type=type_, owner=owner, **{**plain, **values})


EVENT = LifeEvent(
    id="death",
    name="身后",
    name_en="Death",
    title="身后一件事",
    version=1,
    subject="deceased",
    occurred_at="/deceased/died_at",
    form={"deceased": FormSection(title="逝者", fields={"cause": FormField(type="string", title="死因")})},
    evidence=Evidence(
        confirmed_by={"health.proof": ("health",), "police.proof": ("police",)},
        life_signs=("assistance.hold",),
        papers=("/deceased/certificate_no",),
    ),
    manual_paths=(
        ManualPath(
            id="nobody",
            name="身份不明",
            name_en="Nobody",
            source=("R29",),
            when=Condition(field="/deceased/cause", equals="nobody"),
            not_for=("assistance.stop", "human_resources.pay", "tax.closing"),
            waits=("funeral.cremation",),
        ),
        ManualPath(
            id="abroad",
            name="境外",
            name_en="Abroad",
            source=("R29",),
            when=Condition(field="/deceased/cause", equals="abroad"),
            not_for=("health.proof",),
            proves="health.proof",
        ),
    ),
    procedures=(
        row(
            "health.proof",
            "health",
            stage="declared",
            steps=DEPARTMENT,
            undo=UndoKind.ANNOTATE,
            fields=("/deceased/name",),
        ),
        row(
            "police.proof",
            "police",
            stage="declared",
            steps=DEPARTMENT,
            when=Condition(field="/deceased/cause", equals="abnormal", unknown="no"),
        ),
        row("assistance.hold", "assistance", stage="declared"),
        row("assistance.stop", "assistance", money=True, fields=("/deceased/died_at",)),
        row("assistance.recheck", "assistance", steps=HUMAN, needs=(Need(any=("assistance.stop",)),)),
        row(
            "assistance.payee",
            "assistance",
            when=Condition(predicate="was_payee"),
            fields=("/deceased/name",),
        ),
        row(
            "funeral.farewell",
            "funeral",
            origin="applied",
            stage="declared",
            wish=Wish(pointer="/wishes/farewell"),
            steps=HUMAN,
        ),
        row(
            "funeral.cremation",
            "funeral",
            origin="applied",
            wish=Wish(pointer="/wishes/remains"),
            steps=ACT,
            point_of_no_return="start",
            undo=UndoKind.NONE,
            fields=("/deceased/name",),
            needs=(Need(any=("health.proof", "police.proof")), Need(any=("funeral.farewell",), kind="soft")),
        ),
        row(
            "funeral.items",
            "funeral",
            origin="applied",
            wish="by_report",
            needs=(Need(any=("funeral.cremation",), accept=("done", "not_applicable")),),
        ),
        row(
            "funeral.ashes",
            "funeral",
            origin="applied",
            wish=Wish(pointer="/wishes/ashes"),
            steps=HUMAN,
            needs=(Need(any=("funeral.cremation",)),),
            undo_after=("human_resources.pay",),
        ),
        row(
            "human_resources.pay",
            "human_resources",
            origin="applied",
            wish=Wish(),
            steps=DEPARTMENT,
            money=True,
            held_by=(HoldKind.COURT,),
        ),
        row(
            "tax.closing",
            "tax",
            steps=DEPARTMENT,
            when=Condition(field="/deceased/cause", one_of=("natural",)),
        ),
    ),
)
CONDITIONS = {"police.proof": False, "tax.closing": True}
WISHES = {
    "funeral.cremation": "given",
    "funeral.items": "given",
    "funeral.ashes": "absent",
    "funeral.farewell": "absent",
    "human_resources.pay": "absent",
}


def report(**values: Any) -> Reported:
    """The first report, by the family at a window."""
    plain: dict[str, Any] = {"conditions": CONDITIONS, "wishes": WISHES, "occurred_at": DIED}
    return Reported(**{**plain, **values})


def opened(*later: Input, first: Reported | None = None) -> Plan:
    """The plan of a new case after the report and later inputs, each planned by itself."""
    done = plan(Case(id=CASE, event=EVENT), [first or report()], at=AT)
    for event in later:
        done = plan(done.case, [event], at=AT)
    return done


def latest(of: Plan | Case, type_: str) -> Row:
    """The newest row of that type."""
    case = of.case if isinstance(of, Plan) else of
    return max((row for row in case.rows if row.type == type_), key=lambda row: row.round)


def said(of: Plan | Case, type_: str, state: OwnerState, **values: Any) -> OutcomeArrived:
    """An owner's answer to the last order of that row, one version later."""
    found = latest(of, type_)
    plain: dict[str, Any] = {"order": found.order, "version": found.outcome_version + 1}
    return OutcomeArrived(Outcome(procedure=found.id, type=type_, state=state, at=AT, **{**plain, **values}))


def confirmed() -> Plan:
    """A declared death that the health department has confirmed, all life signs heard."""
    done = opened()
    for type_, state in (
        ("health.proof", OwnerState.OPEN),
        ("assistance.hold", OwnerState.DONE),
        ("health.proof", OwnerState.DONE),
    ):
        done = plan(done.case, [said(done, type_, state)], at=AT)
    return done


def sent(of: Plan) -> list[tuple[str, str]]:
    """What the plan sends, as (type, verb)."""
    return [(order.type, order.verb.value) for order in of.orders]


def then(of: Plan, *later: Input) -> Plan:
    """Go on from a plan with later inputs, each planned by itself."""
    for event in later:
        of = plan(of.case, [event], at=AT)
    return of


def correction(**values: Any) -> Corrected:
    """A correction that leaves everything as the first report had it, but for what is given."""
    plain: dict[str, Any] = {
        "conditions": CONDITIONS,
        "wishes": WISHES,
        "occurred_at": DIED,
        "changed": frozenset(),
    }
    return Corrected(**{**plain, **values})


def all_answered(of: Plan, state: OwnerState = OwnerState.DONE) -> Plan:
    """Every owner that owes an answer gives this one."""
    for each in of.case.rows:
        if each.unanswered or each.state in (RowState.OPEN, RowState.ORDERED):
            of = then(of, said(of, each.type, state))
    return of
