"""Settings of the funeral service: `LIANBAN_FUNERAL_…`."""

from kernel.settings import ServiceSettings


class FuneralSettings(ServiceSettings, service="funeral"):
    """Nothing beyond what every service needs."""
