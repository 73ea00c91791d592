"""The parts of casework's test owner: terms, orders, two small modules and a predicate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from casework import generic
from casework.office import Office
from casework.orders import carry_out
from casework.procedure import Act, Procedure, Ruling, done, opened, paused, undone, withdrawn
from casework.tasks import act_on, decide
from contracts.acts import TaskDecision
from contracts.orders import Order, OrdersIssued, Verb
from contracts.outcomes import Outcome, OutcomesReported
from contracts.terms import Limit, LimitUnit, Step, StepDecision, Terms, UndoKind, UndoReason
from kernel.messaging.transaction import Transaction, Transactions
from kernel.public_service.clock import TZ
from kernel.public_service.pauses import PauseReason

OWNER = "test"
NOW = datetime(2026, 3, 2, 9, tzinfo=TZ)  # a Monday
REGION = "331022901000"
NO_LIMIT = Limit(none="test")
FIVE_DAYS = Limit(amount=5, unit=LimitUnit.WORKING_DAY, counted_from="accepted")


def step(name: str, *decisions: StepDecision, actor: str = "township_officer", **more: Any) -> Step:
    return Step(id=name, name=name, actor=actor, level="township", decisions=decisions, **more)


def to(name: str, target: str) -> StepDecision:
    return StepDecision(id=name, name=name, to=target)


def ends(name: str, end: Any = "done", **more: Any) -> StepDecision:
    return StepDecision(id=name, name=name, ends=end, **more)


CHECK = step("check", to("good", "act"), ends("bad", "refused", needs_reason=True))
ACT = step("act", ends("finished"))
SYSTEM = Step(id="run", name="run")


def terms(*steps: Step, **more: Any) -> Terms:
    values: dict[str, Any] = {"limit": NO_LIMIT, "undo": UndoKind.RESTORE, **more}
    return Terms(name="test", origin="ex_officio", stage="confirmed", steps=steps or (SYSTEM,), **values)


TWO_STEPS = terms(CHECK, ACT, point_of_no_return="act")


@dataclass
class Matter:
    """One case with one procedure, and the orders sent so far."""

    terms: Terms = TWO_STEPS
    type: str = "test.plain"
    case: UUID = field(default_factory=uuid4)
    procedure: UUID = field(default_factory=uuid4)
    subject: UUID = field(default_factory=uuid4)
    version: int = 1
    number: int = 0
    occurred_at: datetime = NOW

    def order(
        self, verb: Verb, *, number: int | None = None, reason: UndoReason | None = None
    ) -> OrdersIssued:
        """The next order (or one of an older number)."""
        self.number += number is None
        one = Order(
            procedure=self.procedure, type=self.type, verb=verb, number=number or self.number, region=REGION,
            terms=self.terms if verb is Verb.OPEN else None, undo_reason=reason,
        )  # fmt: skip
        return OrdersIssued(
            case=self.case, case_no="T-1", case_version=self.version, life_event="death", owner=OWNER,
            round=self.number, subject=self.subject, occurred_at=self.occurred_at, effective_on=date(2026, 3, 1),
            confirmed=True, region=REGION, issued_at=NOW, orders=(one,),
        )  # fmt: skip


@dataclass
class Bench:
    """A database and an office; what it does is committed at once."""

    transactions: Transactions
    office: Office

    async def send(self, matter: Matter, verb: Verb, *, at: datetime = NOW, **more: Any) -> Outcome:
        """One order's outcome."""
        return (await self.send_all([matter.order(verb, **more)], at=at))[0].outcomes[0]

    async def send_all(self, orders: Sequence[OrdersIssued], *, at: datetime = NOW) -> list[OutcomesReported]:
        async with self.transactions.begin() as tx:
            return await carry_out(orders, tx=tx, office=self.office, at=at)

    async def decide(self, outcome: Outcome, decision: str, *, at: datetime = NOW, **more: Any) -> Outcome:
        """A human's decision on the task of an outcome."""
        assert outcome.task is not None, f"no task in state {outcome.state}"
        act = TaskDecision(
            decision=decision, version=more.pop("version", outcome.version), acted_by="somebody",
            role=more.pop("role", outcome.task.role), region=more.pop("region", "331022"), acted_at=at, **more,
        )  # fmt: skip
        async with self.transactions.begin() as tx:
            answer, _ = await decide(outcome.task.id, act, tx=tx, office=self.office, at=at)
        return answer.outcome

    async def act(self, matter: Matter, word: str, *, at: datetime) -> Outcome:
        """An answer from outside (see the module `pausing`)."""
        async with self.transactions.begin() as tx:
            acts = {matter.procedure: Act("answer", word)}
            return (await act_on(acts, tx=tx, office=self.office, at=at))[0].outcomes[0]

    def count_statements(self) -> list[str]:
        """A list that fills with every statement sent from now on."""
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.append(statement)

        event.listen(self.transactions.engine.sync_engine, "before_cursor_execute", note)
        return seen


# -- what the test owner answers to the predicate `holds`, by subject

ANSWERS: dict[UUID, bool | None] = {}


async def answers(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, bool | None]:
    return {procedure.id: ANSWERS.get(procedure.subject) for procedure in procedures}


# -- four modules


def _fails(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    raise ValueError("this verb cannot decide")


failing = ModuleType("failing")
failing.open = _fails  # type: ignore[attr-defined]

keeps_memory = ModuleType("keeps_memory")


def _take(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    return done({"taken": 1}, memory={"taken": 1})


def _lift(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    return withdrawn("lifted", memory={})


def _give_back(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    return undone(UndoKind.RESTORE, memory={})


pausing = ModuleType("pausing")


def _stand_still(procedure: Procedure, facts: Any, act: Act, *, at: datetime) -> Ruling:
    """Paused for the reason that the answer names; `go_on` opens it again."""
    if act.kind != "answer":
        return generic.advance(procedure, facts, act, at=at)
    step_now = procedure.step or ""
    return (
        opened(step_now)
        if act.decision == "go_on"
        else paused(step_now, "x", because=PauseReason(act.decision))
    )


pausing.advance = _stand_still  # type: ignore[attr-defined]

waking = ModuleType("waking")
WAKES_AFTER = timedelta(days=1)


def _wait(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    return opened(procedure.terms.first_step.id, wake_at=at + WAKES_AFTER)


def _woken(procedure: Procedure, facts: Any, act: Act, *, at: datetime) -> Ruling:
    if procedure.subject in SLEEPLESS:
        raise ValueError("this one cannot be woken")
    return done({"kind": act.kind, "at": at.isoformat()})


# Subjects whose clock act a verb refuses.
SLEEPLESS: set[UUID] = set()

waking.open = _wait  # type: ignore[attr-defined]
waking.advance = _woken  # type: ignore[attr-defined]

keeps_memory.open = _take  # type: ignore[attr-defined]
keeps_memory.withdraw = _lift  # type: ignore[attr-defined]
keeps_memory.undo = _give_back  # type: ignore[attr-defined]
