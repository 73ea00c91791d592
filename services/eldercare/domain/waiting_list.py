"""Who is next for a bed of a home: priority class, then the day of asking (R56, EC-022)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, get_args

Priority = Literal[
    "restored", "poor_disabled", "demented", "old_old", "alone", "severely_disabled", "special_family", "ordinary",
]  # fmt: skip
# Whose bed was given away through an error of ours comes first; the classes of R56 are equal among themselves.
RANKS: Mapping[str, int] = {name: {"restored": 0, "ordinary": 2}.get(name, 1) for name in get_args(Priority)}
# 【D】A family thinks an offer over for a week; after two refusals the place is that of the day of the last one.
ANSWER_DAYS = 7
REFUSALS_KEPT = 2


def answer_by(offered_on: date) -> date:
    """The last day on which an offered bed may be accepted."""
    return offered_on + timedelta(days=ANSWER_DAYS)
