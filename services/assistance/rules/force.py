"""Which rule is in force on a day, and by which version it decided (design 8).

@rule("dibao_after_death", legal_basis="…", valid_from=date(2021, 7, 1))
def dibao_after_death(families: Families) -> Amounts: ...

in_force("dibao_after_death", as_of).version   # kept with the decision
"""

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

_RULES: dict[str, list["Rule"]] = {}


class RuleNotInForce(LookupError):
    """这一天没有可用的规则版本。
    No version of this rule is in force on that day."""


class RulesOverlap(ValueError):
    """同一天有两个版本的规则。
    Two versions of one rule are in force on the same day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`version`: twelve hex digits of the SHA-256 of the rule's source. `valid_to`: the last day, none: open."""

    name: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    version: str
    decide: Callable[[Any], Any]

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def rule(
    name: str, *, legal_basis: str, valid_from: date, valid_to: date | None = None
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Put a formula in force. Raises RulesOverlap."""

    def put(decide: Callable[[Any], Any]) -> Callable[[Any], Any]:
        version = hashlib.sha256(inspect.getsource(decide).encode()).hexdigest()[:12]
        made = Rule(name, legal_basis, valid_from, valid_to, version, decide)
        for other in _RULES.setdefault(name, []):
            if other.covers(valid_from) or made.covers(other.valid_from):
                raise RulesOverlap(f"{name}: {other.valid_from} and {valid_from}")
        _RULES[name].append(made)
        return decide

    return put


def in_force(name: str, on: date) -> Rule:
    """The one version in force on that day. Raises RuleNotInForce."""
    for each in _RULES.get(name, ()):
        if each.covers(on):
            return each
    raise RuleNotInForce(f"{name} on {on}")
