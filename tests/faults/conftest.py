"""Gateway and services at work on databases with a few households, as the gateway's tests have them."""

from tests.gateway.conftest import peopled, working

__all__ = ["peopled", "working"]
