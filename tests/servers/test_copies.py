"""A database that a test gives back is to the next as if it were new."""

import asyncpg
import pytest

from deploy.local.postgres import PostgresServer
from tests.conftest import TemplateDatabase
from tests.copies import Copies

PREPARE = """
CREATE TABLE houses (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, size integer,
                     twice integer GENERATED ALWAYS AS (2 * size) STORED);
CREATE TABLE rooms (house bigint NOT NULL REFERENCES houses, name text) PARTITION BY LIST (name);
CREATE TABLE rooms_rest PARTITION OF rooms DEFAULT;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON houses FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO houses (name, size) VALUES ('first', 3);
INSERT INTO rooms VALUES (1, 'kitchen');
"""


async def run(server: PostgresServer, database: str, statements: str) -> None:
    connection = await asyncpg.connect(server.dsn(database).replace("+asyncpg", ""))
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def ask(server: PostgresServer, database: str, query: str) -> list[tuple]:
    connection = await asyncpg.connect(server.dsn(database).replace("+asyncpg", ""))
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


@pytest.fixture
async def template(template_database: TemplateDatabase, postgres: PostgresServer) -> str:
    async def prepare(dsn: str) -> None:
        await run(postgres, dsn.rsplit("/", 1)[1], PREPARE)

    return await template_database("houses", prepare)


async def used(copies: Copies, postgres: PostgresServer, template: str, statements: str) -> tuple[str, str]:
    """(a database in which a test did that and gave it back, the one that the next test gets)."""
    first = await copies.take("houses", template)
    await run(postgres, first, statements)
    await copies.give_back(first, template)
    return first, await copies.take("houses", template)


async def test_rows_and_numbers_are_again_those_of_the_template(
    copies: Copies, postgres: PostgresServer, template: str
) -> None:
    wild = "INSERT INTO houses (name, size) VALUES ('second', 5); INSERT INTO rooms VALUES (2, 'cellar')"
    first, second = await used(copies, postgres, template, wild)
    assert second == first
    assert await ask(postgres, second, "SELECT id, name, size, twice FROM houses") == [(1, "first", 3, 6)]
    assert await ask(postgres, second, "SELECT * FROM rooms") == [(1, "kitchen")]
    await run(postgres, second, "INSERT INTO houses (name) VALUES ('next')")
    assert await ask(postgres, second, "SELECT max(id) FROM houses") == [(2,)]
    await copies.give_back(second, template)


async def test_tables_and_partitions_that_a_test_added_are_gone(
    copies: Copies, postgres: PostgresServer, template: str
) -> None:
    first, second = await used(
        copies, postgres, template,
        "CREATE TABLE sheds (id integer); CREATE TABLE rooms_attic PARTITION OF rooms FOR VALUES IN ('attic');"
        "INSERT INTO rooms VALUES (1, 'attic')",
    )  # fmt: skip
    assert second == first
    tables = "SELECT relname FROM pg_class WHERE relname IN ('sheds', 'rooms_attic')"
    assert await ask(postgres, second, tables) == []
    assert await ask(postgres, second, "SELECT * FROM rooms") == [(1, "kitchen")]
    await copies.give_back(second, template)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE houses ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE rooms RENAME TO chambers",
        "DROP TRIGGER append_only ON houses",
        "ALTER TABLE houses DROP COLUMN name",
    ],
)
async def test_a_database_whose_tables_were_changed_is_given_to_nobody(
    copies: Copies, postgres: PostgresServer, template: str, change: str
) -> None:
    first, second = await used(copies, postgres, template, change)
    assert second != first
    assert await ask(postgres, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{first}'") == []
    await copies.give_back(second, template)


async def test_sessions_that_a_test_left_open_are_ended(
    copies: Copies, postgres: PostgresServer, template: str
) -> None:
    database = await copies.take("houses", template)
    left = await asyncpg.connect(postgres.dsn(database).replace("+asyncpg", ""))
    await left.execute("BEGIN; LOCK TABLE houses")
    await copies.give_back(database, template)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await left.execute("SELECT 1")
    left.terminate()
