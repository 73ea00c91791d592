"""The planner's orders made whole: what each owner must know, and no more (design 4 and 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.catalog import ProcedureRow
from contracts.conditions import pick
from contracts.orders import Order, OrdersIssued, Verb
from contracts.terms import Terms, UndoReason
from gateway.cases.planner.model import PlannedOrder
from gateway.cases.planner.proofs import proofs
from gateway.cases.standing import Standing
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealer

SERVICES = frozenset({"assistance", "eldercare", "funeral", "marriage"})
OURSELVES = "gateway"
_CARRIES_FORM = frozenset({Verb.OPEN, Verb.CORRECT})


@dataclass(frozen=True, slots=True)
class DepartmentOrder:
    """One order for a co-handling department, carried out by `gateway.exchange` in the planner's transaction.

    `fields` are pointers into the case's form, unsealed only when the delivery is pushed or pulled
    (`gateway.cases.forms.read_fields`). `version` is the row's outcome version: the answer's must be greater.
    """

    case: UUID
    case_no: str
    case_version: int
    life_event: str
    subject: UUID
    procedure: UUID
    type: str
    owner: str
    verb: Verb
    number: int
    version: int
    region: str
    occurred_at: datetime | None
    at: datetime
    terms: Terms
    fields: tuple[str, ...]
    purpose: str
    legal_basis: str
    undo_reason: UndoReason | None = None
    evidence: bool = False
    holds: frozenset[str] = frozenset()


def competent_region(standing: Standing, spec: ProcedureRow) -> str:
    """Which region decides this row (design 4, `competent_at`); the place of acceptance where nothing is known."""
    return standing.regions.get(spec.competent_at, standing.region)


def department_order(standing: Standing, order: PlannedOrder, at: datetime) -> DepartmentOrder:
    """The delivery of one order."""
    spec = standing.case.event.row(order.type)
    row = next(row for row in standing.case.rows if row.id == order.row)
    return DepartmentOrder(
        case=standing.id, case_no=standing.case_no, case_version=standing.case.version,
        life_event=standing.case.event.id, subject=standing.subject, procedure=order.row, type=order.type,
        owner=order.owner, verb=order.verb, number=order.number, version=row.outcome_version,
        region=competent_region(standing, spec), occurred_at=standing.case.occurred_at, at=at, terms=spec.terms,
        fields=spec.fields, purpose=spec.purpose, legal_basis=spec.legal_basis, undo_reason=order.undo_reason,
        evidence=order.type in standing.case.event.evidence.confirmed_by,
        holds=frozenset(kind.value for kind in standing.case.holds),
    )  # fmt: skip


def owner_message(
    standing: Standing,
    owner: str,
    orders: Sequence[PlannedOrder],
    at: datetime,
    form: Mapping[str, Any] | None,
    sealer: Sealer,
) -> OrdersIssued:
    """One message for one owner. `form` (the whole form) is none when no order needs it."""
    case = standing.case
    effective_on = (case.occurred_at or at).astimezone(TZ).date()
    sealed = None
    if form is not None:
        part = pick(form, _listed(standing, owner))
        sealed = sealer.seal(part, case.id, owner)
    return OrdersIssued(
        case=case.id, case_no=standing.case_no, case_version=case.version, life_event=case.event.id, owner=owner,
        round=standing.progress + 1, subject=standing.subject, persons=dict(standing.persons),
        occurred_at=case.occurred_at or at, effective_on=effective_on, confirmed=case.confirmed,
        region=standing.region, issued_at=at, sealed=sealed, evidence=proofs(case),
        orders=tuple(_order(standing, order) for order in orders),
    )  # fmt: skip


def carries_form(orders: Sequence[PlannedOrder]) -> bool:
    """Whether one of these orders needs the owner's part of the form."""
    return any(order.verb in _CARRIES_FORM for order in orders)


def _listed(standing: Standing, owner: str) -> list[str]:
    """The pointers of the owner's rows that were ever ordered, once each."""
    ordered = {row.type for row in standing.case.rows if row.order}
    specs = [spec for spec in standing.case.event.procedures if spec.owner == owner and spec.type in ordered]
    return list(dict.fromkeys(pointer for spec in specs for pointer in spec.fields))


def _order(standing: Standing, order: PlannedOrder) -> Order:
    spec = standing.case.event.row(order.type)
    undo = order.verb is Verb.UNDO
    return Order(
        procedure=order.row, type=order.type, verb=order.verb, number=order.number,
        region=competent_region(standing, spec), terms=spec.terms if order.verb is Verb.OPEN else None,
        undo_reason=order.undo_reason if undo else None, reverses=order.number - 1 if undo else None,
    )  # fmt: skip
