"""Papers of a case: small, of few kinds, kept sealed in the database (SA-039: most need not be brought at all)."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy import text
from starlette.datastructures import UploadFile

from gateway.cases.problems import MaterialRefused
from gateway.cases.standing import OWNER, Standing
from kernel.errors import FieldError, TooLarge, UnsupportedMediaType, invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealer

# The first bytes tell what a file is; what the client calls it does not count.
_KINDS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_OTHER = "other"
_KEEP = text("""
    INSERT INTO case_materials (id, case_id, material, media_type, size_bytes, digest, sealed, added_by, added_at)
    VALUES (:id, :case, :material, :kind, :size, :digest, CAST(CAST(:sealed AS text) AS jsonb), :by, :at)""")


class MaterialTooLarge(TooLarge):
    """这份材料太大。
    This paper is too large."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A paper as it came: its kind is known by its first bytes."""

    content: bytes
    media_type: str
    material: str
    version: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that is kept."""

    id: UUID
    material: str


async def read_upload(request: Request, limit_bytes: int) -> Upload:
    """The multipart form. Raises UnsupportedMediaType, MaterialTooLarge, MaterialRefused or 422 for a field."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise UnsupportedMediaType()
    async with request.form(max_files=1, max_fields=10) as form:
        file, version = form.get("file"), form.get("version")
        if not isinstance(file, UploadFile):
            raise _missing("/file")
        if not isinstance(version, str) or not version.isdigit() or len(version) > 9:
            raise _missing("/version")
        content = await file.read(limit_bytes + 1)
        material = str(form.get("material") or _OTHER)
    if len(content) > limit_bytes:
        raise MaterialTooLarge(extra={"limit_bytes": limit_bytes})
    kind = next((kind for start, kind in _KINDS if content.startswith(start)), None)
    if kind is None:
        fault = FieldError(
            "/file", "media_type", "只接受 PDF、JPEG、PNG。", "Only PDF, JPEG and PNG are taken.",
            MaterialRefused.how, MaterialRefused.how_en,
        )  # fmt: skip
        raise MaterialRefused(errors=[fault])
    return Upload(content, kind, material, int(version))


def _missing(field: str) -> Exception:
    return invalid(
        field,
        "required",
        "这一项必须填写。",
        "This must be given.",
        "请填写后重新上传。",
        "Give it and upload again.",
    )


async def add_paper(
    tx: Transaction, standing: Standing, upload: Upload, *, sealer: Sealer, actor: str, at: datetime
) -> Paper:
    """Keep the paper, sealed under the case. Raises 422 for a material that the life event does not name."""
    known = {one.id for one in standing.case.event.materials} | {_OTHER}
    if upload.material not in known:
        raise invalid(
            "/material", "unknown_material", "没有这种材料。", "The life event has no such material.",
            "请从材料清单中选择，或填 other。", "Choose one of the event's materials, or `other`.",
        )  # fmt: skip
    paper = Paper(uuid4(), upload.material)
    sealed = sealer.seal({"content": base64.b64encode(upload.content).decode()}, standing.id, OWNER)
    await tx.execute(
        _KEEP,
        {
            "id": paper.id, "case": standing.id, "material": paper.material, "kind": upload.media_type,
            "size": len(upload.content), "digest": hashlib.sha256(upload.content).digest(),
            "sealed": sealed.model_dump_json(), "by": actor, "at": at,
        },
    )  # fmt: skip
    return paper
