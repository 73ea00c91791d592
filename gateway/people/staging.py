"""How five databases come to agree on an import: the gateway first, with what the others still have to load.

One transaction writes a chunk's people, every line's provenance and, sealed, what the owners need. Each owner then
loads it in a transaction of its own, by keys that never load twice; what is sealed goes once all have it. Whoever comes
after a crash reads here what is missing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.cases.board import as_json
from gateway.cases.standing import parsed
from gateway.people.register import OWNER
from kernel.errors import Conflict
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealed, Sealer

# One import at a time: held on a connection, so it goes with a process that dies.
_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('lianban:people-import', 0))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('lianban:people-import', 0))")
# What was finished with some refused may be tried again: what was wrong may have been mended here, not in the file.
_FINISHED = text("""
    SELECT id FROM imports i WHERE file_hash = :hash AND finished_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM import_chunks c WHERE c.import_id = i.id AND c.refused > 0) LIMIT 1""")
_BEGIN = text("""
    INSERT INTO imports (id, file_hash, file_name, started_by, started_at) VALUES (:id, :hash, :name, :by, :at)
    ON CONFLICT (file_hash) WHERE finished_at IS NULL DO UPDATE SET file_name = imports.file_name
    RETURNING id""")
_DONE_LINE = text("""
    SELECT coalesce(max(last_line), 0) AS line, coalesce(sum(households), 0) AS households,
           coalesce(sum(people), 0) AS people, coalesce(sum(refused), 0) AS refused
    FROM import_chunks WHERE import_id = :id""")
_FINISH = text("UPDATE imports SET finished_at = :at WHERE id = :id")
_STAGE = text("""
    INSERT INTO import_chunks (import_id, last_line, id, households, people, refused, handed, sealed, staged_at)
    VALUES (:import, :line, :id, :households, :people, :refused, '{}', CAST(CAST(:sealed AS text) AS jsonb), :at)""")
_LINES = text("""
    INSERT INTO imported_rows (import_id, line, record, object, household, source, imported_at)
    SELECT CAST(:import AS uuid), line, record, object, household, source, CAST(:at AS timestamptz)
    FROM json_to_recordset(CAST(:lines AS json)) AS l (line integer, record text, object uuid, household uuid,
                                                       source text)""")
_BROUGHT = text("""
    SELECT DISTINCT object FROM imported_rows
    WHERE import_id = :import AND object = ANY(CAST(:objects AS uuid[]))""")
_WAITING = text(
    "SELECT id, handed, sealed FROM import_chunks WHERE sealed IS NOT NULL ORDER BY staged_at, last_line"
)
_HANDED = text("""
    UPDATE import_chunks SET handed = array_append(handed, CAST(:owner AS text))
    WHERE id = :id AND NOT (CAST(:owner AS text) = ANY(handed))""")
_ERASE = text("UPDATE import_chunks SET sealed = NULL WHERE id = :id AND handed @> CAST(:owners AS text[])")


class ImportRunning(Conflict):
    """正在导入另一个文件。
    Another import is running."""

    how = "请等它结束后再导入。"
    how_en = "Wait until it has ended."


@dataclass(frozen=True, slots=True)
class Begun:
    """An import: new, gone on with after `line`, or `finished` before. The counts are of what was done before."""

    id: UUID
    line: int
    households: int
    people: int
    refused: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """One line of the file: what it was about, of which household, and which system says so."""

    line: int
    record: str
    object: UUID
    household: UUID
    source: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chunk that some owners still have to load; `content` is what `stage` was given."""

    id: UUID
    handed: frozenset[str]
    content: Any


async def lock(connection: AsyncConnection) -> None:
    """Until `unlock`, or the end of the connection. Raises ImportRunning."""
    if not (await connection.execute(_LOCK)).scalar_one():
        raise ImportRunning()


async def unlock(connection: AsyncConnection) -> None:
    """Let the next one begin."""
    await connection.execute(_UNLOCK)


async def begin(tx: Transaction, *, file_hash: str, file_name: str, by: str, at: datetime) -> Begun:
    """The import of that content, whatever its file is called: gone on with, finished before, or begun by `by`."""
    finished = (await tx.execute(_FINISHED, {"hash": file_hash})).scalar()
    new = {"id": uuid4(), "hash": file_hash, "name": file_name, "by": by, "at": at}
    found = finished or (await tx.execute(_BEGIN, new)).scalar_one()
    done = (await tx.execute(_DONE_LINE, {"id": found})).one()
    return Begun(
        UUID(str(found)), done.line, int(done.households), int(done.people), int(done.refused),
        finished is not None,
    )  # fmt: skip


async def finish(tx: Transaction, import_id: UUID, at: datetime) -> None:
    """The whole file is in, at every owner."""
    await tx.execute(_FINISH, {"id": import_id, "at": at})


async def brought(tx: Transaction, import_id: UUID, objects: Collection[UUID]) -> frozenset[UUID]:
    """Those of these keys (people, households, records) that an earlier line of the same file brought."""
    rows = await tx.execute(_BROUGHT, {"import": import_id, "objects": list(objects)})
    return frozenset(UUID(str(key)) for (key,) in rows.all())


async def stage(
    tx: Transaction,
    sealer: Sealer,
    import_id: UUID,
    *,
    last_line: int,
    content: Sequence[Any],
    people: int,
    refused: int,
    lines: Iterable[Provenance],
    at: datetime,
) -> UUID:
    """A chunk with its provenance and, sealed, the households for the owners; its key. Nobody named: nothing sealed."""
    chunk = uuid4()
    sealed = sealer.seal({"households": content}, chunk, OWNER).model_dump_json() if content else None
    await tx.execute(
        _STAGE,
        {"import": import_id, "line": last_line, "id": chunk, "households": len(content), "people": people,
         "refused": refused, "sealed": sealed, "at": at},
    )  # fmt: skip
    told = [
        {"line": one.line, "record": one.record, "object": one.object, "household": one.household, "source": one.source}
        for one in lines
    ]  # fmt: skip
    if told:
        await tx.execute(_LINES, {"import": import_id, "lines": as_json(told), "at": at})
    return chunk


async def waiting(tx: Transaction, sealer: Sealer) -> list[Waiting]:
    """Chunks of any import that not every owner has, oldest first."""
    return [
        Waiting(
            UUID(str(row.id)), frozenset(row.handed),
            sealer.open(Sealed.model_validate(parsed(row.sealed)), UUID(str(row.id)), OWNER)["households"],
        )
        for row in (await tx.execute(_WAITING)).all()
    ]  # fmt: skip


async def handed(tx: Transaction, chunk: UUID, owner: str) -> None:
    """That owner has committed it."""
    await tx.execute(_HANDED, {"id": chunk, "owner": owner})


async def erase(tx: Transaction, chunk: UUID, owners: Collection[str]) -> None:
    """Once all of these have it, what is sealed goes."""
    await tx.execute(_ERASE, {"id": chunk, "owners": list(owners)})
