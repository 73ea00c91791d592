"""Role × region × own case × owner, and how a route declares them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import jwt
import pytest

from kernel.errors import Forbidden, NotFound, Unauthenticated
from kernel.public_service.access import (
    COOKIE,
    GRANTS,
    Action,
    Actor,
    Role,
    Tokens,
    authorize,
    covers,
    may,
    reach,
)
from kernel.public_service.access.tokens import TokenExpired, TokenInvalid
from kernel.service import Service

ME = uuid4()


def actor(role: Role, region: str = "331003", owner: str | None = None) -> Actor:
    return Actor(user="u", role=role, region=region, person=ME, owner=owner)


@pytest.mark.parametrize(
    ("scope", "region", "inside"),
    [
        ("331003", "331003", True),
        ("331000", "331003", True),
        ("330000", "331003", True),
        ("330000", "331003104201", True),
        ("331003", "331003104201", True),
        ("331003104000", "331003104201", True),
        ("331003104000", "331003104000", True),
        ("331003104000", "331003", False),
        ("331003104000", "331003105000", False),
        ("331003104201", "331003104202", False),
        ("331003", "331004", False),
        ("331000", "330700", False),
        ("430000", "331003", False),
        ("331003", "331000", False),
        ("331003", "", False),
        ("", "331003", False),
    ],
)
def test_a_region_covers_what_lies_in_it(scope: str, region: str, inside: bool) -> None:
    assert covers(scope, region) is inside


def test_a_citizen_reads_own_cases_and_knows_of_no_other() -> None:
    citizen = actor(Role.CITIZEN)
    authorize(citizen, Action.READ_CASE, region="430100", persons=[uuid4(), ME])
    with pytest.raises(NotFound):
        authorize(citizen, Action.READ_CASE, region="331003", persons=[uuid4()])
    nobody = Actor(user="u", role=Role.CITIZEN, region="331003", person=None)
    with pytest.raises(NotFound):
        authorize(nobody, Action.READ_CASE, region="331003", persons=[])


def test_a_clerk_reads_the_cases_of_the_own_region_only() -> None:
    clerk = actor(Role.WINDOW_CLERK, "331003")
    authorize(clerk, Action.READ_CASE, region="331003104201")
    authorize(clerk, Action.READ_CASE, region=["331099", "331003"])
    with pytest.raises(NotFound):
        authorize(clerk, Action.READ_CASE, region="331004")


def test_a_department_reads_its_own_part_anywhere_and_a_home_only_where_it_is() -> None:
    authorize(
        actor(Role.DEPARTMENT, owner="police"), Action.READ_CASE, region="430100", owner=["police", "health"]
    )
    with pytest.raises(NotFound):
        authorize(actor(Role.DEPARTMENT, owner="tax"), Action.READ_CASE, region="331003", owner=["police"])
    home = actor(Role.FUNERAL_HOME, "331003", owner="funeral")
    authorize(home, Action.DECIDE_TASK, region="331003", owner="funeral")
    for region, owner in (("331004", "funeral"), ("331003", "marriage")):
        with pytest.raises(NotFound):
            authorize(home, Action.DECIDE_TASK, region=region, owner=owner)


def test_what_one_sees_but_may_not_touch_is_forbidden_and_what_one_does_not_see_is_not_found() -> None:
    auditor = actor(Role.AUDITOR)
    with pytest.raises(Forbidden):
        authorize(auditor, Action.WITHDRAW, region="331003")
    with pytest.raises(Forbidden):
        authorize(actor(Role.CITIZEN), Action.DECIDE_TASK, region="331003", persons=[ME])
    with pytest.raises(NotFound):
        authorize(actor(Role.WINDOW_CLERK, "331004"), Action.WITHDRAW, region="331003")


def test_an_applicant_never_revokes() -> None:
    assert not may(actor(Role.CITIZEN), Action.REVOKE, region="331003", persons=[ME])
    assert may(actor(Role.COUNTY_SUPERVISOR), Action.REVOKE, region="331003")


@pytest.mark.parametrize("action", list(Action))
def test_an_auditor_or_operator_changes_nothing_about_a_case(action: Action) -> None:
    changing = {
        Action.REPORT_CASE, Action.WITHDRAW, Action.CORRECT, Action.REVOKE, Action.ANSWER_OFFER, Action.ADD_MATERIAL,
        Action.DECIDE_TASK, Action.EXCHANGE_REPORT, Action.EXCHANGE_ANSWER, Action.EXCHANGE_HOLD,
    }  # fmt: skip
    for role in (Role.AUDITOR, Role.OPERATOR, Role.ACCOUNT_ADMIN, Role.AUDIT_ADMIN, Role.HOTLINE):
        assert action not in changing or not may(actor(role), action, region="331003", persons=[ME])


def test_every_action_is_granted_to_somebody_and_unlimited_reach_is_named_here() -> None:
    """A new `all` grant is a decision: it is added to this list by hand."""
    assert set(GRANTS) == set(Action)
    unlimited = {
        (role.value, action.value)
        for action, grants in GRANTS.items()
        for role, how_far in grants.items()
        if how_far == "all" and action is not Action.READ_LIFE_EVENTS
    }
    assert unlimited == {
        ("citizen", "report_case"), ("agent", "report_case"),
        ("auditor", "read_case"), ("auditor", "list_cases"), ("auditor", "read_person"), ("auditor", "read_ledger"),
        ("auditor", "read_overpayments"),
        ("auditor", "read_audit"), ("audit_admin", "read_audit"),
        ("operator", "read_case"), ("operator", "list_cases"), ("operator", "list_tasks"),
        ("operator", "operator_feed"), ("operator", "operate"),
        ("department", "exchange_report"), ("department", "exchange_hold"),
    }  # fmt: skip
    assert reach(Role.CITIZEN, Action.LIST_CASES) == "own"
    assert reach(Role.CITIZEN, Action.DECIDE_TASK) is None


def test_a_token_gives_the_actor_back() -> None:
    tokens = Tokens("k" * 40)
    one = actor(Role.FUNERAL_HOME, owner="home-1")
    token = tokens.issue(one)
    assert tokens.read(token.text) == one
    assert timedelta(hours=11, minutes=59) < token.expires_at - datetime.now(UTC) <= timedelta(hours=12)


def test_a_token_of_another_key_or_without_signature_or_expired_is_refused() -> None:
    tokens = Tokens("k" * 40)
    claims = {
        "iss": "lianban",
        "sub": "u",
        "role": "citizen",
        "region": "331003",
        "person": None,
        "owner": None,
    }
    later = datetime.now(UTC) + timedelta(hours=1)
    forged = [
        Tokens("x" * 40).issue(actor(Role.OPERATOR)).text,
        jwt.encode({**claims, "exp": later}, None, algorithm="none"),
        jwt.encode(claims, "k" * 40, algorithm="HS256"),
        jwt.encode({**claims, "exp": later, "role": "king"}, "k" * 40, algorithm="HS256"),
        jwt.encode({**claims, "exp": later, "iss": "other"}, "k" * 40, algorithm="HS256"),
        "not.a.token",
        "",
    ]
    for text in forged:
        with pytest.raises(TokenInvalid):
            tokens.read(text)
    old = jwt.encode({**claims, "exp": datetime.now(UTC) - timedelta(1)}, "k" * 40, algorithm="HS256")
    with pytest.raises(TokenExpired):
        tokens.read(old)
    assert issubclass(TokenExpired, Unauthenticated)


async def test_a_route_wants_a_token_then_a_role_then_the_thing(
    client: httpx.AsyncClient, service: Service
) -> None:
    address, here = f"/cases/{ME}", {"region": "331003"}

    async def status(who: Actor | None) -> int:
        headers = {} if who is None else {"Authorization": f"Bearer {service.tokens.issue(who).text}"}
        return (await client.get(address, params=here, headers=headers)).status_code

    assert await status(None) == 401
    assert await status(actor(Role.ACCOUNT_ADMIN)) == 403
    assert await status(actor(Role.WINDOW_CLERK, "331004")) == 404
    assert await status(actor(Role.WINDOW_CLERK, "331000")) == 200
    assert await status(actor(Role.CITIZEN, "430100")) == 200


async def test_a_refused_token_says_how_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        f"/cases/{ME}", params={"region": "331003"}, headers={"Authorization": "Bearer x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://sample.test"}, 201),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://sample.test"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_writes_only_from_our_own_pages(
    client: httpx.AsyncClient, service: Service, headers: dict[str, str], status: int
) -> None:
    client.cookies.set(COOKIE, service.tokens.issue(actor(Role.WINDOW_CLERK)).text)
    answer = await client.post(
        "/notes", json={"id": 1, "body": "x"}, headers={**headers, "Idempotency-Key": "a"}
    )
    assert answer.status_code == status
    read = await client.get(f"/cases/{ME}", params={"region": "331003"})
    assert read.status_code == 200
