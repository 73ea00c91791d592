"""The guide to a life event says what a place owes there and then, as its region file has it (FN-013, FN-024)."""

import pytest

from tests.gateway.office import Office

DUTIES = ["ash_storage", "cremation", "keeping", "transport"]
HONOURED = [{"who": "five_old", "months": 6}, {"who": "five_old_spouse", "months": 3}]


@pytest.mark.parametrize(
    ("region", "services", "honoured"), [("350582", DUTIES, HONOURED), ("370829", [], []), ("331022", [], [])]
)
async def test_the_guide_tells_basic_services_and_bereavements_of_the_region(
    office: Office, region: str, services: list[str], honoured: list[dict[str, object]]
) -> None:
    async with office.clerk as http:
        guide = (await http.get("/api/v1/life-events/death", params={"region": region})).json()
        anywhere = (await http.get("/api/v1/life-events/death")).json()
    assert guide["local"] == {"basic_services": services, "bereavements": honoured}
    assert "local" not in anywhere
