"""The same request twice is one request: every POST takes `Idempotency-Key`, and two need it (api.md).

    RequestKeyed = Annotated[RequestKey, Depends(request_key)]            # or required_request_key

    async with service.transactions.begin() as tx:
        async with idempotent(tx, actor.user, key) as slot:
            if slot.replay:
                return slot.response
            ...
            return await slot.keep(201, body, {"Location": where})

The slot is a row inserted in the business transaction: of concurrent equal requests one inserts, the others wait on
the unique index and then read its answer. Only answers of success are kept: a refused or failed request rolls back
with its slot, changed nothing, and may be sent again with the same key after it was mended. Answers are encrypted at
rest and requests are compared by a keyed hash, because both hold personal data.

Hot paths that write with one CTE of their own put `SLOT_CTE` first in it and pass `slot_parameters(...)`: the slot and
the answer cost no extra statement; when the CTE returns no row, `kept_answer(...)` has the answer to repeat.
"""

import hashlib
import hmac
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from kernel.errors import Conflict, FieldError, Malformed
from kernel.public_service.clock import Executes
from kernel.public_service.sealing import derive

HEADER = "Idempotency-Key"
DDL = (
    """CREATE TABLE IF NOT EXISTS idempotency_keys (
        actor text NOT NULL,
        key text NOT NULL,
        request_hash bytea NOT NULL,
        status smallint,
        headers jsonb,
        body bytea,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (actor, key)
    )""",
    "CREATE INDEX IF NOT EXISTS ix_idempotency_keys_created_at ON idempotency_keys (created_at)",
)

_RESERVE = text(
    """INSERT INTO idempotency_keys (actor, key, request_hash) VALUES (:idem_actor, :idem_key, :idem_hash)
       ON CONFLICT DO NOTHING RETURNING 1"""
)
_KEEP = text(
    """UPDATE idempotency_keys SET status = :status, headers = CAST(:headers AS jsonb), body = :body
        WHERE actor = :actor AND key = :key"""
)
_READ = text(
    "SELECT request_hash, status, headers, body FROM idempotency_keys WHERE actor = :actor AND key = :key"
)
_FORGET = text(
    """DELETE FROM idempotency_keys WHERE (actor, key) IN
           (SELECT actor, key FROM idempotency_keys WHERE created_at < :before LIMIT 5000)"""
)

# One member of a caller's CTE; the members after it select FROM idempotency_slot, so nothing is written on a replay.
SLOT_CTE = """idempotency_slot AS (
    INSERT INTO idempotency_keys (actor, key, request_hash, status, headers, body)
    VALUES (:idem_actor, :idem_key, :idem_hash, :idem_status, CAST(:idem_headers AS jsonb), :idem_body)
    ON CONFLICT DO NOTHING RETURNING 1 AS fresh)"""


class IdempotencyKeyMissing(Malformed):
    """缺少请求头 Idempotency-Key。
    The header Idempotency-Key is missing."""

    how = "请为每一次提交生成一个随机键（如 UUID）放入 Idempotency-Key；重发同一提交时用同一个键。"
    how_en = (
        "Put a random key (a UUID, say) in Idempotency-Key; repeat it when you send the same thing again."
    )


class IdempotencyKeyInvalid(Malformed):
    """请求头 Idempotency-Key 须为 1 至 128 个可见 ASCII 字符。
    The header Idempotency-Key takes 1 to 128 printable ASCII characters."""

    how = "请改用 UUID 一类的键。"
    how_en = "Use a UUID, for example."


class IdempotencyKeyReused(Conflict):
    """这个 Idempotency-Key 已用于另一份内容。
    This Idempotency-Key was used for a different request."""

    how = "内容有改动时请换一个新的键。"
    how_en = "Use a new key when the content changes."


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The key of one request, the keyed hash of method, path and body, and the cipher of its answer."""

    key: str | None
    request_hash: bytes
    vault: "AnswerVault"


class AnswerVault:
    """Hashes requests and encrypts answers under keys derived from the service's sealing key."""

    def __init__(self, root: bytes) -> None:
        self._hash_key = derive(root, "lianban idempotency hash")
        self._cipher = AESGCM(derive(root, "lianban idempotency answers"))

    def request_hash(self, method: str, path: str, body: bytes) -> bytes:
        """Equal for equal content: JSON is compared without regard to spacing and order of members."""
        return hmac.digest(self._hash_key, f"{method} {path}\n".encode() + _canonical(body), hashlib.sha256)

    def lock(self, body: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, body, b"")

    def unlock(self, stored: bytes) -> bytes:
        return self._cipher.decrypt(stored[:12], stored[12:], b"")


def _canonical(body: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        return body  # multipart or a form: compared byte for byte


async def request_key(
    request: Request, idempotency_key: str | None = Header(None, alias=HEADER)
) -> RequestKey:
    """FastAPI dependency of a POST where the key is optional. Raises IdempotencyKeyInvalid."""
    if idempotency_key is not None and not re.fullmatch(r"[\x20-\x7e]{1,128}", idempotency_key):
        raise IdempotencyKeyInvalid(errors=[_header_fault("invalid_idempotency_key", IdempotencyKeyInvalid)])
    vault: AnswerVault = request.app.state.service.vault
    hashed = b""
    if idempotency_key is not None:
        hashed = vault.request_hash(request.method, request.url.path, await request.body())
    return RequestKey(idempotency_key, hashed, vault)


async def required_request_key(
    request: Request, idempotency_key: str | None = Header(None, alias=HEADER)
) -> RequestKey:
    """FastAPI dependency of a POST that must carry a key. Raises IdempotencyKeyMissing or …Invalid."""
    if idempotency_key is None:
        raise IdempotencyKeyMissing(errors=[_header_fault("required", IdempotencyKeyMissing)])
    return await request_key(request, idempotency_key)


def _header_fault(code: str, problem: type[Malformed]) -> FieldError:
    return FieldError(
        f"/header/{HEADER}", code, problem.title_zh, problem.title_en, problem.how, problem.how_en
    )


class Slot:
    """One request's place. `replay` tells whether `response` is an earlier answer; else do the work and `keep`."""

    def __init__(self, tx: Executes, actor: str, key: RequestKey, kept: Response | None) -> None:
        self._tx = tx
        self._actor = actor
        self._key = key
        self._kept = kept

    @property
    def replay(self) -> bool:
        return self._kept is not None

    @property
    def response(self) -> Response:
        if self._kept is None:
            raise RuntimeError("this slot holds no earlier answer: ask slot.replay first")
        return self._kept

    async def keep(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
        """Store the answer with the work (bytes, a Pydantic model or JSON-able data) and make the response of it."""
        content = as_json(body)
        if self._key.key is not None:
            values = {
                "status": status,
                "headers": _header_text(headers),
                "body": self._key.vault.lock(content),
            }
            await self._tx.execute(_KEEP, {**values, "actor": self._actor, "key": self._key.key})
        return answer(status, content, headers)


@asynccontextmanager
async def idempotent(tx: Executes, actor: str, key: RequestKey) -> AsyncIterator[Slot]:
    """Take the slot of (actor, key) inside the business transaction. Raises IdempotencyKeyReused.

    Costs one INSERT, and one UPDATE in `keep`; nothing when the request has no key.
    """
    if key.key is None:
        yield Slot(tx, actor, key, None)
        return
    reserved = await tx.execute(
        _RESERVE, {"idem_actor": actor, "idem_key": key.key, "idem_hash": key.request_hash}
    )
    kept = None if reserved.first() is not None else await kept_answer(tx, actor, key)
    yield Slot(tx, actor, key, kept)


async def kept_answer(tx: Executes, actor: str, key: RequestKey) -> Response | None:
    """The earlier answer of (actor, key), or None. Raises IdempotencyKeyReused when it was for other content."""
    if key.key is None:
        return None
    row = (await tx.execute(_READ, {"actor": actor, "key": key.key})).first()
    if row is None:
        return None
    if not hmac.compare_digest(bytes(row.request_hash), key.request_hash):
        raise IdempotencyKeyReused()
    if row.status is None:
        return None  # reserved earlier in this same transaction and not answered yet
    headers = {**(row.headers or {}), "Idempotent-Replay": "true"}
    return answer(row.status, key.vault.unlock(bytes(row.body)), headers)


def slot_parameters(
    actor: str, key: RequestKey, status: int, body: Any, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The bind values of `SLOT_CTE`, for a caller that knows its answer before it writes."""
    return {
        "idem_actor": actor,
        "idem_key": key.key,
        "idem_hash": key.request_hash,
        "idem_status": status,
        "idem_headers": _header_text(headers),
        "idem_body": key.vault.lock(as_json(body)),
    }


def as_json(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return orjson.dumps(body)


def answer(status: int, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status_code=status, media_type="application/json", headers=dict(headers or {}))


def _header_text(headers: Mapping[str, str] | None) -> str:
    return orjson.dumps(dict(headers or {})).decode()


KEPT_DAYS = 31
"""How long answers are kept; api.md promises 30 days."""


async def forget_answers(tx: Executes, before: datetime) -> int:
    """Delete up to 5,000 answers older than `before` (kept ≥ 30 days, api.md); returns how many went."""
    result = await tx.execute(_FORGET, {"before": before})
    count: int = result.rowcount
    return count
