"""`authorize`: role × region × own case × owner, in one place."""

from collections.abc import Collection
from uuid import UUID

from kernel.errors import Forbidden, NotFound
from kernel.public_service.access.actions import GRANTS, OPEN_QUESTIONS, SEEN_BY, Action, Reach
from kernel.public_service.access.roles import Actor, Role, covers


def authorize(
    actor: Actor,
    action: Action | str,
    *,
    region: str | Collection[str] | None = None,
    persons: Collection[UUID] = (),
    owner: str | Collection[str] | None = None,
) -> None:
    """Return when the actor may do this to the thing described; raise otherwise.

    `region`: region(s) competent for the thing; `persons`: those whose own case it is; `owner`: owner(s) of the row
    or rows. Raises Forbidden when the role never may or the thing may be seen but not touched, NotFound when the
    actor may not even know of it.
    """
    action = Action(action)
    if _reaches(actor, action, region, persons, owner):
        return
    if actor.role not in GRANTS[action]:
        raise Forbidden(extra={"action": action.value})
    if action in OPEN_QUESTIONS:
        raise Forbidden(extra={"action": action.value})
    seen_by = SEEN_BY.get(action)
    if seen_by is not None and _reaches(actor, seen_by, region, persons, owner):
        raise Forbidden(extra={"action": action.value})
    raise NotFound()


def may(
    actor: Actor,
    action: Action | str,
    *,
    region: str | Collection[str] | None = None,
    persons: Collection[UUID] = (),
    owner: str | Collection[str] | None = None,
) -> bool:
    """`authorize` as a question: for lists and buttons."""
    return _reaches(actor, Action(action), region, persons, owner)


def role_may(role: Role, action: Action | str) -> bool:
    """Whether the role may ever do this, whatever the thing."""
    return role in GRANTS[Action(action)]


def reach(role: Role, action: Action | str) -> Reach | None:
    """How far a role's grant goes: list queries turn it into their WHERE."""
    return GRANTS[Action(action)].get(role)


def _reaches(
    actor: Actor,
    action: Action,
    region: str | Collection[str] | None,
    persons: Collection[UUID],
    owner: str | Collection[str] | None,
) -> bool:
    how_far = GRANTS[action].get(actor.role)
    if how_far is None:
        return False
    if how_far == "all":
        return True
    if how_far == "own":
        return actor.person is not None and actor.person in persons
    placed = any(covers(actor.region, one) for one in _several(region))
    owned = actor.owner is not None and actor.owner in _several(owner)
    if how_far == "region":
        return placed
    return owned if how_far == "owner" else placed and owned


def _several(value: str | Collection[str] | None) -> Collection[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
