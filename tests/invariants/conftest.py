"""The houses of the messaging tests, and the households of the gateway's, for the laws about them."""

from tests.gateway.conftest import peopled
from tests.kernel.messaging.conftest import databases, house, local_house

__all__ = ["databases", "house", "local_house", "peopled"]
