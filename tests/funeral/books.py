"""The books as values: what the real ledger would hold after these rulings (kernel ledger's own laws included)."""

from collections import defaultdict

from hypothesis import HealthCheck, settings

from casework.procedure import Ruling
from services.funeral.domain.effects import BookMoney

# How often, and how long, the laws of the books are tried.
EVERY_RUN = settings(
    max_examples=200, stateful_step_count=25, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
OWED = ("home_payable", "claim_payable", "award_payable")


class Books:
    """Balances in fen by account: credits minus debits, so what is owed is positive."""

    def __init__(self) -> None:
        self.balances: dict[str, int] = defaultdict(int)

    def take(self, ruling: Ruling) -> None:
        for effect in ruling.effects:
            if isinstance(effect, BookMoney):
                assert effect.amount_fen > 0
                self.balances[effect.debit] -= effect.amount_fen
                self.balances[effect.credit] += effect.amount_fen
        assert sum(self.balances.values()) == 0, "debits equal credits"
        assert all(self.balances[kind] >= 0 for kind in OWED), dict(self.balances)
