"""An owner made of generic procedures alone: what casework does without any service's code."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from casework.office import Office
from casework.registry import Procedures
from kernel.database import make_engine
from kernel.messaging.transaction import Transactions
from kernel.migrations import upgrade_async
from kernel.public_service.calendar import WorkingCalendar
from kernel.public_service.sealing import Sealer
from tests.casework.plain_owner import OWNER, Bench, answers, failing, keeps_memory, pausing, waking
from tests.conftest import NewDatabase, TemplateDatabase


@pytest.fixture
async def bench(new_database: NewDatabase, template_database: TemplateDatabase) -> AsyncIterator[Bench]:
    # Any owner's database has the casework tables; marriage's is the smallest.
    template = await template_database("marriage", partial(upgrade_async, "marriage"))
    engine = make_engine(await new_database("owner", template=template), pool_size=8)
    procedures = Procedures(
        OWNER,
        modules={
            "test.failing": failing,
            "test.remembers": keeps_memory,
            "test.pausing": pausing,
            "test.waking": waking,
        },
        predicates={"holds": answers},
    )
    sealer = Sealer({1: b"0" * 32})
    yield Bench(Transactions(engine, source="/test"), Office(procedures, sealer, WorkingCalendar.load()))
    await engine.dispose()
