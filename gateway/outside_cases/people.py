"""Who is meant, and what of the name the reader sees."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases.owners import with_query
from gateway.desk import Desk
from kernel.errors import Unprocessable, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, may
from kernel.public_service.identifiers import mask_name

_MOST = 5
_REGIONS = text("SELECT person, region FROM people WHERE person = ANY(CAST(:persons AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody of the register, and where they are registered."""

    person: UUID
    region: str | None


async def identified(tx: Transaction, desk: Desk, *, id_number: str, name: str) -> Found:
    """Whom name and number together mean. Raises 422 when they mean nobody: which of the two is wrong is not told."""
    found = await desk.register.search(tx, name=None, id_number=id_number, most=_MOST)
    details = await desk.register.details(tx, [person for person, _ in found])
    named = [pair for pair in found if details.get(pair[0], {}).get("name") == name.strip()]
    if len(named) != 1:
        raise _nobody()
    return Found(*named[0])


def _nobody() -> Unprocessable:
    return invalid(
        "/id_number", "person_unknown", "没有姓名和证件号码都相符的人。", "Nobody has this name and this number.",
        "请按证件核对姓名和号码。", "Check both against the document.",
    )  # fmt: skip


async def names(tx: Transaction, desk: Desk, actor: Actor, persons: Collection[UUID]) -> dict[UUID, str]:
    """The name of each as this reader may see it: whole to oneself and to whoever may read the person, else masked."""
    details = await desk.register.details(tx, persons)
    regions = {row.person: row.region for row in await tx.execute(_REGIONS, {"persons": list(persons)})}
    shown = {}
    for person in persons:
        name = str(details.get(person, {}).get("name") or "")
        whole = may(actor, Action.READ_PERSON, region=regions.get(person), persons=[person])
        shown[person] = name if whole else mask_name(name)
    return shown


async def listed(
    desk: Desk, actor: Actor, owner: str, path: str, *, seen_as: str, **query: Any
) -> tuple[list[dict[str, Any]], Any]:
    """A page of an owner's list, each line with the `name` of its person as this reader may see it, and what `next` is.

    Each person shown gets a line in the audit log, `seen_as` the action.
    """
    found = await desk.owners.call(owner, "GET", with_query(path, **query))
    persons = [UUID(one["person"]) for one in found["items"]]
    async with desk.open() as tx:
        shown = await names(tx, desk, actor, persons)
        await seen(tx, desk, actor, seen_as, persons)
    return [{**one, "name": shown[UUID(one["person"])]} for one in found["items"]], found["next"]


async def seen(tx: Transaction, desk: Desk, actor: Actor, action: str, persons: Sequence[UUID]) -> None:
    """A line in the audit log for each person whom a list showed."""
    at = desk.clock.now()
    lines = [audit.AuditLine(at, actor.user, action, f"person:{person}") for person in dict.fromkeys(persons)]
    await audit.record(tx, lines)
