"""Who may look at a joint query: the entitled applicant, heirs of the first order, and the desk that hands it over.

An heir need not have reported anything: the register says who is one. Everybody else does not learn that it exists.
"""

from dataclasses import dataclass
from uuid import UUID

from gateway.assets.asset_list import Query, query_of
from gateway.assets.entitlement import FIRST_ORDER
from gateway.assets.problems import ListNotShown, QueryNotBegun
from gateway.cases import queries
from gateway.cases.problems import CaseUnknown
from gateway.cases.standing import Standing
from gateway.desk import Desk
from gateway.procedures import kinship
from kernel.errors import invalid
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Action, Actor, may

# What staff may look for (R73: a reveal states its purpose); a family looks to settle the estate.
STAFF_PURPOSES = ("delivery", "objection", "inspection")
FAMILY_PURPOSE = "inheritance"


@dataclass(frozen=True, slots=True)
class Look:
    """A reader before a query. `may_read_list`: else only the record of look-ups."""

    standing: Standing
    query: Query
    person: UUID | None
    may_read_list: bool


async def look(tx: Transaction, case_no: str, desk: Desk, actor: Actor) -> Look:
    """Raises CaseUnknown for everybody whom it does not concern, QueryNotBegun before it was asked."""
    standing = await queries.standing_of(tx, case_no, desk.plans)
    heir = await _is_heir(tx, standing, actor)
    query = await query_of(tx, standing.id)
    own = actor.person is not None and actor.person == standing.applicant
    concerned = (actor.person,) if actor.person is not None and (heir or own) else ()
    if not may(actor, Action.READ_ASSETS, region=standing.region, persons=concerned):
        raise CaseUnknown()
    if query is None:
        raise QueryNotBegun()
    may_read = actor.kind == "staff" or heir or (own and query.applicant_entitled)
    return Look(standing, query, actor.person, may_read)


async def _is_heir(tx: Transaction, standing: Standing, actor: Actor) -> bool:
    """Spouse, child or parent by the registers: proven at once, whoever reported."""
    if actor.person is None:
        return False
    (known,) = await kinship.between(tx, [(standing.subject, actor.person)])
    return known.says in FIRST_ORDER


def check_shown(looked: Look) -> None:
    """Raises CaseUnknown for who may read the record only, ListNotShown before delivery and after it is withdrawn."""
    if not looked.may_read_list:
        raise CaseUnknown()
    if not looked.query.shown:
        raise ListNotShown(extra={"state": looked.query.state.value})


def purpose_of(actor: Actor, given: str | None) -> str:
    """The stated purpose. Staff must state one. Raises Unprocessable."""
    if actor.kind == "citizen":
        return FAMILY_PURPOSE
    if given not in STAFF_PURPOSES:
        known = "、".join(STAFF_PURPOSES)
        raise invalid(
            "/query/purpose", "required", "请说明查看的用途。", "State what you look for.",
            f"可选：{known}", f"One of: {', '.join(STAFF_PURPOSES)}",
        )  # fmt: skip
    return given
