"""An act passed on to the service that keeps the matter: once per Idempotency-Key, with its line in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from gateway.desk import Desk
from kernel.idempotency import HEADER, RequestKey, idempotent, kept_answer
from kernel.public_service import audit
from kernel.public_service.access import Actor


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked of whom. `object`: what the audit line names (`bed_offer:…`)."""

    owner: str
    path: str
    body: Mapping[str, Any]
    action: str
    object: str
    purpose: str = ""
    status: int = 200


async def kept(desk: Desk, actor: Actor, key: RequestKey) -> Response | None:
    """What was answered to the same request before."""
    async with desk.open() as tx:
        return await kept_answer(tx, actor.user, key)


async def pass_on(desk: Desk, actor: Actor, key: RequestKey, errand: Errand) -> Response:
    """The service's answer. No transaction is held meanwhile; the service itself knows the key, so that a repetition
    after a lost answer does nothing twice. Raises OwnerAway, or OwnerRefused with what the service said."""
    answer = await desk.owners.call(
        errand.owner,
        "POST",
        errand.path,
        json=dict(errand.body),
        headers={HEADER: key.key} if key.key else None,
    )
    return await keep(
        desk, actor, key, answer,
        status=errand.status, action=errand.action, object=errand.object, purpose=errand.purpose,
    )  # fmt: skip


async def keep(
    desk: Desk,
    actor: Actor,
    key: RequestKey,
    answer: Any,
    *,
    status: int,
    action: str,
    object: str,
    purpose: str,
) -> Response:
    """Give the answer, and keep it and the audit line together; what was kept meanwhile is given instead."""
    async with desk.open() as tx, idempotent(tx, actor.user, key) as slot:
        if slot.replay:
            return slot.response
        at = desk.clock.now()
        await audit.record(tx, [audit.AuditLine(at, actor.user, action, object, purpose)])
        return await slot.keep(status, answer)
