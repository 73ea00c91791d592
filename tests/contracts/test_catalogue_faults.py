"""Each kind of fault of the catalogue is told with its file and its exact line."""

import re
from pathlib import Path

import pytest

from contracts.catalog_faults import CatalogueInvalid
from contracts.catalog_files import check, load_catalogue
from tests.contracts.broken_catalogues import CASES, HOLD, Broken
from tests.contracts.broken_regions import REGION_CASES
from tests.contracts.small_catalogue import DEATH, DEPARTMENTS, TAIZHOU, write_catalogue

TEXTS = {"death": DEATH, "departments": DEPARTMENTS, "taizhou": TAIZHOU}


def broken_text(case: Broken) -> str:
    text = TEXTS[case.file]
    assert text.count(case.old) >= 1, "the case does not fit the small catalogue any more"
    if case.what == "applied without wish":
        text = text.replace(
            "    wish: {pointer: /wishes/remains, given: [cremation], refused: [burial]}\n", ""
        )
    return text.replace(case.old, case.new, 1)


def told_line(text: str, case: Broken) -> int:
    mark = "#HERE" if "#HERE" in text else case.at or case.new
    return text[: text.index(mark)].count("\n") + 1


def test_the_small_catalogue_itself_has_no_fault(tmp_path: Path) -> None:
    assert check(write_catalogue(tmp_path)) == []


@pytest.mark.parametrize("case", [*CASES, *REGION_CASES], ids=lambda case: case.what)
def test_a_fault_is_told_with_file_and_line(case: Broken, tmp_path: Path) -> None:
    text = broken_text(case)
    faults = check(write_catalogue(tmp_path, **{case.file: text}))
    matching = [fault for fault in faults if case.told in fault.reason_en]
    assert matching, [str(fault) for fault in faults]
    assert told_line(text, case) in [fault.line for fault in matching], [str(fault) for fault in faults]
    assert all(fault.file.startswith("catalog/") and fault.reason_zh for fault in faults)


def test_anchors_are_refused_where_they_are_used(tmp_path: Path) -> None:
    text = DEATH.replace("limit: {none: 即时}", "limit: &at_once {none: 即时}", 1)
    text = text.replace("limit: {none: 即时}", "limit: *at_once #HERE", 1)
    assert text[: text.index("#HERE")].count("\n") + 1 in [
        fault.line for fault in check(write_catalogue(tmp_path, death=text)) if "anchors" in fault.reason_en
    ]


def test_all_faults_of_all_files_are_told_in_one_exception(tmp_path: Path) -> None:
    folder = write_catalogue(
        tmp_path,
        death=DEATH.replace(HOLD, f"{HOLD}    colour: red\n").replace("to: burn}", "to: fire}"),
        taizhou=TAIZHOU.replace('{code: "331081"', '{code: "331181"'),
    )
    with pytest.raises(CatalogueInvalid) as raised:
        load_catalogue(folder)
    told = str(raised.value).splitlines()
    assert len(told) == len(raised.value.faults)
    for words in ("unknown field 'colour'", "no step 'fire'", "not inside its city's"):
        assert sum(words in line for line in told) == 1, told
    assert all(re.match(r"catalog/[\w/.-]+\.yaml:\d+: .* / .*", line) for line in told), told


def test_an_unreadable_life_event_is_told_once_and_not_blamed_on_the_regions(tmp_path: Path) -> None:
    faults = check(write_catalogue(tmp_path, death=DEATH.replace("version: 1\n", "version: 1\n}\n")))
    assert [fault.file for fault in faults] == ["catalog/life_events/death.yaml"]


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    reasons = [fault.reason_en for fault in check(tmp_path / "catalog")]
    assert "the file is empty or missing" in reasons
    assert "there is no life event" in reasons


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path)
    (folder / "departments.yaml").write_bytes("- id: x\n  name: 公安\n".encode("gbk"))
    assert [(fault.line, fault.reason_en) for fault in check(folder) if "departments" in fault.file] == [
        (2, "the file is not UTF-8")
    ]
