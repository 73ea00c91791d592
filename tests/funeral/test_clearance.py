"""No cremation starts unless this database itself holds everything that allows it, whatever has happened before."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as check_every_run

from casework.procedure import Act
from contracts.orders import Evidence
from contracts.outcomes import OwnerState
from contracts.terms import HoldKind
from kernel.errors import Problem
from services.funeral.domain import clearance
from services.funeral.domain.bodies import TAGS, Body, Numbers
from services.funeral.domain.clearance import POLICE_PROOF, Looked, missing, proof_text
from services.funeral.domain.effects import Book, NotExpected, Release, Start, Tag
from services.funeral.domain.facts import Booking, CremationFacts
from services.funeral.domain.halls import HallBooking
from services.funeral.domain.holds import Hold
from services.funeral.domain.slots import Timetable
from services.funeral.procedures import cremation
from tests.funeral.test_timetable import HOME
from tests.funeral.values import CASE, CERTIFICATE, NOW, SUBJECT, after, decision, procedure

OTHER_HOME = UUID(int=8)
HELD_BY = procedure("funeral.cremation").terms.held_by
ABNORMAL = Evidence(type=POLICE_PROOF, version=1)
BODY = Body(UUID(int=2), CASE, SUBJECT, HOME.id, "T-1")
CLEARED = Looked(
    subject=SUBJECT, confirmed=True, evidence=(CERTIFICATE,), seen=proof_text((CERTIFICATE,)), holds=(),
    police_gave_free=False, body=BODY, slot_home=HOME.id, farewell=None,
)  # fmt: skip
FAREWELL = HallBooking(UUID(int=3), UUID(int=4), "hall", NOW, NOW + timedelta(hours=1))


def test_with_proof_tag_and_slot_and_without_a_hold_it_is_cleared() -> None:
    assert missing(CLEARED, at=NOW) == ()


@pytest.mark.parametrize(
    ("lacks", "code"),
    [
        ({"evidence": ()}, "no_proof"),
        ({"confirmed": False}, "not_confirmed"),
        ({"seen": None}, "proof_newer"),
        ({"evidence": (CERTIFICATE.model_copy(update={"version": 2}),)}, "proof_newer"),
        ({"holds": (HoldKind.POLICE,)}, "hold_police"),
        ({"body": None}, "no_body_tag"),
        ({"body": replace(BODY, left_at=NOW)}, "body_gone"),
        ({"body": replace(BODY, home=OTHER_HOME)}, "body_elsewhere"),
        ({"body": replace(BODY, subject=UUID(int=99))}, "other_person"),
        ({"slot_home": None}, "no_slot"),
        ({"farewell": FAREWELL}, "farewell_first"),
    ],
)
def test_each_thing_that_lacks_is_named(lacks: dict[str, object], code: str) -> None:
    assert missing(replace(CLEARED, **lacks), at=NOW) == (code,)


@pytest.mark.parametrize(
    ("released", "hold_released", "codes"),
    [(True, False, ()), (False, False, ("police_not_released",)), (False, True, ())],
)
def test_after_an_abnormal_death_the_police_have_to_set_the_body_free(
    released: bool, hold_released: bool, codes: tuple[str, ...]
) -> None:
    proof = (ABNORMAL.model_copy(update={"released": released}),)
    looked = replace(CLEARED, evidence=proof, seen=proof_text(proof), police_gave_free=hold_released)
    assert missing(looked, at=NOW) == codes


def test_a_normal_certificate_beside_a_body_the_police_keep_is_not_enough() -> None:
    proof = (CERTIFICATE, ABNORMAL.model_copy(update={"released": False}))
    assert missing(replace(CLEARED, evidence=proof, seen=proof_text(proof)), at=NOW) == (
        "police_not_released",
    )


def test_everything_that_lacks_is_told_at_once() -> None:
    looked = replace(CLEARED, evidence=(), holds=(HoldKind.COURT,), body=None)
    assert missing(looked, at=NOW) == ("hold_court", "no_proof", "no_body_tag")


def test_a_farewell_that_was_held_or_is_over_keeps_nobody_waiting() -> None:
    held, over = replace(FAREWELL, held_at=NOW), replace(FAREWELL, ends_at=NOW)
    assert [missing(replace(CLEARED, farewell=each), at=NOW) for each in (held, over)] == [(), ()]


class Starts(RuleBasedStateMachine):
    """Holds, proofs, tags, bookings and starts in any order, on the verbs themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.procedure = procedure("funeral.cremation", state=None)
        self.holds: dict[int, Hold] = {}
        self.body: Body | None = None
        self.booking: Booking | None = None
        self.number = 0
        self.lawful: list[bool] = []
        self.take(cremation.open(self.procedure, self.facts(), at=NOW))

    def facts(self) -> CremationFacts:
        tags = {HOME.id: Numbers(HOME, TAGS, {NOW.year: self.number})}
        taken = frozenset() if self.booking is None else frozenset({(self.booking.cremator, NOW)})
        return CremationFacts(
            tuple(self.holds.values()), self.booking, Timetable((HOME,), taken), self.body, None, tags
        )

    def take(self, ruling: object) -> None:
        self.procedure = after(self.procedure, ruling)
        for effect in ruling.effects:
            if isinstance(effect, Book):
                self.booking = Booking(effect.slot.cremator.id, effect.slot.starts_at, effect.slot.home.id)
            elif isinstance(effect, Release):
                self.booking = None
            elif isinstance(effect, Tag):
                self.number += 1
                self.body = Body(UUID(int=50 + self.number), CASE, SUBJECT, effect.home, effect.tag)
            elif isinstance(effect, NotExpected):
                self.body = None

    def decide(self, act: Act) -> None:
        if not self.procedure.running:
            return
        try:
            ruling = cremation.advance(self.procedure, self.facts(), act, at=NOW)
        except Problem:
            return
        if any(isinstance(effect, Start) for effect in ruling.effects):
            self.lawful.append(self.is_lawful(act))
        self.take(ruling)

    def is_lawful(self, act: Act) -> bool:
        """The law in other words than the code's."""
        held = any(h.released_at is None and h.kind in HELD_BY for h in self.holds.values())
        kinds = {proof.type for proof in self.procedure.evidence}
        unreleased = any(
            proof.type == POLICE_PROOF and not proof.released for proof in self.procedure.evidence
        )
        theirs = [h for h in self.holds.values() if h.kind is HoldKind.POLICE]
        set_free = bool(theirs) and all(h.released_at for h in theirs)
        tag = act.data.get("body_tag")
        return (
            not held and bool(kinds) and (not unreleased or set_free) and self.procedure.confirmed
            and self.body is not None and self.booking is not None and self.body.home == self.booking.home
            and self.body.subject == self.procedure.subject and tag in (None, self.body.tag)
            and len(set(act.data["operators"])) == 2
        )  # fmt: skip

    @rule(key=st.integers(0, 3), kind=st.sampled_from(list(HoldKind)))
    def a_hold_comes(self, key, kind):
        self.holds.setdefault(key, Hold(UUID(int=100 + key), kind, CASE, None, NOW))
        self.look_again()

    @rule(key=st.integers(0, 3))
    def a_hold_goes(self, key):
        if key in self.holds:
            self.holds[key] = replace(self.holds[key], released_at=NOW)
        self.look_again()

    def look_again(self):
        if self.procedure.running:
            self.take(cremation.advance(self.procedure, self.facts(), Act("answer", "hold"), at=NOW))

    @rule(
        kinds=st.sets(st.sampled_from(["health.death_certificate", POLICE_PROOF])), version=st.integers(1, 3),
        released=st.booleans(), told=st.booleans(), confirmed=st.booleans(),
    )  # fmt: skip
    def the_proof_changes(self, kinds, version, released, told, confirmed):
        proof = tuple(Evidence(type=kind, version=version, released=released) for kind in sorted(kinds))
        self.procedure = replace(self.procedure, evidence=proof, confirmed=confirmed)
        if told:
            self.take(cremation.correct(self.procedure, self.facts(), at=NOW))

    @rule()
    def the_body_goes_elsewhere(self):
        if self.body is not None:
            self.body = replace(self.body, home=OTHER_HOME)

    @rule()
    def the_body_leaves(self):
        if self.body is not None:
            self.body = replace(self.body, left_at=NOW)

    @rule()
    def the_case_is_about_another_person(self):
        if self.body is not None:
            self.body = replace(self.body, subject=UUID(int=77))

    @rule()
    def a_slot_is_booked(self):
        if self.procedure.step == "book":
            self.decide(decision("booked"))

    @rule()
    def it_is_rebooked(self):
        if self.procedure.step == "identify":
            self.decide(decision("rebook"))

    @rule(operators=st.sampled_from([["A", "B"], ["A", "A"]]), tag=st.sampled_from([None, "other", "own"]))
    def somebody_starts(self, operators, tag):
        if self.procedure.step != "identify":
            return
        data = {"operators": operators, "identity_matches": True}
        if tag is not None:
            data["body_tag"] = self.body.tag if tag == "own" and self.body else "other"
        self.decide(decision("start", **data))

    @invariant()
    def every_start_was_lawful(self):
        assert all(self.lawful)

    @invariant()
    def a_cremation_runs_only_after_a_start(self):
        assert (self.procedure.step == "start") == bool(self.lawful)


MACHINE = settings(
    max_examples=250, stateful_step_count=30, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.slow
def test_no_cremation_ever_starts_without_clearance() -> None:
    check_every_run(Starts, settings=MACHINE)


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["_holds", "_proof", "_body"])
def test_without_a_part_of_the_clearance_the_machine_fails(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearance, broken, lambda looked: iter(()))
    with pytest.raises(AssertionError):
        check_every_run(Starts, settings=settings(MACHINE, max_examples=1500, report_multiple_bugs=False))


def test_a_running_cremation_is_not_stopped_by_a_hold() -> None:
    running = procedure("funeral.cremation", state=OwnerState.OPEN, step="start", no_return_at=NOW)
    facts = CremationFacts((Hold(UUID(int=5), HoldKind.POLICE, CASE, None, NOW),))
    assert cremation.advance(running, facts, Act("answer", "hold"), at=NOW).state is OwnerState.OPEN
