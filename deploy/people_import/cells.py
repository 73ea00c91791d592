"""How one cell is read: text in, value out. A value that cannot be read raises CellFault with the code of its fault."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from uuid import UUID

from contracts.catalog_files import load_catalogue
from contracts.regions import RegionTree
from kernel.public_service.identifiers import normalise

_FEN = re.compile(r"0|[1-9][0-9]{0,11}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}")
_MOST_DATES = 400


class CellFault(ValueError):
    """单元格的内容不合要求。
    The content of a cell is not valid."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def short_text(text: str) -> str:
    """At most 100 printable characters."""
    if len(text) > 100 or any(unicodedata.category(letter).startswith("C") for letter in text):
        raise CellFault("text")
    return text


def name(text: str) -> str:
    """A person's name: at most 60 printable characters, none of them a digit."""
    if len(text) > 60 or any(letter.isdigit() for letter in short_text(text)):
        raise CellFault("name")
    return text


def number(text: str) -> str:
    """A resident ID number in its one spelling; whether it is valid is judged with the day of the import."""
    return normalise("resident_id", text)


def day(text: str) -> date:
    """`2026-03-01`, years 1880 to 2200."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise CellFault("date") from error
    if found.isoformat() != text or not 1880 <= found.year <= 2200:
        raise CellFault("date")
    return found


def past_day(text: str) -> date:
    """A day that has come: whether it has is judged with the day of the import."""
    return day(text)


def past_days(text: str) -> tuple[date, ...]:
    """Days with `;` between them."""
    days = tuple(past_day(part.strip()) for part in text.split(";"))
    if len(days) > _MOST_DATES:
        raise CellFault("date")
    return days


def month(text: str) -> date:
    """`2026-03`: its first day."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        raise CellFault("month")
    try:
        return day(f"{text}-01")
    except CellFault as error:
        raise CellFault("month") from error


def fen(text: str) -> int:
    """Whole fen, zero or more; no comma, no sign, no decimal point."""
    if not _FEN.fullmatch(text):
        raise CellFault("amount")
    return int(text)


def some_fen(text: str) -> int:
    """Whole fen, more than zero."""
    found = fen(text)
    if not found:
        raise CellFault("amount")
    return found


def days(text: str) -> int:
    """1 to 366."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text) or int(text) > 366:
        raise CellFault("days")
    return int(text)


def phone(text: str) -> str:
    """Digits, with hyphens or spaces between them."""
    if not _PHONE.fullmatch(text):
        raise CellFault("phone")
    return text


def uuid(text: str) -> UUID:
    """A UUID of the source's own."""
    try:
        return UUID(text)
    except ValueError as error:
        raise CellFault("key") from error


def township(text: str) -> str:
    """A township or village (12 digits) of the region files."""
    if len(text) != 12 or text.endswith("000000") or text not in _tree():
        raise CellFault("region")
    return text


@cache
def _tree() -> RegionTree:
    """Read once a process: an import asks it for every household."""
    return load_catalogue().tree


def one_of(*values: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in values:
            raise CellFault("choice")
        return text

    return read
