"""The tree of administrative divisions and the dated law of each place (design 4; GB/T 2260 and GB/T 10114).

Codes: 6 digits for province, city and county, 12 for township and village. A newer entry of a region file
replaces an older one from its date on; of two with the same date the one for the smaller place counts.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Protocol, TypeVar

from contracts.catalog import ProcedureRow
from contracts.catalog_regions import County, Delegation, EcoAward, FreeItem, Region, Standard
from contracts.terms import Limit, LimitUnit

# Calendar hours of one unit: enough to say which of two limits is the shorter one, never to compute a due date.
_HOURS = {
    LimitUnit.HOUR: Fraction(1),
    LimitUnit.CALENDAR_DAY: Fraction(24),
    LimitUnit.WORKING_DAY: Fraction(24 * 7, 5),
    LimitUnit.MONTH: Fraction(24 * 28),
}


def significant(code: str) -> str:
    """The digits that name the division: `330000` → `33`, `331000` → `3310`, `331022901000` → `331022901`."""
    if len(code) == 12:
        if code.endswith("000000"):
            return significant(code[:6])
        return code[:9] if code.endswith("000") else code
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def inside(ancestor: str, code: str) -> bool:
    """Whether `code` is `ancestor` or lies in it, by the digits alone."""
    return significant(code).startswith(significant(ancestor))


def shortens(promise: Limit, limit: Limit) -> bool:
    """Whether the promise is no longer than the limit; anything shortens a limit that names none."""
    if promise.amount is None or promise.unit is None:
        return False
    if limit.amount is None or limit.unit is None:
        return True
    return promise.amount * _HOURS[promise.unit] <= limit.amount * _HOURS[limit.unit]


class _Dated(Protocol):
    @property
    def valid_from(self) -> str: ...
    @property
    def regions(self) -> tuple[str, ...]: ...


Entry = TypeVar("Entry", bound=_Dated)


class RegionTree:
    """All region files as one tree. Unknown codes raise KeyError, `code in tree` asks first."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions = tuple(regions)
        self._names: dict[str, str] = {}
        self._counties: dict[str, County] = {}
        for region in self._regions:
            self._names[region.code] = region.name
            self._names.update(region.cities)
            for county in region.counties:
                self._counties[county.code] = county
                self._names[county.code] = county.name
                self._names.update({township.code: township.name for township in county.townships})

    def __contains__(self, code: object) -> bool:
        """Known divisions, and any village of a known township."""
        return isinstance(code, str) and (code in self._names or self._township_of(code) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @property
    def demo_counties(self) -> tuple[str, ...]:
        """The county of each region that holds the synthetic people."""
        return tuple(region.demo_county for region in self._regions)

    def county(self, code: str) -> County:
        """The county-level division with its townships."""
        return self._counties[code]

    def region_of(self, code: str) -> Region:
        """The region file that has the division."""
        self._require(code)
        holding = [region for region in self._regions if inside(region.code, code)]
        return max(holding, key=lambda region: len(significant(region.code)))

    def county_of(self, code: str) -> str | None:
        """The county of a county, township or village; None for a city or province."""
        self._require(code)
        return code[:6] if code[:6] in self._counties else None

    def name_of(self, code: str) -> str:
        """The division's own name; a village has its township's."""
        self._require(code)
        return self._names.get(code) or self._names[str(self._township_of(code))]

    def full_name(self, code: str) -> str:
        """All names of the path together: 湖南省长沙市长沙县示范竹山镇."""
        return "".join(dict.fromkeys(self.name_of(part) for part in self.path(code)))

    def path(self, code: str) -> tuple[str, ...]:
        """The known divisions from the widest to `code` itself."""
        self._require(code)
        above = [known for known in self._names if known != code and inside(known, code)]
        return (*sorted(above, key=lambda known: len(significant(known))), code)

    def parent(self, code: str) -> str | None:
        """The next wider division that is known; None at the top."""
        path = self.path(code)
        return path[-2] if len(path) > 1 else None

    def contains(self, ancestor: str, code: str) -> bool:
        """Whether `code` is `ancestor` or lies in it."""
        return inside(ancestor, code)

    def bereavement_months(self, who: str, region: str, on: date) -> int | None:
        """Months of allowance paid once more after the death of one of these (FN-024); None where none is."""
        found = self._in_force(lambda file: (b for b in file.bereavements if b.who == who), region, on)
        return found.months if found else None

    def quiet_period(self, region: str, on: date) -> Limit | None:
        """How long after a death the family gets no letter about money (design 9); None where nobody has said."""
        found = self._in_force(lambda file: file.quiet_periods, region, on)
        return found.limit if found else None

    def basic_services(self, region: str, on: date) -> frozenset[str]:
        """The funeral services that the place owes everybody on that day, free or not (FN-013)."""
        return frozenset(
            entry.item
            for entry in self.region_of(region).basic_services
            if entry.valid_from <= on.isoformat()
            and (not entry.regions or any(inside(place, region) for place in entry.regions))
        )

    def standard(self, standard_id: str, region: str, on: date) -> Standard | None:
        """The standard in force there on that day, in fen per month; None when none is known (never zero)."""
        return self._in_force(lambda file: (s for s in file.standards if s.id == standard_id), region, on)

    def multiplier_percent(self, multiplier_id: str, region: str, on: date) -> int | None:
        """The factor in percent in force there on that day; None when none is known."""
        found = self._in_force(
            lambda file: (m for m in file.multipliers if m.id == multiplier_id), region, on
        )
        return found.percent if found else None

    def limit_for(self, row: ProcedureRow, region: str, on: date) -> Limit:
        """The shortest of the row's limit, the one of a delegated power, and the region's promise, as of that day."""
        given = self._in_force(
            lambda file: (d for d in file.delegations if d.procedure == row.type), region, on
        )
        said = self._in_force(lambda file: (p for p in file.promises if p.procedure == row.type), region, on)
        limit = row.limit
        for shorter in (given.limit if given else None, said.limit if said else None):
            if shorter is not None and shortens(shorter, limit):
                limit = shorter
        return limit

    def switched_on(self, row: ProcedureRow, region: str, on: date) -> bool:
        """Whether the procedure is offered there on that day; on unless a switch says otherwise (FN-006)."""
        found = self._in_force(lambda file: (s for s in file.switches if s.procedure == row.type), region, on)
        return found.on if found else True

    def delegation_for(self, procedure: str, region: str, on: date) -> Delegation | None:
        """Where the power lies there on that day (SA-044, SA-045); None: as the catalogue's steps say."""
        return self._in_force(
            lambda file: (d for d in file.delegations if d.procedure == procedure), region, on
        )

    def level_for(self, procedure: str, region: str, on: date) -> str | None:
        """The level of `delegation_for`."""
        found = self.delegation_for(procedure, region, on)
        return found.level if found else None

    def free_items(self, region: str, on: date) -> tuple[FreeItem, ...]:
        """The cells of the free-funeral matrix in force there on that day (R22).

        Of each item only the cells with the newest date; all of them, for each may speak of other people.
        """
        standing: dict[str, list[FreeItem]] = {}
        for entry in self._standing(self.region_of(region).free_items, region, on):
            cells = standing.setdefault(entry.item, [])
            if cells and cells[0].valid_from < entry.valid_from:
                cells.clear()
            if not cells or cells[0].valid_from == entry.valid_from:
                cells.append(entry)
        return tuple(cell for cells in standing.values() for cell in cells)

    def eco_award(self, kind: str, mode: str, region: str, on: date) -> EcoAward | None:
        """The award in force there on that day for that kind of eco-burial; None: there is none (R22, FN-015)."""
        return self._in_force(
            lambda file: (a for a in file.eco_awards if (a.kind, a.mode) == (kind, mode)), region, on
        )

    def local_area(self, region: str) -> str:
        """Whose household registration is local there: the file's city, or the county's city in a province's file."""
        file = self.region_of(region)
        county = self.county_of(region)
        if file.code.endswith("0000") and county is not None:
            return self._counties[county].city
        return file.code

    def _standing(self, entries: Iterable[Entry], code: str, on: date) -> Iterator[Entry]:
        """The entries whose place holds `code` and whose date has come."""
        for entry in entries:
            here = not entry.regions or any(inside(place, code) for place in entry.regions)
            if here and entry.valid_from <= on.isoformat():
                yield entry

    def _in_force(self, entries: Callable[[Region], Iterable[Entry]], code: str, on: date) -> Entry | None:
        """The newest entry whose place holds `code` and whose date has come; the smaller place breaks a tie."""
        standing = [
            (entry.valid_from, max((len(significant(place)) for place in entry.regions), default=0), entry)
            for entry in self._standing(entries(self.region_of(code)), code, on)
        ]
        return max(standing, key=lambda found: found[:2])[2] if standing else None

    def _township_of(self, code: str) -> str | None:
        township = f"{code[:9]}000"
        known = len(code) == 12 and code.isdigit() and code[6:9] != "000" and township in self._names
        return township if known else None

    def _require(self, code: str) -> None:
        if code not in self:
            raise KeyError(code)
