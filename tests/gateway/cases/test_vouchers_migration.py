"""Cases that stood before answers had vouchers: the department that opened one vouches for what was verified."""

from uuid import uuid4

from sqlalchemy import text

from kernel.database import make_engine
from kernel.migrations import upgrade_async
from tests.conftest import NewDatabase

_CASE = text("""
    INSERT INTO cases (id, case_no, life_event, plan, subject, region, channel, submitted_at, submitted_by, form,
                       verified, changed_at)
    VALUES (:id, :no, 'death', 'p', :subject, '331022', :channel, now(), :by, '{}',
            CAST(:verified AS text[]), now())""")


async def test_only_who_opened_a_case_as_a_department_vouches_for_its_old_answers(
    new_database: NewDatabase,
) -> None:
    dsn = await new_database("gateway_before_vouchers")
    await upgrade_async("gateway", dsn, revision="0004_page_drafts")
    engine = make_engine(dsn, pooled=False)
    old = [
        ("a", "department", "department:health", ["/deceased/name", "/deceased/died_at"]),
        ("b", "window", "clerk", ["/deceased/name"]),  # verified by somebody who joined: no longer known
        ("c", "department", "department:tax", []),
    ]
    async with engine.begin() as connection:
        for number, channel, by, verified in old:
            values = {"no": number, "channel": channel, "by": by, "verified": verified}
            await connection.execute(_CASE, {"id": uuid4(), "subject": uuid4(), **values})
    await upgrade_async("gateway", dsn)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT case_no, vouchers FROM cases ORDER BY case_no"))
        vouchers = {row.case_no: row.vouchers for row in found}
    await engine.dispose()
    both = {"/deceased/name": "health", "/deceased/died_at": "health"}
    assert vouchers == {"a": both, "b": {}, "c": {}}
