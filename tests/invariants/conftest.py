"""The houses of the messaging tests, the households of the gateway's, and a couple of whom one may die."""

import pytest

from tests.gateway.conftest import peopled, working
from tests.gateway.office import Office
from tests.invariants.death_laws import look
from tests.invariants.one_death import Death
from tests.kernel.messaging.conftest import databases, house, local_house

__all__ = ["databases", "house", "local_house", "peopled", "working"]


@pytest.fixture
async def death(working: Office) -> Death:
    """A couple on dibao of whom nobody has died yet; departments answer when they are told to."""
    found = Death(working)
    await found.begin()
    found.before = await look(found)
    return found
