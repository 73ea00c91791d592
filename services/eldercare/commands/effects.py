"""Writes what the verbs decided: one statement per kind of effect and table, however many people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import TextClause, text

from casework.persons import set_dead_from
from casework.procedure import Procedure, Ruling
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of, next_month
from services.eldercare.commands.bed_offers import offer_free_beds, withdraw_offers
from services.eldercare.commands.beds import rehouse
from services.eldercare.commands.facts import state_care
from services.eldercare.commands.money import book, move_paid_through, write_overpayments
from services.eldercare.commands.settlements import write_settlements
from services.eldercare.domain import effects as e
from services.eldercare.domain.items import REQUEST

Effects = Sequence[tuple[Procedure, object]]
Kind = TypeVar("Kind")

# What beside the marks a stop or its undo changes in a table.
_END_MORE = {"allowances": ", ends_after = new.last"}
_RESTORE_MORE = {
    "allowances": ", ends_after = NULL, state = CASE row.state WHEN 'in_check' THEN 'active' ELSE row.state END",
    "visit_plans": ", next_on = greatest(row.next_on, new.day)",
    "vouchers": ", month = greatest(row.month, CAST(date_trunc('month', new.day) AS date))",
}
# Nobody is put out of a bed: the beds are locked since gather, and the unique index would refuse it anyway.
_RESTORE_IF = {
    "stays": """ AND NOT EXISTS (SELECT 1 FROM stays other WHERE other.bed = row.bed AND other.id <> row.id
                    AND other.until IS NULL AND other.ended_by IS NULL)"""
}
_ROWS = "unnest(CAST(:ids AS uuid[]), CAST(:by AS uuid[]), CAST(:days AS date[]), CAST(:lasts AS date[]))"
# Offers to people who wait no more.
_UNASKED = text(
    """UPDATE bed_offers o SET state = 'withdrawn', version = o.version + 1, closed_at = :at FROM bed_requests r
        WHERE r.id = o.request AND o.state = 'open' AND r.id = ANY(CAST(:requests AS uuid[]))"""
)
_HOMES = text(
    """SELECT b.home FROM stays s JOIN beds b ON b.id = s.bed WHERE s.id = ANY(CAST(:stays AS uuid[]))
       UNION SELECT home FROM bed_requests WHERE id = ANY(CAST(:requests AS uuid[]))"""
)
_BEDS_BACK = text(
    "SELECT bed FROM stays WHERE id = ANY(CAST(:stays AS uuid[])) AND ended_by IS NULL ORDER BY bed"
)


@lru_cache(maxsize=64)
def _statement(effect: type, source: str) -> TextClause:
    changes, condition = {
        e.Hold: ("held_by = new.by", "row.held_by IS NULL"),
        e.Lift: ("held_by = NULL", "row.held_by = new.by"),
        e.End: (
            f"ended_by = new.by, ended_on = new.day{_END_MORE.get(source, '')}",
            "(row.ended_by IS NULL OR row.ended_by = new.by)",
        ),
        e.Restore: (
            f"ended_by = NULL, ended_on = NULL{_RESTORE_MORE.get(source, '')}",
            f"row.ended_by = new.by{_RESTORE_IF.get(source, '')}",
        ),
    }[effect]
    return text(
        f"""UPDATE {source} AS row SET {changes} FROM {_ROWS} AS new(id, by, day, last)
             WHERE row.id = new.id AND {condition}"""
    )


async def apply(rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime) -> None:
    """Marks, beds, ledger lines, records, `dead_from`, and the fact `care` of everybody concerned."""
    effects = [(procedure, effect) for procedure, ruling in rulings for effect in ruling.effects]
    if not effects:
        return
    await _mark(tx, effects)
    await _give_beds(tx, effects, at)
    await write_overpayments(tx, _only(effects, e.SetOverpayment), at=at)
    await write_settlements(tx, _only_values(effects), at=at)
    await book(tx, _only(effects, e.Book), at=at)
    await move_paid_through(tx, _only(effects, e.PaidThrough))
    deaths = _only(effects, e.Died)
    await set_dead_from(
        tx, [(each.person, next_month(month_of(each.on)) if each.on else None) for each in deaths]
    )
    changed = {p.subject for p, effect in effects if isinstance(effect, e.End | e.Restore | e.MoveIn)}
    await state_care(tx, changed, at=at)


def _only(effects: Effects, kind: type[Kind]) -> list[Kind]:
    return [effect for _, effect in effects if isinstance(effect, kind)]


def _only_values(effects: Effects) -> list[object]:
    return [effect for _, effect in effects]


async def _mark(tx: Transaction, effects: Effects) -> None:
    """Lifts and restorations first: in a batch, what one case gives back another may take."""
    groups: Mapping[tuple[type, str], list[tuple[UUID, Any]]] = defaultdict(list)
    for procedure, effect in effects:
        if isinstance(effect, e.Hold | e.Lift | e.End | e.Restore):
            groups[type(effect), effect.item.source].append((procedure.id, effect))
    order = (e.Lift, e.Restore, e.Hold, e.End)
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


async def _give_beds(tx: Transaction, effects: Effects, at: datetime) -> None:
    """Who lives has their bed back or another; whose bed is free or who waits no more makes way for the next."""
    back = [each.item.id for each in _only(effects, e.Restore) if each.item.source == "stays"]
    if back:
        beds = list((await tx.execute(_BEDS_BACK, {"stays": back})).scalars())
        await withdraw_offers(tx, beds, at=at)
    moves = [(p.subject, each) for p, each in effects if isinstance(each, e.MoveIn | e.FirstPlace)]
    await rehouse(tx, moves)
    ended = [each.item for each in _only(effects, e.End)]
    stays = [item.id for item in ended if item.source == "stays"]
    stays += [move.item.id for _, move in moves if isinstance(move, e.FirstPlace)]
    requests = [item.id for item in ended if item.source == REQUEST]
    if requests:
        await tx.execute(_UNASKED, {"requests": requests, "at": at})
    if stays or requests:
        homes = (await tx.execute(_HOMES, {"stays": stays, "requests": requests})).scalars()
        await offer_free_beds(tx, list(homes), on=at.astimezone(TZ).date())
