"""docs/one-event.md tells the truth: each name stands on its line, and a reported death passes the hops in order."""

import pytest

from kernel.testing import eventually
from tests.architecture.one_event import PAGE, Hop, Trail, first_missed, hops, lines_of, with_lines
from tests.gateway.office import Office, row

TEXT = PAGE.read_text(encoding="utf-8")
HOPS = hops(TEXT)
HELD = "assistance.hold_payments"


def test_every_name_of_the_page_stands_on_its_line() -> None:
    wrong = [
        f"{hop.path}:{hop.line} {hop.name} stands on line {lines_of(hop.path).get(hop.name)}"
        for hop in HOPS
        if lines_of(hop.path).get(hop.name) != hop.line
    ]
    assert len(HOPS) > 40
    assert not wrong, "python -m tests.architecture.one_event sets the lines anew: " + "; ".join(wrong)


def test_lines_that_moved_are_set_anew_and_a_name_that_is_gone_is_said() -> None:
    (hop, *_) = HOPS
    moved = TEXT.replace(f":{hop.line} {hop.name}", f":{hop.line + 7} {hop.name}")
    assert moved != TEXT and with_lines(moved) == TEXT
    with pytest.raises(KeyError, match="no_such"):
        with_lines(f"`{hop.path}:1 no_such`")


async def test_a_reported_death_passes_every_hop_in_the_pages_order(
    working: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = Trail(monkeypatch)
    for hop in {hop.key: hop for hop in HOPS}.values():
        trail.follow(hop)
    case = await working.report()
    async with working.desk.feed.listen() as feed:

        async def held() -> bool:
            return row(await working.read(case["case_no"]), HELD)["state"] == "done"

        await eventually(held, within=30)
        await eventually(lambda: not feed.empty(), within=30)

        async def walked() -> bool:
            await working.read(case["case_no"])
            missed = first_missed(trail.passed, HOPS)
            assert missed is None, f"hop {HOPS.index(missed) + 1} was not passed in this order: {missed}"
            return True

        await eventually(walked, within=30)
    monkeypatch.undo()
    assert first_missed(trail.passed, HOPS) is None


def test_a_hop_left_out_or_out_of_order_is_found() -> None:
    one, two = Hop("a.py", 1, "one"), Hop("b.py", 1, "two")
    assert first_missed([one.key, two.key, one.key], [one, two, one]) is None
    assert first_missed([two.key, one.key], [one, two]) == two
    assert first_missed([one.key], [one, one]) == one
