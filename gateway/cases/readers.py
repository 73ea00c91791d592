"""How much of a case a reader sees (api.md, cases; design 7)."""

from dataclasses import dataclass
from uuid import UUID

from gateway.cases import vouching
from gateway.cases.standing import Standing
from kernel.errors import Forbidden
from kernel.public_service.access import Action, Actor, Role, authorize, may

_BY_OWNER = frozenset({Role.DEPARTMENT, Role.REGISTRAR, Role.FUNERAL_HOME, Role.PROVIDER})

_CHANGES = frozenset({Action.WITHDRAW, Action.CORRECT, Action.ANSWER_OFFER})


class NotYoursToChange(Forbidden):
    """这件事由申请人或已核实的亲属办理，您可以查看进展。
    The applicant or a relative known to the register decides this; you may follow it."""

    how = "请由申请人办理，或持亲属关系证明到受理窗口办理。"
    how_en = "Let the applicant do it, or bring a proof of relation to the window."


@dataclass(frozen=True, slots=True)
class Sight:
    """`whole`: results and reasons of every owner. `owner`: results of this owner's rows only.

    `family`: a citizen or agent, to whom a predicate's answer is told only once kinship is proven; `kinship`.
    """

    whole: bool = False
    owner: str | None = None
    family: bool = False
    kinship: bool = False

    @property
    def unproven(self) -> bool:
        """Whether to this reader what was found out reads `handled` (`gateway/cases/handled.py`)."""
        return self.family and not self.kinship

    def shows_result(self, owner: str) -> bool:
        """Whether result and reason of this owner's rows may be shown."""
        return self.kinship if self.family else self.whole or self.owner == owner


def persons_of(standing: Standing, action: Action = Action.READ_CASE) -> tuple[UUID, ...]:
    """Whose own case it is: who reported it, and for whom it was reported; a typed heir is not yet one.

    Who joined later and is not known as a relative follows the case; what others asked for is not theirs to change.
    """
    known: tuple[UUID | None, ...] = (standing.applicant, *standing.reporters)
    if action in _CHANGES:
        opened = standing.reporters[:1] if standing.channel == "web" else ()
        known = (standing.applicant, *opened, *(one for one in standing.kin if one in standing.reporters))
    return tuple(person for person in known if person is not None)


def regions_of(standing: Standing) -> tuple[str, ...]:
    """Every region that is competent for some row, and the one that accepted."""
    return tuple(dict.fromkeys([standing.region, *standing.regions.values()]))


def issuers_of(standing: Standing) -> frozenset[str]:
    """The departments that may confirm this case's event."""
    return vouching.issuers_of(standing.case.event)


def owners_of(standing: Standing) -> frozenset[str]:
    """Owners of its rows, and the departments that may confirm or contest the event."""
    return frozenset(row.owner for row in standing.case.event.procedures) | issuers_of(standing)


def check(actor: Actor, action: Action, standing: Standing) -> None:
    """Raises Forbidden or NotFound."""
    follows = actor.kind == "citizen" and allowed(actor, Action.READ_CASE, standing)
    if follows and action in _CHANGES and not allowed(actor, action, standing):
        raise NotYoursToChange(extra={"action": action.value})
    authorize(
        actor,
        action,
        region=regions_of(standing),
        persons=persons_of(standing, action),
        owner=owners_of(standing),
    )


def allowed(actor: Actor, action: Action, standing: Standing) -> bool:
    """`check` as a question."""
    return may(
        actor,
        action,
        region=regions_of(standing),
        persons=persons_of(standing, action),
        owner=owners_of(standing),
    )


def sight_of(actor: Actor, standing: Standing) -> Sight:
    """What this reader sees of the case."""
    if actor.kind == "citizen":
        return Sight(family=True, kinship=actor.person in standing.kin)
    if actor.role in _BY_OWNER:
        return Sight(owner=actor.owner)
    if actor.role is Role.OPERATOR:
        return Sight()  # keeps the system running: whether a row moves, not what an owner found
    return Sight(whole=True)
