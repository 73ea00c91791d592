"""The port through which messages leave. A city's own SMS gateway is one small class here (decision 0014).

A sender must heed `request`: a message that was sent just before a crash is handed over again under the same id, and
the other side drops the second one. `to` and `text` are in nobody's log: a failure names the request and its kind.
"""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Protocol
from uuid import UUID

import httpx
import orjson
from httpx_aiohttp import AiohttpTransport

_SECONDS = 10.0


class SenderAway(Exception):
    """短信通道暂时不可用，稍后以同一编号重发。
    The channel is away for the moment; the same request is sent again later."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way. Not shown when printed: it holds a number and words to a family."""

    request: UUID
    channel: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    text_en: str = field(repr=False)


State = Literal["sent", "to_print"]


class Sender(Protocol):
    """`send` returns once the other side has taken the message. Raises SenderAway. `then`: what it is from then on."""

    @property
    def then(self) -> State: ...

    async def send(self, message: Outgoing) -> None: ...


class KeptRows:
    """The demo's sink: the kept row is the delivery, read at /demo/messages. It takes everything."""

    then: State = "sent"

    async def send(self, message: Outgoing) -> None:
        """Nothing leaves this installation."""


class LettersToPrint:
    """A letter is printed at the office's window and brought or posted by a person, who says so (letters.py)."""

    then: State = "to_print"

    async def send(self, message: Outgoing) -> None:
        """Nothing leaves by itself."""


class SmsGateway:
    """`POST {address} {request_id, to, text}`, 2xx when taken; the same request_id twice is one message.

    Opened as one of the gateway's resources (`async with`).
    """

    then: State = "sent"

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(
            transport=AiohttpTransport(trust_env=False),
            timeout=_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )
        self._address = address

    async def __aenter__(self) -> "SmsGateway":
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def send(self, message: Outgoing) -> None:
        body = {
            "request_id": str(message.request), "to": message.to, "text": f"{message.text}\n{message.text_en}",
        }  # fmt: skip
        try:
            answer = await self._http.post(
                self._address, content=orjson.dumps(body), headers={"content-type": "application/json"}
            )
        except (httpx.HTTPError, OSError) as error:
            raise SenderAway(type(error).__name__) from error
        if not answer.is_success:
            raise SenderAway(f"HTTP {answer.status_code}")
