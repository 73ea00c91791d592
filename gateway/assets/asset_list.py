"""The delivered list as a reader sees it: opened for this look only, and the look is kept (R28, R73)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from contracts.outcomes import OwnerState
from gateway.assets.entitlement import Capacity
from gateway.assets.estate_rules import EstateRoute
from gateway.cases.standing import Standing, parsed
from gateway.exchange import rows
from gateway.exchange.asked import Said, said_in
from gateway.exchange.delivery import Delivery
from kernel.messaging.transaction import Transaction
from kernel.public_service.clock import TZ
from kernel.public_service.sealing import Sealer

QUERY = "gateway.asset_query"
AnswerWord = Literal["has", "has_not", "unclear", "not_answered", "refused", "need_more", "wrong_person"]
_QUERY = text("""
    SELECT p.id, p.state, p.memory, p.result,
           (SELECT proof.state FROM procedures proof
            WHERE proof.case_id = p.case_id AND proof.type = 'gateway.proof_of_relation'
            ORDER BY proof.opened_at DESC, proof.id DESC LIMIT 1) AS proof
    FROM procedures p WHERE p.case_id = :case AND p.type = :type ORDER BY p.opened_at DESC, p.id DESC LIMIT 1""")
_UNANSWERED: Mapping[str | None, AnswerWord] = {
    None: "not_answered", "refused": "refused", "need_more": "need_more", "wrong_person": "wrong_person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A case's joint query as it stands. `capacity`: in which the applicant was admitted; none when not (any more)."""

    procedure: UUID
    state: OwnerState
    proof: str | None
    capacity: Capacity | None
    sources: int
    edition: int
    delivered_at: datetime | None
    valid_until: date | None

    @property
    def shown(self) -> bool:
        """Whether there is a list to show: delivered, and neither withheld nor taken back."""
        return self.state is OwnerState.DONE and self.edition > 0

    @property
    def applicant_entitled(self) -> bool:
        """An heir whose relation is being compared anew reads nothing meanwhile; who has a paper reads on."""
        if self.capacity in (Capacity.WILL, Capacity.ESTATE_MANAGER):
            return True
        return self.capacity is not None and self.proof == "done"


async def query_of(tx: Transaction, case: UUID) -> Query | None:
    """The newest round's query; None before it has begun."""
    row = (await tx.execute(_QUERY, {"case": case, "type": QUERY})).first()
    if row is None:
        return None
    memory, result = parsed(row.memory), parsed(row.result)
    delivered, valid = memory.get("delivered_at"), memory.get("valid_until")
    capacity = memory.get("capacity")
    return Query(
        procedure=row.id, state=OwnerState(row.state), proof=row.proof, capacity=capacity and Capacity(capacity),
        sources=int(result.get("sources", 0)), edition=int(memory.get("edition") or 0),
        delivered_at=datetime.fromisoformat(delivered).astimezone(TZ) if delivered else None,
        valid_until=date.fromisoformat(valid) if valid else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What one source answered. `places`: the banks or offices that hold it; `go_to`: where the heirs go."""

    source: str
    name: str
    answer: AnswerWord
    places: tuple[str, ...]
    go_to: str
    answered_at: datetime | None


async def lines_of(
    tx: Transaction, standing: Standing, query: Query, routes: Sequence[EstateRoute], *, sealer: Sealer
) -> list[Line]:
    """One line per source in the order of the plan, opened now and written nowhere."""
    spec = standing.case.event.row(QUERY)
    asked = {
        row.department: row for row in (await rows.of_askers(tx, [query.procedure])).get(query.procedure, ())
    }
    go_to = {source: route.where for route in routes for source in route.asked_of}
    found = []
    for source in spec.sources:
        request = asked.get(source.department)
        if request is None or request.kind == "undo":
            continue
        word, said = _answer(request, sealer)
        answered_at = request.answered_at.astimezone(TZ) if request.answered_at else None
        where = go_to.get(source.department, "")
        found.append(Line(source.department, source.name, word, said.places, where, answered_at))
    return found


def _answer(request: Delivery, sealer: Sealer) -> tuple[AnswerWord, Said]:
    if request.answer != "done":
        return _UNANSWERED[request.answer], Said(None)
    said = Said(None) if request.sealed is None else said_in(request.sealed, request.case_id, sealer)
    words: Mapping[bool | None, AnswerWord] = {True: "has", False: "has_not", None: "unclear"}
    return words[said.held], said


def routes_found(lines: Sequence[Line], routes: Sequence[EstateRoute]) -> list[EstateRoute]:
    """The routes of what is held somewhere, in the order of the guide."""
    held = {line.source for line in lines if line.answer in ("has", "unclear")}
    return [route for route in routes if held.intersection(route.asked_of)]


def line_view(line: Line) -> dict[str, Any]:
    """One line as the API gives it."""
    return {
        "source": line.source, "name": line.name, "answer": line.answer, "places": list(line.places),
        "go_to": line.go_to,
        "answered_at": line.answered_at.isoformat(timespec="seconds") if line.answered_at else None,
    }  # fmt: skip
