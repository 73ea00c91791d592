"""Settings of the eldercare service: `LIANBAN_ELDERCARE_…`."""

from kernel.settings import ServiceSettings


class EldercareSettings(ServiceSettings, service="eldercare"):
    """Nothing beyond what every service needs."""
