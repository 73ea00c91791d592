"""A case that was about the wrong person, moved to the right one by the county (design 1: a correction by a human).

Everything is undone for the first person, as a signed revocation of kind `wrong_match`; in the same transaction the
same report is filed about the right person, where it opens a case or joins the one that stands. Nothing that the
issuers vouched for goes along: it was said of somebody else, so that the death is proved anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.conditions import value_at
from contracts.forms import clean_form
from contracts.terms import UndoReason
from gateway.cases.acts import Act, RevocationNotYours, perform, revocation
from gateway.cases.answers import APPLICANT
from gateway.cases.forms import with_changes
from gateway.cases.planner.inputs import HoldsStand
from gateway.cases.problems import FormInvalid
from gateway.cases.reports import Filed, Report, Reports
from gateway.cases.standing import Standing
from gateway.cases.subjects import follow_holds
from kernel.errors import FieldError, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, Role


@dataclass(frozen=True, slots=True)
class RightPerson:
    """Who is meant: the subject's answers that tell people apart, as the form has them."""

    id_kind: str
    id_number: str
    name: str


@dataclass(frozen=True, slots=True)
class Transfers:
    """Moves cases between persons."""

    reports: Reports

    async def __call__(
        self,
        tx: Transaction,
        standing: Standing,
        actor: Actor,
        right: RightPerson,
        reason: str,
        basis: str,
        *,
        at: datetime,
    ) -> Filed:
        """The case of the right person. Raises RevocationNotYours, FormInvalid, CaseClosed or CaseEndsAlready.

        Both cases are locked, the wrong one first.
        """
        if actor.role is not Role.COUNTY_SUPERVISOR:
            raise RevocationNotYours()
        moves = self.reports.moves
        form = self._corrected(standing, right, at)
        signed = revocation(standing, actor, UndoReason.WRONG_MATCH, reason, basis)
        report = Report(
            standing.case.event.id, standing.region, form, "window", actor.user, reporters=standing.reporters
        )
        act = Act("transfer", actor.user, {**signed.words, "to": _words(right)}, signed.inputs)
        await perform(tx, moves, standing, act, at=at)
        filed = await self.reports.file(tx, report, at=at)
        await self._take_holds_along(tx, standing, filed, actor, at)
        return filed

    async def _take_holds_along(
        self, tx: Transaction, wrong: Standing, filed: Filed, actor: Actor, at: datetime
    ) -> None:
        """Who held the body back holds it under its right name too; the funeral service is told again."""
        kinds = await follow_holds(tx, case=filed.case, from_case=wrong.id, from_person=wrong.subject)
        if kinds:
            inputs = [HoldsStand(filed.standing.case.holds | kinds)]
            await self.reports.moves.move_loaded(tx, [(filed.standing, inputs)], at=at, actor=actor.user)

    def _corrected(self, standing: Standing, right: RightPerson, at: datetime) -> dict[str, Any]:
        """The form about the right person: his own number, sex and birth date, and no certificate of the other."""
        event, before = standing.case.event, standing.form(self.reports.moves.sealer)
        subject = event.subject
        dropped = [f"/{subject}/sex", f"/{subject}/birth_date", *event.evidence.papers]
        changes = {
            **{pointer: None for pointer in dropped if value_at(before, pointer) is not None},
            **{f"/{subject}/{name}": value for name, value in _words(right).items()},
        }
        optional = () if APPLICANT in before else (APPLICANT,)
        tree = self.reports.moves.plans.catalogue.tree
        form, faults = clean_form(
            event, with_changes(before, changes), now=at, regions=tree, optional_sections=optional
        )
        if faults:
            errors = [fault.as_error("/form") for fault in faults]
            raise FormInvalid(errors=[_placed(error, f"/form/{subject}") for error in errors])
        if value_at(form, f"/{subject}/id_number") == value_at(before, f"/{subject}/id_number"):
            raise invalid(
                "/id_number", "same_person", "这就是本件现在的对象。", "The case is about this person already.",
                "请核对证件号码。", "Check the number.",
            )  # fmt: skip
        return form


def _words(right: RightPerson) -> Mapping[str, str]:
    return {"id_kind": right.id_kind, "id_number": right.id_number, "name": right.name}


def _placed(error: FieldError, subject: str) -> FieldError:
    """A fault of the right person points into the request."""
    own = error.field.removeprefix(f"{subject}/")
    return replace(error, field=f"/{own}") if own in ("id_kind", "id_number", "name") else error
