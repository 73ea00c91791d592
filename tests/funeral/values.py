"""Procedures and rulings without a database: a verb is asked, its answer becomes the next procedure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from casework.procedure import Act, Form, Procedure, Ruling
from contracts.catalog_files import load_catalogue
from contracts.orders import Evidence
from contracts.terms import UndoReason
from kernel.public_service.clock import TZ

NOW = datetime(2026, 11, 22, 9, tzinfo=TZ)
COUNTY = "331022"
SUBJECT, CASE, APPLICANT = UUID(int=11), UUID(int=12), UUID(int=13)
CERTIFICATE = Evidence(type="health.death_certificate", version=1)


def procedure(
    kind: str, *, region: str = COUNTY, fields: Mapping[str, Any] | None = None, **values: Any
) -> Procedure:
    """A procedure of a death of yesterday as it stands at its owner."""
    terms = load_catalogue().life_events["death"].row(kind).terms
    form = Form(lambda: dict(fields or {}))
    plain: dict[str, Any] = {
        "id": UUID(int=1), "case": CASE, "case_no": "D-1", "type": kind, "life_event": "death", "subject": SUBJECT,
        "persons": {"applicant": APPLICANT}, "region": region, "occurred_at": NOW - timedelta(days=1),
        "effective_on": (NOW - timedelta(days=1)).date(), "confirmed": True, "case_version": 1, "terms": terms,
        "opened_at": NOW, "evidence": (CERTIFICATE,), "form": form,
    }  # fmt: skip
    return Procedure(**{**plain, **values})


def after(before: Procedure, ruling: Ruling, **values: Any) -> Procedure:
    """The procedure as casework writes it after a ruling."""
    point = before.terms.point_of_no_return
    passed = ruling.step == point or point in ruling.passed
    return replace(
        before,
        state=ruling.state,
        step=ruling.step,
        reason=ruling.reason,
        result=before.result if ruling.result is None else ruling.result,
        memory=before.memory if ruling.memory is None else ruling.memory,
        no_return_at=before.no_return_at or (NOW if point is not None and passed else None),
        **values,
    )


def decision(name: str, **data: Any) -> Act:
    return Act("decision", name, data, "理由")


def signed_undo(before: Procedure) -> Procedure:
    """As an order to undo finds it when the county has signed the revocation."""
    return replace(before, undo_reason=UndoReason.WRONG_MATCH)
