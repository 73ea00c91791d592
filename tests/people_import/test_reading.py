"""A file becomes lines, household by household; what cannot be read is told where it stands."""

from pathlib import Path

import pytest

from deploy.people_import.columns import COLUMNS
from deploy.people_import.faults import Fault, FaultFile
from deploy.people_import.reading import Line, households, look
from tests.people_import.files import family, text, write


def read(path: Path) -> list[Line]:
    encoding = look(path).encoding
    assert encoding is not None
    return [line for group in households(path, encoding) for line in group]


def faults(content: bytes, folder: Path) -> list[tuple[int, str, str]]:
    path = folder / "bad.csv"
    path.write_bytes(content)
    return [(one.fault.line, one.fault.field, one.fault.code) for one in read(path) if one.fault is not None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_three_encodings_read_alike(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, family(), encoding=encoding)
    assert [line.cells for line in read(path)] == family()
    assert [line.number for line in read(path)] == [2, 3, 4, 5, 6, 7, 8]


def test_chinese_headings_and_windows_line_ends_read_alike(tmp_path: Path) -> None:
    heading, _, rest = text(family()).partition("\n")
    assert heading == ",".join(COLUMNS)
    path = tmp_path / "people.csv"
    path.write_bytes(f"{','.join(COLUMNS.values())}\n{rest}".replace("\n", "\r\n").encode("gb18030"))
    assert [line.cells for line in read(path)] == family()


@pytest.mark.parametrize("content", [text(family()).encode("utf-16"), b"source,household\xff\xff\n", b"a\0b"])
def test_an_encoding_that_is_not_known_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    assert look(path).encoding is None


def test_the_same_content_has_the_same_hash_whatever_its_name(tmp_path: Path) -> None:
    one, other = write(tmp_path, family(), "a.csv"), write(tmp_path, family(), "b.csv")
    changed = write(tmp_path, family(1), "c.csv")
    assert look(one).sha256 == look(other).sha256 != look(changed).sha256


HEAD = b"source,household,record,name\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (1, "", "empty_file")),
        (b"source,record\n", (1, "household", "column_missing")),
        (b"source,household,record,colour\n", (1, "", "column_unknown")),
        (b"source,household,record,source\n", (1, "source", "column_twice")),
        (HEAD + b's,1,person,"Wang\ns,1,person,Li\n', (2, "", "quotes")),
        (HEAD + b"s,1,person\n", (2, "", "cells")),
        (HEAD + b"s,1,person,Li,,\n", (2, "", "cells")),
        (HEAD + b"s,1,person,Li\n\n" + b"x" * 30_000 + b"\ns,1,person,Li\n", (4, "", "line_too_long")),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_spoils_no_other(
    tmp_path: Path, content: bytes, expected: tuple[int, str, str]
) -> None:
    assert faults(content, tmp_path) == [expected]


def test_a_household_is_one_group_and_reading_goes_on_after_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, [*family(0), *family(1), *family(2)])
    groups = [[line.number for line in group] for group in households(path, "utf-8-sig")]
    assert groups == [list(range(2, 9)), list(range(9, 16)), list(range(16, 23))]
    assert [[line.number for line in group] for group in households(path, "utf-8-sig", after=8)] == groups[1:]


def test_the_error_file_tells_how_to_mend_in_both_languages_and_goes_on_after_a_settled_line(
    tmp_path: Path,
) -> None:
    path = tmp_path / "people.csv.errors.csv"
    FaultFile(path).add([Fault(9, "name", "required"), Fault(3, "id_number", "id_number_checksum")])
    again = FaultFile(path, settled=5)
    again.add([Fault(9, "name", "required")])
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert again.count == 2
    assert lines[0] == "line,field,code,message,message_en,how,how_en"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["3", "id_number", "id_number_checksum"],
        ["9", "name", "required"],
    ]
    assert "必填的内容是空的。,A required cell is empty.,请补填。,Fill it." in lines[2]


def test_a_file_without_fault_has_no_error_file(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.errors.csv"
    FaultFile(path).add([Fault(2, "name", "required")])
    FaultFile(path).add([])
    assert not path.exists()
