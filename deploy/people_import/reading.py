"""A CSV file as lines of named cells, household by household, in bounded memory.

UTF-8 with or without a byte order mark, else GB18030. A field holds no line break, so a quotation mark that is left
open spoils its own line and no other.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TextIO

from deploy.people_import.columns import ALWAYS, COLUMNS
from deploy.people_import.faults import Fault

MOST_CHARACTERS = 10_000
_BLOCK = 1 << 20
_ENCODINGS = ("utf-8-sig", "gb18030")
_NAMES = {**{name: name for name in COLUMNS}, **{heading: name for name, heading in COLUMNS.items()}}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file (from 1) and the cells that are not empty, by column."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A file looked through once: what it is known by again (SHA-256), and its encoding (none: not to be read)."""

    sha256: str
    encoding: str | None


def look(path: Path) -> Looked:
    """Hash and encoding of the whole file, a block at a time."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            _feed(decoders, block, final=False)
    _feed(decoders, b"", final=True)
    return Looked(digest.hexdigest(), next(iter(decoders), None))


def _feed(decoders: dict[str, codecs.IncrementalDecoder], block: bytes, *, final: bool) -> None:
    """Leaves the decoders that can read the block; text has no zero byte (UTF-16 has)."""
    for name, decoder in list(decoders.items()):
        try:
            readable = "\0" not in decoder.decode(block, final)
        except UnicodeDecodeError:
            readable = False
        if not readable:
            del decoders[name]


def households(path: Path, encoding: str, *, after: int = 0) -> Iterator[Sequence[Line]]:
    """The lines of each household that begins after line `after`. A faulty heading is one line with its fault."""
    with path.open(encoding=encoding, newline=None) as file:
        heading = _heading(file)
        if isinstance(heading, Fault):
            yield (Line(heading.line, fault=heading),)
            return
        lines = (line for line in _lines(file, heading) if line.number > after)
        for _, group in groupby(_named(lines), key=lambda pair: pair[0]):
            yield tuple(line for _, line in group)


def _named(lines: Iterator[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with its household's number; one that cannot be read counts to the household before it."""
    household = ""
    for line in lines:
        household = household if line.fault else line.cells.get("household", "")
        yield household, line


def _heading(file: TextIO) -> list[str] | Fault:
    names = _cells(file.readline(MOST_CHARACTERS))
    if not names:
        return Fault(1, "", "quotes" if names is None else "empty_file")
    columns = [_NAMES.get(name.strip(), "") for name in names]
    for name in columns:
        if not name:
            return Fault(1, "", "column_unknown")
        if columns.count(name) > 1:
            return Fault(1, name, "column_twice")
    missing = [name for name in ALWAYS if name not in columns]
    return Fault(1, missing[0], "column_missing") if missing else columns


def _lines(file: TextIO, columns: Sequence[str]) -> Iterator[Line]:
    number = 1
    while text := file.readline(MOST_CHARACTERS):
        number += 1
        if len(text) == MOST_CHARACTERS and not text.endswith("\n"):
            while (rest := file.readline(MOST_CHARACTERS)) and not rest.endswith("\n"):
                pass
            yield Line(number, fault=Fault(number, "", "line_too_long"))
        elif text.strip():
            yield _line(number, text, columns)


def _line(number: int, text: str, columns: Sequence[str]) -> Line:
    values = _cells(text)
    if values is None:
        return Line(number, fault=Fault(number, "", "quotes"))
    if len(values) != len(columns):
        return Line(number, fault=Fault(number, "", "cells"))
    cells = {name: value.strip() for name, value in zip(columns, values, strict=True)}
    return Line(number, {name: value for name, value in cells.items() if value})


def _cells(text: str) -> list[str] | None:
    """The cells of a line; none when its quotation marks do not match."""
    try:
        rows = list(csv.reader([text.rstrip("\n")], strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else []
