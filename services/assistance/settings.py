"""Settings of the assistance service: `LIANBAN_ASSISTANCE_…`."""

from kernel.settings import ServiceSettings


class AssistanceSettings(ServiceSettings, service="assistance"):
    """Nothing beyond what every service needs."""
