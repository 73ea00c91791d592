"""A family on the office's databases."""

import pytest

from tests.gateway.office import Office
from tests.gateway.procedures.estate import Estate


@pytest.fixture
async def estate(office: Office) -> Estate:
    """The services' orders stay in the outbox: the issuer's own report confirms without them."""
    return await Estate.of(office)
