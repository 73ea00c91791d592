"""Row 20 to its own end: a referral by the rules of the day, first for what was found (R27)."""

from datetime import datetime

from tests.gateway.procedures.estate import GUIDE, Estate


async def test_the_guide_is_there_before_anything_is_known_and_counts_later(estate: Estate) -> None:
    await estate.report(estate.second)
    row = await estate.row(GUIDE)
    assert row["state"] == "done"
    assert {"as_of", "where_to_go"} == set(row["result"])
    await estate.cancelled()
    await estate.answered()
    row = await estate.row(GUIDE)
    assert (row["result"]["sources"], row["result"]["answered"]) == (10, 10)
    assert "示范农商银行" not in str(row["result"])


async def test_the_page_of_an_heir_begins_with_what_was_found_and_is_kept_as_a_look(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    shown = (await estate.get(estate.as_citizen(estate.first), "estate-guide")).json()
    assert [route["id"] for route in shown["found"]] == ["bank", "real_estate"]
    assert shown["found"][0]["places"] == ["示范农商银行"]
    assert "50,000 元" in shown["found"][0]["how"]
    assert {"dispute", "no_heirs"} <= {route["id"] for route in shown["others"]}
    kinds = [row.kind for row in await estate.office.rows("SELECT kind FROM asset_lookups ORDER BY id")]
    assert kinds == ["asked", "list"]


async def test_what_has_not_been_answered_is_said_by_name(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered("insurance")
    await estate.until(datetime.fromisoformat((await estate.row("gateway.asset_query"))["due_at"]))
    shown = (await estate.get(estate.as_citizen(estate.second), "estate-guide")).json()
    assert shown["not_answered"] == ["保险"]


async def test_the_desk_without_a_purpose_gets_the_guide_for_everybody(estate: Estate) -> None:
    await estate.asking(estate.second)
    await estate.answered()
    shown = (await estate.get(estate.office.clerk, "estate-guide")).json()
    assert (shown["delivered"], shown["found"]) == (False, [])
    handed = (await estate.get(estate.office.clerk, "estate-guide", purpose="delivery")).json()
    assert handed["delivered"] is True


async def test_the_sum_at_one_bank_is_anybodys_question(estate: Estate) -> None:
    async with estate.office.clerk as http:
        small = await http.get("/api/v1/estate-guide/bank-way", params={"deposit_fen": 5_000_000})
        large = await http.get("/api/v1/estate-guide/bank-way", params={"deposit_fen": 5_000_001})
        wrong = await http.get("/api/v1/estate-guide/bank-way", params={"deposit_fen": -1})
    assert (small.json()["at_bank"], large.json()["at_bank"], wrong.status_code) == (True, False, 422)
