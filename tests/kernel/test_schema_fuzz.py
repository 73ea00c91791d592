"""Whatever a client sends to the kernel's own habits, nothing but 503 with Retry-After is a server error."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from kernel.database import make_engine
from tests.kernel.conftest import MIGRATIONS, SampleSettings
from tests.kernel.sample_service import make_sample_service
from tests.kernel.test_service import bearer

RAISES_ON_PURPOSE = "/broken"


@pytest.mark.slow
def test_no_generated_request_causes_a_server_error(database: str) -> None:
    # Every call runs in a loop of its own here, so connections are not kept.
    service = make_sample_service(SampleSettings(), make_engine(database, pooled=False), MIGRATIONS)
    schema = schemathesis.openapi.from_asgi("/openapi.json", service.app)
    headers = bearer(service)
    statuses: Counter[int] = Counter()

    def send(case: Case) -> None:
        response = case.call(headers=headers)
        statuses[response.status_code] += 1
        away = response.status_code == 503 and "retry-after" in {name.lower() for name in response.headers}
        assert response.status_code < 500 or away, case.as_curl_command()

    def try_out(api: APIOperation, mode: GenerationMode) -> None:
        strategy = api.as_strategy(generation_mode=mode)
        bounded = settings(
            max_examples=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        bounded(given(case=strategy)(send))()

    for operation in schema.get_all_operations():
        api = operation.ok()
        if api.path in (RAISES_ON_PURPOSE, "/slow"):
            continue
        try_out(api, GenerationMode.POSITIVE)
        if [*api.iter_parameters(), *api.body]:  # without either there is nothing to get wrong
            try_out(api, GenerationMode.NEGATIVE)
    assert statuses[200] + statuses[201] > 20
    assert statuses[422] > 20
