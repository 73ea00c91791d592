"""Copies of prepared databases, lent to tests and taken back clean: a new copy costs ten times as much.

Beside the tables of a copy lies what it held at first (schema `pristine`). Given back, its rows and sequences become
those again; a copy whose tables were changed themselves is dropped.
"""

from collections import defaultdict
from itertools import count

import asyncpg

from deploy.local.postgres import PostgresServer

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind"
_KEEP = f"""
CREATE SCHEMA pristine;
CREATE TABLE pristine."known tables" AS {_TABLES} IN ('r', 'p');
CREATE TABLE pristine."kept rows" (relname name, columns text);
CREATE TABLE pristine."kept counters" (relname name, last_value bigint, is_called boolean);
DO $$
DECLARE one name; filled boolean;
BEGIN
    FOR one IN {_TABLES} = 'r' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', one, one);
            INSERT INTO pristine."kept rows"
            SELECT one, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = format('public.%I', one)::regclass AND attnum > 0 AND NOT attisdropped
              AND attgenerated = '';
        END IF;
    END LOOP;
    FOR one IN {_TABLES} = 'S' LOOP
        EXECUTE format(
            'INSERT INTO pristine."kept counters" SELECT %L, last_value, is_called FROM public.%I', one, one);
    END LOOP;
END $$;
CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE one record;
BEGIN
    FOR one IN {_TABLES} IN ('r', 'p') EXCEPT SELECT relname FROM pristine."known tables" LOOP
        EXECUTE format('DROP TABLE IF EXISTS public.%I', one.relname);
    END LOOP;
    FOR one IN {_TABLES} = 'r' LOOP
        EXECUTE format('DELETE FROM public.%I', one.relname);
    END LOOP;
    FOR one IN SELECT * FROM pristine."kept rows" LOOP
        EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pristine.%I',
                       one.relname, one.columns, one.columns, one.relname);
    END LOOP;
    PERFORM setval(format('public.%I', relname)::regclass, last_value, is_called) FROM pristine."kept counters";
END $$"""
# What a test may have done to the tables themselves: any difference makes the copy useless for the next.
_SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat_ws(':', relname, relkind, attname, atttypid, attnotnull, attnum) FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', conname, conrelid, contype) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', tgname, tgrelid, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(':', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts (part)"""
_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Copies:
    """The copies of one server. `take` → a database's name; `give_back` it when the test has ended."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._free: dict[str, list[str]] = defaultdict(list)
        self._shapes: dict[str, str] = {}

    async def take(self, name: str, template: str) -> str:
        """A database that is as `template` was when its first copy was made; nobody else has it."""
        if self._free[template]:
            return self._free[template].pop()
        database = f"{name}_copy_{next(self._numbers)}"
        await self._server.create_database(database, template)
        connection = await self._connect(database)
        try:
            await connection.execute(_KEEP)
            self._shapes[database] = await connection.fetchval(_SHAPE)
        finally:
            await connection.close()
        return database

    async def give_back(self, database: str, template: str) -> None:
        """End its sessions and make it as it was; drop it where that cannot be."""
        if await self._restored(database):
            self._free[template].append(database)
        else:
            await self._server.drop_database(database)

    async def _restored(self, database: str) -> bool:
        connection = await self._connect(database)
        try:
            await connection.fetch(_END_SESSIONS)
            await connection.execute("SELECT pristine.restore()")
            return bool(await connection.fetchval(_SHAPE) == self._shapes[database])
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()

    async def _connect(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._server.dsn(database).replace("+asyncpg", ""))
