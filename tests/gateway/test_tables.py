"""The gateway's tables are what its migrations make."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from gateway.tables import ROWS
from tests.gateway.office import Office

# A column of type xid8, which SQLAlchemy cannot read back.
NOT_COMPARED = frozenset({"case_changes"})
MATTERS = ("add_table", "add_column", "remove_column", "modify_nullable", "modify_type")


async def test_the_migrations_make_every_column_that_the_code_names(office: Office) -> None:
    names = {table.name for table in ROWS.metadata.tables.values()} - NOT_COMPARED

    def named(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name in names

    def chosen(_thing: Any, name: str | None, kind: str, *_rest: Any) -> bool:
        return kind != "table" or name in names

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"include_name": named, "include_object": chosen}
        )
        found = compare_metadata(context, ROWS.metadata)
        return [one for one in found if (one[0][0] if isinstance(one, list) else one[0]) in MATTERS]

    async with office.desk.service.engine.connect() as connection:
        assert await connection.run_sync(compare) == []
