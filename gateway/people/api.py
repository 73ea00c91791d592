"""People: searched by name and number, never browsed; what one holds and waits for (api.md; logged, design 7)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from casework.people_view import PersonView
from gateway.cases import queries
from gateway.cases.views import local
from gateway.desk import Desk, ThisDesk
from gateway.people import relatives
from gateway.people.problems import PersonUnknown
from kernel.errors import invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, authorize, requires
from kernel.public_service.access import may as may_do
from kernel.public_service.identifiers import mask_id_number
from kernel.web.routing import Router

router = Router(prefix="/api/v1/people", tags=["people"])
_MOST_FOUND = 20
_PERSON = {
    "person": "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "name": "林文海", "id_number": "331099**********15",
    "sex": "male", "birth_date": "1942-03-15", "region": "331022901000",
}  # fmt: skip


@router.get(
    "", responses={200: {"content": {"application/json": {"example": {"items": [_PERSON], "next": None}}}}}
)
async def search_people(
    desk: ThisDesk, actor: Annotated[Actor, Depends(requires(Action.SEARCH_PEOPLE))],
    name: Annotated[str | None, Query(min_length=2, max_length=60)] = None,
    id_number: Annotated[str | None, Query(min_length=6, max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="最多 20 条 / never more than 20")] = _MOST_FOUND,
) -> dict[str, Any]:  # fmt: skip
    """按姓名或证件号码精确查找，查询留痕。Exact search in the reader's region; every search is logged."""
    if name is None and id_number is None:
        raise invalid(
            "/query", "required", "请填写姓名或证件号码。", "Give a name or an ID number.",
            "至少填写其中一项。", "Give one of the two.",
        )  # fmt: skip
    async with desk.open() as tx:
        found = await desk.register.search(tx, name=name, id_number=id_number, most=_MOST_FOUND)
        seen = [
            (person, region) for person, region in found
            if region is not None and may_do(actor, Action.SEARCH_PEOPLE, region=region)
        ][:limit]  # fmt: skip
        await _log(tx, desk, actor, "search_people", [person for person, _ in seen])
        details = await desk.register.details(tx, [person for person, _ in seen])
    items = [
        person_head(person, region, details.get(person, {})) for person, region in seen
        if name is None or details.get(person, {}).get("name") == name
    ]  # fmt: skip
    return {"items": items, "next": None}


def person_head(person: UUID, region: str | None, details: Mapping[str, Any]) -> dict[str, Any]:
    """Who it is, the number masked."""
    number = details.get("id_number")
    return {
        "person": str(person), "name": details.get("name"), "id_number": number and mask_id_number(number),
        "sex": details.get("sex"), "birth_date": details.get("birth_date"), "region": region,
    }  # fmt: skip


@router.get(
    "/{person}", responses={200: {"content": {"application/json": {"example": {**_PERSON, "holds": []}}}}}
)
async def read_person(
    person: UUID, desk: ThisDesk, actor: Annotated[Actor, Depends(requires(Action.READ_PERSON))]
) -> dict[str, Any]:
    """此人和同住家人享有什么、等什么。What this person and household hold, receive and wait for."""
    async with desk.open() as tx:
        known = await relatives.read(tx, person)
        if known is None:
            raise PersonUnknown()
        authorize(actor, Action.READ_PERSON, region=known.region, persons=(person,))
        people = [person, *known.household]
        details = await desk.register.details(tx, [*people, *known.relations])
        cases = await queries.list_cases(tx, queries.CaseFilter(person=person, limit=50), actor)
        await _log(tx, desk, actor, "read_person", people)
    views = await desk.owners.people(people)
    return {
        **person_head(person, known.region, details.get(person, {})), **holdings(views, person),
        "life": known.life,
        "relatives": [
            {"person": str(other), "relation": relation, "name": details.get(other, {}).get("name")}
            for other, relation in known.relations.items()
        ],
        "household": [
            {**person_head(other, known.region, details.get(other, {})), **holdings(views, other)}
            for other in known.household
        ],
        "cases": [
            {"case_no": row["case_no"], "life_event": row["life_event"], "status": row["status"],
             "submitted_at": local(row["submitted_at"]), "waits_for": row["open_types"]}
            for row in cases
        ],
    }  # fmt: skip


def holdings(views: Mapping[str, Mapping[UUID, PersonView]], person: UUID) -> dict[str, Any]:
    """What the owners say of one person, together."""
    said = [owner[person] for owner in views.values() if person in owner]
    marital = next((view for view in said if view.marital_state is not None), None)
    return {
        "holds": [hold.model_dump(mode="json") for view in said for hold in view.holds],
        "marital_state": marital and marital.marital_state,
        "spouse": str(marital.spouse) if marital and marital.spouse else None,
    }  # fmt: skip


async def _log(tx: Transaction, desk: Desk, actor: Actor, action: str, people: Sequence[UUID]) -> None:
    """One line per person seen; one for a search that found nobody."""
    objects = [f"person:{person}" for person in people] or ["person:none"]
    lines = [audit.AuditLine(desk.clock.now(), actor.user, action, one) for one in objects]
    await audit.record(tx, lines)
