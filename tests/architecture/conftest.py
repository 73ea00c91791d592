"""Gateway and services at work, as the gateway's tests have them."""

from tests.gateway.conftest import peopled, working

__all__ = ["peopled", "working"]
