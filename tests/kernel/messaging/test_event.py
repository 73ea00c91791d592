from uuid import uuid4

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from pydantic import ValidationError

from kernel.messaging.event import Event, UnknownEvent, decode, encode
from kernel.messaging.message import Message
from kernel.messaging.tracing import current_traceparent
from tests.kernel.messaging.said import Said

SAID = Said(speaker="a", line=1, text="节哀")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def message(kind: str, data: object) -> Message:
    return Message(uuid4(), "hall", "a", {"ce_type": kind}, orjson.dumps(data))


def test_the_headers_are_a_cloudevent_in_binary_mode_by_the_librarys_own_reading() -> None:
    encoded = encode(SAID, source="/speaking")
    headers = {name: value.encode() for name, value in encoded.headers.items()}
    event = from_binary(KafkaMessage(headers, None, encoded.payload), JSONFormat())
    assert event.get_id() == str(encoded.id)
    assert event.get_type() == "lianban.Said.v2"
    assert event.get_source() == "/speaking"
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {"speaker": "a", "line": 1, "to": "hall", "text": "节哀"}
    assert to_binary(event, JSONFormat()).headers.keys() == headers.keys()
    assert event.get_time().utcoffset().total_seconds() == 0


def test_ids_are_uuid_version_7_and_rise_with_time() -> None:
    ids = [encode(SAID, source="/speaking").id for _ in range(50)]
    assert {each.version for each in ids} == {7}
    assert ids == sorted(ids)


def test_an_event_comes_back_as_it_was() -> None:
    assert decode(encode(SAID, source="/speaking")) == SAID


def test_an_older_version_is_lifted_before_anybody_sees_it() -> None:
    assert decode(message("lianban.Said.v1", {"who": "a", "line": 3})) == Said(speaker="a", line=3)


@pytest.mark.parametrize(
    "kind", ["lianban.Said.v3", "lianban.Sung.v1", "lianban.Said.v0", "com.example.Said.v2", ""]
)
def test_what_this_release_does_not_know_is_refused(kind: str) -> None:
    with pytest.raises(UnknownEvent):
        decode(message(kind, {"who": "a", "line": 3}))


def test_a_payload_that_breaks_its_contract_is_refused() -> None:
    with pytest.raises(ValidationError):
        decode(message("lianban.Said.v2", {"speaker": "a", "line": 3, "unheard_of": True}))


def test_two_events_cannot_have_one_name() -> None:
    with pytest.raises(TypeError, match="Said"):
        type("Other", (Event,), {"name": "Said", "version": 9, "__module__": __name__})


def test_the_trace_of_the_message_being_handled_is_handed_on() -> None:
    token = current_traceparent.set(TRACE)
    try:
        first = encode(SAID, source="/speaking")
    finally:
        current_traceparent.reset(token)
    assert first.headers["traceparent"] == TRACE
    assert encode(SAID, source="/listening", cause=first).headers["traceparent"] == TRACE
    assert "traceparent" not in encode(SAID, source="/speaking").headers
