"""Reads `catalog/`: every file validated, every fault told with file and line, before anything starts (design 4).

    catalogue = load_catalogue()
    catalogue.life_events["death"].row("funeral.cremation")

The folder is the one beside the packages unless another is given. Equal content is built once per process.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path as FilePath

from contracts.catalog import Department, LifeEvent
from contracts.catalog_faults import CatalogueFault, CatalogueInvalid
from contracts.catalog_form_checks import form_faults
from contracts.catalog_procedure_checks import procedure_faults
from contracts.catalog_region_checks import region_codes, region_faults, repeated_ids
from contracts.catalog_regions import Region
from contracts.catalog_schema import Model, Read, read_model, validated
from contracts.catalog_yaml import Document, read_document
from contracts.regions import RegionTree

SERVICES = ("assistance", "eldercare", "funeral", "marriage", "gateway")
DEFAULT_FOLDER = FilePath(__file__).resolve().parent.parent / "catalog"


@dataclass(frozen=True)
class Catalogue:
    """What is linked to what. `versions` names the content of each life event file; `version` that of all files."""

    life_events: Mapping[str, LifeEvent]
    departments: Mapping[str, Department]
    regions: Mapping[str, Region]
    versions: Mapping[str, str]
    version: str

    @cached_property
    def tree(self) -> RegionTree:
        """The regions as one tree, with their dated standards, promises and switches."""
        return RegionTree(self.regions.values())


def load_catalogue(folder: FilePath | None = None) -> Catalogue:
    """The validated catalogue of `folder`; raises CatalogueInvalid with all faults of all files."""
    catalogue, faults = _build(_contents(folder or DEFAULT_FOLDER))
    if catalogue is None or faults:
        raise CatalogueInvalid(faults)
    return catalogue


def check(folder: FilePath | None = None) -> list[CatalogueFault]:
    """All faults of the catalogue in `folder`, by file and line; empty when it may start."""
    return sorted(_build(_contents(folder or DEFAULT_FOLDER))[1])


def _contents(folder: FilePath) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of each file, in a fixed order; `departments.yaml` is always among them."""
    files = [folder / "departments.yaml"]
    files += sorted((folder / "life_events").glob("*.yaml")) + sorted((folder / "regions").glob("*.yaml"))
    return tuple(
        (path.relative_to(folder.parent).as_posix(), path.read_bytes() if path.is_file() else b"")
        for path in files
    )


@lru_cache(maxsize=4)
def _build(contents: tuple[tuple[str, bytes], ...]) -> tuple[Catalogue | None, tuple[CatalogueFault, ...]]:
    documents = [read_document(name, content) for name, content in contents]
    departments = _departments(documents[0])
    events = _models(LifeEvent, documents, "life_events")
    regions = _models(Region, documents, "regions")
    faults = [fault for document in documents for fault in document.faults]
    faults += repeated_ids([(read, read.model.id, ("id",)) for read in events])
    faults += repeated_ids(
        [(read, code, path) for read in regions for code, path in region_codes(read.model)]
    )
    for event in events:
        faults += form_faults(event)
        faults += procedure_faults(event, SERVICES, departments)
    unread = sum("/life_events/" in document.file for document in documents) > len(events)
    rows = {row.type: row for read in events for row in read.model.procedures}
    known = None if unread else set(rows).union(*(read.lost for read in events))
    evidence = {kind for read in events for kind in read.model.evidence.confirmed_by}
    for region in regions:
        faults += region_faults(region, rows, known, evidence)
    if not events and not unread:
        faults.append(CatalogueFault(documents[0].file, 1, "没有任何一件事", "there is no life event"))
    if faults:
        return None, tuple(sorted(set(faults)))
    return _assembled(contents, departments, events, regions), ()


def _assembled(
    contents: tuple[tuple[str, bytes], ...],
    departments: dict[str, Department],
    events: list[Read[LifeEvent]],
    regions: list[Read[Region]],
) -> Catalogue:
    hashes = {name: hashlib.sha256(content).hexdigest()[:16] for name, content in contents}
    whole = "".join(f"{name}{digest}" for name, digest in hashes.items())
    return Catalogue(
        life_events={read.model.id: read.model for read in events},
        departments=departments,
        regions={read.model.code: read.model for read in sorted(regions, key=_listed)},
        versions={read.model.id: hashes[read.document.file] for read in events},
        version=hashlib.sha256(whole.encode()).hexdigest()[:16],
    )


def _listed(read: Read[Region]) -> tuple[int, str]:
    return read.model.listed, read.model.code


def _departments(document: Document) -> dict[str, Department]:
    found: dict[str, Department] = {}
    if document.data is not None and not isinstance(document.data, list):
        document.faults.append(document.fault((), "应为部门列表", "this file is a list of departments"))
        return found
    for index in range(len(document.data or [])):
        department = validated(Department, document, (index,))
        if department is None:
            continue
        if department.id in found or department.id in SERVICES:
            reason = f"部门编号「{department.id}」已被使用", f"department id {department.id!r} is taken"
            document.faults.append(document.fault((index, "id"), *reason))
        found[department.id] = department
    return found


def _models(model: type[Model], documents: list[Document], folder: str) -> list[Read[Model]]:
    """Every readable model of one folder; the others have left their faults in their documents."""
    chosen = [
        document for document in documents if f"/{folder}/" in document.file and document.data is not None
    ]
    return [read for document in chosen if (read := read_model(model, document)) is not None]
