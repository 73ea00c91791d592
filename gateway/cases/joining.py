"""A second report of the same event and subject: what it adds to the case that stands (design 1). Pure.

Typed answers fill gaps and replace typed answers; against a verified one they only ask for a human. An issuer's
answers are verified and replace everything but what another issuer vouches for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.catalog import LifeEvent
from gateway.cases.answers import APPLICANT
from gateway.cases.forms import changed_pointers, pointers
from gateway.cases.vouching import may_replace


@dataclass(frozen=True, slots=True)
class Joined:
    """The merged form, the pointers that changed, and values that contradict what somebody else vouches for."""

    form: dict[str, Any]
    changed: frozenset[str]
    conflicts: Mapping[str, Any]


def join(
    event: LifeEvent,
    stands: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    verified: frozenset[str],
    vouchers: Mapping[str, str],
    issuer: str | None,
    same_applicant: bool,
    doubted: bool = False,
) -> Joined:
    """Merge `given` into the form that stands; `issuer`: the department that vouches for `given`, if one does.

    Another applicant's own section stays out of it. `doubted`: the report seems to speak of somebody else: it
    adds and replaces nothing, and what differs is asked.
    """
    form: dict[str, Any] = {
        name: dict(part) if isinstance(part, Mapping) else part for name, part in stands.items()
    }
    conflicts: dict[str, Any] = {}
    for section, content in given.items():
        if section == APPLICANT and not same_applicant:
            continue
        if isinstance(content, list) and doubted:
            continue
        if isinstance(content, list):
            form[section] = _united(form.get(section) or [], content)
            continue
        target = form.setdefault(section, {})
        for name, value in content.items():
            pointer = f"/{section}/{name}"
            if value == target.get(name) or (
                name in target and value == event.form[section].fields[name].default
            ):
                continue
            replaces = issuer and may_replace(event, vouchers, issuer, pointer, target.get(name))
            if (doubted and name in target) or (pointer in verified and not replaces):
                conflicts[pointer] = value
            elif not doubted:
                target[name] = value
    return Joined(form, changed_pointers(stands, form), conflicts)


def verified_by(form: Mapping[str, Any]) -> frozenset[str]:
    """The single answers that an official report vouches for."""
    return frozenset(
        pointer for pointer, value in pointers(form).items()
        if pointer.count("/") == 2 and not isinstance(value, Mapping)
    )  # fmt: skip


def _united(stands: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of both, one per person: an entry with the same number (else the same name) is filled up."""
    united = [dict(entry) for entry in stands]
    for entry in given:
        same = next((one for one in united if _same(one, entry)), None)
        if same is None:
            united.append(dict(entry))
        else:
            same.update(entry)
    return united


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one.get("id_number") and other.get("id_number"):
        return bool(one["id_number"] == other["id_number"])
    return bool(one.get("name") == other.get("name"))
