"""Letters over HTTP: what an office has to print, one letter to print, the word that it is on its way (design 9)."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from gateway.cases.api.pages import After, Limit, bad_cursor, from_cursor, to_cursor
from gateway.desk import Desk, ThisDesk
from gateway.notices import letters
from gateway.notices.letters import Letter, LetterState, Way
from kernel.errors import NotFound
from kernel.idempotency import RequestKey, idempotent, request_key
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, may, requires
from kernel.public_service.identifiers import mask_name
from kernel.web.routing import Router

router = Router(prefix="/api/v1/letters", tags=["letters"])
Office = Annotated[Actor, Depends(requires(Action.SEND_LETTERS))]
Key = Annotated[RequestKey, Depends(request_key)]


class LetterShown(BaseModel):
    """`to` is masked in lists; `text` and `text_en` are shown by the letter's own address alone."""

    id: UUID
    case_no: str
    region: str
    state: LetterState
    to: str
    made_at: str
    sent_at: str | None
    sent_by: str | None
    way: Way | None
    text: str | None = None
    text_en: str | None = None


class LettersShown(BaseModel):
    items: list[LetterShown]
    next: str | None


class LetterGone(BaseModel):
    """How it left: brought to the household, or posted."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"way": "by_hand"}})

    way: Way


@router.get("", responses={200: {"model": LettersShown}}, response_model=None)
async def list_letters(
    desk: ThisDesk,
    actor: Office,
    state: Annotated[LetterState, Query(description="待打印或已送出 / to print, or sent")] = "to_print",
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """本地区待打印、已送出的信件。Letters of the office's region; no words and no full name are in the list."""
    async with desk.open() as tx:
        found = await letters.listed(
            tx, state=state, region=actor.region, after=_position(after), limit=limit + 1
        )
        shown = found[:limit]
        names = await _names(tx, desk, shown)
    more = to_cursor(shown[-1].number) if len(found) > limit else None
    return {"items": [_view(one, mask_name(names.get(one.person, ""))) for one in shown], "next": more}


@router.get("/{letter}", responses={200: {"model": LetterShown}}, response_model=None)
async def read_letter(letter: UUID, desk: ThisDesk, actor: Office) -> dict[str, Any]:
    """一封信，供打印；每次打开留痕。One letter to print; opening it is recorded."""
    async with desk.open() as tx:
        found = _theirs(actor, await letters.one(tx, letter))
        await letters.opened(tx, found, by=actor.user, at=desk.clock.now())
        return await _whole(tx, desk, found)


@router.post("/{letter}/sent", responses={200: {"model": LetterShown}}, response_model=None)
async def mark_sent(letter: UUID, given: LetterGone, desk: ThisDesk, actor: Office, key: Key) -> Response:
    """登记送出：谁、何时、当面还是邮寄。It is on its way: who says so, when, by hand or by post."""
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        found = _theirs(actor, await letters.one(tx, letter, lock=True))
        await letters.mark_sent(tx, found, by=actor.user, way=given.way, at=desk.clock.now())
        after = _theirs(actor, await letters.one(tx, letter))
        return await slot.keep(
            200, _view(after, mask_name((await _names(tx, desk, [after])).get(after.person, "")))
        )


def _theirs(actor: Actor, letter: Letter | None) -> Letter:
    """Raises NotFound for another region's letter, and for one that may not go out yet."""
    if letter is None or letter.state == "pending":
        raise NotFound()
    if not may(actor, Action.SEND_LETTERS, region=letter.region):
        raise NotFound()
    return letter


async def _whole(tx: Transaction, desk: Desk, letter: Letter) -> dict[str, Any]:
    text, text_en = letters.words_of(letter, desk.sealer)
    names = await _names(tx, desk, [letter])
    return {**_view(letter, names.get(letter.person, "")), "text": text, "text_en": text_en}


async def _names(tx: Transaction, desk: Desk, some: Sequence[Letter]) -> dict[UUID | None, str]:
    details = await desk.register.details(tx, [one.person for one in some if one.person is not None])
    return {person: str(told.get("name") or "") for person, told in details.items()}


def _view(letter: Letter, to: str) -> dict[str, Any]:
    return {
        "id": str(letter.id), "case_no": letter.case_no, "region": letter.region, "state": letter.state, "to": to,
        "made_at": letter.at.isoformat(timespec="seconds"),
        "sent_at": letter.sent_at and letter.sent_at.isoformat(timespec="seconds"), "sent_by": letter.sent_by,
        "way": letter.way,
    }  # fmt: skip


def _position(after: str | None) -> int:
    parts = from_cursor(after, 1)
    if parts is None:
        return 0
    if not parts[0].isdigit() or len(parts[0]) > 18:
        raise bad_cursor()
    return int(parts[0])
