"""What a region file must fulfil: codes inside each other, real dates, promises that shorten, one standard a day.

A region is a province, a city, or a single county (Jinjiang, 350582): the last holds itself as its only county.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.catalog import ProcedureRow
from contracts.catalog_faults import CatalogueFault
from contracts.catalog_regions import Region
from contracts.catalog_schema import Read
from contracts.catalog_step_checks import wait_faults
from contracts.catalog_yaml import Path
from contracts.regional_rows import OFFICES
from contracts.regions import inside, shortens

Found = tuple[Path, str, str]

_DATED = (
    "delegations", "standards", "multipliers", "promises", "switches", "free_items", "eco_awards", "basic_services",
    "bereavements", "quiet_periods",
)  # fmt: skip
# What two entries of one list must share to speak of the same thing.
_SAME: dict[str, tuple[str, ...]] = {
    "delegations": ("procedure",),
    "standards": ("id",),
    "multipliers": ("id",),
    "promises": ("procedure",),
    "switches": ("procedure",),
    "eco_awards": ("kind", "mode"),
    "basic_services": ("item",),
    "bereavements": ("who",),
    "quiet_periods": (),
}


def region_codes(region: Region) -> Iterator[tuple[str, Path]]:
    """Every code that the file defines, with its place; the region may also be its own only city or county."""
    yield region.code, ("code",)
    for city in region.cities:
        if city != region.code:
            yield city, ("cities", city)
    for index, county in enumerate(region.counties):
        if county.code != region.code:
            yield county.code, ("counties", index, "code")
        for number, township in enumerate(county.townships):
            yield township.code, ("counties", index, "townships", number, "code")


def repeated_ids(found: Sequence[tuple[Read[Any], str, Path]]) -> list[CatalogueFault]:
    """Ids that stand twice, in one file or in two; the later place is told."""
    seen: dict[str, str] = {}
    faults = []
    for read, code, path in found:
        if code in seen:
            reason = f"「{code}」已在 {seen[code]} 里", f"{code!r} stands in {seen[code]} already"
            faults.append(read.document.fault(path, *reason))
        seen.setdefault(code, read.document.file)
    return faults


def region_faults(
    read: Read[Region],
    rows: Mapping[str, ProcedureRow],
    known: Collection[str] | None,
    evidence: Collection[str] = (),
) -> list[CatalogueFault]:
    """Every fault of one region file.

    `known` are all types of procedures (None when a life event is unreadable), `evidence` those that confirm an event.
    """
    region = read.model
    found = [*_tree(region), *_dates(region), *_scopes(region), *_promises(region, rows), *_overlaps(region)]
    found += [*_powers(region, rows), *_switches(region, evidence), *_free_items(region)]
    found += [*_quiet_periods(region)]
    for name in ("delegations", "promises", "switches"):
        for index, entry in enumerate(getattr(region, name)):
            if known is not None and entry.procedure not in known:
                zh = f"没有「{entry.procedure}」这个事项"
                found.append(((name, index, "procedure"), zh, f"there is no procedure {entry.procedure!r}"))
    return [read.document.fault(path, zh, en) for path, zh, en in found]


def _tree(region: Region) -> Iterator[Found]:
    counties = {county.code for county in region.counties}
    if region.demo_county not in counties:
        yield ("demo_county",), "示范县不在县级列表里", "the demo county is not among the counties"
    if not region.code.endswith("00") and counties != {region.code}:
        reason = "县级地区只能有自己这一个县级区划", "a county's own file holds that county alone"
        yield ("counties",), *reason
    for index, county in enumerate(region.counties):
        path: Path = ("counties", index)
        if county.city != region.code and county.city not in region.cities:
            yield (*path, "city"), f"没有「{county.city}」这个市", f"there is no city {county.city!r}"
        if not inside(county.city, county.code):
            yield (*path, "code"), "县级代码不在所属市之内", "the county's code is not inside its city's"
        for number, township in enumerate(county.townships):
            if not township.code.startswith(county.code) or not township.code.endswith("000"):
                place = (*path, "townships", number, "code")
                yield place, "乡镇代码不在所属县之内", "the township's code is not inside its county's"


def _dates(region: Region) -> Iterator[Found]:
    for name in _DATED:
        for index, entry in enumerate(getattr(region, name)):
            try:
                valid = date.fromisoformat(entry.valid_from).isoformat() == entry.valid_from
            except ValueError:
                valid = False
            if not valid:
                reason = '日期应写成 "2026-03-01"', 'a date is written "2026-03-01"'
                yield (name, index, "valid_from"), *reason


def _scopes(region: Region) -> Iterator[Found]:
    codes = {code for code, _ in region_codes(region)}
    for name in _DATED:
        for index, entry in enumerate(getattr(region, name)):
            for key in ("regions", "places"):
                for number, code in enumerate(getattr(entry, key, ())):
                    if code not in codes:
                        zh, en = f"没有「{code}」这个区划", f"there is no region {code!r}"
                        yield (name, index, key, number), zh, en


def _promises(region: Region, rows: Mapping[str, ProcedureRow]) -> Iterator[Found]:
    """Promises, and the limits of delegated powers: both may only shorten."""
    said = [
        (("promises", index, "limit"), one.procedure, one.limit) for index, one in enumerate(region.promises)
    ]
    given = [
        (("delegations", index, "limit"), one.procedure, one.limit)
        for index, one in enumerate(region.delegations)
    ]
    for path, procedure, limit in (*said, *given):
        row = rows.get(procedure)
        if row is None or limit is None:
            continue
        if limit.none is not None:
            yield path, "承诺必须有期限", "a promise has a limit"
        elif row.limit.none is None and limit.counted_from != row.limit.counted_from:
            yield (
                path,
                "承诺的起算点和目录不同，无法比较",
                "the promise is counted from another moment than the limit",
            )
        elif row.limit.none is None and not shortens(limit, row.limit):
            yield path, "承诺的期限比目录长，地方只能缩短", "a promise may only shorten the catalogue's limit"


def _powers(region: Region, rows: Mapping[str, ProcedureRow]) -> Iterator[Found]:
    """A delegation moves steps that an office decides; one that moves nothing is a mistake."""
    for index, power in enumerate(region.delegations):
        row = rows.get(power.procedure)
        if row is None:
            continue
        movable = {step.id for step in row.steps if step.actor in OFFICES.values()}
        for number, step in enumerate(power.steps):
            if step not in movable:
                path: Path = ("delegations", index, "steps", number)
                zh = f"「{step}」不是由乡镇或县级办理的环节"
                yield path, zh, f"{step!r} is no step that a township or county decides"
        if not movable:
            zh = f"「{power.procedure}」没有由乡镇或县级办理的环节"
            yield ("delegations", index), zh, f"no office decides a step of {power.procedure!r}"


def _switches(region: Region, evidence: Collection[str]) -> Iterator[Found]:
    for index, switch in enumerate(region.switches):
        if not switch.on and switch.procedure in evidence:
            zh = f"「{switch.procedure}」是确认依据，不能停办"
            yield (
                ("switches", index),
                zh,
                f"{switch.procedure!r} confirms the event and cannot be switched off",
            )


def _quiet_periods(region: Region) -> Iterator[Found]:
    """The place's period takes the place of the catalogue's wait, so it must be one."""
    for index, period in enumerate(region.quiet_periods):
        yield from wait_faults(period.limit, ("quiet_periods", index, "limit"))


def _free_items(region: Region) -> Iterator[Found]:
    """Where the place says what it offers, what it gives away is among that."""
    offered = {service.item for service in region.basic_services}
    for index, entry in enumerate(region.free_items):
        if offered and entry.item not in offered:
            path: Path = ("free_items", index, "item")
            zh = f"「{entry.item}」不在当地的基本殡葬服务里"
            yield path, zh, f"{entry.item!r} is not among the basic services of the place"
        for earlier in region.free_items[:index]:
            same = entry.item == earlier.item and set(entry.classes) & set(earlier.classes)
            apart = entry.valid_from != earlier.valid_from or not _meet(entry.regions, earlier.regions)
            if same and not apart and _meet(entry.places, earlier.places):
                zh = f"「{entry.item}」同一天对同一类人有两条"
                yield ("free_items", index), zh, f"{entry.item!r} stands twice for one class and one date"
                break


def _overlaps(region: Region) -> Iterator[Found]:
    """Two entries for one thing, one place and one date: nobody could say which is in force."""
    for name, keys in _SAME.items():
        entries = getattr(region, name)
        for index, entry in enumerate(entries):
            for earlier in entries[:index]:
                same = all(getattr(entry, key) == getattr(earlier, key) for key in keys)
                if same and entry.valid_from == earlier.valid_from and _meet(entry.regions, earlier.regions):
                    what = getattr(entry, keys[0]) if keys else name
                    zh = f"「{what}」同一天在同一地方有两条"
                    yield (name, index), zh, f"{what!r} stands twice for one place and one date"
                    break


def _meet(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two scopes are of the same kind and share a place; a narrower scope may override the whole region."""
    return bool(set(ours) & set(theirs)) if ours or theirs else True
