"""Cursors of lists: opaque to the client, one keyset position each (api.md: no offset paging)."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query

from kernel.errors import invalid

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数 / items a page")]
After = Annotated[str | None, Query(max_length=200, description="上一页的 next / `next` of the page before")]


def to_cursor(*parts: object) -> str:
    """The position as text."""
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in parts])).decode().rstrip("=")


def from_cursor(after: str | None, parts: int) -> list[str] | None:
    """The position again. Raises 422 for a cursor that is not ours."""
    if after is None:
        return None
    try:
        padded = after + "=" * (-len(after) % 4)
        found = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(part, str) for part in found):
        raise bad_cursor()
    return found


def moment_and_key(after: str | None) -> tuple[datetime, UUID] | None:
    """The position in a list that is ordered by an instant, then by key. Raises 422 for a cursor that is not ours."""
    parts = from_cursor(after, 2)
    if parts is None:
        return None
    try:
        moment, key = datetime.fromisoformat(parts[0]), UUID(parts[1])
    except ValueError as error:
        raise bad_cursor() from error
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment, key


def bad_cursor() -> Exception:
    return invalid(
        "/query/after", "invalid_cursor", "翻页位置无效。", "This is not a cursor of this list.",
        "请使用上一页返回的 next。", "Use `next` of the page before.",
    )  # fmt: skip
