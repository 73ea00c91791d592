"""No personal data in a log; no secret by default outside the demo profile; errors with their docstring as message."""

import json
import logging

import httpx
import pytest
import structlog

from kernel.errors import Conflict, FieldError, NotFound, Unavailable, invalid
from kernel.logging import BLANK, configure_logging, redact
from kernel.service import Service
from kernel.settings import DEMO_SECRETS, SecretMissing, ServiceSettings


class Example(ServiceSettings, service="example"):
    own: int = 1


@pytest.mark.parametrize(
    "text",
    ["号码 99000119500101001X 有误", "tel 13900000001", "账号 6222021234567890123", "座机 0576-88888888",
     "old 990001500101001", "Bearer eyJhbGciOi.eyJzdWIi.abc-_1"],
)  # fmt: skip
def test_whatever_looks_like_a_number_of_a_person_is_blanked(text: str) -> None:
    assert BLANK in redact(text)
    assert not any(len(word) > 10 and word.isdigit() for word in redact(text).split())


@pytest.mark.parametrize(
    "text",
    ["3f2b1c9e-1111-4222-8333-123456789012", "2026-03-01T09:00:00+08:00", "331003104201", "took 1234567 ms"],
)
def test_ids_times_and_regions_stay(text: str) -> None:
    assert redact(text) == text


def test_fields_that_hold_personal_data_by_their_name_are_blanked_at_any_depth() -> None:
    assert redact({"a": [{"name": "王一二", "id": 1}], "phone": 5}) == {
        "a": [{"name": BLANK, "id": 1}], "phone": BLANK,
    }  # fmt: skip


def test_a_log_line_is_json_without_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers, logging.getLogger().level
    configured = structlog.get_config()
    configure_logging("INFO")
    try:
        structlog.get_logger("t").info("happened", name="王一二", note="99000119500101001X", count=3)
        logging.getLogger("foreign").warning("call 13900000001")
    finally:
        logging.getLogger().handlers, logging.getLogger().level = before
        structlog.configure(**configured)
    ours, foreign = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (ours["event"], ours["name"], ours["note"], ours["count"]) == ("happened", BLANK, BLANK, 3)
    assert foreign["event"] == f"call {BLANK}"


async def test_the_access_log_names_the_route_and_not_the_address(
    client: httpx.AsyncClient, service: Service
) -> None:
    with structlog.testing.capture_logs() as lines:
        await client.get("/named", params={"name": "99000119500101001X"})
        await client.get("/healthz")
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [("/named", 200)]
    assert "99000119500101001X" not in str(lines)


def test_own_variables_win_over_shared_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANBAN_POOL_SIZE", "3")
    monkeypatch.setenv("LIANBAN_EXAMPLE_POOL_SIZE", "4")
    monkeypatch.setenv("LIANBAN_EXAMPLE_OWN", "9")
    assert (Example().pool_size, Example().own) == (4, 9)
    assert ServiceSettings().pool_size == 3


@pytest.mark.parametrize("secret", sorted(DEMO_SECRETS))
def test_production_refuses_a_missing_and_a_demo_secret_by_its_name(secret: str) -> None:
    given = {name: "production-" + value for name, value in DEMO_SECRETS.items()}
    assert Example(profile="production", **given).demo is False  # type: ignore[arg-type]
    for bad in ("", DEMO_SECRETS[secret]):
        with pytest.raises(SecretMissing, match=f"LIANBAN_EXAMPLE_{secret.upper()}"):
            Example(profile="production", **{**given, secret: bad})  # type: ignore[arg-type]


def test_secrets_are_not_printed() -> None:
    assert DEMO_SECRETS["token_key"] not in repr(Example())


class BenefitAlreadyStopped(Conflict):
    """这项待遇已经停发。
    This benefit has already been stopped."""


def test_the_docstring_is_the_message_and_the_class_name_the_code() -> None:
    problem = BenefitAlreadyStopped().as_dict()
    assert (problem["code"], problem["status"], problem["title"], problem["title_en"]) == (
        "benefit_already_stopped", 409, "这项待遇已经停发。", "This benefit has already been stopped.",
    )  # fmt: skip
    assert problem["how"] == Conflict.how


def test_a_problem_without_docstring_keeps_its_parents_title() -> None:
    class Silent(NotFound):
        pass

    assert (Silent().as_dict()["title"], Silent.code) == (NotFound.title_zh, "silent")


def test_one_faulty_field_is_said_in_short() -> None:
    problem = invalid("/x", "too_old", "太早。", "Too early.", "请改。", "Mend it.")
    assert problem.errors == (FieldError("/x", "too_old", "太早。", "Too early.", "请改。", "Mend it."),)
    assert Unavailable(retry_after=9).headers == {"Retry-After": "9"}
