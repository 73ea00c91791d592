"""The dated figures of a region that rechecks need, from the region files of the catalogue."""

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
