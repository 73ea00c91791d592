"""The HTTP face: what every process serves, and how every fault of a client is answered."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from kernel.database import make_engine
from kernel.errors import Conflict, StaleVersion
from kernel.messaging.transaction import Transactions
from kernel.public_service.access import SERVICE_KEY_HEADER, Actor, Role
from kernel.service import Service
from tests.conftest import NewDatabase
from tests.kernel.conftest import MIGRATIONS, SampleSettings
from tests.kernel.sample_service import make_sample_service


def bearer(service: Service, role: Role = Role.WINDOW_CLERK, region: str = "331003") -> dict[str, str]:
    actor = Actor(user=f"{role}-1", role=role, region=region, person=uuid4())
    return {"Authorization": f"Bearer {service.tokens.issue(actor).text}"}


def fault(answer: httpx.Response) -> tuple[int, str, str, str]:
    """Status, code, and field and code of the first error; checks what every problem must have."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    assert body["how"]
    for error in body["errors"]:
        assert error["message"]
        assert error["message_en"]
        assert error["how"]
    first = body["errors"][0] if body["errors"] else {"field": "", "code": ""}
    return body["status"], body["code"], first["field"], first["code"]


async def test_a_service_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": {}})


async def test_a_service_without_migrations_is_not_ready(new_database: NewDatabase) -> None:
    engine = make_engine(await new_database("bare"), pool_size=2)
    service = make_sample_service(SampleSettings(), engine, MIGRATIONS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://x") as client:
        answer = await client.get("/readyz")
    await service.close()
    assert fault(answer)[:2] == (503, "not_ready")
    assert "migrate" in answer.json()["checks"]["migrations"]


@pytest.fixture
async def stranded() -> AsyncIterator[httpx.AsyncClient]:
    """A service whose database does not exist."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none", pool_size=1)
    service = make_sample_service(SampleSettings(), engine, MIGRATIONS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://x") as client:
        yield client
    await service.close()


async def test_a_database_that_is_away_is_a_503_with_retry_after(stranded: httpx.AsyncClient) -> None:
    answer = await stranded.get("/notes/1")
    assert fault(answer)[:2] == (503, "database_away")
    assert int(answer.headers["retry-after"]) > 0
    assert fault(await stranded.get("/readyz"))[:2] == (503, "not_ready")
    assert (await stranded.get("/healthz")).status_code == 200


async def test_a_statement_past_its_time_is_a_503(client: httpx.AsyncClient) -> None:
    answer = await client.get("/slow")
    assert fault(answer)[:2] == (503, "unavailable")
    assert "retry-after" in answer.headers


async def test_connections_cut_by_the_server_are_a_503_and_then_mended(
    client: httpx.AsyncClient, service: Service, transactions: Transactions
) -> None:
    own = make_engine(service.settings.database_url, pooled=False)
    assert (await client.get("/notes/1")).status_code == 200
    async with Transactions(own, source="test").begin() as tx:
        await tx.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await own.dispose()
    statuses = [(await client.get("/notes/1")).status_code for _ in range(3)]
    assert statuses[-1] == 200
    assert set(statuses) <= {200, 503}


async def test_metrics_count_by_route_and_never_show_the_address(client: httpx.AsyncClient) -> None:
    await client.get("/named", params={"name": "secret-name"})
    page = (await client.get("/metrics")).text
    assert 'lianban_http_requests_total{method="GET",route="/named",service="sample",status="200"}' in page
    assert "secret-name" not in page


async def test_the_interface_document_is_bilingual_and_knows_the_problem(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert "示例" in document["info"]["title"]
    assert "Sample" in document["info"]["title"]
    answers = document["paths"]["/notes"]["post"]["responses"]
    assert "application/problem+json" in answers["4XX"]["content"]
    assert "422" not in answers
    assert "errors" in document["components"]["schemas"]["Problem"]["required"]


async def test_every_answer_has_safe_headers_and_a_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"X-Request-ID": "given-by-me-1"})
    assert answer.headers["x-request-id"] == "given-by-me-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    odd = await client.get("/healthz", headers={"X-Request-ID": "<script>"})
    assert odd.headers["x-request-id"] != "<script>"


async def test_an_unknown_address_and_a_wrong_method_are_problems(client: httpx.AsyncClient) -> None:
    assert fault(await client.get("/nowhere"))[:2] == (404, "not_found")
    wrong = await client.delete("/stale")
    assert fault(wrong)[:2] == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


async def test_an_error_of_our_own_is_a_500_that_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/broken")
    assert fault(answer)[:2] == (500, "internal_error")
    assert "331003195001010011" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_what_a_problem_adds_replaces_none_of_its_members() -> None:
    body = StaleVersion(3).as_dict() | Conflict(extra={"status": "withdrawn", "case_no": "1"}).as_dict()
    assert (body["status"], body["case_no"], body["current_version"]) == (409, "1", 3)


async def test_a_problem_carries_what_the_reader_needs(client: httpx.AsyncClient) -> None:
    answer = await client.post("/stale")
    assert fault(answer)[:2] == (409, "stale_version")
    assert answer.json()["current_version"] == 7


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"id": 1, "body": "a", "surprise": 1}', (422, "content_invalid", "/surprise", "unknown_field")),
        ('{"id": 1}', (422, "content_invalid", "/body", "required")),
        ('{"id": "x", "body": "a"}', (422, "content_invalid", "/id", "not_integer")),
        ('{"id": 1, "body": 2}', (422, "content_invalid", "/body", "not_text")),
        (
            '{"id": 1, "body": "a", "inner": {"name": ""}}',
            (422, "content_invalid", "/inner/name", "too_short"),
        ),
        (
            '{"id": 1, "body": "a", "inner": {"name": "abcdef"}}',
            (422, "content_invalid", "/inner/name", "too_long"),
        ),
        (
            '{"id": 1, "body": "a", "inner": {"name": "a", "born": "2025-02-30"}}',
            (422, "content_invalid", "/inner/born", "not_a_date"),
        ),
        (
            '{"id": 1, "body": "a", "at": "2026-03-01T09:00:00"}',
            (422, "content_invalid", "/at", "time_without_offset"),
        ),
        ('{"id": 1, "body": "a", "inner": 3}', (422, "content_invalid", "/inner", "not_an_object")),
        ('{"id": 1, "body": "a\\u0000"}', (422, "content_invalid", "/body", "text_not_storable")),
        ('{"id": 1, "body": "\\ud800"}', (422, "content_invalid", "/body", "text_not_storable")),
        (
            '{"id": 1, "body": "a", "extra": {"x": ["\\udfff"]}}',
            (422, "content_invalid", "/extra/x/0", "text_not_storable"),
        ),
        ('{"id": 9223372036854775808, "body": "a"}', (422, "content_invalid", "/id", "number_too_large")),
        ('{"id": 1e300, "body": "a"}', (422, "content_invalid", "/id", "number_too_large")),
        ('{"id": NaN, "body": "a"}', (400, "malformed_json", "", "")),
        ('{"id": 1,', (400, "malformed_json", "", "")),
        ('"\x00"', (400, "malformed_json", "", "")),
        ("[1]", (422, "content_invalid", "", "not_an_object")),
        ("", (422, "content_invalid", "", "required")),
        ('{"id":1,"body":"a","extra":{"x":' + "[" * 300 + "]" * 300 + "}}", (400, "malformed_json", "", "")),
    ],
)
async def test_a_faulty_body_is_answered_with_field_and_code(
    client: httpx.AsyncClient, content: str, expected: tuple[int, str, str, str]
) -> None:
    answer = await client.post(
        "/echoes",
        content=content.encode("utf-8", "surrogatepass"),
        headers={"Content-Type": "application/json"},
    )
    assert fault(answer) == expected


async def test_invalid_utf8_is_malformed(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/echoes", content=b'{"id": 1, "body": "\xff\xfe"}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"].startswith("malformed")


async def test_a_whole_emoji_and_chinese_text_pass(client: httpx.AsyncClient) -> None:
    content = b'{"id": 1, "body": "\\ud83d\\ude00 \\u738b"}'
    answer = await client.post("/echoes", content=content, headers={"Content-Type": "application/json"})
    assert answer.json()["body"] == "😀 王"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
async def test_another_content_type_is_415(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/echoes", content=b'{"id": 1, "body": "a"}', headers={"Content-Type": kind})
    assert fault(answer)[:2] == (415, "unsupported_media_type")


async def test_json_sent_to_a_form_is_415(client: httpx.AsyncClient) -> None:
    answer = await client.post("/materials", content=b"x", headers={"Content-Type": "text/plain"})
    assert fault(answer)[:2] == (415, "unsupported_media_type")


async def test_a_body_over_the_limit_is_413_with_and_without_its_length(client: httpx.AsyncClient) -> None:
    big = b'{"id": 1, "body": "' + b"a" * 1024 * 1024 + b'"}'
    headers = {"Content-Type": "application/json"}
    assert fault(await client.post("/echoes", content=big, headers=headers))[:2] == (413, "body_too_large")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    assert fault(await client.post("/echoes", content=pieces(), headers=headers))[:2] == (
        413,
        "body_too_large",
    )


async def test_materials_may_be_larger_but_not_without_bound(client: httpx.AsyncClient) -> None:
    taken = await client.post("/materials", files={"file": ("a.jpg", b"x" * 3_000_000)})
    assert taken.json() == {"bytes": 3_000_000}

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(22):
            yield b"x" * 1024 * 1024
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await client.post("/materials", content=pieces(), headers=headers)
    assert fault(answer)[:2] == (413, "body_too_large")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/notes/abc", (422, "content_invalid", "/path/id", "not_integer")),
        ("/notes/1?limit=201", (422, "content_invalid", "/query/limit", "too_large")),
        ("/named", (422, "content_invalid", "/query/name", "required")),
        ("/named?name=a%00b", (422, "content_invalid", "/query/name", "text_not_storable")),
        ("/notes/a%00", (422, "content_invalid", "/path", "text_not_storable")),
        ("/notes/9223372036854775808", (422, "value_not_storable", "", "")),
    ],
)
async def test_a_faulty_address_is_a_422(
    client: httpx.AsyncClient, address: str, expected: tuple[int, str, str, str]
) -> None:
    assert fault(await client.get(address)) == expected


async def test_a_value_past_its_column_is_a_422_and_not_a_500(
    client: httpx.AsyncClient, service: Service
) -> None:
    headers = {**bearer(service), "Idempotency-Key": "k-1"}
    answer = await client.post("/notes", json={"id": 1, "body": "a", "small": 2**40}, headers=headers)
    assert fault(answer)[:2] == (422, "value_not_storable")


async def test_a_lost_race_on_a_unique_key_is_a_409_without_the_value(
    client: httpx.AsyncClient, service: Service
) -> None:
    headers = bearer(service)
    note = {"id": 1, "body": "private"}
    assert (
        await client.post("/notes", json=note, headers={**headers, "Idempotency-Key": "1"})
    ).status_code == 201
    answer = await client.post("/notes", json=note, headers={**headers, "Idempotency-Key": "2"})
    assert fault(answer)[:2] == (409, "conflict")
    assert "private" not in answer.text


async def test_internal_routes_want_the_service_key(client: httpx.AsyncClient, service: Service) -> None:
    assert fault(await client.post("/internal/v1/ping"))[:2] == (401, "unauthenticated")
    wrong = {SERVICE_KEY_HEADER: "guessed"}
    assert (await client.post("/internal/v1/ping", headers=wrong)).status_code == 401
    right = {SERVICE_KEY_HEADER: service.settings.service_key.get_secret_value()}
    assert (await client.post("/internal/v1/ping", headers=right)).json() == {"pong": "yes"}


async def test_two_services_live_in_one_process(service: Service, new_database: NewDatabase) -> None:
    other = make_sample_service(SampleSettings(), service.engine, MIGRATIONS)
    other.name = "other"
    service.app.mount("/other", other.app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://x") as client:
        assert (await client.post("/other/stale")).json()["current_version"] == 7
        assert (await client.get("/other/readyz")).status_code == 200
