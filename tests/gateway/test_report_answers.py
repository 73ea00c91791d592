"""What a page of a report leaves in the draft: a list left blank has not said that there is nobody."""

from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from contracts.catalog_files import load_catalogue
from gateway.web.report.answers import posted_form
from gateway.web.report.plan import plan_of
from gateway.web.visit import Visit

EVENT = load_catalogue().life_events["death"]
SON = {"name": "林小溪", "relation": "child"}
POSTED = {f"/heirs/0/{name}": value for name, value in SON.items()}


@pytest.mark.parametrize(
    ("before", "posted", "after"),
    [
        ({}, POSTED, {"heirs": [SON]}),
        ({}, {}, {}),
        ({"heirs": [SON], "wishes": {}}, {**POSTED, "remove": "0"}, {"wishes": {}}),
    ],
)
def test_a_list_of_people_stands_only_when_somebody_is_in_it(
    before: dict[str, Any], posted: dict[str, str], after: dict[str, Any]
) -> None:
    visit = Visit(Request({"type": "http"}), "v", False, None, None, False, FormData(posted))
    page = next(page for page in plan_of(EVENT).pages if page.section == "heirs")
    assert posted_form(visit, EVENT, page, before, ()) == after
