"""Letters at the window: the list of what is to be printed, one letter as it is printed, and the word that it left."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends
from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.rendering import PageRoute, go_to, page
from gateway.web.visit import Visit, Visitor
from kernel.public_service.access import Action
from kernel.web.routing import Router

router = Router(route_class=PageRoute)
Office = Annotated[Visit, Depends(Visitor(Action.SEND_LETTERS))]

STATES = {"to_print": "待打印", "sent": "已送出"}
WAYS = {"by_hand": "送到家里", "post": "邮寄"}


@router.get("/letters")
async def letters_page(visit: Office) -> Response:
    query = visit.request.query_params
    state = query.get("state", "to_print")
    state = state if state in STATES else "to_print"
    found = await Api(visit).get("/api/v1/letters", state=state, after=query.get("after"), limit=50)
    return page(visit, "letters.html", title="信件", found=found, state=state, states=STATES, ways=WAYS)


@router.get("/letters/{letter}")
async def letter_page(letter: UUID, visit: Office) -> Response:
    found = await Api(visit).get(f"/api/v1/letters/{letter}")
    return page(
        visit, "letter.html", title="打印信件", letter=found, states=STATES, ways=WAYS, key=uuid4().hex
    )


@router.post("/letters/{letter}")
async def sent(letter: UUID, visit: Office) -> Response:
    await Api(visit).post(
        f"/api/v1/letters/{letter}/sent", {"way": visit.value("way")}, key=visit.value("key") or None
    )
    return go_to("/letters?state=sent")
