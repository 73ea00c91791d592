"""Reports: a life event becomes a case, or joins the one that stands (design 1).

One case per (life event, subject) that is not withdrawn or revoked, at every door: the partial unique index
`cases_live` decides between reports that come at once. A report costs five statements of its own: resolve the
persons, insert the case, write deliveries, save the board, write the outbox.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from uuid_utils.compat import uuid7

from contracts.catalog import LifeEvent
from contracts.terms import HoldKind
from gateway.cases import asks, board
from gateway.cases.answers import (
    APPLICANT,
    asked_in,
    conditions_of,
    nearest,
    people_of,
    regions_of,
    special_of,
    wishes_of,
)
from gateway.cases.board import as_json
from gateway.cases.forms import occurred_at
from gateway.cases.joining import Joined, join, verified_by
from gateway.cases.moves import Moved, Moves
from gateway.cases.planner.inputs import Corrected, Input, Reported
from gateway.cases.planner.model import Case, CaseStatus
from gateway.cases.problems import CaseBeingRevoked
from gateway.cases.record import with_kin
from gateway.cases.standing import OWNER, Standing
from gateway.cases.vouching import vouched
from gateway.people.register import Register, Resolved
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U: read aloud at a window
_MOST_TRIES = 4

# A hold may have been placed on the person before there was a case: it stands from the start.
_INSERT = text("""
    INSERT INTO cases (id, case_no, life_event, plan, subject, applicant, reporters, persons, kin, region, regions,
                       channel, submitted_at, submitted_by, form, verified, vouchers, changed_at, holds)
    SELECT id, case_no, life_event, plan, subject, applicant, reporters, persons, kin, region, regions,
           channel, submitted_at, submitted_by, form, verified, vouchers, changed_at,
           ARRAY(SELECT DISTINCT h.kind FROM holds h WHERE h.person = n.subject AND h.released_at IS NULL)
    FROM json_populate_record(NULL::cases, CAST(:row AS json)) n
    ON CONFLICT DO NOTHING RETURNING holds""")
_LIVE = text("""
    SELECT id FROM cases WHERE life_event = :life_event AND subject = :subject
    AND status NOT IN ('withdrawn', 'revoked')""")
_KEEP_REPORT = text("""
    INSERT INTO case_reports (case_id, at, actor, channel, applicant, form)
    VALUES (:case, :at, :actor, :channel, :applicant, CAST(CAST(:form AS text) AS jsonb))""")


@dataclass(frozen=True, slots=True)
class Report:
    """A clean report. `form` has passed `contracts.forms.clean_form`; `actor` is the user or department.

    `confirming`: the row that this report itself makes done (an issuer within its own competence, design 4);
    `doubting`: the row that it leaves in doubt instead, as it names another person than is known.
    `issuer`: the department that vouches for the answers, which are then verified. `reporters`: persons who may follow
    the case besides the applicant.
    """

    life_event: str
    region: str
    form: Mapping[str, Any]
    channel: str
    actor: str
    reporters: tuple[UUID, ...] = ()
    confirming: str | None = None
    issuer: str | None = None
    doubting: str | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """The case after the report. `created` false: it joined the one that stood."""

    standing: Standing
    created: bool
    moved: Moved

    @property
    def case(self) -> UUID:
        return self.standing.id

    @property
    def case_no(self) -> str:
        return self.standing.case_no


@dataclass(frozen=True, slots=True)
class _Named:
    """The persons of a report."""

    subject: Resolved
    applicant: Resolved | None
    roles: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class Reports:
    """Files reports of every door: windows, families, departments, the system itself."""

    moves: Moves
    register: Register

    async def file(self, tx: Transaction, report: Report, *, at: datetime) -> Filed:
        """Open a case, or join the live one. Raises CaseBeingRevoked; KeyError for an unknown life event."""
        plans = self.moves.plans
        base = plans.catalogue.life_events[report.life_event]
        named = await self._named(tx, base, report, at)
        regions = regions_of(base, report.form, plans.catalogue.tree, named.subject.region)
        plan, event = plans.for_region(report.life_event, report.region, at.astimezone(TZ).date(), regions)
        await plans.keep(tx, plan, at)
        for _ in range(_MOST_TRIES):
            standing = self._new(event, plan, report, named, regions, at)
            row = (await tx.execute(_INSERT, {"row": as_json(self._row(standing, report, at))})).first()
            if row is not None:
                return await self._opened(tx, standing, report, row.holds, at)
            case = (
                await tx.execute(_LIVE, {"life_event": event.id, "subject": named.subject.person})
            ).scalar()
            if case is not None:
                filed = await self._join(tx, case, report, named, at)
                if filed is not None:
                    return filed
        raise RuntimeError("a case neither opened nor found: the case number was taken four times")

    async def _named(self, tx: Transaction, event: LifeEvent, report: Report, at: datetime) -> _Named:
        people = people_of(event, report.form)
        resolved = dict(
            zip(people, await self.register.resolve(tx, list(people.values()), at=at), strict=True)
        )
        roles = {role: one.person for role, one in resolved.items()}
        return _Named(resolved[event.subject], resolved.get(APPLICANT), roles)

    def _new(
        self,
        event: LifeEvent,
        plan: str,
        report: Report,
        named: _Named,
        regions: Mapping[str, str],
        at: datetime,
    ) -> Standing:
        """A case that is not yet in the database. Kinship is proven when the register knows the relation."""
        form = dict(report.form)
        said = verified_by(form) if report.issuer else frozenset[str]()
        case = Case(id=uuid7(), event=event)
        standing = Standing(
            case=case, case_no=case_number(report.region, at), plan=plan, subject=named.subject.person,
            applicant=named.applicant.person if named.applicant else None, reporters=report.reporters,
            persons=named.roles, region=report.region,
            regions=regions,
            form_text=self.moves.sealer.seal(form, case.id, OWNER).model_dump_json(),
            verified=tuple(sorted(said)), vouchers=vouched({}, report.issuer or "", said, ()), progress=0,
            kin=_kin(named, report), channel=report.channel, submitted_at=at,
        )  # fmt: skip
        standing.know(form)
        return standing

    def _row(self, standing: Standing, report: Report, at: datetime) -> dict[str, Any]:
        return {
            "id": standing.id, "case_no": standing.case_no, "life_event": report.life_event, "plan": standing.plan,
            "subject": standing.subject, "applicant": standing.applicant, "reporters": standing.reporters,
            "persons": standing.persons, "kin": standing.kin, "region": standing.region,
            "regions": standing.regions, "channel": standing.channel, "submitted_at": at,
            "submitted_by": report.actor, "form": orjson.Fragment(standing.form_text), "verified": standing.verified,
            "vouchers": standing.vouchers, "changed_at": at,
        }  # fmt: skip

    async def _opened(
        self, tx: Transaction, standing: Standing, report: Report, holds: Sequence[str], at: datetime
    ) -> Filed:
        reported = self._reported(standing.case.event, report.form, report)
        standing.case = replace(standing.case, holds=frozenset(HoldKind(kind) for kind in holds))
        (moved,) = await self.moves.move_loaded(tx, [(standing, [reported])], at=at, actor=report.actor)
        return Filed(standing, True, moved)

    def _reported(
        self, event: LifeEvent, form: Mapping[str, Any], report: Report, differs: bool = False
    ) -> Reported:
        return Reported(
            conditions=conditions_of(event, form), wishes=wishes_of(event, form),
            occurred_at=occurred_at(event, form), confirming=report.confirming, doubting=report.doubting,
            differs=differs, asked=asked_in(event, report.form), special=special_of(event, form),
        )  # fmt: skip

    async def _join(
        self, tx: Transaction, case: UUID, report: Report, named: _Named, at: datetime
    ) -> Filed | None:
        """None when the case came to its end while we waited for its lock: the caller opens a new one."""
        standing = (await board.load(tx, [case], self.moves.plans))[case]
        if standing.case.status in (CaseStatus.WITHDRAWN, CaseStatus.REVOKED):
            return None
        if standing.case.status is CaseStatus.REVOKING:
            raise CaseBeingRevoked(extra={"case_no": standing.case_no})
        applicant = named.applicant.person if named.applicant else None
        joined = join(
            standing.case.event, standing.form(self.moves.sealer), report.form, verified=frozenset(standing.verified),
            vouchers=standing.vouchers, issuer=report.issuer,
            same_applicant=standing.applicant in (None, applicant), doubted=report.doubting is not None,
        )  # fmt: skip
        await self._keep_report(tx, standing, report, applicant, at)
        self._take_over(standing, joined, report, named, applicant)
        if joined.changed:
            await self._roles(tx, standing, joined.form, at)
        inputs = self._inputs(standing, joined, report)
        (moved,) = await self.moves.move_loaded(tx, [(standing, inputs)], at=at, actor=report.actor)
        if joined.conflicts:
            await asks.ask_about(
                tx, standing, joined.conflicts, at, sealer=self.moves.sealer, calendar=self.moves.calendar,
                said_by=report.issuer,
            )  # fmt: skip
        return Filed(standing, False, moved)

    def _inputs(self, standing: Standing, joined: Joined, report: Report) -> list[Input]:
        """The report itself, and a correction where it changed answers: the version rises once."""
        event = standing.case.event
        inputs: list[Input] = [self._reported(event, joined.form, report)]
        if joined.changed:
            inputs.append(
                Corrected(
                    conditions=conditions_of(event, joined.form), wishes=wishes_of(event, joined.form),
                    occurred_at=occurred_at(event, joined.form), changed=joined.changed,
                    special=special_of(event, joined.form), said_by=report.issuer,
                )
            )  # fmt: skip
        return inputs

    def _take_over(
        self, standing: Standing, joined: Joined, report: Report, named: _Named, applicant: UUID | None
    ) -> None:
        """The case's values that a further report changes: form, verified answers, people, regions."""
        if joined.changed:
            standing.rewrite(joined.form, self.moves.sealer)
            tree = self.moves.plans.catalogue.tree
            found = regions_of(standing.case.event, joined.form, tree, named.subject.region)
            standing.regions = nearest(found, standing.regions)
        if report.issuer:
            said = verified_by(report.form) - joined.conflicts.keys()
            standing.verified = tuple(sorted({*standing.verified, *said}))
            standing.vouchers = vouched(standing.vouchers, report.issuer, said, joined.changed)
        standing.applicant = standing.applicant or applicant
        standing.kin = with_kin(standing.kin, *_kin(named, report))
        newcomers = [one for one in (*report.reporters, applicant) if one and one != standing.applicant]
        standing.reporters = tuple(dict.fromkeys([*standing.reporters, *newcomers]))

    async def _roles(
        self, tx: Transaction, standing: Standing, form: Mapping[str, Any], at: datetime
    ) -> None:
        """The merged form's people by role: places in its lists may have shifted."""
        event = standing.case.event
        people = {role: one for role, one in people_of(event, form).items() if role != event.subject}
        found = await self.register.resolve(tx, list(people.values()), at=at) if people else []
        roles = dict(zip(people, (one.person for one in found), strict=True))
        standing.persons = {event.subject: standing.subject, **roles}

    async def _keep_report(
        self, tx: Transaction, standing: Standing, report: Report, applicant: UUID | None, at: datetime
    ) -> None:
        sealed = self.moves.sealer.seal(report.form, standing.id, OWNER)
        await tx.execute(
            _KEEP_REPORT,
            {
                "case": standing.id, "at": at, "actor": report.actor, "channel": report.channel,
                "applicant": applicant, "form": sealed.model_dump_json(),
            },
        )  # fmt: skip


def _kin(named: _Named, report: Report) -> tuple[UUID, ...]:
    """Who of the applicant and the reporters the register knows as a relative of the subject."""
    reporting = [*report.reporters, *([named.applicant.person] if named.applicant else [])]
    return tuple(dict.fromkeys(person for person in reporting if person in named.subject.relatives))


def case_number(region: str, at: datetime) -> str:
    """`331022-20260301-7K3M9XQ2`: county, date, eight random characters. Says nothing about anybody."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{region[:6]}-{at.astimezone(TZ):%Y%m%d}-{drawn}"
