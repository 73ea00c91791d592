"""Until when a person's family is left in peace, for records that no running row decides (design 9)."""

from datetime import date, datetime

from sqlalchemy import text

from casework.steps import wait_ends
from contracts.catalog_files import load_catalogue
from contracts.regional_rows import quiet_period
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from services.eldercare.domain.overpayments import Overpayment

ROW = "eldercare.overpayment"
# A declared death counts, too; one that was withdrawn or revoked does not.
_DIED_AT = text(
    """SELECT max(f.occurred_at) FROM case_files f
        WHERE f.subject = :person
          AND EXISTS (SELECT 1 FROM procedures p WHERE p.case_id = f.case_id AND p.subject = f.subject
                         AND p.state NOT IN ('withdrawn', 'undone', 'not_applicable'))"""
)


async def in_peace_until(tx: Transaction, record: Overpayment, at: datetime) -> date:
    """The first day on which a letter may go out: today, or when the quiet period after a death is over there.

    The period is the region's, or the catalogue's where the region says nothing. Raises LookupError when neither does:
    then no letter goes out.
    """
    today = at.astimezone(TZ).date()
    died_at: datetime | None = (await tx.execute(_DIED_AT, {"person": record.person})).scalar()
    if died_at is None:
        return today
    row = load_catalogue().life_events["death"].row(ROW)
    period = quiet_period(row, load_catalogue().tree, record.region, today)
    until = wait_ends(period, died_at) if period is not None else None
    if until is None:
        raise LookupError(f"no quiet period for {ROW} in {record.region}")
    return max(today, until.astimezone(TZ).date())
