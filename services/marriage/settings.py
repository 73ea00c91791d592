"""Settings of the marriage service: `LIANBAN_MARRIAGE_…`."""

from kernel.settings import ServiceSettings


class MarriageSettings(ServiceSettings, service="marriage"):
    """Nothing beyond what every service needs."""
