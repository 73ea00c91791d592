"""Drafts: what a visitor has filled in and not sent yet, sealed on the server, one row each (design 9).

A draft belongs to the user who began it and goes after thirty days without a change, or when it has been sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.cases.board import as_json
from kernel.errors import NotFound
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealed, Sealer

OWNER = "gateway"
KEPT = timedelta(days=30)

_SAVE = text("""
    INSERT INTO page_drafts (id, actor, life_event, region, sealed, changed_at)
    VALUES (:id, :actor, :life_event, :region, CAST(:sealed AS jsonb), :now)
    ON CONFLICT (id) DO UPDATE SET sealed = EXCLUDED.sealed, changed_at = EXCLUDED.changed_at""")
_READ = text(
    "SELECT id, life_event, region, sealed::text, changed_at FROM page_drafts WHERE id = :id AND actor = :actor"
)
_LIST = text("""
    SELECT id, life_event, region, sealed::text, changed_at FROM page_drafts
    WHERE actor = :actor ORDER BY changed_at DESC LIMIT 50""")
_DELETE = text("DELETE FROM page_drafts WHERE id = :id AND actor = :actor")
_FORGET = text("DELETE FROM page_drafts WHERE changed_at < :before")


class DraftUnknown(NotFound):
    """没有找到这份未提交的申报，可能已经提交了。
    There is no such draft; perhaps it has been sent already."""

    how = "请在“我的件”中查看已提交的申报，或重新开始。"
    how_en = "Look among your cases, or begin again."


@dataclass(slots=True)
class Draft:
    """`form`: the answers so far; `seen`: pages that were saved; `given`: pointers that the sign-in answered."""

    id: UUID
    life_event: str
    region: str
    form: dict[str, Any] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    changed_at: datetime | None = None


async def save(tx: Transaction, draft: Draft, actor: str, sealer: Sealer) -> None:
    """Keep the draft; forget all that nobody touched for thirty days."""
    now = datetime.now(UTC)
    content = {"form": draft.form, "seen": draft.seen, "given": draft.given}
    sealed = sealer.seal(content, draft.id, OWNER).model_dump(mode="json")
    await tx.execute(_FORGET, {"before": now - KEPT})
    await tx.execute(_SAVE, {
        "id": draft.id, "actor": actor, "life_event": draft.life_event, "region": draft.region,
        "sealed": as_json(sealed), "now": now,
    })  # fmt: skip


async def read(tx: Transaction, draft_id: UUID, actor: str, sealer: Sealer) -> Draft:
    """The actor's own draft. Raises DraftUnknown."""
    row = (await tx.execute(_READ, {"id": draft_id, "actor": actor})).one_or_none()
    if row is None:
        raise DraftUnknown()
    return _draft(row, sealer)


async def of_actor(tx: Transaction, actor: str, sealer: Sealer) -> Sequence[Draft]:
    """The actor's drafts, the newest first."""
    return [_draft(row, sealer) for row in (await tx.execute(_LIST, {"actor": actor})).all()]


async def delete(tx: Transaction, draft_id: UUID, actor: str) -> None:
    """Forget a draft that was sent, or that its owner throws away."""
    await tx.execute(_DELETE, {"id": draft_id, "actor": actor})


def _draft(row: Any, sealer: Sealer) -> Draft:
    draft_id, life_event, region, sealed, changed_at = row
    content: Mapping[str, Any] = sealer.open(Sealed.model_validate_json(sealed), draft_id, OWNER)
    return Draft(draft_id, life_event, region, content["form"], content["seen"], content["given"], changed_at)
