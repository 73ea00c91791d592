"""Positive clearance: a cremation starts only if this database itself holds everything that allows it (R22, FN-001).

Not "nothing forbids it" but "all of this is here": a proof of death that stands, in the version that was last looked
at; for an abnormal death the police's release; no hold of any kind the row names; the tag of this case's body, in the
home of this slot. Two operators and the identity are the decision's own data. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.orders import Evidence
from contracts.terms import HoldKind
from services.funeral.domain.bodies import Body
from services.funeral.domain.halls import HallBooking

POLICE_PROOF = "police.abnormal_death_proof"


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known at the moment of the start. `seen` is the proof that the desk was shown last."""

    subject: UUID
    confirmed: bool
    evidence: tuple[Evidence, ...]
    seen: str | None
    holds: tuple[HoldKind, ...]
    police_gave_free: bool
    body: Body | None
    slot_home: UUID | None
    farewell: HallBooking | None


def proof_text(evidence: tuple[Evidence, ...]) -> str:
    """`health.death_certificate 2`: kinds with versions, as they are kept with a start."""
    return ", ".join(f"{each.type} {each.version}" for each in sorted(evidence, key=lambda each: each.type))


def missing(looked: Looked, *, at: datetime) -> tuple[str, ...]:
    """The codes of everything that is missing, in the order in which it is mended; empty: cleared."""
    return (*_holds(looked), *_proof(looked), *_body(looked), *_farewell(looked, at))


def _holds(looked: Looked) -> Iterator[str]:
    yield from (f"hold_{kind.value}" for kind in looked.holds)


def _proof(looked: Looked) -> Iterator[str]:
    if not looked.evidence:
        yield "no_proof"
        return
    if not looked.confirmed:
        yield "not_confirmed"
    abnormal = [each for each in looked.evidence if each.type == POLICE_PROOF]
    if abnormal and not looked.police_gave_free and not all(each.released for each in abnormal):
        yield "police_not_released"
    if looked.seen != proof_text(looked.evidence):
        yield "proof_newer"


def _body(looked: Looked) -> Iterator[str]:
    body = looked.body
    if looked.slot_home is None:
        yield "no_slot"
    if body is None:
        yield "no_body_tag"
    elif body.left_at is not None:
        yield "body_gone"
    elif body.subject != looked.subject:
        yield "other_person"
    elif looked.slot_home is not None and body.home != looked.slot_home:
        yield "body_elsewhere"


def _farewell(looked: Looked, at: datetime) -> Iterator[str]:
    """A farewell that is booked comes first; one that was only wished for does not keep anybody waiting (soft)."""
    farewell = looked.farewell
    if farewell is not None and farewell.held_at is None and farewell.ends_at > at:
        yield "farewell_first"
