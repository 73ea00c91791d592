"""Who may sign in on the demo: made from the region files, the departments, and people of the register.

Outside the demo profile there is no directory: users come from the identity provider of the authority that runs it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from contracts.catalog_files import Catalogue
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction
from kernel.public_service.access import Actor, Role

EVERYWHERE = "000000"
_CITIZENS_PER_COUNTY = 3

# Grown-ups with a spouse: each can report the death of a relative whom the register knows as such.
_CITIZENS = text("""
    SELECT p.person, p.region FROM people p
    WHERE p.region LIKE :county AND EXISTS (
        SELECT 1 FROM person_relations r WHERE r.person = p.person AND r.relation = 'spouse')
    ORDER BY p.person LIMIT :most""")

# role → (title, owner, kind of region). `town`: one in each township. The township officer of a whole county stands in
# for all of its townships, as pooled desks do.
_OFFICES: tuple[tuple[Role, str, str | None, str], ...] = (
    (Role.WINDOW_CLERK, "综合窗口", None, "county"),
    (Role.TOWNSHIP_OFFICER, "乡镇街道统筹经办", None, "county"),
    (Role.TOWNSHIP_OFFICER, "社会救助经办", None, "town"),
    (Role.VILLAGE_ASSISTANT, "村级协理员", None, "town"),
    (Role.COUNTY_SUPERVISOR, "县级主管", None, "county"),
    (Role.REGISTRAR, "婚姻登记员", "marriage", "county"),
    (Role.FUNERAL_HOME, "殡仪馆", "funeral", "county"),
    (Role.PROVIDER, "养老服务机构", "eldercare", "county"),
    (Role.FINANCE, "财务", None, "county"),
    (Role.HOTLINE, "热线", None, "county"),
)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """One demo sign-in; `owner` is a department or service, `person` a citizen's key."""

    user: str
    title: str
    role: Role
    region: str
    owner: str | None = None
    person: UUID | None = None

    def actor(self) -> Actor:
        return Actor(self.user, self.role, self.region, self.person, self.owner)


@dataclass(frozen=True)
class Directory:
    """The demo's users. Citizens are chosen from the register once it has people."""

    catalogue: Catalogue
    register: Register
    _citizens: dict[str, tuple[DemoUser, ...]] = field(default_factory=dict)

    async def users(self, tx: Transaction) -> list[DemoUser]:
        """All of them: citizens first, then staff by county, departments, auditor, operator."""
        found: list[DemoUser] = []
        for county in self.catalogue.tree.demo_counties:
            found += await self._citizens_of(tx, county)
        return [*found, *self.staff()]

    async def user(self, tx: Transaction, name: str) -> DemoUser | None:
        """One of them, or None."""
        staff = next((one for one in self.staff() if one.user == name), None)
        if staff is not None or not name.startswith("citizen-"):
            return staff
        return next((one for one in await self.users(tx) if one.user == name), None)

    def staff(self) -> Iterator[DemoUser]:
        """Everybody who is not a citizen; needs no database."""
        for county in self.catalogue.tree.demo_counties:
            yield from self._offices(county)
        for department in self.catalogue.departments.values():
            yield DemoUser(
                f"department-{department.id}",
                department.name,
                Role.DEPARTMENT,
                EVERYWHERE,
                owner=department.id,
            )
        yield DemoUser("auditor", "审计员", Role.AUDITOR, EVERYWHERE)
        yield DemoUser("operator", "系统运维", Role.OPERATOR, EVERYWHERE)

    def _offices(self, county: str) -> Iterator[DemoUser]:
        tree = self.catalogue.tree
        for role, title, owner, place in _OFFICES:
            towns = tree.county(county).townships if place == "town" else ()
            for number, town in enumerate(towns, start=1):
                yield DemoUser(f"{role}-{county}-{number}", f"{town.name}{title}", role, town.code, owner)
            if not towns:
                yield DemoUser(f"{role}-{county}", f"{tree.name_of(county)}{title}", role, county, owner)

    async def _citizens_of(self, tx: Transaction, county: str) -> tuple[DemoUser, ...]:
        if county not in self._citizens:
            rows = (await tx.execute(_CITIZENS, {"county": f"{county}%", "most": _CITIZENS_PER_COUNTY})).all()
            names = await self.register.details(tx, [row.person for row in rows])
            users = tuple(
                DemoUser(
                    f"citizen-{county}-{number}", f"{names[row.person]['name']}（居民，有亲属）", Role.CITIZEN,
                    row.region, person=row.person,
                )
                for number, row in enumerate(rows, start=1)
            )  # fmt: skip
            if not users:
                return ()
            self._citizens[county] = users
        return self._citizens[county]
