"""Events: past facts with a name and a version, as CloudEvents 1.0 in binary mode.

The headers are written by hand because every message passes here; a test compares them with the
cloudevents library.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from uuid_utils.compat import uuid7

from kernel.messaging.message import Message
from kernel.messaging.tracing import traceparent

TYPE_PREFIX = "lianban"
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_events: dict[str, type["Event"]] = {}
_upcasters: dict[tuple[str, int], Upcaster] = {}


class UnknownEvent(Exception):
    """收到本版本不认识的事件：先升级接收方，再重放该键。

    An event that this release does not know: upgrade the receiver, then replay the key.
    """


class Event(BaseModel):
    """A past fact. Subclasses give `name`, `version`, `topic()` and `key()`.

    A class that names itself is found again by `decode`; the class is always the newest version,
    older payloads pass through the functions registered with `upcast`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    version: ClassVar[int]
    _type: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            return
        known = _events.get(cls.name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"event name {cls.name} is taken by {known.__module__}.{known.__qualname__}")
        cls._type = f"{TYPE_PREFIX}.{cls.name}.v{cls.version}"
        _events[cls.name] = cls

    def topic(self) -> str:
        """The topic this event is written to."""
        raise TypeError(f"{type(self).__name__} names no topic")

    def key(self) -> str:
        """What its order is kept by: a case id, or a person."""
        raise TypeError(f"{type(self).__name__} names no key")


def upcast(name: str, from_version: int) -> Callable[[Upcaster], Upcaster]:
    """Register the step that turns a payload of `from_version` into one of the next version."""

    def register(step: Upcaster) -> Upcaster:
        _upcasters[(name, from_version)] = step
        return step

    return register


def encode(event: Event, *, source: str, id: UUID | None = None, cause: Message | None = None) -> Message:
    """The message of an event. `ce_time` is technical time; legal time belongs in the payload.

    `cause` hands on the trace of the message being handled.
    """
    message_id = id or uuid7()
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(message_id),
        "ce_source": source,
        "ce_type": event._type,
        "ce_time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "content-type": "application/json",
    }
    trace = cause.headers.get("traceparent") if cause is not None else None
    if trace := trace or traceparent():
        headers["traceparent"] = trace
    return Message(message_id, event.topic(), event.key(), headers, to_json(event))


def decode(message: Message) -> Event:
    """The event of a message, lifted to the newest version.

    Raises UnknownEvent for a name or version that this release does not have, and
    pydantic.ValidationError for a payload that breaks its contract.
    """
    name, version = _parse_type(message.headers)
    event = _events.get(name)
    if event is None or version > event.version:
        raise UnknownEvent(f"unknown event {name} v{version}; upgrade, then replay its key")
    if version == event.version:
        return event.model_validate_json(message.payload)
    data = orjson.loads(message.payload)
    for step in range(version, event.version):
        if (name, step) not in _upcasters:
            raise UnknownEvent(f"no upcaster lifts {name} from v{step}; add one in contracts/")
        data = _upcasters[(name, step)](data)
    return event.model_validate(data)


def _parse_type(headers: Mapping[str, str]) -> tuple[str, int]:
    prefix, _, rest = headers.get("ce_type", "").partition(".")
    name, _, version = rest.rpartition(".v")
    if prefix != TYPE_PREFIX or not name or not version.isdigit():
        raise UnknownEvent(
            f"ce_type {headers.get('ce_type')!r} is not one of ours ({TYPE_PREFIX}.<Name>.v<n>)"
        )
    return name, int(version)
