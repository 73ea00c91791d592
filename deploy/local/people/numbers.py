"""ID numbers, phones and keys of invented people, each computed from the person's place in the population.

An ID number begins with 99: GB/T 2260 gives no province that code (provinces stand between 11 and 83), and the
numbers of foreigners' residence cards that begin with 9 go on with a province code, never with 9. So every county
code 99xxxx is unassigned and no living person can be meant; birth date, sequence (odd: male) and check digit are
valid. The four digits after 99 and the sequence carry the household and the slot in it: numbers never collide, and
a number alone tells which household to make again (`household_and_slot`). Phones begin with 154, a prefix that no
carrier has.
"""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from deploy.local.people.model import Sex

SLOTS = 8
_HOUSEHOLDS_PER_PREFIX = 60
HOUSEHOLDS = 10_000 * _HOUSEHOLDS_PER_PREFIX
_PREFIX = "99"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


class PopulationTooLarge(ValueError):
    """合成人口超出编号范围。
    More households than numbers can be made for."""


def id_number(household: int, slot: int, birth_date: date, sex: Sex) -> str:
    """Eighteen characters. Raises PopulationTooLarge past 600,000 households or eight people in one."""
    if not (0 <= household < HOUSEHOLDS and 0 <= slot < SLOTS):
        raise PopulationTooLarge(
            f"household {household}, slot {slot}: at most {HOUSEHOLDS} households of {SLOTS}"
        )
    county, rest = divmod(household, _HOUSEHOLDS_PER_PREFIX)
    sequence = 2 * (rest * SLOTS + slot + 1) + (1 if sex == "male" else 0)
    born = f"{birth_date.year:04d}{birth_date.month:02d}{birth_date.day:02d}"
    body = f"{_PREFIX}{county:04d}{born}{sequence:03d}"
    return body + _CHECK_DIGITS[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def household_and_slot(number: str) -> tuple[int, int] | None:
    """Where a number would belong; None when it is none of ours. The caller compares the whole number."""
    if len(number) != 18 or not number.startswith(_PREFIX) or not number[:17].isdecimal():
        return None
    place = int(number[14:17]) // 2 - 1
    rest, slot = divmod(place, SLOTS)
    if not 0 <= rest < _HOUSEHOLDS_PER_PREFIX:
        return None
    return int(number[2:6]) * _HOUSEHOLDS_PER_PREFIX + rest, slot


def phone(household: int, slot: int) -> str:
    """Eleven digits of an unassigned prefix, one per person."""
    return f"154{household * SLOTS + slot:08d}"


def home_key(county: str, name: str) -> UUID:
    """A care home's key: the same county and name are the same home, whoever tells of it."""
    return uuid5(NAMESPACE_URL, f"lianban:home:{county}/{name}")


def key(seed: int, household: int, part: int) -> UUID:
    """A UUID that follows from its arguments; `part` tells the things of a household apart."""
    return UUID(int=_mix(seed, household, part), version=4)


def _mix(seed: int, household: int, part: int) -> int:
    """128 well-stirred bits (splitmix64 twice): as fast as adding, so 100,000 people take seconds."""
    state = (seed * 0x9E3779B97F4A7C15 + household * 4096 + part) & _MASK
    return (_stir(state) << 64) | _stir(state ^ 0xD1B54A32D192ED03)


_MASK = (1 << 64) - 1


def _stir(state: int) -> int:
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)
