"""The import itself: chunk by chunk, each judged, staged in the gateway and handed to every owner before the next.

    owners = owners_of(services)
    report = await Importer(services, owners).run_file(path)

A chunk is one transaction in the gateway and one at each owner; what an owner's database refuses is set aside there
(handing.py). Killed anywhere, the next run hands over what waits and
goes on after the last line that is settled; nothing is written twice. `check` does all but write.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from deploy.people_import.drafts import Draft, draft
from deploy.people_import.faults import Fault, FaultFile
from deploy.people_import.handing import HandOver, Owner
from deploy.people_import.households import household_of, to_json
from deploy.people_import.judging import Judged, Seen, Standing, in_order
from deploy.people_import.reading import Line, households, look
from gateway.people import staging
from gateway.people.people_import import RegisterMoved, import_people, known_people, taken_keys
from gateway.people.register import Register
from gateway.people.set_aside import SetAside
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.clock import Clock
from kernel.public_service.sealing import Sealer

CHUNK_LINES = 5000
_TRIES = 3
# The column in which an owner's objection is to be mended.
_COLUMN = {
    "household_differs": "household",
    "card_taken": "number",
    "bed_taken": "number",
    "married_to_another": "id_number",
    "benefit_stands": "kind",
}


@dataclass(frozen=True, slots=True)
class Gateway:
    """The register's side: its database, its keys, its clock."""

    transactions: Transactions
    register: Register
    sealer: Sealer
    clock: Clock


@dataclass(slots=True)
class Report:
    """What came of it. `refused`: households of which nothing was written; `faults`: lines told in the error file.

    `aside`: households that an owner's database refuses, of this import and of earlier ones.
    """

    households: int = 0
    people: int = 0
    refused: int = 0
    faults: int = 0
    last_line: int = 0
    resumed_after: int = 0
    before: bool = False
    aside: Sequence[SetAside] = ()


@dataclass
class Importer:
    """Imports files and generated households. `by`: who imports; `said` is told of the progress after each chunk."""

    gateway: Gateway
    owners: Mapping[str, Owner]
    by: str = "system"
    chunk_lines: int = CHUNK_LINES
    said: Callable[[Report], object] = field(default=lambda _report: None)

    async def run_file(self, path: Path, *, check: bool = False) -> Report:
        """Import a CSV file; faults stand in `FILE.errors.csv`. Raises ImportRunning, OSError."""
        looked = look(path)
        errors = path.with_name(path.name + ".errors.csv")
        if looked.encoding is None:
            return self._unreadable(FaultFile(errors), [Fault(0, "", "encoding")])
        if check:
            groups = households(path, looked.encoding)
            return await self._checked(groups, FaultFile(errors))
        async with self._alone():
            await self.hand_over()
            begun = await self._begin(looked.sha256, path.name)
            report = _begun(begun)
            if not begun.finished:
                groups = households(path, looked.encoding, after=begun.line)
                report = await self._imported(groups, begun.id, report, FaultFile(errors, settled=begun.line))
            report.aside = await self._handing.standing_aside()
            return report

    async def run_rows(self, groups: Iterable[Sequence[Line]], *, name: str, content: str) -> Report:
        """Import lines that were never in a file: the generator's. `content` names them as a file's hash does.

        Raises ValueError when one of them is faulty: those who make rows are to make good ones.
        """
        async with self._alone():
            await self.hand_over()
            begun = await self._begin(content, name)
            report = _begun(begun)
            if not begun.finished:
                later = (group for group in groups if group[0].number > begun.line)
                report = await self._imported(later, begun.id, report, None)
            report.aside = [one for one in await self._handing.standing_aside() if one.import_id == begun.id]
            if report.aside:
                raise ValueError(f"an owner refuses rows that were made: {report.aside[:3]}")
            return report

    async def hand_over(self) -> int:
        """Give every owner what waits for it or was set aside; how many chunks waited."""
        return await self._handing.what_waits()

    @property
    def _handing(self) -> HandOver:
        gateway = self.gateway
        return HandOver(gateway.transactions, gateway.sealer, gateway.clock, self.owners)

    async def _imported(
        self, groups: Iterable[Sequence[Line]], import_id: UUID, report: Report, errors: FaultFile | None
    ) -> Report:
        report.faults = errors.count if errors else 0
        for chunk in _chunks(groups, self.chunk_lines):
            await self._settled(chunk, import_id, report, errors)
            report.faults = errors.count if errors else 0
            self.said(report)
        if report.last_line == 0:
            return self._unreadable(errors, [Fault(1, "", "empty_file")])
        async with self._open() as (tx, at):
            await staging.finish(tx, import_id, at)
        return report

    async def _settled(
        self, chunk: Sequence[Sequence[Line]], import_id: UUID, report: Report, errors: FaultFile | None
    ) -> None:
        """A chunk; once more when a report registered one of its numbers in the same moment."""
        for _ in range(_TRIES):
            try:
                return await self._chunk(chunk, import_id, report, errors)
            except RegisterMoved:
                continue
        return await self._chunk(chunk, import_id, report, errors)

    async def _chunk(
        self, chunk: Sequence[Sequence[Line]], import_id: UUID, report: Report, errors: FaultFile | None
    ) -> None:
        """Faults are told before the commit: those of a chunk that was not settled are told again by the next run."""
        async with self._open() as (tx, at):
            drafts = [draft(lines, at.date()) for lines in chunk]
            accepted, refused = await self._judged(tx, drafts, import_id, Seen())
            made = [household_of(one) for one in accepted]
            people = await import_people(
                tx, (person for each in made for person in each.persons), register=self.gateway.register, at=at,
                ties=[tie for each in made for tie in each.outside_ties],
            )  # fmt: skip
            key = await staging.stage(
                tx, self.gateway.sealer, import_id, last_line=drafts[-1].last_line, content=to_json(made),
                people=people, refused=len(refused), lines=_provenance(accepted), at=at,
            )  # fmt: skip
            _tell([fault for told in refused.values() for fault in told], errors)
        if made:
            await self._handing.give(key, made, frozenset())
        _count(report, drafts, accepted, people)

    async def _judged(
        self, tx: Transaction, drafts: Sequence[Draft], import_id: UUID | None, seen: Seen
    ) -> tuple[list[Judged], dict[int, list[Fault]]]:
        """Again without those whom an owner refuses, until no owner refuses any more."""
        standing = await self._standing(tx, drafts, import_id)
        refused: dict[int, list[Fault]] = {}
        while True:
            accepted, faults = in_order(drafts, standing, seen, self.gateway.register, refused)
            objected = await self._objections(accepted)
            if not objected:
                return accepted, faults
            refused |= objected

    async def _standing(self, tx: Transaction, drafts: Sequence[Draft], import_id: UUID | None) -> Standing:
        register = self.gateway.register
        numbers = set().union(*(one.numbers() for one in drafts))
        people = await known_people(tx, register, [register.index("resident_id", each) for each in numbers])
        keys = {person.object for one in drafts for person in one.people.values()}
        named = {each.object for one in drafts for each in (*one.records, *filter(None, [one.head]))}
        named |= keys | {known.person for known in people.values()}
        brought = await staging.brought(tx, import_id, named) if import_id else frozenset()
        return Standing(people, await taken_keys(tx, keys), brought)

    async def _objections(self, accepted: Sequence[Judged]) -> dict[int, list[Fault]]:
        """What the owners say against households, as faults of their lines."""
        made = [household_of(one) for one in accepted]
        told: dict[UUID, str] = {}
        for owner in self.owners.values():
            if owner.objections is not None and made:
                async with owner.transactions.begin() as tx:
                    told |= await owner.objections(tx, made)
        found: dict[int, list[Fault]] = {}
        for judged in accepted if told else ():
            for record in (*filter(None, [judged.draft.head]), *judged.draft.records):
                code = told.get(record.object)
                if code is not None:
                    fault = Fault(record.line, _COLUMN.get(code, "record_no"), code)
                    found.setdefault(judged.draft.last_line, []).append(fault)
        return found

    async def _checked(self, groups: Iterable[Sequence[Line]], errors: FaultFile) -> Report:
        """Judge everything and write nothing; what the file has said so far is kept as blind indexes and keys."""
        report, seen = Report(), Seen()
        for chunk in _chunks(groups, self.chunk_lines):
            async with self._open() as (tx, at):
                drafts = [draft(lines, at.date()) for lines in chunk]
                accepted, refused = await self._judged(tx, drafts, None, seen)
            for judged in accepted:
                seen.add(judged.said)
            errors.add(fault for told in refused.values() for fault in told)
            report.faults = errors.count
            _count(report, drafts, accepted, sum(len(one.draft.people) for one in accepted))
            self.said(report)
        return report if report.last_line else self._unreadable(errors, [Fault(1, "", "empty_file")])

    async def _begin(self, file_hash: str, name: str) -> staging.Begun:
        async with self._open() as (tx, at):
            return await staging.begin(tx, file_hash=file_hash, file_name=name, by=self.by, at=at)

    def _unreadable(self, errors: FaultFile | None, faults: Sequence[Fault]) -> Report:
        if errors is not None:
            errors.add(faults)
        return Report(faults=len(faults))

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[Transaction, datetime]]:
        async with self.gateway.transactions.begin() as tx:
            await self.gateway.clock.refresh(tx)
            yield tx, self.gateway.clock.now()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One import at a time: a lock that its connection holds, so a killed import frees it."""
        async with self.gateway.transactions.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await staging.lock(connection)
            try:
                yield
            finally:
                await staging.unlock(connection)


def _begun(begun: staging.Begun) -> Report:
    return Report(begun.households, begun.people, begun.refused, 0, begun.line, begun.line, begun.finished)


def _chunks(groups: Iterable[Sequence[Line]], most_lines: int) -> Iterator[list[Sequence[Line]]]:
    """Whole households, as many as reach so many lines."""
    chunk: list[Sequence[Line]] = []
    lines = 0
    for group in groups:
        chunk.append(group)
        lines += len(group)
        if lines >= most_lines:
            yield chunk
            chunk, lines = [], 0
    if chunk:
        yield chunk


def _tell(faults: Sequence[Fault], errors: FaultFile | None) -> None:
    """Into the error file. Raises ValueError where there is none: rows that were made are to be good ones."""
    if errors is not None:
        errors.add(faults)
    elif faults:
        raise ValueError(f"rows that were made are faulty: {sorted(faults)[:3]}")


def _provenance(accepted: Sequence[Judged]) -> Iterator[staging.Provenance]:
    for judged in accepted:
        draft_, head = judged.draft, judged.draft.head
        if head is None:
            continue
        for record in (head, *draft_.people.values(), *draft_.records):
            about = judged.persons[record.number] if record.kind == "person" else record.object
            yield staging.Provenance(record.line, record.kind, about, head.object, record.source)


def _count(report: Report, drafts: Sequence[Draft], accepted: Sequence[Judged], people: int) -> None:
    report.households += len(accepted)
    report.people += people
    report.refused += len(drafts) - len(accepted)
    report.last_line = drafts[-1].last_line
