"""What the tests of the import work with: services on real databases, and their content without random keys."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from deploy.local.system import make_importer
from deploy.people_import.importer import Importer
from kernel.public_service.clock import TZ, FixedClock
from kernel.service import Service
from tests.people_import.files import TODAY

NOON = FixedClock(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=TZ))
# What an import fills, by database. Random keys of people are told by their numbers' blind indexes.
TABLES: Mapping[str, Mapping[str, str]] = {
    "gateway": {
        "people": "person, region, household", "person_relations": "person, relative, relation",
        "imported_rows": "line, record, household, source",
    },
    "assistance": {
        "households": "id, region, income_fen", "household_members": "household, person, birth_date",
        "relatives": "person, relative, relation", "payments": "holding, month, amount_fen, payee",
        "holdings": "id, household, person, kind, amount_fen, payee, granted_on, paid_through, state",
    },
    "eldercare": {
        "allowances": "id, person, kind, payee, amount_fen, paid_through", "vouchers": "id, person, balance_fen",
        "elder_cards": "id, person, number", "beds": "id, home, number", "stays": "id, person, bed, since",
        "visits": "id, person", "meals": "id, person", "home_orders": "id, person, on_date",
    },
    "funeral": {"funeral_homes": "region"},
    "marriage": {"couples": "id, husband, wife, state", "standings": "person, state"},
}  # fmt: skip


@dataclass
class House:
    """Services that share a clock; no worker runs."""

    services: Mapping[str, Service]
    addresses: Mapping[str, str]

    def importer(self, **options: Any) -> Importer:
        return make_importer(self.services, **options)

    async def rows(self, service: str, statement: str, **parameters: Any) -> list[Any]:
        async with self.services[service].transactions.begin() as tx:
            return list((await tx.execute(text(statement), parameters)).all())

    async def count(self, service: str, table: str) -> int:
        ((found,),) = await self.rows(service, f"SELECT count(*) FROM {table}")
        return int(found)

    async def content(self) -> dict[str, list[tuple[str, ...]]]:
        """Every row that an import writes, in order."""
        named = await self.rows(
            "gateway", "SELECT person, encode(blind_index, 'hex') FROM person_identifiers"
        )
        names = {str(person): index for person, index in named}
        found = {}
        for service, tables in TABLES.items():
            for table, columns in tables.items():
                rows = await self.rows(service, f"SELECT {columns} FROM {table}")
                found[table] = sorted(tuple(names.get(str(cell), str(cell)) for cell in row) for row in rows)
        return found

    async def clear(self) -> None:
        """Empty the tables that an import fills, for the next example of a law."""
        more = {
            "gateway": (
                "person_identifiers",
                "person_details",
                "import_chunks",
                "import_set_aside",
                "imports",
            )
        }
        for service, tables in TABLES.items():
            names = ", ".join((*tables, *more.get(service, ())))
            extra = ", signs_of_life" if service == "assistance" else ""
            async with self.services[service].transactions.begin() as tx:
                await tx.execute(text(f"TRUNCATE {names}{extra} CASCADE"))


def told(file: Path) -> list[tuple[int, str, str]]:
    """(line, field, code) of the file's error file, in its order; empty when there is none."""
    path = file.with_name(file.name + ".errors.csv")
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return [(int(row["line"]), row["field"], row["code"]) for row in csv.DictReader(opened)]
