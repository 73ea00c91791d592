"""The post of an office that has the gateway alone."""

import pytest

from tests.gateway.notices.post import Post
from tests.gateway.office import Office


@pytest.fixture
def post(office: Office) -> Post:
    return Post(office)
