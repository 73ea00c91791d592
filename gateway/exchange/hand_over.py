"""Hands holds to the funeral service over its internal API: idempotent by the gateway's id of the hold."""

from uuid import UUID

from gateway.cases.owners import OwnerRefused, Owners
from gateway.exchange.funeral_client import HoldHanded

FUNERAL = "funeral"
_HOLDS = "/internal/v1/holds"


class FuneralHandOver:
    """`await hand_over(hold, body)`. Raises OwnerAway when the funeral service is away."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    async def __call__(self, hold: UUID, body: HoldHanded) -> None:
        """Place it, or release it; a release of a hold that never arrived places it first."""
        if body.released_at is None:
            await self._place(hold, body)
            return
        try:
            await self._release(hold, body)
        except OwnerRefused as refused:
            if refused.status != 404:
                raise
            await self._place(hold, body)
            await self._release(hold, body)

    async def _place(self, hold: UUID, body: HoldHanded) -> None:
        await self._owners.call(
            FUNERAL, "POST", _HOLDS,
            json={
                "id": str(hold), "kind": body.kind, "source_no": f"{body.department}:{hold}",
                "placed_at": body.placed_at.isoformat(), "case_id": body.case and str(body.case),
                "person": body.person and str(body.person), "version": 1,
            },
        )  # fmt: skip

    async def _release(self, hold: UUID, body: HoldHanded) -> None:
        released = {"release_no": f"{body.department}:{hold}", "version": max(body.version, 2)}
        await self._owners.call(FUNERAL, "POST", f"{_HOLDS}/{hold}/release", json=released)
