"""What stops of before had claimed is a record after the migration."""

from sqlalchemy import text

from kernel.database import make_engine
from kernel.migrations import upgrade_async
from tests.conftest import NewDatabase

BEFORE = """
INSERT INTO allowances (id, person, state, ended_by, ended_on, region, kind, payee, amount_fen, granted_on,
                        paid_through, ends_after)
VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'active',
        '00000000-0000-0000-0000-000000000003', '2026-09-05', '331022901000', 'old_age_allowance',
        '00000000-0000-0000-0000-000000000004', 5000, '2020-01-01', '2026-11-01', '2026-09-01');
INSERT INTO procedures (id, case_id, type, subject, region, terms, state, order_no, version, case_version, result,
                        memory, human, task_facts, opened_at, provisional, escalation, changed_at)
SELECT CAST(id AS uuid), gen_random_uuid(), 'eldercare.stop_benefits', gen_random_uuid(), '331022', '{}', 'done', 1, 1,
       1, '{}', CAST(memory AS jsonb), false, '{}', now(), false, 0, now()
  FROM (VALUES ('00000000-0000-0000-0000-000000000003', '{"claimed": {"00000000-0000-0000-0000-000000000001": 10000}}'),
               ('00000000-0000-0000-0000-000000000005', '{}'),
               ('00000000-0000-0000-0000-000000000006', '{"claimed": {}}')) AS old(id, memory)"""


async def test_claims_kept_in_memory_become_records(new_database: NewDatabase) -> None:
    dsn = await new_database("eldercare_before")
    await upgrade_async("eldercare", dsn, revision="0001")
    engine = make_engine(dsn, pooled=False)
    try:
        async with engine.begin() as connection:
            for statement in BEFORE.split(";"):
                await connection.execute(text(statement.replace(": ", "\\: ")))
        await upgrade_async("eldercare", dsn)
        async with engine.begin() as connection:
            rows = (await connection.execute(text("SELECT * FROM overpayments"))).all()
    finally:
        await engine.dispose()
    (record,) = rows
    assert (record.amount_fen, record.months, record.state) == (10_000, ["2026-10", "2026-11"], "found")
    assert (record.letter_from, record.payee.int, record.kind) == (None, 4, "after_death")
