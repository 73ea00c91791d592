"""Who may be left without care after a death: known, none, or not known (R09, CH-004). Pure."""

from datetime import date
from uuid import uuid4

import pytest

from services.assistance.domain.depending import Around, Near, dependent, has_dependants, is_adult

DAY = date(2026, 11, 20)
CHILD, ADULT = date(2010, 5, 1), date(1980, 5, 1)


def near(*ties: str, **known: object) -> Near:
    return Near(uuid4(), frozenset(ties), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("somebody", "why"),
    [
        (near("household", birth_date=CHILD), "minor"),
        (near("child", birth_date=CHILD), "minor"),
        (near("household", birth_date=ADULT), None),
        (near("household", birth_date=ADULT, needs_care="bedridden"), "bedridden"),
        (near("household", birth_date=ADULT, kinds=frozenset({"disability_nursing"})), "disabled"),
        (near("household", birth_date=ADULT, kinds=frozenset({"tekun"})), "destitute"),
        (near("payee", kinds=frozenset({"orphan"})), "minor"),
        (near("payee", birth_date=ADULT), "payee_of"),
        (near("ward", birth_date=ADULT), "ward"),
        (near("household", birth_date=ADULT, kinds=frozenset({"dibao"})), None),
    ],
)
def test_each_reason_is_known_by_its_sign(somebody: Near, why: str | None) -> None:
    assert dependent(Around(near=[somebody]), DAY).get(somebody.person) == why


@pytest.mark.parametrize(
    ("around", "named", "answer"),
    [
        (Around(registered=True), None, False),
        (Around(), None, None),
        (Around(), [], False),
        (Around(), [{"kind": "minor"}], True),
        (Around(registered=True, near=[near("household", birth_date=CHILD)]), [], True),
        (Around(registered=True, near=[near("child")]), None, None),
    ],
)
def test_silence_of_form_and_register_is_not_none(
    around: Around, named: list[object] | None, answer: bool | None
) -> None:
    assert has_dependants(around, named, DAY) is answer


@pytest.mark.parametrize(
    ("born", "on", "adult"),
    [
        (date(2008, 11, 20), DAY, True),
        (date(2008, 11, 21), DAY, False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
    ],
)
def test_majority_begins_on_the_birthday(born: date, on: date, adult: bool) -> None:
    assert is_adult(born, on) is adult
