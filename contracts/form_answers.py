"""One answer at a time: spelled in one way, and checked for its type (design 4, api.md habits).

Each reader takes the raw answer and gives the clean one, or raises AnswerRefused with a code of `form_faults`.
"""

import re
import unicodedata
from collections.abc import Callable, Container
from datetime import date, datetime, timedelta, timezone
from typing import Any

from stdnum import numdb

from contracts.catalog import FormField
from contracts.form_schema import BANK_ACCOUNT_PATTERN, CERTIFICATE_PATTERN, PHONE_PATTERN, REGION_PATTERN

# Beijing time as a fixed offset: the historical zone has summer times, and other hours in the 1940s.
_BEIJING = timezone(timedelta(hours=8))
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_DOCUMENT = r"[0-9A-Z\-()/]{4,40}"


class AnswerRefused(Exception):
    """答案不合要求。
    The answer cannot be taken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_answer(field: FormField, raw: Any, regions: Container[str] | None) -> Any:
    """The clean answer of a field; None when nothing was answered."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if field.type == "boolean":
        return _boolean(raw)
    if field.type == "choices":
        return _choices(field, raw)
    text = _text(raw)
    if field.type == "region":
        return _region(text, regions, anywhere=field.anywhere)
    value = _READERS[field.type](text)
    if field.type == "choice" and value not in (field.choices or {}):
        raise AnswerRefused("not_a_choice")
    if len(value) > field.max_length:
        raise AnswerRefused("too_long")
    return value


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise AnswerRefused("wrong_type")
    return raw


def _choices(field: FormField, raw: Any) -> list[str] | None:
    if not isinstance(raw, list) or not all(isinstance(choice, str) for choice in raw):
        raise AnswerRefused("wrong_type")
    if any(choice not in (field.choices or {}) for choice in raw):
        raise AnswerRefused("not_a_choice")
    if len(set(raw)) != len(raw):
        raise AnswerRefused("repeated_choice")
    return list(raw) or None


def _text(raw: Any) -> str:
    """Trimmed text that a database and a page can take: no control characters, no half surrogates.

    Private and unassigned code points stay: rare characters of names are written with them.
    """
    if not isinstance(raw, str):
        raise AnswerRefused("wrong_type")
    text = raw.strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise AnswerRefused("characters")
    return text


def _name(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def plain(text: str) -> str:
    """Digits and letters in one spelling: half-width, upper case, no spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def _shaped(pattern: str, code: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        value = plain(text)
        if not compiled.fullmatch(value):
            raise AnswerRefused(code)
        return value

    return read


read_document_number = _shaped(_DOCUMENT, "id_number_shape")


def _phone(text: str) -> str:
    """A mobile number without separators and country code, a landline as `0576-88888888`."""
    value = plain(text)
    compact = re.sub(r"[-()]", "", value)
    mobile = re.fullmatch(r"(?:\+?86)?(1[3-9][0-9]{9})", compact)
    if mobile:
        return mobile[1]
    if value.startswith("+"):
        value = compact
    if not re.fullmatch(PHONE_PATTERN, value):
        raise AnswerRefused("phone_shape")
    return value


def _region(text: str, regions: Container[str] | None, *, anywhere: bool) -> str:
    value = plain(text)
    if not re.fullmatch(REGION_PATTERN, value):
        raise AnswerRefused("unknown_region")
    served = regions is None or value in regions
    if not served and not (anywhere and _in_china(value)):
        raise AnswerRefused("unknown_region")
    return value


def _in_china(code: str) -> bool:
    """Whether the division (GB/T 2260) is known: the table names it, for any year."""
    parts = numdb.get("cn/loc").info(code[:6])
    return bool(parts[0][1]) and (
        code[2:6] == "0000" or code[4:6] == "00" or bool(parts[-1][1].get("county"))
    )


def _date(text: str) -> str:
    value = plain(text)
    if not _DATE.fullmatch(value):
        raise AnswerRefused("date_shape")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise AnswerRefused("date_shape") from None


def _instant(text: str) -> str:
    """The instant in Beijing time; one without an offset is refused, since nobody can say which it is."""
    value = unicodedata.normalize("NFKC", text)
    if not _INSTANT.fullmatch(value):
        raise AnswerRefused("instant_shape")
    try:
        instant = datetime.fromisoformat(value.upper())
        if instant.tzinfo is None:
            raise AnswerRefused("instant_without_offset")
        return instant.astimezone(_BEIJING).isoformat()
    except (ValueError, OverflowError):
        raise AnswerRefused("instant_shape") from None


_READERS: dict[str, Callable[[str], str]] = {
    "string": lambda text: text,
    "name": _name,
    "choice": lambda text: text,
    "id_number": plain,
    "phone": _phone,
    "bank_account": _shaped(BANK_ACCOUNT_PATTERN, "bank_account_shape"),
    "certificate_no": _shaped(CERTIFICATE_PATTERN, "certificate_shape"),
    "date": _date,
    "instant": _instant,
}
