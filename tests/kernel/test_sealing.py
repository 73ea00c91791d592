"""A sealed part opens for its owner and its case, unaltered, and for nobody else."""

import base64
import os
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kernel.public_service.sealing import SealBroken, Sealed, Sealer, SealingKeyUnknown, Suite, make_sealer
from kernel.settings import ServiceSettings

CASE = UUID(int=1)
DATA = {"/deceased/name": "王一二", "/deceased/id_number": "99000119500101001X"}
SUITES: list[Suite] = ["international", "guomi"]


@pytest.fixture(params=SUITES)
def sealer(request: pytest.FixtureRequest) -> Sealer:
    return Sealer({1: os.urandom(32)}, suite=request.param)


def test_what_was_sealed_opens_again(sealer: Sealer) -> None:
    assert sealer.open(sealer.seal(DATA, CASE, "assistance"), CASE, "assistance") == DATA


def test_nothing_of_the_data_is_readable(sealer: Sealer) -> None:
    text = sealer.seal(DATA, CASE, "assistance").model_dump_json()
    assert "王" not in text
    assert "id_number" not in text


def test_another_case_or_owner_does_not_open_it(sealer: Sealer) -> None:
    sealed = sealer.seal(DATA, CASE, "assistance")
    for case, owner in ((uuid4(), "assistance"), (CASE, "funeral")):
        with pytest.raises(SealBroken):
            sealer.open(sealed, case, owner)


@pytest.mark.parametrize("part", ["wrapped_key", "nonce", "ciphertext"])
@pytest.mark.parametrize("how", ["flip", "cut", "empty"])
def test_an_altered_part_does_not_open(sealer: Sealer, part: str, how: str) -> None:
    sealed = sealer.seal(DATA, CASE, "assistance")
    old: bytes = getattr(sealed, part)
    new = {"flip": old[:-1] + bytes([old[-1] ^ 1]), "cut": old[:-1], "empty": b""}[how]
    with pytest.raises(SealBroken):
        sealer.open(sealed.model_copy(update={part: new}), CASE, "assistance")


def test_old_keys_open_and_the_current_one_seals(sealer: Sealer) -> None:
    old, new = os.urandom(32), os.urandom(32)
    before = Sealer({1: old}).seal(DATA, CASE, "funeral")
    rotated = Sealer({1: old, 2: new}, current=2)
    assert rotated.open(before, CASE, "funeral") == DATA
    assert rotated.seal(DATA, CASE, "funeral").key_version == 2
    with pytest.raises(SealingKeyUnknown):
        Sealer({2: new}, current=2).open(before, CASE, "funeral")


def test_a_service_may_hold_its_own_key_only() -> None:
    root = Sealer({1: os.urandom(32)})
    own = Sealer({}, owner_keys={("funeral", 1): root.owner_key("funeral", 1)})
    assert own.open(root.seal(DATA, CASE, "funeral"), CASE, "funeral") == DATA
    with pytest.raises(SealingKeyUnknown):
        own.open(root.seal(DATA, CASE, "assistance"), CASE, "assistance")


def test_both_suites_open_side_by_side() -> None:
    root = os.urandom(32)
    sealed = Sealer({1: root}, suite="guomi").seal(DATA, CASE, "funeral")
    assert Sealer({1: root}).open(sealed, CASE, "funeral") == DATA


def test_a_later_part_of_the_same_case_may_use_the_same_data_key(sealer: Sealer) -> None:
    first = sealer.seal(DATA, CASE, "funeral")
    second = sealer.seal({"/x": 1}, CASE, "funeral", like=first)
    assert second.wrapped_key == first.wrapped_key
    assert second.nonce != first.nonce
    assert sealer.open(second, CASE, "funeral") == {"/x": 1}


def test_equal_data_seals_differently_each_time(sealer: Sealer) -> None:
    one, two = sealer.seal(DATA, CASE, "funeral"), sealer.seal(DATA, CASE, "funeral")
    assert one.ciphertext != two.ciphertext
    assert one.wrapped_key != two.wrapped_key


def test_the_json_form_is_the_same_in_a_message_and_in_a_column(sealer: Sealer) -> None:
    class Order(BaseModel):
        sealed: Sealed | None = None

    sealed = sealer.seal(DATA, CASE, "funeral")
    assert Order.model_validate_json(Order(sealed=sealed).model_dump_json()).sealed == sealed
    assert Sealed.model_validate(sealed.model_dump(mode="json")) == sealed
    assert base64.b64decode(sealed.model_dump(mode="json")["nonce"]) == sealed.nonce


def test_settings_give_current_and_old_keys() -> None:
    def key() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    old = key()
    before = make_sealer(ServiceSettings(sealing_key=old)).seal(DATA, CASE, "funeral")
    settings = ServiceSettings(
        sealing_key=key(), sealing_key_version=2, old_sealing_keys={1: old}, suite="guomi"
    )
    assert make_sealer(settings).open(before, CASE, "funeral") == DATA
    assert make_sealer(settings).seal(DATA, CASE, "funeral").suite == "guomi"


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=50) | st.integers(-(2**53), 2**53) | st.none()))
def test_any_json_comes_back_as_it_was(data: dict[str, Any]) -> None:
    sealer = Sealer({1: b"k" * 32})
    assert sealer.open(sealer.seal(data, CASE, "x"), CASE, "x") == data
