"""Payment files as others read them (contracts.money): sums by kind, and what stays behind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.money import HeldLine, PaymentRun, RunOfKind
from kernel.errors import NotFound
from kernel.messaging.transaction import Transaction

HELD_SHOWN = 200
_FILE = """SELECT f.id, f.region, f.month, f.state, f.prepared_at, f.prepared_by, f.released_at, f.released_by,
                  s.lines, s.total_fen, s.held_lines, s.held_fen
             FROM payment_files f, LATERAL (
                  SELECT count(*) FILTER (WHERE l.held_for IS NULL) AS lines,
                         coalesce(sum(l.amount_fen) FILTER (WHERE l.held_for IS NULL), 0) AS total_fen,
                         count(*) FILTER (WHERE l.held_for IS NOT NULL) AS held_lines,
                         coalesce(sum(l.amount_fen) FILTER (WHERE l.held_for IS NOT NULL), 0) AS held_fen
                    FROM payment_file_lines l WHERE l.file = f.id) AS s"""
_ONE = text(f"{_FILE} WHERE f.id = :id")
# Behind the last one: earlier prepared, or at the same instant with a smaller key.
_LIST = text(
    f"""{_FILE} WHERE f.region LIKE CAST(:region AS text) || '%'
                 AND (:after = CAST('00000000-0000-0000-0000-000000000000' AS uuid) OR (f.prepared_at, f.id) <
                      (SELECT b.prepared_at, b.id FROM payment_files b WHERE b.id = :after))
               ORDER BY f.prepared_at DESC, f.id DESC LIMIT :limit"""
)


def run_of(
    lines: Sequence[Any], *, region: str, month: date, state: str, file: Mapping[str, Any] | None = None
) -> PaymentRun:
    """A run from its lines (commands.releases.Line); `file` as `read_file` gives it."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        if line.held_for is None:
            kinds[line.kind].append(line.amount_fen)
    held = [line for line in lines if line.held_for is not None]
    by_kind = tuple(
        RunOfKind(kind=kind, lines=len(sums), total_fen=sum(sums)) for kind, sums in sorted(kinds.items())
    )
    shown = tuple(
        HeldLine(
            payment=line.payment, kind=line.kind, payee=line.payee, month=f"{line.month:%Y-%m}",
            amount_fen=line.amount_fen, held_for=line.held_for,
        )
        for line in held[:HELD_SHOWN]
    )  # fmt: skip
    values = {
        "id": None, "region": region, "month": f"{month:%Y-%m}", "state": state,
        "lines": sum(each.lines for each in by_kind), "total_fen": sum(each.total_fen for each in by_kind),
        "held_lines": len(held), "held_fen": sum(line.amount_fen for line in held), "by_kind": by_kind, "held": shown,
    }  # fmt: skip
    return PaymentRun.model_validate({**values, **(file or {})})


async def read_file(tx: Transaction, file: UUID) -> dict[str, Any]:
    """A file's own values. Raises NotFound."""
    row = (await tx.execute(_ONE, {"id": file})).first()
    if row is None:
        raise NotFound()
    return _values(row)


async def list_files(tx: Transaction, *, region: str, after: UUID, limit: int) -> tuple[PaymentRun, ...]:
    """A page of the files of a region (a prefix of its code), newest first."""
    rows = await tx.execute(_LIST, {"region": region, "after": after, "limit": limit})
    return tuple(PaymentRun.model_validate(_values(row)) for row in rows)


def _values(row: Any) -> dict[str, Any]:
    return {**row._mapping, "month": f"{row.month:%Y-%m}"}
