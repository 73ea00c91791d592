"""The whole system, started once for all journeys on the local bus and once on real Kafka."""

import pytest

from tests.journeys.rows import claims, not_borne_out
from tests.journeys.town import Town
from tests.stack import Stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A mark of ours cannot lie: the test fails if the cases that it read do not bear it out (rows.py)."""
    result = yield
    if made := claims(item.iter_markers()):
        assert "town" in item.funcargs, "a marked test reads no case: it has no town"
        assert not (missed := not_borne_out(made, item.funcargs["town"].reached)), missed
    return result


@pytest.fixture(scope="package", params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stack(request, tmp_path_factory):
    """`lianban up`, with enough households in each of the five demo counties for every journey to have its own."""
    folder = tmp_path_factory.mktemp(f"up-{request.param}") / "data"
    running = await Stack(request.param, folder, people=900).start()
    yield running
    await running.stop()


@pytest.fixture
async def town(stack):
    """Its people and its users, over the public contract alone."""
    async with Town.of(stack.address) as found:
        yield found
