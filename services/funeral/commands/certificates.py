"""Certificates: void first, then issued, under the home's number."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import text

from kernel.messaging.transaction import Transaction
from services.funeral.commands.bodies import give_numbers
from services.funeral.commands.effects import Rulings, of_kind
from services.funeral.domain.effects import Issue, Void
from services.funeral.problems import CertificateNumberTaken

_VOID = text(
    """UPDATE certificates c SET voided_at = :at, void_reason = new.reason
         FROM unnest(CAST(:procedures AS uuid[]), CAST(:reasons AS text[])) AS new(procedure, reason)
        WHERE c.procedure = new.procedure AND c.voided_at IS NULL"""
)
_ISSUE = text(
    """INSERT INTO certificates (id, procedure, case_id, home, certificate_no, version, issued_at)
       SELECT id, procedure, case_id, home, certificate_no, version, :at
         FROM unnest(CAST(:ids AS uuid[]), CAST(:procedures AS uuid[]), CAST(:cases AS uuid[]), CAST(:homes AS uuid[]),
              CAST(:numbers AS text[]), CAST(:versions AS integer[]))
              AS new(id, procedure, case_id, home, certificate_no, version)
       ON CONFLICT (home, certificate_no) DO NOTHING RETURNING id"""
)


async def apply_certificates(rulings: Rulings, *, tx: Transaction, at: datetime) -> None:
    """Raises CertificateNumberTaken when the home has given that number before, even if it is void now."""
    await give_numbers(rulings, tx=tx)
    voided = of_kind(rulings, Void)
    if voided:
        columns = {"procedures": [p.id for p, _ in voided], "reasons": [each.reason for _, each in voided]}
        await tx.execute(_VOID, {**columns, "at": at})
    issued = of_kind(rulings, Issue)
    if not issued:
        return
    rows = await tx.execute(
        _ISSUE,
        {
            "ids": [uuid4() for _ in issued], "procedures": [p.id for p, _ in issued],
            "cases": [p.case for p, _ in issued], "homes": [each.home for _, each in issued],
            "numbers": [each.certificate_no for _, each in issued],
            "versions": [each.version for _, each in issued], "at": at,
        },
    )  # fmt: skip
    if len(rows.all()) < len(issued):
        raise CertificateNumberTaken()
