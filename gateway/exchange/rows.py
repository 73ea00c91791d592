"""Deliveries as rows: loaded under lock and written set by set, one statement for many cases."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from gateway.cases.standing import parsed
from gateway.exchange.delivery import Delivery, DeliveryState
from kernel.messaging.transaction import Transaction
from kernel.public_service.pauses import pauses_of
from kernel.public_service.sealing import Sealed

_TYPES = {
    "id": "uuid", "procedure": "uuid", "case_id": "uuid", "case_version": "integer", "order_no": "integer",
    "version": "integer", "evidence": "boolean", "provisional": "boolean", "escalation": "integer",
    "current": "boolean", "replaces": "uuid", "task_id": "uuid", "limit_amount": "integer", "rung": "integer",
    "asked_by": "uuid",
}  # fmt: skip
# The order of `Delivery`'s fields is the order of the columns everywhere below.
_NAMES = tuple(field.name for field in fields(Delivery))
_FIXED = frozenset({
    "id", "procedure", "case_id", "case_no", "type", "department", "region", "kind", "step", "undo", "opened_at",
    "held_by", "evidence", "replaces", "sent_at", "limit_amount", "limit_unit", "limit_at", "asked_by",
})  # fmt: skip
_MUTABLE = tuple(name for name in _NAMES if name not in _FIXED)


def _type(name: str) -> str:
    return "timestamptz" if name.endswith(("_at", "_until")) else _TYPES.get(name, "text")


def _read(name: str, table: str) -> str:
    """How an unnested value becomes the column's."""
    if name in ("result", "sealed", "pauses"):
        return f"CAST({table}.{name} AS jsonb)"
    return f"string_to_array({table}.{name}, ',')" if name == "held_by" else f"{table}.{name}"


def _unnest(names: Iterable[str]) -> str:
    names = tuple(names)
    arrays = ", ".join(f"CAST(:{name} AS {_type(name)}[])" for name in names)
    return f"unnest({arrays}) AS row ({', '.join(names)})"


_COLUMNS = ", ".join(_NAMES)
_INSERT = text(f"""
    INSERT INTO deliveries ({_COLUMNS}) SELECT {", ".join(_read(name, "row") for name in _NAMES)}
    FROM {_unnest(_NAMES)} ON CONFLICT DO NOTHING""")
_UPDATE = text(f"""
    UPDATE deliveries AS d SET {", ".join(f"{name} = {_read(name, 'row')}" for name in _MUTABLE)}
    FROM {_unnest(("id", *_MUTABLE))} WHERE d.id = row.id""")
_OF_PROCEDURES = text(f"""
    SELECT {_COLUMNS} FROM deliveries WHERE procedure = ANY(CAST(:procedures AS uuid[])) ORDER BY id FOR UPDATE""")
_HOLDABLE = text(f"""
    SELECT {_COLUMNS} FROM deliveries
    WHERE current AND held_by <> '{{}}' AND case_id = ANY(CAST(:cases AS uuid[]))
      AND state IN ('pending', 'sent', 'cancelling', 'told')
    ORDER BY id FOR UPDATE""")
_OF_ASKERS = f"""
    SELECT {_COLUMNS} FROM deliveries WHERE asked_by = ANY(CAST(:askers AS uuid[])) AND current ORDER BY id"""
_READ_ASKED = text(_OF_ASKERS)
_LOCK_ASKED = text(_OF_ASKERS + " FOR UPDATE")
_OF_TASK = text(f"SELECT {_COLUMNS} FROM deliveries WHERE task_id = :task")
_BY_ID = text(f"SELECT {_COLUMNS} FROM deliveries WHERE id = ANY(CAST(:ids AS uuid[]))")


async def of_procedures(tx: Transaction, procedures: Iterable[UUID]) -> dict[UUID, list[Delivery]]:
    """All deliveries of these procedures under lock, oldest first. The caller holds the locks of their cases."""
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    wanted = sorted(set(procedures))
    if wanted:
        for row in await tx.execute(_OF_PROCEDURES, {"procedures": wanted}):
            found[row.procedure].append(_delivery(row))
    return found


async def held_of_cases(tx: Transaction, cases: Iterable[UUID]) -> list[Delivery]:
    """Current requests of these cases that a hold may keep back, under lock. The caller holds the cases' locks."""
    return [_delivery(row) for row in await tx.execute(_HOLDABLE, {"cases": sorted(set(cases))})]


async def of_askers(
    tx: Transaction, askers: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, list[Delivery]]:
    """The newest request to each source, by the procedure that asks. A caller who locks holds the cases' locks."""
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    wanted = {"askers": sorted(set(askers))}
    for row in await tx.execute(_LOCK_ASKED if lock else _READ_ASKED, wanted):
        found[row.asked_by].append(_delivery(row))
    return found


async def by_ids(tx: Transaction, ids: Iterable[UUID]) -> list[Delivery]:
    """These deliveries as they stand, without lock."""
    return [_delivery(row) for row in await tx.execute(_BY_ID, {"ids": list(ids)})]


async def of_task(tx: Transaction, task: UUID) -> Delivery | None:
    """The delivery whose task that is, without lock; None when no such task stands."""
    row = (await tx.execute(_OF_TASK, {"task": task})).first()
    return None if row is None else _delivery(row)


async def write(tx: Transaction, *, updated: Sequence[Delivery], created: Sequence[Delivery]) -> None:
    """Update first: a request that is replaced makes room for the new one of its procedure."""
    if updated:
        await tx.execute(_UPDATE, _arrays(updated, ("id", *_MUTABLE)))
    if created:
        await tx.execute(_INSERT, _arrays(created, _NAMES))


def _arrays(rows: Sequence[Delivery], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [_written(name, getattr(row, name)) for row in rows] for name in names}


def _written(name: str, value: Any) -> Any:
    if name in ("result", "pauses"):
        return orjson.dumps(value).decode()
    if name == "sealed":
        return None if value is None else value.model_dump_json()
    return ",".join(value) if name == "held_by" else value


def _delivery(row: Any) -> Delivery:
    values = dict(row._mapping)
    values["state"] = DeliveryState(values["state"])
    values["outcome"] = OwnerState(values["outcome"])
    values["undo"] = UndoKind(values["undo"])
    values["undo_kind"] = values["undo_kind"] and UndoKind(values["undo_kind"])
    values["held_by"] = tuple(values["held_by"])
    values["result"] = parsed(values["result"])
    values["pauses"] = pauses_of(parsed(values["pauses"]))
    values["sealed"] = values["sealed"] and Sealed.model_validate(parsed(values["sealed"]))
    return Delivery(**values)
