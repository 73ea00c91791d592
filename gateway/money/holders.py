"""The owners of money over their internal API: where each keeps its records, and which one has a record."""

from collections.abc import Mapping
from uuid import UUID

from contracts.money import Overpayment
from gateway.cases.owners import OwnerRefused, Owners
from kernel.errors import NotFound

# Where an owner of money keeps its records of overpayments.
RECORDS: Mapping[str, str] = {
    "assistance": "/internal/v1/money/overpayments",
    "eldercare": "/internal/v1/care/overpayments",
}
RUNS = "/internal/v1/money"


class OverpaymentUnknown(NotFound):
    """没有这条多发记录，或者不在您的办理范围内。
    There is no such record of an overpayment, or it is not yours to know of."""

    how = "请刷新多发款项列表。"
    how_en = "Reload the list of overpayments."


class PaymentRunUnknown(NotFound):
    """没有这个发放批次，或者不在您的办理范围内。
    There is no such payment run, or it is not yours to know of."""

    how = "请刷新发放批次列表。"
    how_en = "Reload the list of payment runs."


async def find_overpayment(owners: Owners, record: UUID) -> tuple[str, Overpayment]:
    """The owner that has the record, and the record. Raises OverpaymentUnknown; OwnerAway when one cannot be asked."""
    for owner, path in RECORDS.items():
        try:
            return owner, Overpayment.model_validate(await owners.call(owner, "GET", f"{path}/{record}"))
        except OwnerRefused as refused:
            if refused.status != NotFound.status:
                raise
    raise OverpaymentUnknown()
