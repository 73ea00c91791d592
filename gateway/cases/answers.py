"""What the catalogue reads out of a form: conditions, wishes, regions, and the people it names. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.catalog import LifeEvent, Wish
from contracts.conditions import WishWord, evaluate, wish_of
from contracts.regions import RegionTree, inside
from gateway.people.register import Named

# kind of competence → fields of the subject's section, in order of preference
_PLACES = {
    "hukou": ("hukou_region",),
    "residence": ("residence_region", "hukou_region"),
    "place_of_event": ("place_region",),
    "insured_place": ("insured_region", "hukou_region"),
}
_FROM_REGISTER = ("hukou", "residence", "insured_place")
_PERSONAL = ("name", "id_kind", "id_number", "sex", "birth_date", "phone")
APPLICANT = "applicant"


def conditions_of(event: LifeEvent, form: Mapping[str, Any]) -> dict[str, bool | None]:
    """The gateway's conditions over this form, by row type; an owner's predicate is not asked here.

    A row that a special case has no object for is false as long as the form says so, and told so either way.
    """
    found: dict[str, bool | None] = {
        row.type: evaluate(row.when, form) for row in event.procedures if row.when and row.when.predicate is None
    }  # fmt: skip
    special = special_of(event, form)
    for path in event.manual_paths:
        for kind in path.not_for:
            found.setdefault(kind, True)
    for path in event.manual_paths:
        if path.id in special:
            found.update(dict.fromkeys(path.not_for, False))
    return found


def special_of(event: LifeEvent, form: Mapping[str, Any]) -> frozenset[str]:
    """The manual paths that this form calls for (R29); what nobody has said calls for none, unless the path says so."""
    found = set()
    for path in event.manual_paths:
        holds = evaluate(path.when, form)
        if holds or (holds is None and path.when.unknown == "yes"):
            found.add(path.id)
    return frozenset(found)


def wishes_of(event: LifeEvent, form: Mapping[str, Any]) -> dict[str, WishWord]:
    """The family's wishes for applied rows."""
    return {row.type: wish_of(row, form) for row in event.procedures if row.origin == "applied"}


def asked_in(event: LifeEvent, form: Mapping[str, Any]) -> frozenset[str]:
    """The applied rows whose wish this form itself gives; what is wished by the mere report is not among them."""
    return frozenset(
        row.type for row in event.procedures
        if isinstance(row.wish, Wish) and row.origin == "applied" and wish_of(row, form) == "given"
    )  # fmt: skip


def regions_of(
    event: LifeEvent, form: Mapping[str, Any], tree: RegionTree, registered: str | None
) -> dict[str, str]:
    """Which regions are competent: as the form says, else as the register has it; unknown codes count as nothing.

    A county in the form does not blur the township that the register knows in it.
    """
    subject = form.get(event.subject) or {}
    found: dict[str, str] = {}
    for kind, fields in _PLACES.items():
        codes = [subject.get(name) for name in fields]
        if kind in _FROM_REGISTER:
            codes.append(registered)
        known = [code for code in codes if isinstance(code, str) and code in tree]
        if known:
            found[kind] = next((code for code in known[::-1] if inside(known[0], code)), known[0])
    return found


def nearest(found: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Newer competent regions over older ones; an older township stays where the newer answer is its county."""
    kept = {kind: code for kind, code in before.items() if kind in found and inside(found[kind], code)}
    return {**before, **found, **kept}


def people_of(event: LifeEvent, form: Mapping[str, Any]) -> dict[str, Named]:
    """Who is named, by role: `deceased`, `applicant`, `heirs/0`. Only the subject may be without a number."""
    found: dict[str, Named] = {}
    for role, entry in _entries(form):
        number = entry.get("id_number")
        if number or role == event.subject:
            details = {name: entry[name] for name in _PERSONAL if entry.get(name)}
            found[role] = Named(entry.get("id_kind") or "resident_id", number, details)
    return found


def _entries(form: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for section, content in form.items():
        if isinstance(content, Mapping):
            yield section, content
        elif isinstance(content, list):
            yield from ((f"{section}/{place}", entry) for place, entry in enumerate(content))
