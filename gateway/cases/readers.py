"""How much of a case a reader sees (api.md, cases; design 7)."""

from dataclasses import dataclass
from uuid import UUID

from gateway.cases.standing import Standing
from kernel.public_service.access import Action, Actor, Role, authorize, may

_BY_OWNER = frozenset({Role.DEPARTMENT, Role.REGISTRAR, Role.FUNERAL_HOME, Role.PROVIDER})


@dataclass(frozen=True, slots=True)
class Sight:
    """`whole`: results and reasons of every owner. `owner`: results of this owner's rows only.

    `family`: a citizen or agent, to whom a predicate's answer is told only once kinship is proven; `kinship`.
    """

    whole: bool = False
    owner: str | None = None
    family: bool = False
    kinship: bool = False

    def shows_result(self, owner: str) -> bool:
        """Whether result and reason of this owner's rows may be shown."""
        return self.kinship if self.family else self.whole or self.owner == owner


def persons_of(standing: Standing) -> tuple[UUID, ...]:
    """Whose own case it is: who reported it, and for whom it was reported; a typed heir is not yet one."""
    return tuple(person for person in (standing.applicant, *standing.reporters) if person is not None)


def regions_of(standing: Standing) -> tuple[str, ...]:
    """Every region that is competent for some row, and the one that accepted."""
    return tuple(dict.fromkeys([standing.region, *standing.regions.values()]))


def owners_of(standing: Standing) -> frozenset[str]:
    """Owners of its rows, and the departments that may confirm or contest the event."""
    event = standing.case.event
    issuers = {department for some in event.evidence.confirmed_by.values() for department in some}
    return frozenset({row.owner for row in event.procedures} | issuers)


def check(actor: Actor, action: Action, standing: Standing) -> None:
    """Raises Forbidden or NotFound."""
    authorize(
        actor, action, region=regions_of(standing), persons=persons_of(standing), owner=owners_of(standing)
    )


def allowed(actor: Actor, action: Action, standing: Standing) -> bool:
    """`check` as a question."""
    return may(
        actor, action, region=regions_of(standing), persons=persons_of(standing), owner=owners_of(standing)
    )


def sight_of(actor: Actor, standing: Standing) -> Sight:
    """What this reader sees of the case."""
    if actor.kind == "citizen":
        return Sight(family=True, kinship=actor.person in standing.kin)
    if actor.role in _BY_OWNER:
        return Sight(owner=actor.owner)
    return Sight(whole=True)
