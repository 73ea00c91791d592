"""Many rows into an owner's tables, one statement per table (design 11.19): what an import of people needs."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from kernel.messaging.transaction import Transaction

# Column → PostgreSQL type, in the order of the insert.
Columns = Mapping[str, str]
Rows = Sequence[Mapping[str, Any]]


async def insert_missing(
    tx: Transaction, tables: Mapping[str, Columns], values: Mapping[str, Rows], *, key: str | None = None
) -> int:
    """Insert the rows of each table that do not stand yet; gives the number of rows handed over.

    Tables are filled in the order of `values`, which foreign keys decide. `key` names the column whose conflict
    means that the row stands; any other conflict then raises IntegrityError. Without it every conflict means that.
    Names go into the SQL as they are: they come from the code, never from a request.
    """
    count = 0
    for table, rows in values.items():
        columns = tables[table]
        if rows:
            statement = _statement(table, tuple(columns.items()), key)
            await tx.execute(statement, {name: [row[name] for row in rows] for name in columns})
            count += len(rows)
    return count


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[tuple[str, str], ...], key: str | None) -> TextClause:
    names = ", ".join(name for name, _ in columns)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns)
    stands = f"({key}) " if key else ""
    return text(
        f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT {stands}DO NOTHING"
    )
