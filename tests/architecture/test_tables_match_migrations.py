"""The tables a service's code speaks of are the tables its migrations make, in all five databases."""

from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from gateway.cases.tables import XID8
from kernel.database import make_engine
from kernel.migrations import compare_type, upgrade_async
from tests.conftest import NewDatabase

SERVICES = ("gateway", "assistance", "eldercare", "funeral", "marriage")
# Spoken of in plain SQL alone: Alembic's own, the inbox's partitions, the kernel's three.
WITHOUT_METADATA = {"alembic_version", "inbox_default", "clock_offset", "idempotency_keys", "audit_log"}


def rows_of(service: str) -> registry:
    """The service's registry, with every table of its code."""
    module = import_module("gateway.tables" if service == "gateway" else f"services.{service}.tables")
    rows: registry = module.ROWS
    return rows


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What Alembic would write into a new revision."""

    def spoken_of(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name not in WITHOUT_METADATA

    context = MigrationContext.configure(
        connection, opts={"compare_type": compare_type, "include_name": spoken_of}
    )
    return list(compare_metadata(context, metadata))


@pytest.fixture
def transaction_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reflection learns PostgreSQL's 64-bit transaction ids, which the gateway's feed is read by."""
    monkeypatch.setitem(ischema_names, "xid8", XID8)


async def compared(service: str, dsn: str, *changes: str) -> list[Any]:
    """Migrate, change, compare."""
    await upgrade_async(service, dsn)
    engine = make_engine(dsn, pooled=False)
    try:
        async with engine.begin() as connection:
            for change in changes:
                await connection.execute(text(change))
            return await connection.run_sync(differences, rows_of(service).metadata)
    finally:
        await engine.dispose()


@pytest.mark.usefixtures("transaction_numbers")
@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrated_database_has_the_tables_of_the_code_and_no_other(
    service: str, new_database: NewDatabase
) -> None:
    assert await compared(service, await new_database(f"{service}_compared")) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE couples DROP COLUMN died",
        "ALTER TABLE couples ALTER COLUMN region DROP NOT NULL",
        "ALTER TABLE standings ALTER COLUMN state TYPE integer USING 0",
        "DROP INDEX uq_couples_wife_married",
        "CREATE TABLE forgotten (id uuid PRIMARY KEY)",
    ],
)
async def test_the_comparison_finds_what_differs(change: str, new_database: NewDatabase) -> None:
    standing_check = "ALTER TABLE standings DROP CONSTRAINT ck_standings_state_known"
    assert (
        len(await compared("marriage", await new_database("marriage_changed"), standing_check, change)) == 1
    )


@pytest.mark.parametrize("service", SERVICES[1:])
def test_every_row_class_of_a_service_is_mapped_to_its_table(service: str) -> None:
    module = import_module(f"services.{service}.tables")
    classes = {
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, SQLModel)
        and "__tablename__" in vars(each)
        and each is not SQLModel
    }
    assert len(classes) >= 3
    assert {mapper.class_ for mapper in rows_of(service).mappers} == classes
