"""After a run: did the rows end in the owners' own databases too, not on the board alone?"""

from collections.abc import Sequence

import asyncpg

from tests.bench.subjects import OURS

COUNT = """
select p.type, count(*) from procedures p join case_files f on f.case_id = p.case_id
where f.case_no = any($1::text[]) and p.ended_at is not null group by p.type
"""


async def missing_ends(
    dsns: dict[str, str], cases: Sequence[str], must_end: frozenset[str]
) -> dict[str, int]:
    """How many of the awaited rows have not ended at their owner, by type; not_applicable at the gateway counts."""
    lacking: dict[str, int] = {}
    gateway = await asyncpg.connect(dsns["gateway"].replace("+asyncpg", ""))
    never_sent = dict(
        await gateway.fetch(
            "select r.type, count(*) from case_procedures r join cases c on c.id = r.case_id"
            " where c.case_no = any($1::text[]) and r.order_no = 0 and r.state = 'not_applicable' group by r.type",
            list(cases),
        )
    )
    await gateway.close()
    for owner in OURS - {"gateway"}:
        connection = await asyncpg.connect(dsns[owner].replace("+asyncpg", ""))
        ended = dict(await connection.fetch(COUNT, list(cases)))
        await connection.close()
        for kind in must_end:
            gap = len(cases) - ended.get(kind, 0) - never_sent.get(kind, 0)
            if kind.startswith(f"{owner}.") and gap > 0:
                lacking[kind] = gap
    return lacking
