"""What the joint query reads and writes: sources of the plan, the proof, requests to the sources (one key each)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from uuid_utils.compat import uuid7

from casework.procedure import Procedure, Ruling
from contracts.catalog import Source
from gateway.assets import lookups
from gateway.assets.entitlement import Standing
from gateway.cases.standing import parsed
from gateway.exchange import rows
from gateway.exchange.asked import ask, ask_again, source_key, take_back
from gateway.exchange.changes import Change
from gateway.exchange.delivery import RUNNING, Delivery
from gateway.exchange.orders import write_changes
from kernel.messaging.transaction import Transaction

APPLICANT = "applicant"
PROOF = "gateway.proof_of_relation"
# The sources stand in the plan that the case keeps: a later edit of the catalogue asks nobody anew.
_KNOWN = text("""
    SELECT asked.id, listed.value -> 'sources' AS sources, proof.state, proof.ended_at,
           proof.result ->> 'relation' AS relation
    FROM unnest(CAST(:ids AS uuid[]), CAST(:cases AS uuid[]), CAST(:types AS text[])) AS asked (id, case_id, type)
    JOIN cases c ON c.id = asked.case_id JOIN plans n ON n.id = c.plan
    CROSS JOIN LATERAL jsonb_array_elements(n.content -> 'procedures') AS listed (value)
    LEFT JOIN LATERAL (
        SELECT p.state, p.ended_at, p.result FROM procedures p WHERE p.case_id = asked.case_id AND p.type = :proof
        ORDER BY p.opened_at DESC, p.id DESC LIMIT 1
    ) AS proof ON true
    WHERE listed.value ->> 'type' = asked.type""")


@dataclass(frozen=True, slots=True)
class Facts:
    """`asked`, `answered` and `pending` count the newest requests to the sources; a refusal is no answer.

    `proof_ended_at`: when the proof of relation last came to an end; none while it runs.
    """

    sources: tuple[Source, ...]
    standing: Standing
    asked: int = 0
    answered: int = 0
    pending: int = 0
    proof_ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask these sources, each for itself; answers are waited for until `until`."""

    sources: tuple[Source, ...]
    until: datetime
    capacity: str


@dataclass(frozen=True, slots=True)
class Recall:
    """The question falls: nobody is waited for any more, and what was answered is voided."""

    reason: str


async def gather_facts(procedures: Sequence[Procedure], *, tx: Transaction) -> dict[UUID, Facts]:
    """Two statements for all of them."""
    given = {
        "ids": [one.id for one in procedures], "cases": [one.case for one in procedures],
        "types": [one.type for one in procedures], "proof": PROOF,
    }  # fmt: skip
    known = {row.id: row for row in await tx.execute(_KNOWN, given)}
    asked = await rows.of_askers(tx, known)
    return {
        one.id: _facts(one, known[one.id], asked.get(one.id, ())) for one in procedures if one.id in known
    } | {one.id: Facts((), Standing(None, None, None)) for one in procedures if one.id not in known}


def _facts(procedure: Procedure, known: Any, asked: Sequence[Delivery]) -> Facts:
    counted = [row for row in asked if row.kind != "undo"]
    return Facts(
        sources=tuple(Source.model_validate(one) for one in parsed(known.sources) or ()),
        standing=Standing(
            known.state, known.relation, procedure.fields.get("/applicant/relation"), _by_will(procedure)
        ),
        asked=len(counted), answered=sum(row.answer == "done" for row in counted),
        pending=sum(row.state in RUNNING for row in counted), proof_ended_at=known.ended_at,
    )  # fmt: skip


def _by_will(procedure: Procedure) -> bool:
    """Whether the report names the applicant among the heirs as one by will (`other`)."""
    heirs = procedure.fields.get("/heirs") or ()
    applicant = procedure.persons.get(APPLICANT)
    return applicant is not None and any(
        heir.get("relation") == "other" and procedure.persons.get(f"heirs/{place}") == applicant
        for place, heir in enumerate(heirs)
    )


async def apply_requests(
    rulings: Sequence[tuple[Procedure, Ruling]], *, tx: Transaction, at: datetime
) -> None:
    """The requests as rows, in one write; the pusher is woken after the commit."""
    meant = [
        (procedure, effect)
        for procedure, ruling in rulings
        for effect in ruling.effects
        if isinstance(effect, Ask | Recall)
    ]
    if not meant:
        return
    stand = await rows.of_askers(tx, [procedure.id for procedure, _ in meant], lock=True)
    changes: list[Change] = []
    for procedure, effect in meant:
        if isinstance(effect, Ask):
            changes += _asking(procedure, effect, stand.get(procedure.id, ()), at)
        else:
            reason = effect.reason
            changes += [take_back(row, reason=reason, new_id=uuid7()) for row in stand.get(procedure.id, ())]
    await write_changes(tx, changes)
    await lookups.record(
        tx, [_look(procedure, effect, at) for procedure, effect in meant if isinstance(effect, Ask)]
    )


def _asking(procedure: Procedure, effect: Ask, stand: Sequence[Delivery], at: datetime) -> list[Change]:
    """A first request to whom was not asked yet, the question anew to the others."""
    known = {row.procedure: row for row in stand}
    changes = []
    for source in effect.sources:
        before = known.get(source_key(procedure.id, source.department))
        if before is not None:
            changes.append(ask_again(before, new_id=uuid7(), due_at=effect.until))
            continue
        kind = f"{source.department}.{procedure.type.partition('.')[2]}"
        made = ask(procedure, source.department, kind, new_id=uuid7(), due_at=effect.until, at=at)
        changes.append(Change(created=made))
    return changes


def _look(procedure: Procedure, effect: Ask, at: datetime) -> lookups.LookUp:
    """That the sources were asked, and for whom: the other heirs see it."""
    return lookups.LookUp(
        procedure=procedure.id, case_id=procedure.case, at=at, kind="asked", actor="system", role="system",
        region=procedure.region, person=procedure.persons.get(APPLICANT), purpose=effect.capacity,
        edition=int(procedure.memory.get("edition", 0)),
    )  # fmt: skip
