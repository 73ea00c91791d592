"""Corrections: new answers in the form, as a new version (design 5: never a delete)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.conditions import value_at
from contracts.form_faults import FieldFault
from contracts.forms import clean_form
from gateway.cases import asks
from gateway.cases.acts import Act
from gateway.cases.answers import (
    APPLICANT,
    conditions_of,
    nearest,
    people_of,
    regions_of,
    special_of,
    wishes_of,
)
from gateway.cases.forms import changed_pointers, escaped, occurred_at, with_changes
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import Corrected, SubjectKnown
from gateway.cases.planner.model import FINAL, CaseStatus
from gateway.cases.problems import CaseClosed, CaseEndsAlready, FormInvalid
from gateway.cases.standing import Standing
from gateway.cases.subjects import Subject, renumber
from gateway.cases.vouching import may_replace, vouched
from gateway.people.register import Register
from kernel.errors import FieldError, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor

_ENDING = frozenset({CaseStatus.WITHDRAWING, CaseStatus.REVOKING})


@dataclass(frozen=True, slots=True)
class Corrections:
    """Makes the act of a correction; the caller performs it."""

    moves: Moves
    register: Register

    async def act(
        self,
        tx: Transaction,
        standing: Standing,
        actor: Actor,
        changes: Mapping[str, Any],
        reason: str,
        *,
        at: datetime,
        may_be_same: bool = False,
        vouched_by: str | None = None,
    ) -> Act:
        """Clean the corrected form, seal it anew and tell what changed.

        A family's word against a verified answer, and a department's against what another vouches for, changes nothing
        by itself: it becomes a task of the window. `vouched_by`: the department whose word somebody else takes over.
        Raises FormInvalid, CaseEndsAlready, CaseClosed, AnotherPersonsNumber or AnotherCaseStands.
        """
        if standing.case.status in FINAL:
            raise CaseClosed(extra={"case_status": standing.case.status.value})
        if standing.case.status in _ENDING and actor.kind != "department":
            raise CaseEndsAlready(extra={"case_status": standing.case.status.value})
        words = {"reason": reason, "changes": dict(changes)}
        before = standing.form(self.moves.sealer)
        contested = _contested(standing, actor, before, changes)
        taken = {pointer: value for pointer, value in changes.items() if pointer not in contested}
        if contested:
            await asks.ask_about(
                tx, standing, contested, at, sealer=self.moves.sealer, calendar=self.moves.calendar,
                said_by=actor.owner if actor.kind == "department" else None,
            )  # fmt: skip
        after = self._cleaned(standing, before, taken, at)
        changed = changed_pointers(before, after)
        if not changed:
            if not contested and not may_be_same:
                raise nothing_changed()
            return Act("correction", actor.user, words, [])
        known = await self._people(tx, standing, before, after, changed, at)
        standing.rewrite(after, self.moves.sealer)
        event = standing.case.event
        if actor.kind == "department":
            standing.verified = tuple(sorted({*standing.verified, *changed}))
            vouched_by = actor.owner
        if vouched_by is not None:
            standing.vouchers = vouched(standing.vouchers, vouched_by, changed, changed)
        corrected = Corrected(
            conditions=conditions_of(event, after), wishes=wishes_of(event, after),
            occurred_at=occurred_at(event, after), changed=changed, special=special_of(event, after),
            said_by=vouched_by, by_office=actor.kind not in ("citizen", "department"),
        )  # fmt: skip
        return Act("correction", actor.user, words, [corrected, SubjectKnown()] if known else [corrected])

    def _cleaned(
        self, standing: Standing, before: Mapping[str, Any], changes: Mapping[str, Any], at: datetime
    ) -> dict[str, Any]:
        """The whole form with the changes, checked like a new one; faults point at the change that caused them."""
        event = standing.case.event
        optional = () if APPLICANT in before else (APPLICANT,)
        changed = with_changes(before, _with_derived(event.subject, before, changes))
        form, faults = clean_form(
            event, changed, now=at, regions=self.moves.plans.catalogue.tree, optional_sections=optional
        )
        if faults:
            raise FormInvalid(errors=[_error(fault, changes) for fault in _own_first(faults, changes)])
        return form

    async def _people(
        self,
        tx: Transaction,
        standing: Standing,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        changed: frozenset[str],
        at: datetime,
    ) -> bool:
        """A corrected number of the subject is nobody else's, or tells who the nobody is (then true); other people are
        resolved anew."""
        event = standing.case.event
        number = f"/{event.subject}/id_number"
        subject = Subject(known=False)
        if number in changed and value_at(after, number):
            kind = people_of(event, after)[event.subject].kind
            subject = await renumber(tx, self.register, standing, kind, value_at(after, number), at)
        others = {role: one for role, one in people_of(event, after).items() if role != event.subject}
        if people_of(event, before) != people_of(event, after) and others:
            found = await self.register.resolve(tx, list(others.values()), at=at)
            roles = dict(zip(others, (one.person for one in found), strict=True))
            standing.persons = {event.subject: standing.subject, **roles}
        tree = self.moves.plans.catalogue.tree
        standing.regions = nearest(regions_of(event, after, tree, subject.region), standing.regions)
        return subject.known


def nothing_changed() -> Exception:
    return invalid(
        "/changes", "nothing_changed", "更正后的内容与现有内容相同。", "The corrected answers equal those that stand.",
        "请核对要更正的项目。", "Check what is to be corrected.",
    )  # fmt: skip


def _contested(
    standing: Standing, actor: Actor, before: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """What a family says against a verified answer, or a department against what another one vouches for."""
    verified = frozenset(standing.verified)
    if actor.kind == "citizen":
        return {pointer: value for pointer, value in changes.items() if pointer in verified}
    if actor.kind != "department" or actor.owner is None:
        return {}
    event, vouchers, found = standing.case.event, standing.vouchers, {}
    for pointer, value in changes.items():
        stands = value_at(before, pointer)
        if stands != value and not may_replace(event, vouchers, actor.owner, pointer, stands):
            found[pointer] = value
    return found


def _with_derived(subject: str, before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A new number brings its own sex and birth date, unless they are corrected too."""
    derived: dict[str, Any] = dict(changes)
    if f"/{subject}/id_number" in changes:
        for name in ("sex", "birth_date"):
            if value_at(before, f"/{subject}/{name}") is not None:
                derived.setdefault(f"/{subject}/{name}", None)
    return derived


def _own_first(faults: Sequence[FieldFault], changes: Mapping[str, Any]) -> Sequence[FieldFault]:
    """Faults of what was changed; others only when there is no such fault."""
    own = [fault for fault in faults if any(_touches(fault.pointer, pointer) for pointer in changes)]
    return own or faults


def _error(fault: FieldFault, changes: Mapping[str, Any]) -> FieldError:
    """`/changes/~1deceased~1died_at` stands for a fault of that change."""
    for pointer in changes:
        if _touches(fault.pointer, pointer):
            return replace(fault.as_error(""), field=f"/changes/{escaped(pointer)}")
    return fault.as_error("/form")


def _touches(pointer: str, changed: str) -> bool:
    return pointer == changed or pointer.startswith(f"{changed}/") or changed.startswith(f"{pointer}/")
