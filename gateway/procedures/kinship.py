"""What the registers say two people are to each other: household and birth data, and the marriage base (R28).

`Kinship.says` is pure; a contradiction between the registers says nothing, and a clerk compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from casework.procedure import FactSeen
from gateway.cases.standing import parsed
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ

MARITAL = "marital"
_MIRRORED: Mapping[str, str] = {
    "spouse": "spouse", "child": "parent", "parent": "child", "sibling": "sibling", "grandchild": "grandparent",
    "grandparent": "grandchild",
}  # fmt: skip
# The register keeps both directions; one of them is enough. `fact_copies` holds what the marriage registry stated.
_BETWEEN = text("""
    SELECT asked.n, told.relation, mirrored.relation AS mirrored, known.recorded_at,
           own.state AS own, own.fact_version AS own_version, theirs.state AS theirs,
           theirs.fact_version AS theirs_version
    FROM unnest(CAST(:subjects AS uuid[]), CAST(:others AS uuid[])) WITH ORDINALITY AS asked (subject, other, n)
    LEFT JOIN person_relations told ON told.person = asked.subject AND told.relative = asked.other
    LEFT JOIN person_relations mirrored ON mirrored.person = asked.other AND mirrored.relative = asked.subject
    LEFT JOIN people known ON known.person = asked.subject
    LEFT JOIN fact_copies own ON own.person = asked.subject AND own.fact = :marital
    LEFT JOIN fact_copies theirs ON theirs.person = asked.other AND theirs.fact = :marital
    ORDER BY asked.n""")


@dataclass(frozen=True, slots=True)
class Kinship:
    """What one person is to the subject. `register`: the household register's word, as of `as_of`.

    `marriage`: what the marriage base says of the two: `married` to each other, or one of them `unmarried`
    (single or divorced); none where it says nothing of them, as after a spouse's death.
    """

    register: str | None = None
    as_of: date | None = None
    marriage: Literal["married", "unmarried"] | None = None
    seen: tuple[FactSeen, ...] = ()

    @property
    def says(self) -> str | None:
        """The relation that the registers prove; None: they know none, or they contradict each other."""
        if self.marriage == "married":
            return "spouse" if self.register in (None, "spouse") else None
        if self.marriage == "unmarried" and self.register == "spouse":
            return None
        return self.register

    @property
    def sources(self) -> tuple[str, ...]:
        """Which registers prove it."""
        base = ("marriage_base",) if self.marriage == "married" else ()
        return ("household_register", *base) if self.register else base


UNKNOWN = Kinship()


async def between(tx: Transaction, pairs: Sequence[tuple[UUID, UUID]]) -> list[Kinship]:
    """What the second of each pair is to the first, in order: one statement."""
    if not pairs:
        return []
    given = {
        "subjects": [one for one, _ in pairs],
        "others": [other for _, other in pairs],
        "marital": MARITAL,
    }
    rows = await tx.execute(_BETWEEN, given)
    return [_kinship(row, *pair) for row, pair in zip(rows.all(), pairs, strict=True)]


def _kinship(row: Any, subject: UUID, other: UUID) -> Kinship:
    mirrored = _MIRRORED.get(row.mirrored) if row.mirrored else None
    relation = row.relation or mirrored
    if row.relation and mirrored and row.relation != mirrored:
        relation = None
    stated = [
        (person, parsed(state), version)
        for person, state, version in (
            (subject, row.own, row.own_version),
            (other, row.theirs, row.theirs_version),
        )
        if state is not None
    ]
    return Kinship(
        register=relation, as_of=_day(row.recorded_at) if relation else None,
        marriage=married([state for _, state, _ in stated], {str(subject), str(other)}),
        seen=tuple(FactSeen(person, MARITAL, version) for person, _, version in stated),
    )  # fmt: skip


def married(states: Sequence[Mapping[str, Any]], couple: set[str]) -> Literal["married", "unmarried"] | None:
    """What the marriage base says of these two: each state is `{marital_state, spouse}` of one of them."""
    if any(state.get("marital_state") == "married" and state.get("spouse") in couple for state in states):
        return "married"
    apart = any(state.get("marital_state") in ("single", "divorced") for state in states)
    elsewhere = any(state.get("marital_state") == "married" for state in states)
    return "unmarried" if apart or elsewhere else None


def _day(instant: datetime | None) -> date | None:
    return instant.astimezone(TZ).date() if instant else None
