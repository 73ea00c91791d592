"""The demo's clock brings each morning's messages at ten o'clock; they are read at /demo/messages (api.md)."""

import pytest

from tests.gateway.exchange.house import CERTIFICATE, House
from tests.gateway.exchange.test_demo import open_app, relayed


@pytest.fixture
def number(house: House) -> str:
    return next(iter(house.people))


async def silent(house: House) -> None:
    """No department answers, so that nothing but the clock moves."""
    async with house.desk.open() as tx:
        await tx.connection.exec_driver_sql(
            "INSERT INTO demo_departments SELECT unnest(ARRAY['health', 'police']), 'silent', 0"
        )


async def test_a_day_later_the_family_has_been_told_at_ten(house: House, number: str) -> None:
    await silent(house)
    filed = await house.report(number)
    await relayed(house)
    async with house.service.running(), open_app(house) as http:
        before = (await http.get("/demo/messages", params={"case_no": filed.case_no})).json()
        moved = (await http.post("/demo/clock", json={"advance": "P1D"})).json()
        told = (await http.get("/demo/messages", params={"case_no": filed.case_no})).json()
        listed = (await http.get("/demo/messages")).json()
    assert before == []
    assert moved["fired"] == 0, "a message is no due check"
    assert [(one["at"], one["to"], one["channel"]) for one in told] == [
        ("2026-03-03T10:00:00+08:00", "13000000000", "sms")
    ]
    assert set(told[0]) == {"at", "to", "channel", "text", "text_en"}
    assert listed == told


async def test_an_office_that_is_late_says_so_once_and_asks_nothing(house: House, number: str) -> None:
    await silent(house)
    filed = await house.report(number)
    await relayed(house)
    async with house.service.running(), open_app(house) as http:
        answer = await http.post("/demo/clock", json={"advance": "P60D"})
        assert answer.status_code == 200, answer.text
        told = (await http.get("/demo/messages", params={"case_no": filed.case_no})).json()
    late = [one["text"] for one in told if "晚了" in one["text"]]
    assert len(late) == 1
    assert "我们正在催办，您不用做什么" in late[0]
    due = (await house.deliveries(filed.case, CERTIFICATE))[0]["due_at"]
    assert all(one["at"].endswith("T10:00:00+08:00") for one in told)
    assert next(one["at"][:10] for one in told if "晚了" in one["text"]) > due.date().isoformat()
