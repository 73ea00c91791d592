"""What api.md says of every answer, as checks that the contract's journeys share."""

import re
from typing import Any
from uuid import uuid4

import httpx

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
PROCEDURE = {
    "id", "type", "owner", "name", "origin", "stage", "state", "reason", "needs", "due_at", "limit", "overdue",
    "paused", "opened_at", "ended_at", "version", "result", "tasks", "round",
}  # fmt: skip
CASE = {
    "case_no", "life_event", "title", "region", "status", "version", "submitted_at", "channel", "procedures",
    "timeline",
}  # fmt: skip
TASK = {
    "id", "case_no", "procedure", "type", "name", "owner", "step", "region", "due_at", "colour", "version", "facts",
    "decisions",
}  # fmt: skip
PDF = b"%PDF-1.4\n%%EOF\n"


def key() -> dict[str, str]:
    """A fresh key for one POST."""
    return {"Idempotency-Key": str(uuid4())}


def assert_problem(
    answer: httpx.Response, status: int, code: str | None = None, field: str | None = None
) -> Any:
    """The answer is a problem of that status, with every member that api.md names; its body."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["status"] == status and body["type"] and body["title"] and body["detail"] and body["code"]
    assert re.search(r"[一-鿿]", body["title"] + body["detail"])
    for error in body["errors"]:
        assert error["message"] and error["message_en"] and error["how"] and error["code"], error
        assert error["field"] == "" or error["field"].startswith("/"), error
    assert code is None or code in {body["code"], *(error["code"] for error in body["errors"])}, body
    assert field is None or field in {error["field"] for error in body["errors"]}, body
    return body


def listed(answer: httpx.Response) -> list[Any]:
    """The items of a list in the form that all lists have."""
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"items", "next"}
    return answer.json()["items"]
