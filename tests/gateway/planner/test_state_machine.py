"""Every race of design 5 over the planner and its owners: each run ends, and no act happens twice."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as check_every_run

from contracts.outcomes import Outcome, OwnerState
from contracts.terms import HoldKind, UndoReason
from gateway.cases.planner import arrivals, plan
from gateway.cases.planner import inputs as given
from gateway.cases.planner.model import FINAL, Ask, Case, CaseStatus, Plan, PlannedOrder, RowState
from tests.gateway.planner.event import AT, CASE, DIED, EVENT, WISHES, report
from tests.gateway.planner.owners import Owner

LAWFUL = settings(
    max_examples=400,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
BROKEN = settings(
    LAWFUL, max_examples=800, report_multiple_bugs=False, print_blob=False, phases=LAWFUL.phases[:3]
)
PICK = st.integers(min_value=0, max_value=40)
ENDING = FINAL | {CaseStatus.REVOKING, CaseStatus.WITHDRAWING}
RULED_OUT = {kind for path in EVENT.manual_paths for kind in path.not_for}


def conditions(special, natural, abnormal):
    """What the catalogue's conditions give over a form with these special cases."""
    found = {**dict.fromkeys(RULED_OUT, True), "tax.closing": natural, "police.proof": abnormal}
    for path in EVENT.manual_paths:
        if path.id in special:
            found.update(dict.fromkeys(path.not_for, False))
    return found


class Races(RuleBasedStateMachine):
    """Orders stay in order per owner (one key, one topic); outcomes come late, twice and out of order."""

    checks_order_number = True

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        self.case = Case(id=CASE, event=EVENT)
        self.owners: dict[str, Owner] = defaultdict(lambda: Owner(self.checks_order_number))
        self.queues: dict[str, list[PlannedOrder]] = defaultdict(list)
        self.specs = {row.type: row for row in EVENT.procedures}
        self.delivered: list[PlannedOrder] = []
        self.bag: list[Outcome] = []
        self.heard: list[Outcome] = []
        self.give(report())

    def give(self, *events: given.Input) -> Plan:
        self.at += timedelta(minutes=1)
        done = plan(self.case, list(events), at=self.at)
        self.case = done.case
        for order in done.orders:
            self.queues[order.owner].append(order)
        self.last = done
        return done

    def say(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.bag.append(outcome)

    def records(self):
        return [(owner, record) for owner in self.owners.values() for record in owner.records.values()]

    def deliver(self, name: str) -> None:
        order = self.queues[name].pop(0)
        self.delivered.append(order)
        self.say(self.owners[name].carry_out(order, self.at))

    def hear(self, at: int, *, keep: bool) -> None:
        outcome = self.bag[at % len(self.bag)]
        if not keep:
            self.bag.remove(outcome)
        self.heard.append(outcome)
        self.give(given.OutcomeArrived(outcome))

    @precondition(lambda self: any(self.queues.values()))
    @rule(pick=PICK)
    def an_order_arrives(self, pick):
        names = sorted(name for name, queue in self.queues.items() if queue)
        self.deliver(names[pick % len(names)])

    @precondition(lambda self: self.delivered)
    @rule(pick=PICK)
    def an_order_arrives_twice(self, pick):
        order = self.delivered[pick % len(self.delivered)]
        self.say(self.owners[order.owner].carry_out(order, self.at))

    @precondition(lambda self: self.bag)
    @rule(pick=PICK, keep=st.booleans())
    def an_outcome_arrives_in_any_order(self, pick, keep):
        self.hear(pick, keep=keep)

    @precondition(lambda self: self.heard)
    @rule(pick=PICK)
    def an_old_outcome_arrives_again(self, pick):
        self.give(given.OutcomeArrived(self.heard[pick % len(self.heard)]))

    @precondition(lambda self: self.records())
    @rule(pick=PICK, how=st.sampled_from(["pass", "pause", "refuse", "end", "end"]))
    def something_happens_at_an_owner(self, pick, how):
        records = self.records()
        owner, record = records[pick % len(records)]
        self.say(owner.progress(record, how, self.at))

    @precondition(lambda self: self.records())
    @rule(hours=st.integers(min_value=-3, max_value=3))
    def a_sign_of_life_is_told(self, hours):
        for owner, record in self.records():
            if record.type == "assistance.hold" and record.state is OwnerState.DONE:
                sign = (DIED + timedelta(hours=hours)).isoformat()
                self.say(owner.says(record, self.at, result={"last_sign_of_life": sign}))

    @rule()
    def the_family_withdraws(self):
        if self.case.status not in FINAL | {CaseStatus.REVOKING}:
            self.give(given.WithdrawalAsked())

    @rule(pick=PICK)
    def the_family_withdraws_one_row(self, pick):
        rows = [row for row in self.case.rows if self.specs[row.type].origin == "applied"]
        self.give(given.WithdrawalAsked(frozenset({rows[pick % len(rows)].id})))

    @rule(
        natural=st.sampled_from([True, False, None]),
        abnormal=st.booleans(),
        days=st.integers(0, 2),
        word=st.sampled_from(["given", "refused", "absent"]),
        special=st.frozensets(st.sampled_from(["nobody", "abroad"]), max_size=1),
        by_office=st.booleans(),
    )
    def a_correction(self, natural, abnormal, days, word, special, by_office):
        self.give(self.corrected(natural, abnormal, days, word, special, by_office))

    @rule(days=st.lists(st.integers(0, 2), min_size=2, max_size=2), special=st.booleans())
    def two_corrections_at_once(self, days, special):
        """Both were locked one after the other: they are applied in that order, in one plan."""
        paths = frozenset({"nobody"} if special else ())
        self.give(*(self.corrected(True, False, day, "given", paths, True) for day in days))

    def corrected(self, natural, abnormal, days, word, special, by_office):
        return given.Corrected(
            conditions=conditions(special, natural, abnormal),
            wishes={**WISHES, "funeral.cremation": word},
            occurred_at=DIED - timedelta(days=days),
            changed=frozenset({"/deceased/name"}),
            special=special,
            by_office=by_office,
        )

    @rule(said_by=st.sampled_from(["health", "police"]))
    def a_certificate_is_issued_anew(self, said_by):
        self.give(
            given.Corrected(
                conditions={},
                wishes={},
                occurred_at=self.case.occurred_at,
                changed=frozenset({"/deceased/certificate_no"}),
                special=self.case.special,
                said_by=said_by,
            )
        )

    @precondition(lambda self: self.case.special - self.case.settled)
    @rule(go_on=st.booleans())
    def a_person_works_the_special_case(self, go_on):
        path = sorted(self.case.special - self.case.settled)[0]
        if Ask("manual_path", code=path) in self.last.asks:
            self.give(given.ManualPathDecided(path, go_on))

    @rule(chance=st.integers(0, 3))
    def the_body_is_identified(self, chance):
        if chance == 0 and self.case.status not in ENDING:
            self.give(given.SubjectKnown())

    @rule(kinds=st.frozensets(st.sampled_from([HoldKind.COURT, HoldKind.POLICE])))
    def holds_are_placed_and_released(self, kinds):
        self.give(given.HoldsStand(kinds))

    @rule()
    def an_issuer_speaks_of_another_person(self):
        row = next((row for row in self.case.rows if row.type == "health.proof"), None)
        if row and not row.order and self.case.status not in ENDING:
            self.give(report(doubting="health.proof", special=self.case.special))

    @rule(confirming=st.sampled_from([None, "health.proof"]))
    def another_report(self, confirming):
        row = next((row for row in self.case.rows if row.type == "health.proof"), None)
        if confirming and row and row.order:
            confirming = None
        self.give(
            report(
                confirming=confirming,
                differs=True,
                conditions=conditions(self.case.special, True, False),
                wishes={**WISHES, "funeral.ashes": "given"},
                asked=frozenset({"funeral.ashes", "funeral.cremation"}),
                special=self.case.special,
            )
        )

    @rule(pick=PICK, accept=st.booleans())
    def an_offer_is_answered(self, pick, accept):
        offered = [row for row in self.case.rows if row.state is RowState.OFFERED]
        if offered:
            self.give(given.OfferAnswered(offered[pick % len(offered)].id, accept))

    @rule(
        reason=st.sampled_from([UndoReason.WRONG_MATCH, UndoReason.COURT_REVOKED]), chance=st.integers(0, 5)
    )
    def the_county_revokes(self, reason, chance):
        if chance == 0:
            self.give(given.RevocationSigned(reason))

    @rule()
    def a_department_asks_to_revoke(self):
        self.give(given.RevocationAsked(UndoReason.CERTIFICATE_VOID))

    @invariant()
    def no_act_happens_twice(self):
        doubled = [kind for owner in self.owners.values() for kind in owner.double_effects]
        assert not doubled, f"done twice: {doubled}"

    @invariant()
    def at_most_one_order_is_unanswered(self):
        for row in self.case.rows:
            assert 0 <= row.order - row.answered <= 1, row

    @invariant()
    def at_most_one_round_of_a_type_has_an_effect(self):
        standing = defaultdict(int)
        for _, record in self.records():
            standing[record.type] += record.effect
        assert all(number <= 1 for number in standing.values()), dict(standing)

    def teardown(self):
        """Let everything arrive and every person decide: the run must come to an end that agrees."""
        for _ in range(400):
            if not self.one_more_step():
                break
        else:
            pytest.fail(f"the run does not end: {self.case.status}")
        assert self.case.status in FINAL | {CaseStatus.FINISHED}, self.unfinished()
        self.the_board_agrees_with_the_owners()

    def one_more_step(self) -> bool:
        for name, queue in self.queues.items():
            if queue:
                self.deliver(name)
                return True
        if self.bag:
            self.hear(0, keep=False)
            return True
        if self.case.status not in FINAL and self.a_person_decides():
            return True
        for owner, record in self.records():
            if record.state in (OwnerState.OPEN, OwnerState.PAUSED, OwnerState.UNDOING):
                self.say(owner.progress(record, "end", self.at))
                return True
        return False

    def a_person_decides(self) -> bool:
        if HoldKind.COURT in self.case.holds:
            self.give(given.HoldsStand())
            return True
        answers = {
            "identity_doubt": given.DoubtCleared(),
            "sign_revocation": given.RevocationDeclined(),
            "evidence_refused": given.EvidenceSought("health.proof"),
        }
        for ask in sorted(self.last.asks, key=lambda ask: ask.kind):
            kind = next((row.type for row in self.case.rows if row.id == ask.row), "")
            if ask.kind == "manual_path":
                self.give(given.ManualPathDecided(ask.code, go_on=True))
            elif ask.kind == "evidence_refused" and kind == "health.proof" and "abroad" in self.case.special:
                self.give(given.RevocationSigned(UndoReason.WRONG_MATCH))
            else:
                self.give(answers.get(ask.kind) or given.ConditionAnswered(kind, True))
            return True
        return False

    def the_board_agrees_with_the_owners(self):
        owned = {record.id: record for _, record in self.records()}
        for row in self.case.rows:
            record = owned.get(row.id)
            assert (record is not None) == (row.order > 0), row
            if record and self.case.status not in FINAL:
                assert row.state.value == record.state.value, (row, record)
            if record and self.case.status in FINAL and record.effect:
                irreversible = (
                    {"funeral.cremation"} if self.case.status is CaseStatus.REVOKED else {"health.proof"}
                )
                assert row.type in irreversible or row.too_late, (self.case.status, row, record)

    def unfinished(self):
        return [
            (row.type, row.state, row.order, row.answered, row.wanted, row.reason)
            for row in self.case.rows
            if row.state not in (RowState.DONE, RowState.NOT_APPLICABLE, RowState.OFFERED)
        ]


@pytest.mark.slow
def test_every_run_ends_and_no_procedure_has_two_effects():
    check_every_run(Races, settings=LAWFUL)


@pytest.mark.slow
def test_without_the_outcome_version_check_the_machine_fails(monkeypatch):
    monkeypatch.setattr(arrivals, "is_news", lambda row, outcome: True)
    with pytest.raises(AssertionError):
        check_every_run(Races, settings=BROKEN)


def test_without_the_order_number_check_the_machine_fails():
    class Forgetful(Races):
        checks_order_number = False

    with pytest.raises(AssertionError):
        check_every_run(Forgetful, settings=BROKEN)
