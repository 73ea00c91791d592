"""Pages about a whole case: moved to the right person by the county; a special case in words that a window reads."""

import re
from typing import Any

import pytest

from kernel.public_service.access import Role
from tests.gateway.browsing import browser, form_of, send_form, words_of
from tests.gateway.office import Office


async def test_the_county_moves_a_case_to_the_right_person_on_its_page(office: Office) -> None:
    case = await office.report()
    right, _ = office.couple()
    async with browser(office, Role.COUNTY_SUPERVISOR) as http:
        shown = await http.get(f"/cases/{case['case_no']}")
        assert f'href="/cases/{case["case_no"]}/subject"' in shown.text
        moved = await send_form(
            http, f"/cases/{case['case_no']}/subject", action=f"/cases/{case['case_no']}/subject",
            id_kind="resident_id", id_number=right.id_number, name=right.name, basis="公安核查函", reason="同名误报",
        )  # fmt: skip
    assert moved.status_code == 200, moved.text
    new_no = str(moved.url).split("/cases/")[1].split("?")[0]
    assert new_no != case["case_no"] and "已经转到正确的人名下" in words_of(moved.text)
    rows = await office.rows("SELECT case_no, subject, status FROM cases ORDER BY submitted_at, case_no")
    found = {row.case_no: (row.subject, row.status) for row in rows}
    assert found[new_no][0] == right.person
    assert found[case["case_no"]][1] in ("withdrawing", "withdrawn", "revoking", "revoked")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "", "basis": "函", "reason": "误报"}, "姓名"),
        ({"name": "李某", "id_number": "12", "basis": "函", "reason": "误报"}, "证件号码"),
        ({"name": "李某", "basis": "", "reason": "误报"}, "依据"),
    ],
)
async def test_what_is_missing_is_said_at_its_place_and_nothing_moves(
    office: Office, given: dict[str, str], said: str
) -> None:
    case = await office.report()
    right, _ = office.couple()
    values = {"id_kind": "resident_id", "id_number": right.id_number, **given}
    async with browser(office, Role.COUNTY_SUPERVISOR) as http:
        sent = await send_form(
            http, f"/cases/{case['case_no']}/subject", action=f"/cases/{case['case_no']}/subject", **values
        )
    assert sent.status_code == 422
    assert said in sent.text.split('role="alert"')[1].split("</ul>")[0]
    assert values["basis"] == "" or f'value="{values["basis"]}"' in sent.text, "what was typed stays"
    assert len(await office.rows("SELECT 1 FROM cases")) == 1


@pytest.mark.parametrize(
    ("role", "more", "status"),
    [
        (Role.WINDOW_CLERK, {}, 403),
        (Role.DEPARTMENT, {"owner": "health", "region": "000000"}, 403),
        (Role.COUNTY_SUPERVISOR, {"region": "430121"}, 404),
    ],
)
async def test_the_page_is_the_countys_alone(
    office: Office, role: Role, more: dict[str, Any], status: int
) -> None:
    case = await office.report()
    async with browser(office, role, **more) as http:
        assert (await http.get(f"/cases/{case['case_no']}/subject")).status_code == status


async def test_a_special_case_reads_as_sentences_and_each_decision_says_what_follows(office: Office) -> None:
    dead, spouse = office.couple()
    form = office.form(dead, spouse)
    form["deceased"] |= {"id_kind": "passport", "id_number": "E12345678"}
    case = (await office.post_report(form)).json()
    (task,) = [one for one in case["tasks"] if one["step"] == "manual_path"]
    async with browser(office, Role.WINDOW_CLERK) as http:
        page = await http.get(f"/tasks/{task['id']}")
        said = words_of(page.text)
        assert page.status_code == 200
        for phrase in ("特殊情形，人工办理", "外国人", "没有对象的事项", "继续办理", "本件到此为止"):
            assert phrase in said
        assert not re.search(r"foreigner|not_for|manual_path", said)
        assert "写明" in said, "what a decision means stands beside it"
        done = await http.post(
            f"/tasks/{task['id']}",
            data={
                **form_of(page.text).hidden, "decision": "continue",
                "/continue/reason": "已通知出入境管理部门和使领馆",
            },
        )  # fmt: skip
    assert done.status_code == 200 and "已经办理" in words_of(done.text)
