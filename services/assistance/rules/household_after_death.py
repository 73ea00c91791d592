"""What a household on assistance comes to when a member has died (R01, R02).

Both n and I change: one member fewer, and that member's income gone. An income that nobody knows is unknown, never
zero: the formula then gives no amount, and each member's share of what stands is kept until a human has surveyed.

The same code decides one household and scans a million: arrays of equal length, amounts in integer fen a month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.assistance.rules.force import in_force, rule

DIBAO, EDGE = "dibao_after_death", "edge_after_death"
INCREASE, KEEP, DECREASE, STOP, UNKNOWN = "increase", "keep", "decrease", "stop", "unknown"
MAY_BE_DIBAO = "may_be_dibao"

Fen = NDArray[np.int64]
Flags = NDArray[np.bool_]
_UNIT = 100


@dataclass(frozen=True, slots=True)
class Family:
    """One household after the death. `members`: who remain (> 0). None: not known.

    `standard_fen`: the dibao standard a person and month as of the first month that counts; `line_percent`: the edge
    line on it. `income_fen`: of those who remain, together a month. `before_fen`: the amount that stands.
    """

    members: int
    before_fen: int
    standard_fen: int | None
    income_fen: int | None
    line_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Families:
    """The same for many: columns of equal length. Where a `…_known` is false the value beside it means nothing."""

    members: Fen
    before_fen: Fen
    standard_fen: Fen
    standard_known: Flags
    income_fen: Fen
    income_known: Flags
    line_percent: Fen
    line_known: Flags

    @classmethod
    def of(cls, families: Sequence[Family]) -> "Families":
        """Columns of these rows."""
        return cls(
            _fen(each.members for each in families),
            _fen(each.before_fen for each in families),
            *_known(each.standard_fen for each in families),
            *_known(each.income_fen for each in families),
            *_known(each.line_percent for each in families),
        )


@dataclass(frozen=True, slots=True)
class Amounts:
    """`amount_fen` a month; `change`: increase, keep, decrease, stop or unknown, for each household."""

    amount_fen: Fen
    change: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Explained:
    """One household's decision with all that it was made on. `snapshot` and `trace` stay with the record."""

    amount_fen: int
    change: str
    rule: str
    version: str
    legal_basis: str
    as_of: date
    snapshot: dict[str, int | None]
    trace: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """As JSON keeps it."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**values, "as_of": self.as_of.isoformat(), "trace": list(self.trace)}


@rule(
    DIBAO,
    legal_basis="最低生活保障审核确认办法第二十三条、第三十一条；关于进一步做好最低生活保障等社会救助兜底保障工作的通知一（三）",
    valid_from=date(2021, 7, 1),
)
def dibao_after_death(families: Families) -> Amounts:
    """amount = (standard − I/n) × n = standard × n − I, and nothing when I/n is not below the standard."""
    known = families.standard_known & families.income_known
    gap = families.standard_fen * families.members - families.income_fen
    share = families.before_fen * families.members // (families.members + 1)
    amount = np.where(known, np.maximum(gap, 0), share)
    change = np.select(
        [~known, gap <= 0, amount > families.before_fen, amount == families.before_fen],
        [UNKNOWN, STOP, INCREASE, KEEP],
        DECREASE,
    )
    return Amounts(amount, change)


@rule(
    EDGE,
    legal_basis="最低生活保障审核确认办法（低保边缘家庭）；浙江省社会救助条例第十三条等地方规定",
    valid_from=date(2021, 7, 1),
)
def edge_after_death(families: Families) -> Amounts:
    """standard ≤ I/n < k × standard keeps the recognition; below, the family may be on dibao; above, it ends."""
    known = families.standard_known & families.income_known & families.line_known
    line = families.standard_fen * families.members
    poorer = families.income_fen < line
    above = families.income_fen * _UNIT >= line * families.line_percent
    change = np.select([~known, poorer, above], [UNKNOWN, MAY_BE_DIBAO, STOP], KEEP)
    return Amounts(families.before_fen, change)


def explain(name: str, family: Family, as_of: date) -> Explained:
    """Decide one household, with its trace. Raises RuleNotInForce."""
    chosen = in_force(name, as_of)
    decided: Amounts = chosen.decide(Families.of([family]))
    snapshot = {f.name: getattr(family, f.name) for f in fields(family)}
    amount, change = int(decided.amount_fen[0]), str(decided.change[0])
    return Explained(
        amount, change, name, chosen.version, chosen.legal_basis, as_of, snapshot, _trace(family, amount, change)
    )  # fmt: skip


def _trace(family: Family, amount_fen: int, change: str) -> tuple[str, ...]:
    if change == UNKNOWN:
        lacking = [name for name in ("standard_fen", "income_fen") if getattr(family, name) is None]
        return (
            f"not known: {', '.join(lacking) or 'line_percent'}",
            f"{family.before_fen} × {family.members}/{family.members + 1} = {amount_fen}",
        )
    return (f"{family.standard_fen} × {family.members} − {family.income_fen} → {amount_fen} ({change})",)


def _fen(values: Iterable[int]) -> Fen:
    return np.array(list(values), dtype=np.int64)


def _known(values: Iterable[int | None]) -> tuple[Fen, Flags]:
    listed = list(values)
    return _fen(value or 0 for value in listed), np.array(
        [value is not None for value in listed], dtype=np.bool_
    )
