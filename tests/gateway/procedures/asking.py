"""A joint query before its verbs, without a database: what the tests beside decide on."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from casework.procedure import Form, Procedure, Ruling
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from gateway.assets.entitlement import Standing
from gateway.procedures.asset_requests import Facts
from kernel.public_service.clock import TZ

AT = datetime(2026, 3, 2, 9, tzinfo=TZ)
DEATH = load_catalogue().life_events["death"]
ROW = DEATH.row("gateway.asset_query")
SUBJECT, APPLICANT = UUID(int=1), UUID(int=2)


def procedure(**values: Any) -> Procedure:
    """Being opened, version 1 of its case, by a child of the dead person."""
    plain: dict[str, Any] = {
        "id": UUID(int=10), "case": UUID(int=11), "case_no": "331022-20260302-TEST", "type": ROW.type,
        "life_event": "death", "subject": SUBJECT, "persons": {"deceased": SUBJECT, "applicant": APPLICANT},
        "region": "331022", "occurred_at": AT, "effective_on": AT.date(), "confirmed": True, "case_version": 1,
        "terms": ROW.terms, "form": Form(lambda: {"/applicant/relation": "child"}),
    }  # fmt: skip
    return Procedure(**{**plain, **values})


def facts(relation: str | None = "child", *, proof: str | None = "done", **counts: Any) -> Facts:
    """What was proven of the applicant (at AT, unless said otherwise), and how far the answers have come."""
    counts = {"proof_ended_at": AT, **counts}
    return Facts(ROW.sources, Standing(proof, relation, relation or "child"), **counts)


def after(before: Procedure, ruling: Ruling, **values: Any) -> Procedure:
    """The procedure as the ruling leaves it."""
    return replace(
        before, state=ruling.state, step=ruling.step, version=before.version + 1,
        result=before.result if ruling.result is None else ruling.result,
        memory=before.memory if ruling.memory is None else ruling.memory, **values,
    )  # fmt: skip


def delivered(**counts: Any) -> Procedure:
    """The first edition is out."""
    asked = procedure(
        state=OwnerState.OPEN, step="query",
        memory={
            "capacity": "first_order_heir", "stale": False, "until": AT.isoformat(), "proof_ended_at": AT.isoformat(),
        },
    )  # fmt: skip
    memory = {**asked.memory, "edition": 1}
    return replace(asked, state=OwnerState.DONE, step=None, memory=memory, **counts)
