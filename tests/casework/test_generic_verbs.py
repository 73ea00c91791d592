"""The transition table of design 5 on the owner's side, for a procedure without code, on a real database."""

import pytest

from casework.tasks import NotThisRole, ProcedureEnded, TaskUnknown
from contracts.orders import Verb
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind, UndoReason
from kernel.errors import StaleVersion, Unprocessable
from tests.casework.plain_owner import ACT, ANSWERS, CHECK, NOW, SYSTEM, Bench, Matter, ends, step, terms


async def test_system_steps_run_at_once(bench: Bench) -> None:
    outcome = await bench.send(Matter(terms()), Verb.OPEN)
    assert (outcome.state, outcome.order, outcome.version, outcome.task) == (OwnerState.DONE, 1, 1, None)


async def test_a_system_step_leads_to_the_human_one(bench: Bench) -> None:
    first = SYSTEM.model_copy(update={"to": "check"})
    outcome = await bench.send(Matter(terms(first, CHECK, ACT)), Verb.OPEN)
    assert outcome.task is not None
    assert (outcome.state, outcome.step, outcome.task.role) == (OwnerState.OPEN, "check", "township_officer")


async def test_a_decision_leads_to_the_next_step_with_a_task_of_its_own(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    moved = await bench.decide(opened, "good")
    assert moved.task is not None
    assert opened.task is not None
    assert (moved.step, moved.version) == ("act", opened.version + 1)
    assert moved.task.id != opened.task.id


async def test_the_last_decision_ends_it(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    ended = await bench.decide(await bench.decide(opened, "good"), "finished")
    assert (ended.state, ended.task, ended.result) == (OwnerState.DONE, None, {"decision": "finished"})


async def test_a_refusal_needs_its_reason(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    with pytest.raises(Unprocessable) as refusal:
        await bench.decide(opened, "bad")
    assert refusal.value.errors[0].field == "/reason"
    refused = await bench.decide(opened, "bad", reason="不符合条件")
    assert (refused.state, refused.reason) == (OwnerState.REFUSED, "不符合条件")


async def test_an_unknown_decision_is_refused_with_the_choices(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    with pytest.raises(Unprocessable) as refusal:
        await bench.decide(opened, "perhaps")
    assert "good" in refusal.value.errors[0].how_en


async def test_data_is_held_to_the_schema_of_the_decision(bench: Bench) -> None:
    schema = {
        "type": "object",
        "required": ["on"],
        "properties": {"on": {"type": "string", "format": "date"}},
    }
    matter = Matter(terms(step("book", ends("booked", data=schema))))
    opened = await bench.send(matter, Verb.OPEN)
    for data, field in (({}, "/data/on"), ({"on": "soon"}, "/data/on")):
        with pytest.raises(Unprocessable) as refusal:
            await bench.decide(opened, "booked", data=data)
        assert refusal.value.errors[0].field == field
    assert (await bench.decide(opened, "booked", data={"on": "2026-03-05"})).state is OwnerState.DONE


async def test_another_role_or_region_may_not_decide(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    for more in ({"role": "county_supervisor"}, {"region": "331003"}):
        with pytest.raises(NotThisRole):
            await bench.decide(opened, "good", **more)


async def test_an_old_version_is_stale_and_changes_nothing(bench: Bench) -> None:
    matter = Matter()
    opened = await bench.send(matter, Verb.OPEN)
    corrected = await bench.send(matter, Verb.CORRECT)
    with pytest.raises(StaleVersion) as stale:
        await bench.decide(opened, "good")
    assert stale.value.current == corrected.version
    assert (await bench.decide(corrected, "good")).step == "act"


async def test_a_task_of_a_step_gone_by_is_stale(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    moved = await bench.decide(opened, "good")
    with pytest.raises(StaleVersion):
        await bench.decide(opened.model_copy(update={"version": moved.version}), "good")


async def test_an_ended_procedure_takes_no_decision(bench: Bench) -> None:
    matter = Matter()
    opened = await bench.send(matter, Verb.OPEN)
    await bench.send(matter, Verb.WITHDRAW)
    with pytest.raises(ProcedureEnded):
        await bench.decide(opened, "good")


async def test_a_task_that_never_was_is_not_found(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    assert opened.task is not None
    strange = opened.model_copy(update={"task": opened.task.model_copy(update={"id": opened.procedure})})
    with pytest.raises(TaskUnknown):
        await bench.decide(strange, "good")


async def test_who_decided_what_is_kept(bench: Bench) -> None:
    opened = await bench.send(Matter(), Verb.OPEN)
    await bench.decide(opened, "bad", reason="不符合条件")
    async with bench.transactions.begin() as tx:
        kept = await tx.connection.exec_driver_sql(
            "SELECT decision, reason, decided_by, closed_at FROM procedure_tasks"
        )
        assert [tuple(row) for row in kept] == [("bad", "不符合条件", "somebody", NOW)]


# -- withdrawal


async def test_before_the_point_of_no_return_it_is_withdrawn(bench: Bench) -> None:
    matter = Matter()
    await bench.send(matter, Verb.OPEN)
    outcome = await bench.send(matter, Verb.WITHDRAW)
    assert (outcome.state, outcome.too_late_at, outcome.task) == (OwnerState.WITHDRAWN, None, None)


async def test_after_the_point_of_no_return_it_is_too_late(bench: Bench) -> None:
    matter = Matter()
    await bench.decide(await bench.send(matter, Verb.OPEN), "good")
    outcome = await bench.send(matter, Verb.WITHDRAW)
    assert (outcome.state, outcome.step, outcome.too_late_at) == (OwnerState.OPEN, "act", NOW)
    assert outcome.task is not None


async def test_what_is_done_is_too_late_to_withdraw(bench: Bench) -> None:
    matter = Matter(terms())
    await bench.send(matter, Verb.OPEN)
    outcome = await bench.send(matter, Verb.WITHDRAW)
    assert outcome.state is OwnerState.DONE
    assert outcome.too_late_at is not None


async def test_a_withdrawn_procedure_may_be_opened_again(bench: Bench) -> None:
    matter = Matter()
    first = await bench.send(matter, Verb.OPEN)
    withdrawn = await bench.send(matter, Verb.WITHDRAW)
    again = await bench.send(matter, Verb.OPEN)
    assert (again.state, again.step) == (OwnerState.OPEN, "check")
    assert first.version < withdrawn.version < again.version


# -- correction


async def test_a_correction_of_an_open_procedure_keeps_step_and_task(bench: Bench) -> None:
    matter = Matter()
    opened = await bench.send(matter, Verb.OPEN)
    matter.version = 2
    corrected = await bench.send(matter, Verb.CORRECT)
    assert corrected.task is not None
    assert opened.task is not None
    assert (corrected.state, corrected.step, corrected.task.id) == (OwnerState.OPEN, "check", opened.task.id)
    assert corrected.version == opened.version + 1


async def test_a_correction_of_a_refused_one_opens_it_anew(bench: Bench) -> None:
    matter = Matter()
    await bench.decide(await bench.send(matter, Verb.OPEN), "bad", reason="不符合条件")
    outcome = await bench.send(matter, Verb.CORRECT)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "check")


async def test_a_correction_that_moves_the_event_moves_the_limit_that_counts_from_it(bench: Bench) -> None:
    limit = terms().limit.model_validate({"amount": 5, "unit": "WD", "from": "event"})
    matter = Matter(terms(CHECK, ACT, limit=limit))
    opened = await bench.send(matter, Verb.OPEN)
    matter.version, matter.occurred_at = 2, NOW.replace(day=4)
    corrected = await bench.send(matter, Verb.CORRECT)
    assert opened.due_at is not None
    assert corrected.due_at is not None
    assert (opened.due_at.day, corrected.due_at.day) == (9, 11)


# -- undo


@pytest.mark.parametrize("kind", [UndoKind.RESTORE, UndoKind.RECOVER, UndoKind.REISSUE, UndoKind.ANNOTATE])
async def test_what_the_system_did_is_undone_at_once_in_its_way(bench: Bench, kind: UndoKind) -> None:
    matter = Matter(terms(undo=kind))
    await bench.send(matter, Verb.OPEN)
    outcome = await bench.send(matter, Verb.UNDO, reason=UndoReason.NOT_NEEDED)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.UNDONE, kind)


async def test_what_cannot_be_undone_stays_done_with_a_note(bench: Bench) -> None:
    matter = Matter(terms(undo=UndoKind.NONE))
    await bench.send(matter, Verb.OPEN)
    outcome = await bench.send(matter, Verb.UNDO, reason=UndoReason.WRONG_MATCH)
    assert (outcome.state, outcome.undo_kind) == (OwnerState.DONE, UndoKind.NONE)


async def test_an_open_one_is_undone_before_anything_happened(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, undo=UndoKind.NONE, point_of_no_return="act"))
    await bench.send(matter, Verb.OPEN)
    outcome = await bench.send(matter, Verb.UNDO, reason=UndoReason.WRONG_MATCH)
    assert outcome.state is OwnerState.UNDONE


@pytest.mark.parametrize(
    "reason", [UndoReason.WRONG_MATCH, UndoReason.COURT_REVOKED, UndoReason.CERTIFICATE_VOID]
)
async def test_the_countys_signature_suffices_for_what_a_human_decided(
    bench: Bench, reason: UndoReason
) -> None:
    matter = Matter()
    await bench.decide(await bench.decide(await bench.send(matter, Verb.OPEN), "good"), "finished")
    assert (await bench.send(matter, Verb.UNDO, reason=reason)).state is OwnerState.UNDONE


async def test_what_a_human_decided_is_undone_as_needless_only_when_signed(bench: Bench) -> None:
    matter = Matter()
    await bench.decide(await bench.decide(await bench.send(matter, Verb.OPEN), "good"), "finished")
    undoing = await bench.send(matter, Verb.UNDO, reason=UndoReason.NOT_NEEDED)
    assert undoing.task is not None
    assert (undoing.state, undoing.task.role) == (OwnerState.UNDOING, "county_supervisor")
    again = await bench.send(matter, Verb.UNDO, reason=UndoReason.NOT_NEEDED)
    assert again.task is not None
    assert again.task.id == undoing.task.id
    signed = await bench.decide(again, "sign")
    assert (signed.state, signed.undo_kind) == (OwnerState.UNDONE, UndoKind.RESTORE)


async def test_a_signed_revocation_ends_an_undo_that_waits(bench: Bench) -> None:
    matter = Matter()
    await bench.decide(await bench.decide(await bench.send(matter, Verb.OPEN), "good"), "finished")
    await bench.send(matter, Verb.UNDO, reason=UndoReason.NOT_NEEDED)
    assert (await bench.send(matter, Verb.UNDO, reason=UndoReason.WRONG_MATCH)).state is OwnerState.UNDONE


async def test_an_undo_of_what_was_never_opened_is_answered(bench: Bench) -> None:
    undone = await bench.send(Matter(), Verb.UNDO, reason=UndoReason.WRONG_MATCH)
    withdrawn = await bench.send(Matter(), Verb.WITHDRAW)
    assert (undone.state, undone.undo_kind, withdrawn.state) == ("undone", UndoKind.NONE, "withdrawn")


@pytest.mark.parametrize("end", ["refused", "not_applicable"])
async def test_what_ended_otherwise_has_nothing_to_undo(bench: Bench, end: str) -> None:
    matter = Matter(terms(step("check", ends("no", end))))
    await bench.decide(await bench.send(matter, Verb.OPEN), "no")
    assert (await bench.send(matter, Verb.UNDO, reason=UndoReason.WRONG_MATCH)).state == end


# -- predicates


@pytest.mark.parametrize(("answer", "state"), [(True, "open"), (False, "not_applicable"), (None, "paused")])
async def test_a_predicate_is_asked_before_the_first_step(
    bench: Bench, answer: bool | None, state: str
) -> None:
    matter = Matter(terms(CHECK, ACT, predicate="holds"))
    ANSWERS[matter.subject] = answer
    assert (await bench.send(matter, Verb.OPEN)).state == state


@pytest.mark.parametrize(("unknown", "state"), [("yes", "open"), ("no", "not_applicable")])
async def test_an_unknown_answer_may_count_as_yes_or_no(bench: Bench, unknown: str, state: str) -> None:
    outcome = await bench.send(Matter(terms(CHECK, ACT, predicate="holds", unknown=unknown)), Verb.OPEN)
    assert outcome.state == state


@pytest.mark.parametrize(("decision", "state"), [("yes", "open"), ("no", "not_applicable")])
async def test_a_human_answers_what_nobody_knows(bench: Bench, decision: str, state: str) -> None:
    asked = await bench.send(Matter(terms(CHECK, ACT, predicate="holds")), Verb.OPEN)
    assert (await bench.decide(asked, decision, reason="已核实")).state == state


async def test_a_correction_that_makes_it_needless_ends_it(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, predicate="holds"))
    ANSWERS[matter.subject] = True
    await bench.send(matter, Verb.OPEN)
    ANSWERS[matter.subject] = False
    assert (await bench.send(matter, Verb.CORRECT)).state is OwnerState.NOT_APPLICABLE


async def test_a_correction_that_answers_the_question_goes_on(bench: Bench) -> None:
    matter = Matter(terms(CHECK, ACT, predicate="holds"))
    await bench.send(matter, Verb.OPEN)
    ANSWERS[matter.subject] = True
    outcome = await bench.send(matter, Verb.CORRECT)
    assert (outcome.state, outcome.step) == (OwnerState.OPEN, "check")


async def test_what_is_done_and_needless_now_is_undone(bench: Bench) -> None:
    matter = Matter(terms(predicate="holds"))
    ANSWERS[matter.subject] = True
    await bench.send(matter, Verb.OPEN)
    ANSWERS[matter.subject] = False
    assert (await bench.send(matter, Verb.CORRECT)).state is OwnerState.UNDONE
