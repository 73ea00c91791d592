"""The person lock: every command that grants or changes something for a person takes it first (design 5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from kernel.errors import Conflict
from kernel.messaging.transaction import Transaction

_FIRST_SEEN = text(
    """INSERT INTO person_locks (person) SELECT * FROM unnest(CAST(:ids AS uuid[]))
       ON CONFLICT (person) DO NOTHING"""
)
_LOCK = text(
    """SELECT person, dead_from FROM person_locks WHERE person = ANY(CAST(:ids AS uuid[]))
        ORDER BY person FOR UPDATE"""
)
_DEAD_FROM = text(
    """UPDATE person_locks p SET dead_from = new.dead_from
         FROM unnest(CAST(:ids AS uuid[]), CAST(:dates AS date[])) AS new(person, dead_from)
        WHERE p.person = new.person AND p.dead_from IS DISTINCT FROM new.dead_from"""
)


class DeadFromThen(Conflict):
    """此人自该月起已登记为死亡，不能再给付。
    This person is recorded as dead from that month on; nothing more can be granted."""

    how = "请核对死亡登记；如登记有误，先由主管部门撤销后再办理。"
    how_en = "Check the record of death; if it is wrong, have it revoked first."


async def lock_persons(tx: Transaction, persons: Iterable[UUID]) -> dict[UUID, date | None]:
    """Lock the persons in order (inserting those never seen) and tell from when each is dead.

    Call it before any other row of theirs is locked.
    """
    ids = sorted(set(persons))
    if not ids:
        return {}
    rows = (await tx.execute(_LOCK, {"ids": ids})).all()
    if len(rows) < len(ids):
        await tx.execute(_FIRST_SEEN, {"ids": ids})
        rows = (await tx.execute(_LOCK, {"ids": ids})).all()
    return {row.person: row.dead_from for row in rows}


async def set_dead_from(tx: Transaction, dates: Sequence[tuple[UUID, date | None]]) -> None:
    """Record from which day nothing more may be granted (the first day after the month of death), or lift it.

    The persons must be locked.
    """
    if dates:
        newest: Mapping[UUID, date | None] = dict(dates)
        await tx.execute(_DEAD_FROM, {"ids": list(newest), "dates": list(newest.values())})


def refuse_after_death(dead_from: date | None, month: date) -> None:
    """Raise DeadFromThen when a grant for `month` (its first day) falls on or after `dead_from`."""
    if dead_from is not None and month >= dead_from:
        raise DeadFromThen(extra={"dead_from": dead_from.isoformat()})
