"""The houses of the messaging tests, for the laws about them."""

from tests.kernel.messaging.conftest import databases, house, local_house

__all__ = ["databases", "house", "local_house"]
