"""Where heirs go for what, as dated data (R27, R28): `catalog/estate.yaml`, validated when it is first read.

Pure once loaded. Amounts are integer fen. The guide is a referral: no rule here moves anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, TypeVar

import yaml
from pydantic import Field

from contracts.catalog_files import DEFAULT_FOLDER
from contracts.terms import Frozen

Bank = Literal["commercial", "rural"]
Standing = Literal["S", "F", "Fm", "K", "D"]
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"


class Dated(Frozen):
    """An entry in force from its date on, until a later one of the same kind."""

    valid_from: str = Field(pattern=_ISO_DATE)
    source: str = Field(min_length=1)


class ListValidity(Dated):
    """For how many days a delivered list may be relied upon."""

    days: int = Field(gt=0, le=366)
    standing: Standing


class SmallDeposit(Dated):
    """Up to how much at one bank, all products together, heirs of the first order need no notary (R27)."""

    limit_fen: int = Field(gt=0)
    banks: tuple[Bank, ...] = Field(min_length=1)
    standing: Standing


class EstateRoute(Dated):
    """Where one kind of asset is dealt with. `asked_of`: whose answer leads here; empty: told to every family."""

    id: str
    asked_of: tuple[str, ...] = ()
    what: str
    where: str
    how: str
    papers: tuple[str, ...] = ()


class EstateFile(Frozen):
    """The file as it stands."""

    list_valid: tuple[ListValidity, ...] = Field(min_length=1)
    small_deposits: tuple[SmallDeposit, ...] = Field(min_length=1)
    routes: tuple[EstateRoute, ...] = Field(min_length=1)


class NoRuleYet(LookupError):
    """这一天还没有可以适用的规定。
    No rule was in force on that day."""


Entry = TypeVar("Entry", bound=Dated)


def _newest(entries: Sequence[Entry], on: date) -> Entry:
    standing = [one for one in entries if one.valid_from <= on.isoformat()]
    if not standing:
        raise NoRuleYet(on.isoformat())
    return max(standing, key=lambda one: one.valid_from)


@dataclass(frozen=True, slots=True)
class Money:
    """What the heirs found at one bank, in fen.

    `survivors_fen`: funeral and relief money that was paid into the account; it is the survivors' and not counted.
    """

    deposit_fen: int = 0
    gold_fen: int = 0
    treasury_fen: int = 0
    agency_fen: int = 0
    survivors_fen: int = 0

    @property
    def counted_fen(self) -> int:
        """All products together, without the survivors' own money."""
        found_fen = self.deposit_fen + self.gold_fen + self.treasury_fen + self.agency_fen
        return max(0, found_fen - self.survivors_fen)


@dataclass(frozen=True, slots=True)
class BankWay:
    """`at_bank`: paid out there without a notary; else by notary or court. Amounts in fen."""

    at_bank: bool
    counted_fen: int
    limit_fen: int
    source: str


# R27: who is served at the bank without a notary; `will` here is a will that a notary has certified.
SERVED_AT_BANK = frozenset({"first_order_heir", "will"})


@dataclass(frozen=True, slots=True)
class EstateRules:
    """The file with its questions."""

    file: EstateFile

    def valid_until(self, delivered_on: date) -> date:
        """The last day on which a list delivered that day may be relied upon."""
        return delivered_on + timedelta(days=_newest(self.file.list_valid, delivered_on).days)

    def small_deposit(self, bank: Bank, on: date) -> SmallDeposit:
        """The rule in force for that kind of bank. Raises NoRuleYet before the first one."""
        return _newest([one for one in self.file.small_deposits if bank in one.banks], on)

    def bank_way(self, money: Money, *, capacity: str, bank: Bank, on: date) -> BankWay:
        """Which way the money at one bank goes (R27): up to and including the limit at the bank itself."""
        rule = self.small_deposit(bank, on)
        small = money.counted_fen <= rule.limit_fen and capacity in SERVED_AT_BANK
        return BankWay(small, money.counted_fen, rule.limit_fen, rule.source)

    def routes(self, on: date) -> list[EstateRoute]:
        """The routes in force, in the order of the file, amounts filled in; of each id the newest."""
        limit = f"{self.small_deposit('commercial', on).limit_fen // 100:,}"
        newest: dict[str, EstateRoute] = {}
        for route in self.file.routes:
            known = newest.get(route.id)
            if route.valid_from <= on.isoformat() and (known is None or known.valid_from <= route.valid_from):
                newest[route.id] = route
        return [
            route.model_copy(update={"how": route.how.replace("{limit_yuan}", limit)})
            for route in newest.values()
        ]


def read_estate_rules(content: bytes | str) -> EstateRules:
    """Raises pydantic.ValidationError for a file that is not as described."""
    data: Mapping[str, object] = yaml.safe_load(content)
    return EstateRules(EstateFile.model_validate(data))


@lru_cache
def estate_rules() -> EstateRules:
    """Those that ship with the catalogue."""
    return read_estate_rules((DEFAULT_FOLDER / "estate.yaml").read_bytes())
