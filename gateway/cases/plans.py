"""Plans: the catalogue of a life event as one region has it on one day, kept by content (design 4).

A case points to the plan it was opened with, so a later edit of the catalogue never changes an open case.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import orjson
from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.catalog_files import Catalogue
from contracts.regional_rows import row_at
from contracts.regions import RegionTree
from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction

_STORE = text("""
    INSERT INTO plans (id, life_event, catalogue_version, content, recorded_at)
    VALUES (:id, :life_event, :version, CAST(CAST(:content AS text) AS jsonb), :at) ON CONFLICT DO NOTHING""")
_FETCH = text("SELECT id, content FROM plans WHERE id = ANY(CAST(:ids AS text[]))")


Places = tuple[tuple[str, str], ...]


class Plans:
    """Plans by id, remembered in this process; the database keeps each content once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[str, LifeEvent] = {}
        self._stored: set[str] = set()
        self._made: dict[tuple[str, Places, date], str] = {}

    def for_region(
        self, life_event: str, region: str, on: date, competent: Mapping[str, str] | None = None
    ) -> tuple[str, LifeEvent]:
        """The plan's id and content; `competent` names the region that decides a kind of row, where it is another.

        Raises KeyError for an unknown life event or region.
        """
        base = self.catalogue.life_events[life_event]
        elsewhere = competent or {}
        places: dict[str, str] = {
            row.competent_at: elsewhere.get(row.competent_at, region)[:6] for row in base.procedures
        }
        key = (life_event, tuple(sorted(places.items())), on)
        plan = self._made.get(key)
        if plan is None:
            event = regional(base, self.catalogue.tree, places, on)
            content = orjson.dumps(event.model_dump(mode="json", by_alias=True))
            plan = self._made[key] = hashlib.sha256(content).hexdigest()[:32]
            self._known.setdefault(plan, event)
        return plan, self._known[plan]

    async def keep(self, tx: Transaction, plan: str, at: datetime) -> None:
        """Store the content, unless this process knows that it is stored."""
        if plan in self._stored:
            return
        event = self._known[plan]
        content = event.model_dump_json(by_alias=True)
        await tx.execute(
            _STORE,
            {"id": plan, "life_event": event.id, "version": event.version, "content": content, "at": at},
        )
        tx.after_commit(lambda: self._stored.add(plan))

    async def of(self, tx: Transaction, plans: Iterable[str]) -> dict[str, LifeEvent]:
        """The contents by id; only those unknown to this process are read."""
        wanted = set(plans)
        missing = [plan for plan in wanted if plan not in self._known]
        if missing:
            for plan, content in (await tx.execute(_FETCH, {"ids": missing})).all():
                self._known[plan] = LifeEvent.model_validate(parsed(content))
        return {plan: self._known[plan] for plan in wanted}


def regional(event: LifeEvent, tree: RegionTree, places: Mapping[str, str], on: date) -> LifeEvent:
    """The event as those regions have it that day: each row as the county that decides it does (`competent_at`).

    Rows switched off there leave, promised and delegated limits shorten, powers move (design 4).
    """
    rows = (row_at(row, tree, places[row.competent_at], on) for row in event.procedures)
    return event.model_copy(update={"procedures": tuple(row for row in rows if row is not None)})
