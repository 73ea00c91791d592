"""What an owner's service consumes, by consumer: the wiring, and whoever asks the bus what is unread, agree here."""

from collections.abc import Mapping, Sequence


def consumers_of(owner: str) -> Mapping[str, Sequence[str]]:
    """Topics by consumer: orders to this owner, and facts of all."""
    return {f"{owner}.orders": (f"orders.{owner}",), f"{owner}.facts": ("facts",)}
