"""What a region's file says that rechecks need: dated figures, and which benefits the township may decide."""

from collections.abc import Iterable
from datetime import date

from contracts.catalog_files import load_catalogue


def dibao_standard_fen(region: str, on: date) -> int | None:
    """Fen a person and month in force on that day; none when the region's file does not say."""
    tree = load_catalogue().tree
    if region not in tree:
        return None
    standard = tree.standard("dibao", region, on)
    return standard.amount_fen if standard else None


def edge_line_percent(region: str, on: date) -> int | None:
    """The edge line in percent of the dibao standard (R02); none when the region's file does not say."""
    tree = load_catalogue().tree
    return tree.multiplier_percent("edge_line", region, on) if region in tree else None


def townships_power(procedure: str, kinds: Iterable[str], region: str, on: date) -> bool:
    """Whether a delegated power covers all these kinds of benefit (SA-045); true where none is delegated or limited."""
    tree = load_catalogue().tree
    power = tree.delegation_for(procedure, region, on) if region in tree else None
    return power is None or not power.benefits or set(kinds) <= set(power.benefits)
