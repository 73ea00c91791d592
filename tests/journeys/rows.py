"""What a journey claims about the rows of the table, and whether the cases it read bear it out.

A test says `@pytest.mark.journey("funeral.ashes", to="done")`, `@pytest.mark.undo("funeral.ashes", to="undone")` or
`@pytest.mark.refusal("funeral.ashes", to="refused")`. After the test the claims are held against what its town has
read (`not_borne_out`, called by conftest.py): a mark that did not come true fails the test.
tests/journeys/test_every_row.py counts the marks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

JOURNEY, UNDO, REFUSAL = "journey", "undo", "refusal"
# kind of claim → what the row may end as, and what it must have been before on the same case
ENDS: Mapping[str, Mapping[str, str | None]] = {
    JOURNEY: {"done": None},
    UNDO: {"undone": "done", "withdrawn": None},
    # What ended before anybody was asked has been refused by nobody.
    REFUSAL: {"refused": "open", "not_applicable": "open"},
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the table, and the end to which a journey says that it brings it."""

    kind: str
    row: str
    to: str


@dataclass(slots=True)
class Reached:
    """The states in which each procedure was read: procedure id → type, states in the order of reading."""

    types: dict[str, str] = field(default_factory=dict)
    states: dict[str, list[str]] = field(default_factory=dict)

    def read(self, case: Mapping[str, Any]) -> None:
        """Keep what that answer says of every procedure of the case."""
        for row in case["procedures"]:
            self.types[row["id"]] = row["type"]
            states = self.states.setdefault(row["id"], [])
            if not states or states[-1] != row["state"]:
                states.append(row["state"])

    def bears_out(self, claim: Claim) -> bool:
        """Whether one procedure of that type was read in that state, after the one that the claim presupposes."""
        before = ENDS[claim.kind][claim.to]
        return any(
            self.types[procedure] == claim.row
            and claim.to in states
            and (before is None or before in states[: states.index(claim.to)])
            for procedure, states in self.states.items()
        )


def claims(marks: Iterable[pytest.Mark]) -> list[Claim]:
    """What these marks claim; a mark that names no row or an end that its kind does not have is an error."""
    found = []
    for mark in marks:
        if mark.name not in ENDS:
            continue
        if not mark.args or set(mark.kwargs) != {"to"} or mark.kwargs["to"] not in ENDS[mark.name]:
            raise ValueError(
                f"{mark.name} names its rows, and `to` is one of {sorted(ENDS[mark.name])}: {mark}"
            )
        found += [Claim(mark.name, row, mark.kwargs["to"]) for row in mark.args]
    return found


def not_borne_out(made: Iterable[Claim], reached: Reached) -> list[Claim]:
    """The claims that nothing which was read bears out."""
    return [claim for claim in made if not reached.bears_out(claim)]
