"""People: searched by name and number, never browsed; what one holds and waits for (api.md; logged, design 7)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.cases.api.models import Reason
from gateway.desk import Desk, ThisDesk
from gateway.people import asking, reading
from gateway.people.problems import PersonUnknown
from gateway.people.sight import Sight
from gateway.people.splitting import Apart, split
from gateway.people.view import holdings_view, person_head
from kernel.errors import invalid
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service import audit
from kernel.public_service.access import Action, Actor, authorize, requires
from kernel.public_service.access import may as may_do
from kernel.public_service.identifiers import normalise
from kernel.web.routing import Router

router = Router(prefix="/api/v1/people", tags=["people"])
_MOST_FOUND = 20
_PERSON = {
    "person": "3f0c6a52-7f0e-4c55-9b7c-3a7a0a1f9d20", "name": "林文海", "id_number": "331099**********15",
    "sex": "male", "birth_date": "1942-03-15", "region": "331022901000",
}  # fmt: skip


class SplitGiven(BaseModel):
    """Whose number it really is; `basis`: what proves it (the police's letter)."""

    model_config = ConfigDict(
        extra="forbid", frozen=True,
        json_schema_extra={
            "example": {"id_kind": "passport", "id_number": "E12345678", "name": "李某", "reason": "同名误并",
                        "basis": "公安机关核查函"}
        },
    )  # fmt: skip

    id_kind: Literal["resident_id", "passport", "permit", "birth_certificate"]
    id_number: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=100)
    reason: Reason
    basis: Reason


class SplitMade(BaseModel):
    """Both keys: the record's, and that of the person who has come out of it."""

    person: UUID
    new_person: UUID


Purpose = Annotated[str, Query(max_length=100, description="查询事由，记入日志 / why, kept in the log")]


@router.get(
    "", responses={200: {"content": {"application/json": {"example": {"items": [_PERSON], "next": None}}}}}
)
async def search_people(
    desk: ThisDesk, actor: Annotated[Actor, Depends(requires(Action.SEARCH_PEOPLE))],
    name: Annotated[str | None, Query(min_length=2, max_length=60)] = None,
    id_number: Annotated[str | None, Query(min_length=6, max_length=40)] = None,
    purpose: Purpose = "",
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
        await _log(tx, desk, actor, "search_people", [person for person, _ in seen], purpose)
        details = await desk.register.details(tx, [person for person, _ in seen])
    items = [
        person_head(person, region, details.get(person, {})) for person, region in seen
        if name is None or details.get(person, {}).get("name") == name
    ]  # fmt: skip
    return {"items": items, "next": None}


@router.get(
    "/{person}", responses={200: {"content": {"application/json": {"example": {**_PERSON, "holds": []}}}}}
)
async def read_person(
    person: UUID, desk: ThisDesk, actor: Annotated[Actor, Depends(requires(Action.READ_PERSON))],
    purpose: Purpose = "",
) -> dict[str, Any]:  # fmt: skip
    """此人和同住家人享有什么、领到什么、等什么。What this person and household hold, receive and wait for.

    A service that is away leaves its own part as it was stated last, or unknown; `parts` says which and as of when.
    """
    async with desk.open() as tx:
        seen = await reading.see(tx, desk, actor, person)
        if seen is None:
            raise PersonUnknown()
        _check(actor, person, seen)
        cases = await reading.cases_of(tx, desk, actor, person) if _whole(seen, person) else []
        await _log(tx, desk, actor, "read_person", seen.shown, purpose)
    parts = await asking.ask(desk.owners, desk.transactions, seen.shown, desk.clock.now())
    return {
        **_shown(seen, parts, person), "relatives": _relatives(seen, actor, person),
        "household": [_shown(seen, parts, one) for one in seen.shown if one != person],
        "household_not_shown": seen.hidden, "cases": cases,
    }  # fmt: skip


@router.post("/{person}/split", status_code=201, response_model=None, responses={201: {"model": SplitMade}})
async def split_person(
    person: UUID, given: SplitGiven, desk: ThisDesk,
    actor: Annotated[Actor, Depends(requires(Action.SPLIT_PERSON))],
    key: Annotated[RequestKey, Depends(request_key)],
) -> Response:  # fmt: skip
    """一份登记其实是两个人：把其中一个号码分出去，留痕。One record was two people's: one number becomes its own person.

    Nothing else moves by itself: what the other one holds is moved by the offices that know it.
    """
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        seen = await reading.see(tx, desk, actor, person)
        if seen is None:
            raise PersonUnknown()
        region = seen.known.region
        authorize(actor, Action.SPLIT_PERSON, region=region)
        number = normalise(given.id_kind, given.id_number)
        apart = Apart(person, given.id_kind, number, given.name, region)
        new = await split(tx, desk.register, apart, at=desk.clock.now())
        await _log(tx, desk, actor, "split_person", [person, new], f"{given.reason}（{given.basis}）")
        return await slot.keep(201, {"person": str(person), "new_person": str(new)})


def _check(actor: Actor, person: UUID, seen: reading.Seen) -> None:
    """Raises NotFound. A relative who sees something is one of the persons concerned."""
    concerned = [person]
    if actor.person is not None and seen.sights[person] is not Sight.NOTHING:
        concerned.append(actor.person)
    authorize(actor, Action.READ_PERSON, region=seen.known.region, persons=concerned)


def _whole(seen: reading.Seen, person: UUID) -> bool:
    return seen.sights[person] in (Sight.WHOLE, Sight.KINDS)


def _shown(seen: reading.Seen, parts: asking.Parts, one: UUID) -> dict[str, Any]:
    head = person_head(one, seen.regions[one], seen.details.get(one, {}))
    return {**head, "life": seen.lives[one], **holdings_view(parts[one], seen.sights[one])}


def _relatives(seen: reading.Seen, actor: Actor, person: UUID) -> list[dict[str, Any]]:
    """For a desk, and for the person: whom the register knows as relatives is nobody else's."""
    if actor.kind == "citizen" and actor.person != person:
        return []
    return [
        {"person": str(other), "relation": relation, "name": seen.details.get(other, {}).get("name")}
        for other, relation in seen.known.relations.items()
    ]


async def _log(
    tx: Transaction, desk: Desk, actor: Actor, action: str, people: Sequence[UUID], purpose: str
) -> None:
    """One line per person seen; one for a search that found nobody."""
    objects = [f"person:{person}" for person in people] or ["person:none"]
    lines = [audit.AuditLine(desk.clock.now(), actor.user, action, one, purpose) for one in objects]
    await audit.record(tx, lines)
