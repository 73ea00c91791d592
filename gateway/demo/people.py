"""Synthetic people with what they hold now, asked of the services (api.md: GET /demo/people)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from casework.people_view import PersonView
from gateway.desk import Desk
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import region_prefix

_CHUNK = 200
_MOST_LOOKED_AT = 20_000
_PAGE = text("""
    SELECT p.person, p.region, p.household FROM people p
    WHERE p.household IS NOT NULL AND p.region LIKE :region
      AND (CAST(:after AS uuid) IS NULL OR p.person > CAST(:after AS uuid))
    ORDER BY p.person LIMIT :most""")
_ONE = text("SELECT person, region, household FROM people WHERE person = :person")
_RELATIVES = text("""
    SELECT person, relative, relation FROM person_relations WHERE person = ANY(CAST(:persons AS uuid[]))
    ORDER BY person, relative""")
_MARRIAGE = "marriage"


@dataclass(frozen=True, slots=True)
class Page:
    """Some people, and the cursor of the next page (none at the end)."""

    items: list[dict[str, Any]]
    next: str | None


async def list_people(
    desk: Desk, *, region: str | None, holds: str | None, limit: int, after: UUID | None
) -> Page:
    """People of the synthetic households, by person key; `holds`: only those who hold that kind now."""
    found: list[dict[str, Any]] = []
    looked_at = 0
    prefix = f"{region_prefix(region)}%" if region else "%"
    while looked_at < _MOST_LOOKED_AT:
        most = _CHUNK if holds else min(_CHUNK, limit - len(found) + 1)
        rows = await _rows(desk, prefix, after, most)
        for person in await _described(desk, rows):
            if holds is None or any(hold["kind"] == holds for hold in person["holds"]):
                found.append(person)
        looked_at += len(rows)
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1]["person"])
        if len(rows) < most:
            return Page(found, None)
        after = rows[-1].person
    return Page(found, str(after))


async def one_person(desk: Desk, person: UUID) -> dict[str, Any] | None:
    """One of them, as the services hold it now."""
    async with desk.open() as tx:
        rows = (await tx.execute(_ONE, {"person": person})).all()
    described = await _described(desk, rows)
    return described[0] if described else None


async def _rows(desk: Desk, region: str, after: UUID | None, most: int) -> Sequence[Any]:
    async with desk.open() as tx:
        return (await tx.execute(_PAGE, {"region": region, "after": after, "most": most})).all()


async def _described(desk: Desk, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Name and number from the register, holdings from their owners, marriage from the registry."""
    if not rows:
        return []
    persons = [row.person for row in rows]
    async with desk.open() as tx:
        details = await desk.register.details(tx, persons)
        relatives = await _relatives(tx, persons)
    views = await desk.owners.people(persons)
    return [_person(row, details.get(row.person, {}), relatives.get(row.person, []), views) for row in rows]


async def _relatives(tx: Transaction, persons: Sequence[UUID]) -> dict[UUID, list[dict[str, str]]]:
    found: dict[UUID, list[dict[str, str]]] = {}
    for row in await tx.execute(_RELATIVES, {"persons": list(persons)}):
        found.setdefault(row.person, []).append({"person": str(row.relative), "relation": row.relation})
    return found


def _person(
    row: Any,
    details: Mapping[str, Any],
    relatives: list[dict[str, str]],
    views: Mapping[str, Mapping[UUID, PersonView]],
) -> dict[str, Any]:
    marriage = views.get(_MARRIAGE, {}).get(row.person)
    holds = [
        hold.model_dump(mode="json") for owner in sorted(views) if row.person in views[owner]
        for hold in views[owner][row.person].holds
    ]  # fmt: skip
    return {
        "person": str(row.person), "name": details.get("name"), "id_number": details.get("id_number"),
        "sex": details.get("sex"), "birth_date": details.get("birth_date"), "region": row.region,
        "household": row.household and str(row.household),
        "marital_state": marriage.marital_state if marriage else None,
        "spouse": str(marriage.spouse) if marriage and marriage.spouse else None, "relatives": relatives,
        "holds": holds,
    }  # fmt: skip
