"""Civil Code 51 as a law over any life: a marriage never resumes against it, and never by itself against another."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from casework.procedure import Act, Procedure, Ruling
from contracts.catalog_files import load_catalogue
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from kernel.public_service.clock import TZ
from services.marriage.domain import (
    Affairs,
    Death,
    Declare,
    EndMarriage,
    KeepEnded,
    Marriage,
    ResumeMarriage,
    VoidMarriage,
    judge,
)
from services.marriage.problems import DeathNotConfirmed, LaterMarriageStands
from services.marriage.procedures import widowed
from services.marriage.procedures.registrar_steps import DECIDE, REVIEW

NOW = datetime(2026, 11, 22, 9, tzinfo=TZ)
DEAD, SPOUSE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
MARRIED_ON, REMARRIED_ON = date(2000, 5, 1), date(2026, 6, 1)
FIRST = Marriage(UUID(int=10), DEAD, SPOUSE, MARRIED_ON, "married")
LATER = Marriage(UUID(int=11), OTHER, SPOUSE, REMARRIED_ON, "married")
COURT, WRONG = UndoReason.COURT_REVOKED, UndoReason.WRONG_MATCH


def procedure(**more: object) -> Procedure:
    row = load_catalogue().life_events["death"].row("marriage.widowed")
    died_at = datetime(2026, 3, 1, 8, tzinfo=TZ)
    values = {
        "id": uuid4(), "case": uuid4(), "case_no": "D", "type": row.type, "life_event": "death", "subject": DEAD,
        "persons": {}, "region": "331022", "occurred_at": died_at, "effective_on": died_at.date(),
        "confirmed": True, "case_version": 1, "terms": row.terms, **more,
    }  # fmt: skip
    return Procedure(**values)  # type: ignore[arg-type]


@dataclass
class Registry:
    """What the registry knows, changed by effects as its tables would be."""

    first: Marriage = FIRST
    later: list[Marriage] = field(default_factory=list)
    unwilling: bool = False
    doubtful: bool = False
    spouse_died: Death | None = None
    returned: bool = False
    resumed_on: date | None = None

    def affairs(self) -> Affairs:
        alive = tuple(each for each in self.later if each.state != "void")
        return Affairs(
            DEAD, (self.first,), later={self.first.id: alive},
            unwilling=frozenset({SPOUSE} if self.unwilling else ()),
            survivor_died={SPOUSE: self.spouse_died} if self.spouse_died else {},
            doubtful=frozenset({SPOUSE} if self.doubtful else ()),
        )  # fmt: skip

    def apply(self, ruling: Ruling) -> None:
        order = (VoidMarriage, ResumeMarriage, EndMarriage, KeepEnded, Declare)
        for effect in sorted(ruling.effects, key=lambda each: order.index(type(each))):
            if isinstance(effect, VoidMarriage):
                self.later = [
                    replace(each, state="void") if each.id == effect.couple else each for each in self.later
                ]
            elif isinstance(effect, ResumeMarriage):
                self.first = replace(self.first, state="married", ended_on=None, ended_by=None)
                self.resumed_on = effect.resumed_on
            elif isinstance(effect, EndMarriage):
                self.first = replace(self.first, state="widowed", ended_on=effect.on, ended_by=effect.by)
            elif isinstance(effect, Declare):
                self.unwilling = True
            else:
                self.returned = True

    def run(self, verb: str, row: Procedure, **more: object) -> Procedure:
        ruling: Ruling = getattr(widowed, verb)(row, self.affairs(), *more.values(), at=NOW)
        self.apply(ruling)
        step = ruling.step if ruling.state in (OwnerState.OPEN, OwnerState.UNDOING) else None
        return replace(row, state=ruling.state, step=step, reason=ruling.reason)


def widow(registry: Registry) -> Procedure:
    return registry.run("open", procedure())


def taken_back(registry: Registry, row: Procedure, reason: UndoReason) -> Procedure:
    return registry.run("undo", replace(row, undo_reason=reason))


def test_a_death_that_is_only_declared_widows_nobody() -> None:
    with pytest.raises(DeathNotConfirmed):
        Registry().run("open", procedure(confirmed=False))


@pytest.mark.parametrize(
    ("state", "why"), [("divorced", "divorced"), ("widowed", "widowed"), (None, "never_married")]
)
def test_without_a_standing_marriage_the_row_does_not_apply_and_keeps_why(
    state: str | None, why: str
) -> None:
    ended = (replace(FIRST, state=state, ended_on=date(2010, 1, 1)),) if state else ()
    ruling = widowed.open(procedure(), Affairs(DEAD, ended), at=NOW)
    assert (ruling.state, ruling.reason, ruling.memory) == ("not_applicable", "not_married", {"why": why})


def test_after_the_court_the_marriage_stands_from_that_day() -> None:
    registry = Registry()
    row = taken_back(registry, widow(registry), COURT)
    assert (row.state, registry.first.state, registry.resumed_on) == ("undone", "married", NOW.date())


def test_a_wrong_match_never_ended_it() -> None:
    registry = Registry()
    row = taken_back(registry, widow(registry), WRONG)
    assert (row.state, registry.first, registry.resumed_on) == ("undone", FIRST, None)


@pytest.mark.parametrize("state", ["married", "divorced", "widowed"])
def test_whoever_remarried_stays_so_after_the_court_whatever_became_of_it(state: str) -> None:
    registry = Registry()
    row = widow(registry)
    registry.later = [replace(LATER, state=state)]
    row = taken_back(registry, row, COURT)
    assert (row.state, row.reason, registry.first.state) == ("undone", "remarried", "widowed")
    assert registry.returned


@pytest.mark.parametrize("reason", [WRONG, UndoReason.CERTIFICATE_VOID, UndoReason.NOT_NEEDED])
@pytest.mark.parametrize("state", ["married", "divorced"])
def test_a_later_marriage_through_our_error_goes_to_a_person(reason: UndoReason, state: str) -> None:
    registry = Registry()
    row = widow(registry)
    registry.later = [replace(LATER, state=state)]
    row = taken_back(registry, row, reason)
    assert (row.state, row.step, row.reason) == ("undoing", DECIDE, "remarried")
    assert registry.first.state == "widowed"


def test_the_first_cannot_be_restored_beside_a_later_one_that_stands() -> None:
    registry = Registry()
    row = widow(registry)
    registry.later = [LATER]
    row = taken_back(registry, row, WRONG)
    with pytest.raises(LaterMarriageStands):
        registry.run("advance", row, act=Act("decision", "restore", {"document_no": "x"}))
    row = registry.run("advance", row, act=Act("decision", "later_void", {"document_no": "x"}))
    assert (row.state, registry.first.state, registry.later[0].state) == ("undone", "married", "void")


def test_where_nobody_knows_a_person_decides_after_the_court() -> None:
    registry = Registry(doubtful=True)
    row = taken_back(registry, widow(registry), COURT)
    assert (row.state, row.reason) == ("undoing", "unknown")
    act = Act("decision", "declared_unwilling", {"declared_on": "2026-11-20"}, by="r-1")
    row = registry.run("advance", row, act=act)
    assert (row.state, row.reason, registry.unwilling) == ("undone", "declared_unwilling", True)
    assert registry.first.state == "widowed"


def test_a_spouse_who_died_since_leaves_the_returned_a_widower_or_free() -> None:
    since = Death(date(2026, 9, 9), uuid4())
    wrong, court = Registry(spouse_died=since), Registry(spouse_died=since)
    row = taken_back(wrong, widow(wrong), WRONG)
    assert (row.state, wrong.first.state, wrong.first.ended_on) == ("undone", "widowed", since.on)
    row = taken_back(court, widow(court), COURT)
    assert (row.state, row.reason, court.returned) == ("undone", "spouse_died", True)


def test_a_day_of_death_after_the_next_marriage_is_looked_into() -> None:
    registry = Registry()
    row = widow(registry)
    registry.later = [LATER]
    row = registry.run("correct", replace(row, occurred_at=datetime(2026, 7, 1, 8, tzinfo=TZ)))
    assert (row.state, row.step, registry.first.ended_on) == ("open", REVIEW, date(2026, 7, 1))
    row = registry.run("advance", row, act=Act("decision", "reviewed", reason="已核实"))
    assert row.state is OwnerState.DONE


@pytest.mark.parametrize("state", [OwnerState.WITHDRAWN, OwnerState.UNDONE, OwnerState.NOT_APPLICABLE])
@pytest.mark.parametrize("verb", ["correct", "undo", "withdraw"])
def test_an_ended_row_does_not_move(state: OwnerState, verb: str) -> None:
    ruling = getattr(widowed, verb)(procedure(state=state), Registry().affairs(), at=NOW)
    assert (ruling.state, ruling.effects) == (state, ())


class Marriages(RuleBasedStateMachine):
    """Widowing, remarriage, divorce, declarations and revocations in any order."""

    @initialize(doubtful=st.booleans())
    def begin(self, doubtful: bool) -> None:
        self.registry = Registry(doubtful=doubtful)
        self.row = widow(self.registry)
        self.reason: UndoReason | None = None
        self.by_a_person = False

    @precondition(lambda self: self.registry.first.state == "widowed" and not self.registry.later)
    @rule(state=st.sampled_from(["married", "divorced"]))
    def remarry(self, state: str) -> None:
        self.registry.later = [replace(LATER, id=uuid4(), state=state)]

    @precondition(lambda self: self.registry.first.state == "widowed")
    @rule()
    def declare(self) -> None:
        self.registry.unwilling = True

    @rule(ago=st.integers(0, 400))
    def correct(self, ago: int) -> None:
        self.row = self.registry.run("correct", replace(self.row, occurred_at=NOW - timedelta(days=ago)))

    @rule(reason=st.sampled_from(UndoReason))
    def undo(self, reason: UndoReason) -> None:
        if self.row.state not in (OwnerState.UNDONE, OwnerState.UNDOING):
            self.reason = reason
            self.expected = judge(self.registry.first, self.registry.affairs(), reason)
            self.row = taken_back(self.registry, self.row, reason)

    @precondition(lambda self: self.row.state is OwnerState.UNDOING)
    @rule(decision=st.sampled_from(["restore", "keep_ended", "later_void"]))
    def decide(self, decision: str) -> None:
        act = Act("decision", decision, {"document_no": "x"}, "r", by="r-1")
        standing = any(each.state == "married" for each in self.registry.later)
        if decision == "restore" and standing:
            with pytest.raises(LaterMarriageStands):
                self.registry.run("advance", self.row, act=act)
            return
        self.by_a_person = True
        self.row = self.registry.run("advance", self.row, act=act)

    @invariant()
    def nobody_has_two_marriages(self) -> None:
        standing = [m for m in (self.registry.first, *self.registry.later) if m.state == "married"]
        assert len(standing) <= 1

    @invariant()
    def the_court_alone_never_restores_against_article_51(self) -> None:
        if self.reason is COURT and self.row.state is OwnerState.UNDONE and not self.by_a_person:
            barred = self.registry.unwilling or bool(self.registry.later)
            if self.expected[0] == "stays_ended":
                assert barred and self.registry.first.state == "widowed"
            elif self.expected[0] == "resumes":
                assert self.registry.first.state == "married"

    @invariant()
    def an_error_of_ours_never_decides_over_a_later_marriage(self) -> None:
        if self.reason not in (None, COURT) and self.registry.later and not self.by_a_person:
            assert self.registry.first.state == "widowed"


TestMarriages = Marriages.TestCase
TestMarriages.settings = settings(max_examples=200, stateful_step_count=12, deadline=None)


@pytest.mark.parametrize("decision", ["restore", "keep_ended"])
@pytest.mark.parametrize("reason", [COURT, WRONG])
def test_the_registrar_has_the_last_word(decision: str, reason: UndoReason) -> None:
    registry = Registry(doubtful=True)
    row = widow(registry)
    if reason is WRONG:
        registry.later = [replace(LATER, state="divorced")]
    row = taken_back(registry, row, reason)
    act = Act("decision", decision, {"document_no": "x"}, "已核实")
    ruling = widowed.advance(replace(row, undo_reason=reason), registry.affairs(), act, at=NOW)
    kind = UndoKind.RESTORE if decision == "restore" else UndoKind.ANNOTATE
    assert (ruling.state, ruling.undo_kind) == ("undone", kind)
