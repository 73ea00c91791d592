"""Life events reported by departments (api.md, Exchange): a report, a repetition, or the issuer's correction.

Health, police and court confirm within their own competence, which the catalogue's `evidence.confirmed_by` names;
what other departments report is a declaration (design 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.catalog import LifeEvent
from contracts.conditions import value_at
from gateway.cases.forms import pointers
from gateway.cases.reports import Filed, Report, Reports
from gateway.exchange.certificates import MISMATCH
from gateway.exchange.issuer import IssuerCorrections
from gateway.exchange.results import Correction, GivenAnswer, TakeAnswers
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:department || ' ' || :source_no, 0))")
_KNOWN = text("""
    SELECT version, case_id, case_no FROM life_event_sources
    WHERE department = :department AND source_no = :source_no""")
_KEEP = text("""
    INSERT INTO life_event_sources (department, source_no, version, case_id, case_no, recorded_at)
    VALUES (:department, :source_no, :version, :case_id, :case_no, :at)
    ON CONFLICT (department, source_no) DO UPDATE SET version = EXCLUDED.version""")
_OPEN_REQUEST = text("""
    SELECT id, department FROM deliveries WHERE case_id = :case_id AND type = :type AND current
    AND state IN ('pending', 'sent') AND procedure IN (SELECT id FROM case_procedures WHERE case_id = :case_id)""")


@dataclass(frozen=True, slots=True)
class DepartmentReport:
    """A clean report of one department; `source_no` and `source_version` are the department's own."""

    department: str
    event: LifeEvent
    source_no: str
    source_version: int
    region: str
    form: Mapping[str, Any]


class LifeEventReports:
    """`await reports(tx, report, at=…)` → (case id, case number)."""

    def __init__(
        self, reports: Reports, register: Register, corrections: IssuerCorrections, take_answers: TakeAnswers
    ) -> None:
        self._reports = reports
        self._register = register
        self._corrections = corrections
        self._take_answers = take_answers

    async def __call__(self, tx: Transaction, report: DepartmentReport, *, at: datetime) -> tuple[UUID, str]:
        """The same source number waits for itself; an equal or lower version changes nothing."""
        source = {"department": report.department, "source_no": report.source_no}
        await tx.execute(_LOCK, source)
        known = (await tx.execute(_KNOWN, source)).first()
        if known is not None and known.version >= report.source_version:
            return known.case_id, known.case_no
        if known is not None:
            case_id, case_no = known.case_id, known.case_no
            changes = {
                pointer: value for pointer, value in pointers(report.form).items() if pointer.count("/") == 2
            }
            await self._corrections(tx, [Correction(case_id, report.department, changes)], at=at)
        else:
            filed = await self._file(tx, report, at)
            case_id, case_no = filed.case, filed.case_no
        await tx.execute(
            _KEEP,
            {**source, "version": report.source_version, "case_id": case_id, "case_no": case_no, "at": at},
        )
        return case_id, case_no

    async def _file(self, tx: Transaction, report: DepartmentReport, at: datetime) -> Filed:
        """The issuer's report confirms; one about somebody else than is known leaves the identity in doubt."""
        proof = confirmed_row(report.event, report.department)
        matches = proof is not None and await self._matches(tx, report)
        filed = await self._reports.file(
            tx,
            Report(
                life_event=report.event.id, region=report.region, form=report.form, channel="department",
                actor=f"department:{report.department}", confirming=proof if matches else None,
                issuer=report.department if matches else None, doubting=None if matches else proof,
            ),
            at=at,
        )  # fmt: skip
        if proof is not None and not filed.created:
            await self._end_request(tx, filed.case, proof, matches, at)
        return filed

    async def _end_request(
        self, tx: Transaction, case: UUID, row_type: str, matches: bool, at: datetime
    ) -> None:
        """The issuer had been asked already: its report is its answer."""
        request = (await tx.execute(_OPEN_REQUEST, {"case_id": case, "type": row_type})).first()
        if request is not None:
            answer = GivenAnswer(request.id, request.department, "done", "reported_by_issuer")
            if not matches:
                answer = replace(answer, word="wrong_person", reason=MISMATCH)
            await self._take_answers(tx, [answer], at=at)

    async def _matches(self, tx: Transaction, report: DepartmentReport) -> bool:
        """Name, number, sex and birth date agree with the register, as far as it knows the person (design 4)."""
        said = report.form.get(report.event.subject) or {}
        number = said.get("id_number")
        if not number:
            return True
        found = await self._register.search(tx, name=None, id_number=number, most=1)
        details = (await self._register.details(tx, [found[0][0]])) if found else {}
        known = details.get(found[0][0]) if found else None
        return known is None or all(
            _agree(known.get(name), said.get(name))
            for name in report.event.evidence.matches
            if name != "id_number"
        )


def _agree(known: Any, said: Any) -> bool:
    """What either side does not say contradicts nothing."""
    known, said = (value.isoformat() if isinstance(value, date) else value for value in (known, said))
    return known is None or said is None or known == said


def confirmed_row(event: LifeEvent, department: str) -> str | None:
    """The row that this department's own report makes done; none outside its competence."""
    return next((row for row, by in event.evidence.confirmed_by.items() if department in by), None)


def region_of(event: LifeEvent, form: Mapping[str, Any], known: Any, fallback: str) -> str:
    """Where a department's report is accepted: where it happened, else where the person is registered."""
    for name in ("place_region", "hukou_region", "residence_region"):
        code = value_at(form, f"/{event.subject}/{name}")
        if isinstance(code, str) and code in known:
            return code
    return fallback
