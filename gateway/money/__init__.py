"""Money acts of people at the gateway: payment runs, and what is asked back. The owners keep the money and books."""

from gateway.money import overpayments, payment_runs

ROUTERS = (overpayments.router, payment_runs.router)

__all__ = ["ROUTERS"]
