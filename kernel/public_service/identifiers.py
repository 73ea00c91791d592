"""ID numbers and other identifiers: checked, normalised, and found again without being stored in the clear.

`stdnum.cn.ric` only for `compact` and `calc_check_digit`: its county table refuses valid codes and it accepts
future years (design 7). The date check is ours. GB 11643: 6 digits region, 8 birth date, 3 sequence, 1 check digit.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as suite_hmac
from stdnum.cn import ric

from kernel.errors import FieldError, Unprocessable

Sex = Literal["male", "female"]
_EARLIEST_BIRTH_YEAR = 1880  # nobody older than the oldest verified life is reported by number


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A checked resident ID number. Never logged: `repr` shows the region and the birth year only."""

    number: str
    birth_date: date
    sex: Sex

    @property
    def region(self) -> str:
        """First registration place, 6 digits; says nothing about where the person lives now."""
        return self.number[:6]

    def __repr__(self) -> str:
        return f"ResidentId({self.number[:6]}{self.birth_date.year}********)"


class IdNumberInvalid(Unprocessable):
    """身份证号码有误。
    The ID number is not valid."""

    how = "请对照身份证逐位核对后重新填写。"
    how_en = "Compare it with the card digit by digit and enter it again."


# code → (Chinese, English, how in Chinese, how in English)
_FAULTS: dict[str, tuple[str, str, str, str]] = {
    "id_number_fifteen_digits": (
        "这是旧的 15 位号码，已停止使用。",
        "This is an old 15-digit number, no longer in use.",
        "请填写现在的 18 位身份证号码；没有的，请到派出所查询。",
        "Enter the present 18-digit number; without one ask the police station.",
    ),
    "id_number_length": (
        "身份证号码应为 18 位。",
        "An ID number has 18 characters.",
        "请检查是否多填或漏填。",
        "Look for a missing or an extra digit.",
    ),
    "id_number_characters": (
        "身份证号码只能是数字，最后一位可以是 X。",
        "An ID number consists of digits; only the last may be X.",
        "请删除其他字符。",
        "Remove the other characters.",
    ),
    "id_number_date": (
        "号码中的出生日期（第 7 至 14 位）不存在。",
        "The birth date in the number (7th to 14th digit) does not exist.",
        "请核对出生日期的八位数字。",
        "Check the eight digits of the birth date.",
    ),
    "id_number_future": (
        "号码中的出生日期在今天之后。",
        "The birth date in the number lies in the future.",
        "请核对出生日期的八位数字。",
        "Check the eight digits of the birth date.",
    ),
    "id_number_checksum": (
        "身份证号码的校验位不对，号码中至少有一位填错。",
        "The check digit does not fit: at least one digit is wrong.",
        "请对照身份证逐位核对。",
        "Compare it with the card digit by digit.",
    ),
}


def fault(field: str, code: str) -> FieldError:
    return FieldError(field, code, *_FAULTS[code])


def check_resident_id(number: str, today: date, *, field: str = "/id_number") -> ResidentId:
    """The number, its birth date and sex. Raises IdNumberInvalid whose one FieldError points at `field`."""
    compact = normalise("resident_id", number)
    code = _first_fault(compact, today)
    if code is not None:
        raise IdNumberInvalid(errors=[fault(field, code)])
    birth = _birth_date(compact)
    if birth is None:  # _first_fault has just found it; kept for the type
        raise IdNumberInvalid(errors=[fault(field, "id_number_date")])
    return ResidentId(compact, birth, "male" if int(compact[16]) % 2 else "female")


def _first_fault(number: str, today: date) -> str | None:
    if re.fullmatch(r"[0-9]{15}", number):
        return "id_number_fifteen_digits"
    if len(number) != 18:
        return "id_number_length"
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return "id_number_characters"
    birth = _birth_date(number)
    if birth is None or birth.year < _EARLIEST_BIRTH_YEAR:
        return "id_number_date"
    if birth > today:
        return "id_number_future"
    return None if ric.calc_check_digit(number) == number[-1] else "id_number_checksum"


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def normalise(kind: str, number: str) -> str:
    """One spelling per identifier: full-width to half-width, upper case, without spaces and (ID only) separators."""
    plain = unicodedata.normalize("NFKC", number).upper()
    if kind == "resident_id":
        return re.sub(
            r"[\s-]+", "", ric.compact(plain)
        )  # compact unifies odd hyphens and spaces, but keeps them
    return re.sub(r"\s+", "", plain)


def blind_index(key: bytes, kind: str, number: str, *, suite: str = "international") -> bytes:
    """32 bytes that find an identifier again without telling it: HMAC-SHA-256, or HMAC-SM3 in suite `guomi`."""
    message = f"{kind}|{normalise(kind, number)}".encode()
    if suite == "international":
        return hmac.digest(key, message, hashlib.sha256)
    mac = suite_hmac.HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


def mask_id_number(number: str) -> str:
    """First six and last two characters: `331081**********2X`, as screens show it by default."""
    return number[:6] + "*" * max(len(number) - 8, 0) + number[-2:] if len(number) > 8 else "*" * len(number)


def mask_name(name: str) -> str:
    """The family name's first character stays: `王**`."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 11 else "*" * len(phone)
