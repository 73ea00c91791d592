"""The departments' process serves what every process serves, and knows no department that the gateway does not."""

from typing import Any

import httpx
import pytest

from deploy.local.departments.app import Departments
from deploy.local.departments.gateway_client import UnknownDepartment


class OnlyHealth:
    """A gateway that knows one department."""

    async def pull(self, department: str) -> list[dict[str, Any]]:
        if department != "health":
            raise UnknownDepartment(department)
        return []


@pytest.fixture
async def http():
    transport = httpx.ASGITransport(Departments({}.get, OnlyHealth()))
    async with httpx.AsyncClient(transport=transport, base_url="http://departments") as client:
        yield client


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
async def test_it_serves_what_every_process_serves(http, path):
    assert (await http.get(path)).status_code == 200


async def test_readyz_and_openapi_are_what_they_say(http):
    assert (await http.get("/readyz")).json()["status"] == "ready"
    assert "/departments/{department}/tasks" in (await http.get("/openapi.json")).json()["paths"]


async def test_a_known_department_has_a_page_and_an_unknown_one_has_none(http):
    assert (await http.get("/departments/health")).headers["content-type"].startswith("text/html")
    assert (await http.get("/departments/astrology")).status_code == 404
