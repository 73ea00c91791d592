"""What a department is told of a case: only the fields its row lists, opened when they leave (design 4, 7)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.conditions import pick
from gateway.cases.answers import special_of
from gateway.cases.plans import Plans
from gateway.cases.standing import OWNER, parsed
from gateway.exchange.clock import reminder
from gateway.exchange.delivery import Delivery
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealed, Sealer

_CASES = text("SELECT id, plan, form FROM cases WHERE id = ANY(CAST(:ids AS uuid[]))")


@dataclass(frozen=True)
class CaseContent:
    """The plan that the case keeps, and its form as it is now."""

    event: LifeEvent
    form: Mapping[str, Any]

    @cached_property
    def special(self) -> frozenset[str]:
        """The special cases that the form calls for (R29); looked up once, however many requests go out."""
        return special_of(self.event, self.form)


async def contents(
    tx: Transaction, cases: Iterable[UUID], *, plans: Plans, sealer: Sealer
) -> dict[UUID, CaseContent]:
    """Each case opened once, however many of its deliveries go out together. Never written anywhere."""
    found = (await tx.execute(_CASES, {"ids": sorted(set(cases))})).all()
    events = await plans.of(tx, {row.plan for row in found})
    return {
        row.id: CaseContent(
            events[row.plan], sealer.open(Sealed.model_validate(parsed(row.form)), row.id, OWNER)
        )
        for row in found
    }


def _pressed(delivery: Delivery) -> dict[str, str]:
    word = reminder(delivery)
    return {} if word is None else {"reminder": word}


def item(delivery: Delivery, content: CaseContent) -> dict[str, Any]:
    """One request as a department reads it; `fields` maps a pointer of the form to its value.

    `reminder` (half, nearly, late) stands on a request that goes out again because its time passes (G7).
    """
    asked = content.event.request(delivery.type)
    request: dict[str, Any] = {
        "case_no": delivery.case_no, "type": delivery.type, "kind": delivery.kind, "purpose": asked.purpose,
        "legal_basis": asked.legal_basis, "region": delivery.region,
        "due_at": delivery.due_at and delivery.due_at.astimezone(TZ).isoformat(),
        "provisional": delivery.provisional,
        "fields": pick(content.form, asked.fields), **_pressed(delivery),
    }  # fmt: skip
    if special := _special(content, asked.fields):
        request["special"] = special
    if delivery.replaces is not None:
        request["replaces"] = str(delivery.replaces)
    if delivery.kind == "undo" and delivery.undo_reason is not None:
        request["reason"] = delivery.undo_reason
    return request


def _special(content: CaseContent, fields: Collection[str]) -> list[str]:
    """The special cases that this department can see in its own fields: a newborn's two registrations at once (R21)."""
    return [
        path.id for path in content.event.manual_paths
        if path.id in content.special and path.when.field is not None and path.when.field in fields
    ]  # fmt: skip


def items(
    deliveries: Sequence[Delivery], opened: Mapping[UUID, CaseContent], *, id_name: str
) -> list[dict[str, Any]]:
    """A list of requests; the id's name differs between push (`request_id`) and pull (`id`)."""
    return [
        {id_name: str(delivery.id), **item(delivery, opened[delivery.case_id])} for delivery in deliveries
    ]


def cancellation(delivery: Delivery) -> dict[str, Any]:
    """Takes a request id back, and with it the earlier request that it had replaced."""
    request = {
        "request_id": str(delivery.id), "case_no": delivery.case_no, "type": delivery.type, **_pressed(delivery),
    }  # fmt: skip
    if delivery.replaces is not None:
        request["replaces"] = str(delivery.replaces)
    return request
