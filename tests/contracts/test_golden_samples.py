"""A message written by an earlier release is still read: one golden sample per event and version (design 6)."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.facts import FactStated
from contracts.orders import OrdersIssued
from contracts.outcomes import OutcomesReported
from kernel.messaging.event import Event, decode, encode
from kernel.messaging.message import Message

SAMPLES = Path(__file__).parent / "samples"
EVENTS: tuple[type[Event], ...] = (OrdersIssued, OutcomesReported, FactStated)
VERSIONS = [(event, version) for event in EVENTS for version in range(1, event.version + 1)]


def sample(event: type[Event], version: int) -> bytes:
    return (SAMPLES / f"{event.name}.v{version}.json").read_bytes()


def read(event: type[Event], version: int) -> Event:
    headers = {"ce_type": f"lianban.{event.name}.v{version}"}
    return decode(Message(UUID(int=1), "topic", "key", headers, sample(event, version)))


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Places of `before` that `after` lacks or has otherwise; what is new does no harm."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [place for key in before for place in lost(before[key], after.get(key), f"{path}/{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            place
            for index, item in enumerate(before)
            for place in lost(item, after[index], f"{path}/{index}")
        ]
    return [] if before == after else [path]


@pytest.mark.parametrize(("event", "version"), VERSIONS)
def test_every_version_ever_written_is_read_as_the_newest_class(event: type[Event], version: int) -> None:
    assert type(read(event, version)) is event


@pytest.mark.parametrize("event", EVENTS)
def test_the_present_version_loses_nothing_of_its_sample(event: type[Event]) -> None:
    written = json.loads(encode(read(event, event.version), source="test").payload)
    assert lost(json.loads(sample(event, event.version)), written) == []


def test_orders_go_to_the_owners_topic_and_stay_in_order_per_case() -> None:
    orders = read(OrdersIssued, 1)
    assert isinstance(orders, OrdersIssued)
    assert (orders.topic(), orders.key()) == ("orders.funeral", str(orders.case))


def test_outcomes_stay_in_order_per_case_and_facts_per_person() -> None:
    outcomes, fact = read(OutcomesReported, 1), read(FactStated, 1)
    assert isinstance(outcomes, OutcomesReported)
    assert isinstance(fact, FactStated)
    assert (outcomes.topic(), outcomes.key()) == ("outcomes", str(outcomes.case))
    assert (fact.topic(), fact.key()) == ("facts", str(fact.person))


def test_a_renamed_field_would_be_noticed() -> None:
    assert lost({"a": [{"b": 1}]}, {"a": [{"c": 1}]}) == ["/a/0/b"]
