"""Answers of departments, taken in one transaction for many cases: rows first, then the cases move (design 1)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import text
from uuid_utils.compat import uuid7

from gateway.cases import board
from gateway.cases.moves import Moves
from gateway.cases.planner.inputs import Input, OutcomeArrived
from gateway.cases.planner.model import FINAL
from gateway.cases.standing import Standing
from gateway.cases.vouching import issuers_of
from gateway.exchange import rows
from gateway.exchange.answering import Answer, Moment, Verdict, Word, take_answer
from gateway.exchange.asked import heard_of_source, take_source_answer
from gateway.exchange.certificates import Certificate, doubted, fill_in, read_certificate, speaks
from gateway.exchange.changes import Change
from gateway.exchange.clock import clocked
from gateway.exchange.delivery import Delivery
from gateway.exchange.limits import Limits
from gateway.exchange.locking import lock_cases
from gateway.exchange.orders import write_changes
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealer

_WHERE = text(
    "SELECT id, case_id, procedure, department FROM deliveries WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_LONG_NUMBER = re.compile(r"\d{6,}[\dXx]?")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2}(T[0-9:.+Z-]{5,32})?)?")
_ABNORMAL = "abnormal"
_CAUSE = "/deceased/cause"


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as a department sent it."""

    id: UUID
    department: str
    word: Word
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """What the issuer's answer corrects in the form."""

    case: UUID
    department: str
    changes: Mapping[str, Any]


class Correct(Protocol):
    """The issuer's correction of a case that the caller has locked: version + 1, rows told (design 5)."""

    async def __call__(self, tx: Transaction, corrections: Sequence[Correction], *, at: datetime) -> None: ...


class Collect(Protocol):
    """Sources of procedures of ours have answered: what follows for the cases, which the caller has locked."""

    async def __call__(
        self, tx: Transaction, heard: Sequence[Delivery], *, at: datetime
    ) -> Sequence[tuple[UUID, Sequence[Input]]]: ...


class TakeAnswers:
    """`await take_answers(tx, answers, at=…)` → one verdict per answer, in order; each answered for itself."""

    def __init__(
        self, moves: Moves, limits: Limits, sealer: Sealer, correct: Correct, collect: Collect
    ) -> None:
        self._moves = moves
        self._limits = limits
        self._sealer = sealer
        self._correct = correct
        self._issuers = frozenset(
            issuer for event in moves.plans.catalogue.life_events.values() for issuer in issuers_of(event)
        )
        self._collect = collect

    async def __call__(
        self, tx: Transaction, answers: Sequence[GivenAnswer], *, at: datetime
    ) -> list[Verdict]:
        batch = await _load(tx, answers)
        await self._read_certificates(tx, batch, answers, at)
        verdicts = [self._take(batch, answer, at) for answer in answers]
        await write_changes(tx, batch.changes)
        taken = [one for one, verdict in zip(answers, verdicts, strict=True) if verdict is Verdict.ACCEPTED]
        certified = [(one, batch.certificates[one.id]) for one in taken if one.id in batch.certificates]
        changed = [
            Correction(batch.case_of[one.id], one.department, certificate.changes)
            for one, certificate in certified if certificate.changes
        ]  # fmt: skip
        if changed:  # before the proof itself: what it opens then opens with the certificate's own date
            await self._correct(tx, changed, at=at)
            batch.standings.clear()
        await self._move(tx, batch, certified, at, _actor(answers))
        abnormal = [
            Correction(batch.case_of[one.id], one.department, {_CAUSE: _ABNORMAL})
            for one in taken
            if _says_abnormal(one) and (batch.deliveries[one.id].evidence or one.department in self._issuers)
        ]  # fmt: skip
        if abnormal:
            await self._correct(tx, abnormal, at=at)
        return verdicts

    async def _read_certificates(
        self, tx: Transaction, batch: "_Batch", answers: Sequence[GivenAnswer], at: datetime
    ) -> None:
        """What the proofs among the answers say of their cases' forms; forms are opened for these alone."""
        proofs = [
            answer for answer in answers
            if answer.word == "done" and answer.data and (row := batch.deliveries.get(answer.id)) is not None
            and row.evidence and row.kind != "undo" and answer.department == row.department
        ]  # fmt: skip
        if not proofs:
            return
        standings = await self._standings(tx, batch, {batch.case_of[one.id] for one in proofs})
        tree = self._moves.plans.catalogue.tree
        for one in proofs:
            standing = standings[batch.case_of[one.id]]
            event = standing.case.event
            if standing.case.status not in FINAL and speaks(event, one.data):
                form = standing.form(self._sealer)
                batch.certificates[one.id] = read_certificate(event, form, one.data, now=at, regions=tree)

    async def _standings(self, tx: Transaction, batch: "_Batch", cases: set[UUID]) -> Mapping[UUID, Standing]:
        """The cases, loaded once: they are locked, so that nothing but a correction of ours changes them meanwhile."""
        if missing := cases - batch.standings.keys():
            batch.standings |= await board.load(tx, missing, self._moves.plans)
        return {case: batch.standings[case] for case in sorted(cases) if case in batch.standings}

    async def _move(
        self,
        tx: Transaction,
        batch: "_Batch",
        certified: Sequence[tuple[GivenAnswer, Certificate]],
        at: datetime,
        actor: str,
    ) -> None:
        """The cases move by the answers; what the form left open is filled in on the way, which is no correction."""
        inputs = await self._inputs(tx, list(batch.told.values()), at)
        if not inputs:
            return
        standings = await self._standings(tx, batch, set(inputs))
        for given, certificate in certified:
            if not certificate.doubt and batch.case_of[given.id] in standings:
                fill_in(standings[batch.case_of[given.id]], given.department, certificate, self._sealer)
        moved = [(standing, inputs[case]) for case, standing in standings.items()]
        await self._moves.move_loaded(tx, moved, at=at, actor=actor)

    async def _inputs(
        self, tx: Transaction, told: Sequence[Delivery], at: datetime
    ) -> dict[UUID, list[Input]]:
        """A department's own row goes to the planner; what a source said goes to the procedure that asked it."""
        inputs: dict[UUID, list[Input]] = defaultdict(list)
        for row in told:
            if row.asked_by is None:
                inputs[row.case_id].append(OutcomeArrived(row.as_outcome(at)))
        asked = [row for row in told if row.asked_by is not None]
        for case, given in await self._collect(tx, asked, at=at) if asked else ():
            inputs[case].extend(given)
        return inputs

    def _take(self, batch: "_Batch", given: GivenAnswer, at: datetime) -> Verdict:
        delivery = batch.deliveries.get(given.id)
        if delivery is None or batch.departments.get(given.id) != given.department:
            return Verdict.UNKNOWN
        moment = Moment(at, uuid7(), uuid4())
        if delivery.asked_by is not None:
            said = heard_of_source(given.word, given.reason, given.data, delivery, self._sealer)
            verdict, change = take_source_answer(delivery, said, moment)
            batch.apply(change)
            return verdict
        holds = batch.holds.get(delivery.case_id, frozenset())
        answer = heard(given, delivery, self._sealer)
        verdict, change = take_answer(delivery, batch.siblings(delivery), answer, holds, moment)
        certificate = batch.certificates.get(given.id)
        if certificate and certificate.doubt:
            change = doubted(change, certificate.doubt)
        batch.apply(clocked(change, at, self._limits))
        return verdict


@dataclass
class _Batch:
    """The deliveries concerned, as they stand while the answers are taken one after the other."""

    deliveries: dict[UUID, Delivery]
    departments: Mapping[UUID, str]
    case_of: Mapping[UUID, UUID]
    holds: Mapping[UUID, frozenset[str]]
    by_procedure: dict[UUID, list[UUID]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    told: dict[UUID, Delivery] = field(default_factory=dict)
    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    standings: dict[UUID, Standing] = field(default_factory=dict)

    def siblings(self, delivery: Delivery) -> list[Delivery]:
        return [self.deliveries[key] for key in self.by_procedure[delivery.procedure]]

    def apply(self, change: Change) -> None:
        """Remember the rows; a new outcome version is told to the planner."""
        self.changes.append(change)
        for row in (*change.updated, *((change.created,) if change.created else ())):
            before = self.deliveries.get(row.id)
            self.deliveries[row.id] = row
            if before is None:
                self.by_procedure[row.procedure].append(row.id)
            if row.current and (before is None or row.version > before.version):
                self.told[row.procedure] = row


async def _load(tx: Transaction, answers: Sequence[GivenAnswer]) -> _Batch:
    """Cases locked first, then all deliveries of the procedures that the answers are about."""
    found = (await tx.execute(_WHERE, {"ids": [answer.id for answer in answers]})).all()
    asked = {answer.id: answer.department for answer in answers}
    ours = [row for row in found if row.department == asked[row.id]]
    holds = await lock_cases(tx, (row.case_id for row in ours))
    by_procedure = await rows.of_procedures(tx, (row.procedure for row in ours))
    return _Batch(
        deliveries={row.id: row for found in by_procedure.values() for row in found},
        departments={row.id: row.department for row in ours},
        case_of={row.id: row.case_id for row in ours},
        holds=holds,
        by_procedure={key: [row.id for row in found] for key, found in by_procedure.items()},
    )


def heard(given: GivenAnswer, delivery: Delivery, sealer: Sealer) -> Answer:
    """The answer as it may be kept: what may name a person is sealed, amounts and dates are shown."""
    sealed = None
    if given.data or given.reason:
        said = {"reason": given.reason, "data": dict(given.data)}
        sealed = sealer.seal(said, delivery.case_id, delivery.department)
    reason = given.reason and _LONG_NUMBER.sub("…", given.reason)[:200]
    return Answer(given.word, reason, public_part(given.data), sealed)


def public_part(data: Mapping[str, Any]) -> dict[str, Any]:
    """Yes and no, amounts (`_fen`), counts (`_days`, `_months`, `_count`) and dates (`_on`, `_at`, `_month`)."""
    return {name: value for name, value in data.items() if _may_be_shown(name, value)}


def _may_be_shown(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return name.endswith(("_fen", "_days", "_months", "_count"))
    dated = name.endswith(("_on", "_at", "_month", "_through"))
    return isinstance(value, str) and dated and _DATE.fullmatch(value) is not None


def _says_abnormal(answer: GivenAnswer) -> bool:
    return answer.word in ("refused", "need_more") and answer.data.get("cause") == _ABNORMAL


def _actor(answers: Sequence[GivenAnswer]) -> str:
    """The timeline names the department; a list of several names the exchange."""
    departments = {answer.department for answer in answers}
    return f"department:{departments.pop()}" if len(departments) == 1 else "exchange"
