"""Which procedure types an owner knows by code, and which predicates it answers (design 4 and 5).

    PROCEDURES = Procedures(
        "assistance",
        modules={"assistance.stop_benefits": stop_benefits},
        predicates={"assistance.no_heirs": no_heirs},
    )

A type without a module runs on the generic steps of its terms; a predicate that nobody answers parks the order.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Protocol
from uuid import UUID

from casework import generic
from casework.procedure import Act, Procedure, Ruling
from kernel.messaging.transaction import Transaction

Facts = Any
Gather = Callable[..., Awaitable[Mapping[UUID, Facts]]]
Predicate = Callable[..., Awaitable[Mapping[UUID, bool | None]]]
Apply = Callable[..., Awaitable[None]]


class Verb(Protocol):
    """open, withdraw, correct, undo: pure."""

    def __call__(self, procedure: Procedure, facts: Facts, *, at: datetime) -> Ruling: ...


class Advance(Protocol):
    """A human's decision, a clock, an answer: pure."""

    def __call__(self, procedure: Procedure, facts: Facts, act: Act, *, at: datetime) -> Ruling: ...


class PredicateUnknown(Exception):
    """目录引用了本单位没有登记的条件：请在 registry 中登记后重放。

    The catalogue names a predicate that this owner does not answer: register it, then replay the key.
    """


async def no_people(subjects: Sequence[UUID], *, tx: Transaction) -> Iterable[UUID]:
    """Nobody but those in the order."""
    return ()


async def nothing_gathered(procedures: Sequence[Procedure], *, tx: Transaction) -> Mapping[UUID, Facts]:
    """The generic steps need the terms only."""
    return {}


async def nothing_applied(
    rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime
) -> None:
    """The generic steps write nothing but the procedure row."""


@dataclass(frozen=True, slots=True)
class Module:
    """The verbs of one type. `people(subjects, tx=tx)` names further persons to lock (the widow), before any lock
    is taken; `gather` reads once for the batch; `recheck` tells whether newer facts would change the decision."""

    open: Verb = generic.open
    advance: Advance = generic.advance
    withdraw: Verb = generic.withdraw
    correct: Verb = generic.correct
    undo: Verb = generic.undo
    people: Callable[..., Awaitable[Iterable[UUID]]] = no_people
    gather: Gather = nothing_gathered
    apply: Apply = nothing_applied
    recheck: Callable[[Procedure, Facts], bool] | None = None

    @classmethod
    def of(cls, code: ModuleType) -> "Module":
        """The functions a procedure module offers; the rest generic."""
        return cls(**{name: getattr(code, name) for name in cls.__slots__ if hasattr(code, name)})


GENERIC = Module()


class Procedures:
    """An owner's modules by type and predicates by name."""

    def __init__(
        self,
        owner: str,
        *,
        modules: Mapping[str, ModuleType] | None = None,
        predicates: Mapping[str, Predicate] | None = None,
    ) -> None:
        self.owner = owner
        self._modules = {name: Module.of(code) for name, code in (modules or {}).items()}
        self._predicates = dict(predicates or {})

    def module(self, procedure_type: str) -> Module:
        """The type's own verbs, or the generic ones."""
        return self._modules.get(procedure_type, GENERIC)

    def predicate(self, name: str) -> Predicate:
        """`await predicate(procedures, tx=tx)` → {procedure id: True | False | None}. Raises PredicateUnknown."""
        if name not in self._predicates:
            raise PredicateUnknown(name)
        return self._predicates[name]

    @property
    def types(self) -> frozenset[str]:
        """The types that have code of their own."""
        return frozenset(self._modules)
