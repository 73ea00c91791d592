"""The fact `care` of people for whom something began, ended or came back."""

from datetime import datetime
from uuid import UUID

from casework.facts import Statement, state_facts
from kernel.messaging.transaction import Transaction
from services.eldercare.queries.views import care_statements


async def state_care(tx: Transaction, persons: set[UUID], *, at: datetime) -> None:
    """Publish the fact `care` of these people as it stands now."""
    if persons:
        statements = [
            Statement(each, "care", state) for each, state in (await care_statements(tx, persons)).items()
        ]
        await state_facts(tx, statements, owner="eldercare", at=at)
