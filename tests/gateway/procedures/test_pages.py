"""What an heir prints: the list with its watermark, who has looked, the guide with its sum at one bank."""

import httpx
import pytest

from deploy.local.people.model import SyntheticPerson
from gateway.web.estate import fen
from kernel.public_service.access import COOKIE, Actor, Role
from tests.gateway.procedures.estate import Estate


def visitor(estate: Estate, person: SyntheticPerson) -> httpx.AsyncClient:
    """Signed in on the pages."""
    gateway = estate.office.services["gateway"]
    token = gateway.tokens.issue(Actor("heir", Role.CITIZEN, person.region, person.person)).text
    transport = httpx.ASGITransport(gateway.app)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", cookies={COOKIE: token})


@pytest.fixture
async def delivered(estate: Estate) -> Estate:
    await estate.asking(estate.second)
    await estate.answered()
    return estate


async def page(estate: Estate, person: SyntheticPerson, part: str) -> httpx.Response:
    async with visitor(estate, person) as http:
        return await http.get(f"/cases/{estate.case_no}/{part}")


async def test_the_list_bears_case_reader_and_time_and_names_no_amount(delivered: Estate) -> None:
    shown = await page(delivered, delivered.second, "asset-query")
    assert shown.status_code == 200, shown.text
    mark = f"{delivered.case_no} · {delivered.second.name} · 2026年3月2日 10:00"
    assert shown.text.count(mark) == 12
    assert "示范农商银行" in shown.text and 'data-answer="has_not"' in shown.text
    assert "_fen" not in shown.text


async def test_another_heir_sees_on_a_page_who_has_looked(delivered: Estate) -> None:
    await page(delivered, delivered.second, "asset-query")
    shown = await page(delivered, delivered.first, "asset-query/lookups")
    assert shown.status_code == 200, shown.text
    assert 'data-kind="list"' in shown.text
    assert delivered.second.name not in shown.text, "the name is masked"


@pytest.mark.parametrize("part", ["asset-query", "asset-query/lookups", "estate-guide"])
async def test_a_stranger_gets_a_page_that_knows_no_such_case(delivered: Estate, part: str) -> None:
    shown = await page(delivered, delivered.stranger, part)
    assert shown.status_code == 404
    assert "没有找到这个联办件" in shown.text


async def test_the_guide_begins_with_what_was_found(delivered: Estate) -> None:
    shown = await page(delivered, delivered.second, "estate-guide")
    assert shown.status_code == 200, shown.text
    assert shown.text.index("route-bank") < shown.text.index("算一算") < shown.text.index("route-vehicle")
    assert "逾期" not in shown.text and "催办" not in shown.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("deposit=90,000&survivors=40000", "直接到银行提取"),
        ("deposit=49999.99&gold=0.02", "需要先办继承公证"),
        ("deposit=很多", "请填写数字"),
    ],
)
async def test_the_sum_at_one_bank_is_worked_out_on_the_page(
    delivered: Estate, query: str, said: str
) -> None:
    shown = await page(delivered, delivered.second, f"estate-guide?{query}")
    assert shown.status_code == 200, shown.text
    assert said in shown.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("50000", 5_000_000), ("50,000.5", 5_000_050), ("0.05", 5), ("-1", None), ("1e3", None), ("1.234", None),
     ("", None)],
)  # fmt: skip
def test_an_amount_in_yuan_is_read_to_the_fen_or_not_at_all(text: str, expected: int | None) -> None:
    assert fen(text) == expected


async def test_the_progress_page_leads_an_heir_to_the_list_and_the_guide(delivered: Estate) -> None:
    async with visitor(delivered, delivered.second) as http:
        shown = await http.get(f"/cases/{delivered.case_no}")
    assert shown.status_code == 200, shown.text
    for part in ("asset-query", "estate-guide"):
        assert f'href="/cases/{delivered.case_no}/{part}"' in shown.text
    assert "开户银行" not in shown.text, "the routes have a page of their own"
