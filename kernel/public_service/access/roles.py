"""Who acts: roles (api.md), and the actor a token stands for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Role(StrEnum):
    CITIZEN = "citizen"
    AGENT = "agent"
    WINDOW_CLERK = "window_clerk"
    TOWNSHIP_OFFICER = "township_officer"
    VILLAGE_ASSISTANT = "village_assistant"
    COUNTY_SUPERVISOR = "county_supervisor"
    REGISTRAR = "registrar"
    FUNERAL_HOME = "funeral_home"
    PROVIDER = "provider"
    SURVEYOR = "surveyor"
    FINANCE = "finance"
    HOTLINE = "hotline"
    DEPARTMENT = "department"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ACCOUNT_ADMIN = "account_admin"
    AUDIT_ADMIN = "audit_admin"


Kind = Literal["citizen", "staff", "department"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`region`: the region path the actor serves (`331000` covers its counties). `owner`: the department, home or
    provider a user of that kind belongs to. `person`: the person key of a citizen or agent."""

    user: str
    role: Role
    region: str
    person: UUID | None = None
    owner: str | None = None

    @property
    def kind(self) -> Kind:
        if self.role in (Role.CITIZEN, Role.AGENT):
            return "citizen"
        return "department" if self.role is Role.DEPARTMENT else "staff"


def covers(scope: str, region: str) -> bool:
    """Whether a region lies in a scope: 330000 ⊃ 331000 ⊃ 331003 ⊃ 331003104 000 (township) ⊃ village.

    6 digits are province, city, county; 12 are township and village. Trailing zero pairs (township: triples) widen.
    """
    return bool(scope) and region.startswith(region_prefix(scope))


def region_prefix(scope: str) -> str:
    """The digits that count: 330000 → 33, 331000 → 3310, 331003 → 331003, 331003104000 → 331003104."""
    if len(scope) == 12:
        if not scope.endswith("000"):
            return scope
        town = scope[:9]
        return town if not town.endswith("000") else region_prefix(scope[:6])
    if scope.endswith("0000"):
        return scope[:2] if scope != "000000" else ""
    return scope[:4] if scope.endswith("00") else scope
