"""A report becomes one case, at every door and however often it comes."""

import asyncio
from uuid import uuid4

from kernel.public_service.access import Role
from tests.gateway.counting import counted
from tests.gateway.office import OTHER_COUNTY, Office, row


async def test_a_report_answers_with_every_row_of_the_catalogue(office: Office) -> None:
    case = await office.report(remains="cremation")
    specs = office.desk.catalogue.life_events["death"].procedures
    assert [one["type"] for one in case["procedures"]] == [spec.type for spec in specs]
    assert row(case, "health.death_certificate")["state"] == "open"
    assert row(case, "funeral.cremation")["state"] == "waiting"
    assert row(case, "funeral.transport")["state"] == "offered"


async def test_the_answer_names_the_case_as_a_later_reading_shows_it(office: Office) -> None:
    answer = await office.post_report(office.form(*office.couple()))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/cases/{answer.json()['case_no']}"
    assert await office.read(answer.json()["case_no"]) == answer.json()


async def test_a_new_case_costs_seven_statements(office: Office) -> None:
    """Two of them keep the Idempotency-Key: resolve, case, deliveries, board and outbox are the rest."""
    await office.report()
    form = office.form(*office.couple(), remains="cremation")
    with counted(office.desk.service.engine) as statements:
        await office.post_report(form)
    assert len(statements) == 7, [statement[:60] for statement in statements]


async def test_the_same_key_and_form_answer_the_first_answer_again(office: Office) -> None:
    form, key = office.form(*office.couple()), str(uuid4())
    first = await office.post_report(form, key=key)
    again = await office.post_report(form, key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replay"] == "true"


async def test_the_same_key_with_another_form_is_refused(office: Office) -> None:
    key = str(uuid4())
    await office.post_report(office.form(*office.couple()), key=key)
    other = await office.post_report(office.form(*office.couple()), key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_sixteen_equal_submissions_with_one_key_make_one_case(office: Office) -> None:
    form, key = office.form(*office.couple()), str(uuid4())
    answers = await asyncio.gather(*(office.post_report(form, key=key) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["case_no"] for answer in answers}) == 1
    assert len(await office.rows("SELECT 1 FROM cases")) == 1


async def test_sixteen_windows_with_the_same_death_make_one_case(office: Office) -> None:
    form = office.form(*office.couple())
    answers = await asyncio.gather(*(office.post_report(form) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["case_no"] for answer in answers}) == 1
    assert len(await office.rows("SELECT 1 FROM outbox WHERE topic = 'orders.assistance'")) == 1


async def test_a_second_report_of_equal_content_only_adds_a_line(office: Office) -> None:
    form = office.form(*office.couple())
    first = (await office.post_report(form)).json()
    second = await office.post_report(form)
    assert second.status_code == 200
    assert second.json()["version"] == first["version"]
    assert second.json()["timeline"][-1]["kind"] == "joined"


async def test_the_wishes_of_a_second_report_turn_offers_into_applications(office: Office) -> None:
    dead, spouse = office.couple()
    first = (await office.post_report(office.form(dead, spouse))).json()
    second = (await office.post_report(office.form(dead, spouse, memorial=True))).json()
    assert row(first, "funeral.memorial")["state"] == "offered"
    assert row(second, "funeral.memorial")["state"] == "waiting"
    assert second["version"] == first["version"] + 1


async def test_another_date_in_a_second_report_raises_the_version_once(office: Office) -> None:
    form = office.form(*office.couple())
    first = (await office.post_report(form)).json()
    form["deceased"]["died_at"] = "2026-02-27T10:00:00+08:00"
    second = (await office.post_report(form)).json()
    assert (second["case_no"], second["version"]) == (first["case_no"], first["version"] + 1)
    assert second["occurred_at"] == "2026-02-27T10:00:00+08:00"


async def test_a_typed_value_never_overwrites_a_verified_one(office: Office) -> None:
    dead, spouse = office.couple()
    case_no = await office.health_reports(dead)
    typed = office.form(dead, spouse)
    typed["deceased"]["died_at"] = "2026-02-27T10:00:00+08:00"
    joined = (await office.post_report(typed)).json()
    assert joined["case_no"] == case_no
    assert joined["occurred_at"] == "2026-03-01T06:20:00+08:00"
    assert [task["step"] for task in joined["tasks"]] == ["content_conflict"]


async def test_another_family_member_joins_and_may_follow_the_case(office: Office) -> None:
    dead, spouse = office.couple()
    other = office.couple()[0]
    first = (await office.post_report(office.form(dead, spouse))).json()
    citizen = office.client(Role.CITIZEN, person=other.person, user="citizen-other")
    second = await office.post_report(office.form(dead, other), client=citizen)
    assert (second.status_code, second.json()["case_no"]) == (200, first["case_no"])
    seen = await office.read(first["case_no"], office.client(Role.CITIZEN, person=other.person))
    assert seen["case_no"] == first["case_no"]


async def test_somebody_without_a_number_gets_a_case_of_their_own(office: Office) -> None:
    dead, spouse = office.couple()
    form = office.form(dead, spouse)
    form["deceased"] = {
        "name": "无名氏",
        "id_kind": "unknown",
        "died_at": "2026-03-01T06:20:00+08:00",
        "place": "elsewhere",
    }
    first, second = await office.post_report(form), await office.post_report(form)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["case_no"] != second.json()["case_no"]


async def test_the_channel_follows_from_the_role(office: Office) -> None:
    dead, spouse = office.couple()
    citizen = office.client(Role.CITIZEN, person=spouse.person)
    case = (await office.post_report(office.form(dead, spouse), client=citizen)).json()
    assert case["channel"] == "web"
    other = await office.post_report(office.form(*office.couple()), channel="web")
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "/channel"


async def test_a_window_reports_for_its_own_region_only(office: Office) -> None:
    clerk = office.client(Role.WINDOW_CLERK, region=OTHER_COUNTY)
    answer = await office.post_report(office.form(*office.couple()), client=clerk)
    assert answer.status_code in (403, 404)
    assert await office.rows("SELECT 1 FROM cases") == []


async def test_the_case_number_tells_county_and_day_and_nothing_of_anybody(office: Office) -> None:
    dead, spouse = office.couple()
    case_no = (await office.post_report(office.form(dead, spouse))).json()["case_no"]
    county, day, drawn = case_no.split("-")
    assert (county, day) == ("331022", "20260302")
    (stored,) = await office.rows("SELECT id FROM cases")
    assert drawn.lower() not in str(stored.id).replace("-", "")


async def test_nothing_personal_lies_in_the_clear(office: Office) -> None:
    dead, spouse = office.couple()
    await office.post_report(office.form(dead, spouse, remains="cremation"))
    secrets = {dead.id_number, spouse.id_number, dead.name, spouse.name, "13800000000"}
    tables = await office.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for (table,) in tables:
        dump = "\n".join(str(line) for (line,) in await office.rows(f'SELECT t::text FROM "{table}" t'))
        assert not [secret for secret in secrets if secret in dump], table
