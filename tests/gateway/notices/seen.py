"""Cases as the notices see them, over the real catalogue, without a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from contracts.catalog import LifeEvent
from contracts.catalog_files import Catalogue, load_catalogue
from gateway.cases.planner.model import Case, CaseStatus, Row, RowState
from gateway.cases.standing import Standing
from gateway.notices.derive import Seen, Shown
from gateway.notices.topics import Matter, Told
from kernel.public_service.clock import TZ

AT = datetime(2026, 3, 2, 15, tzinfo=TZ)
DIED = AT - timedelta(days=1)
CASE = UUID("00000000-0000-4000-8000-000000000001")
DEAD, SPOUSE, HEIR = (UUID(f"00000000-0000-4000-8000-00000000001{n}") for n in range(3))


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def event() -> LifeEvent:
    return catalogue().life_events["death"]


def row_id(kind: str) -> UUID:
    return uuid5(CASE, kind)


def row(kind: str, state: RowState | str, **values: Any) -> Row:
    """A row of the board."""
    return Row(id=row_id(kind), type=kind, state=RowState(state), order=1, answered=1, **values)


def seen(
    *rows: Row,
    status: CaseStatus = CaseStatus.IN_PROGRESS,
    shown: Mapping[str, Shown] | None = None,
    told: Mapping[Matter, Told] | None = None,
    kin: tuple[UUID, ...] = (SPOUSE,),
    applicant: UUID | None = SPOUSE,
    at: datetime = AT,
    **case: Any,
) -> Seen:
    """A confirmed death reported by the spouse; `shown` by type of row."""
    values: dict[str, Any] = {"confirmed": True, "occurred_at": DIED, "status": status, "rows": rows, **case}
    standing = Standing(
        case=Case(id=CASE, event=event(), **values), case_no="331022-20260302-7K3M9XQ2", plan="plan", subject=DEAD,
        applicant=applicant, reporters=(), persons={"deceased": DEAD, "heirs/0": HEIR}, region="331022", regions={},
        form_text="{}", verified=(), progress=1, kin=kin, channel="window", submitted_at=AT,
    )  # fmt: skip
    return Seen(standing, {row_id(kind): one for kind, one in (shown or {}).items()}, told or {}, at)


def after_telling(before: Seen, *told: Matter, marks: Mapping[Matter, str], sent: bool = True) -> Seen:
    """The same case once these matters have been told."""
    more = {matter: Told(marks[matter], 0, sent) for matter in told}
    return replace(before, told={**before.told, **more})
