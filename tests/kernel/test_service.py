"""The HTTP face: what every process serves, and how every fault of a client is answered."""

import httpx
import pytest

from kernel.service import Service


async def test_a_service_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": {}})
