"""Writes what the verbs decided: one statement per kind of effect and table, however many people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from casework.facts import Statement, state_facts
from casework.persons import set_dead_from
from casework.procedure import Procedure, Ruling
from kernel.messaging.transaction import Transaction
from kernel.public_service.months import month_of, next_month
from services.eldercare.commands.money import book
from services.eldercare.domain import Arrears, Claim, Died, End, Hold, Lift, Restore
from services.eldercare.queries import care_statements

# What beside the marks a stop or its undo changes in a table.
_END_MORE = {"allowances": ", ends_after = new.last"}
_RESTORE_MORE = {
    "allowances": ", ends_after = NULL",
    "visit_plans": ", next_on = greatest(row.next_on, new.day)",
    "vouchers": ", month = greatest(row.month, CAST(date_trunc('month', new.day) AS date))",
}
# Nobody is put out of a bed: the beds are locked since gather, and the unique index would refuse it anyway.
_RESTORE_IF = {
    "stays": """ AND NOT EXISTS (SELECT 1 FROM stays other WHERE other.bed = row.bed AND other.id <> row.id
                    AND other.until IS NULL AND other.ended_by IS NULL)"""
}
_ROWS = "unnest(CAST(:ids AS uuid[]), CAST(:by AS uuid[]), CAST(:days AS date[]), CAST(:lasts AS date[]))"


@lru_cache(maxsize=64)
def _statement(effect: type, source: str) -> TextClause:
    changes, condition = {
        Hold: ("held_by = new.by", "row.held_by IS NULL"),
        Lift: ("held_by = NULL", "row.held_by = new.by"),
        End: (
            f"ended_by = new.by, ended_on = new.day{_END_MORE.get(source, '')}",
            "(row.ended_by IS NULL OR row.ended_by = new.by)",
        ),
        Restore: (
            f"ended_by = NULL, ended_on = NULL{_RESTORE_MORE.get(source, '')}",
            f"row.ended_by = new.by{_RESTORE_IF.get(source, '')}",
        ),
    }[effect]
    return text(
        f"""UPDATE {source} AS row SET {changes} FROM {_ROWS} AS new(id, by, day, last)
             WHERE row.id = new.id AND {condition}"""
    )


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Marks, ledger lines, `dead_from`, and the fact `care` of everybody for whom something ended or came back."""
    effects = [(procedure, effect) for procedure, ruling in rulings for effect in ruling.effects]
    if not effects:
        return
    await _mark(tx, effects)
    await book(tx, [(p.subject, e) for p, e in effects if isinstance(e, Claim | Arrears)], at=at)
    deaths = [effect for _, effect in effects if isinstance(effect, Died)]
    await set_dead_from(
        tx, [(each.person, next_month(month_of(each.on)) if each.on else None) for each in deaths]
    )
    changed = {procedure.subject for procedure, effect in effects if isinstance(effect, End | Restore)}
    await state_care(tx, changed, at=at)


async def state_care(tx: Transaction, persons: set[UUID], *, at: datetime) -> None:
    """Publish the fact `care` of these people as it stands now."""
    if persons:
        statements = [
            Statement(each, "care", state) for each, state in (await care_statements(tx, persons)).items()
        ]
        await state_facts(tx, statements, owner="eldercare", at=at)


async def _mark(tx: Transaction, effects: Sequence[tuple[Procedure, object]]) -> None:
    """Lifts and restorations first: in a batch, what one case gives back another may take."""
    groups: Mapping[tuple[type, str], list[tuple[UUID, Any]]] = defaultdict(list)
    for procedure, effect in effects:
        if isinstance(effect, Hold | Lift | End | Restore):
            groups[type(effect), effect.item.source].append((procedure.id, effect))
    order = (Lift, Restore, Hold, End)
    for kind, source in sorted(groups, key=lambda group: (order.index(group[0]), group[1])):
        rows = sorted(groups[kind, source], key=lambda row: row[1].item.id)
        await tx.execute(
            _statement(kind, source),
            {
                "ids": [effect.item.id for _, effect in rows],
                "by": [procedure for procedure, _ in rows],
                "days": [getattr(effect, "on", None) for _, effect in rows],
                "lasts": [getattr(effect, "ends_after", None) for _, effect in rows],
            },
        )
