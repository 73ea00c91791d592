"""Indexes, keys and references of the gateway's tables, beside the columns in each `tables.py`.

The migrations make them under these names; a test compares the two, so that Alembic never proposes to drop one.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Table, UniqueConstraint, text

from gateway.assets import tables as assets
from gateway.cases import tables as cases
from gateway.exchange import tables as exchange
from gateway.notices import tables as notices
from gateway.people import import_tables as imports
from gateway.people import tables as people
from gateway.web import tables as web

_PATTERN = "text_pattern_ops"
_NO_PROCEDURE = "coalesce(procedure, '00000000-0000-0000-0000-000000000000'::uuid)"


def _index(
    table: Table, name: str, *columns: Any, where: str | None = None, unique: bool = False, prefix: str = ""
) -> None:
    """`where`: a partial index; `prefix`: the column that is searched by its first characters (region paths)."""
    made: Sequence[Any] = [table.c[each] if isinstance(each, str) else each for each in columns]
    options: dict[str, Any] = {"unique": unique}
    if where is not None:
        options["postgresql_where"] = text(where)
    if prefix:
        options["postgresql_ops"] = {prefix: _PATTERN}
    Index(name, *made, **options)


def _of_a_case(table: Table) -> None:
    table.append_constraint(
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=f"{table.name}_case_id_fkey")
    )


def _of_cases() -> None:
    table = cases.CASES
    table.append_constraint(UniqueConstraint("case_no", name="cases_case_no_key"))
    _index(table, "cases_live", "life_event", "subject", unique=True,
           where="status NOT IN ('withdrawn', 'revoked')")  # fmt: skip
    _index(table, "cases_subject", "subject")
    _index(table, "cases_applicant", "applicant")
    _index(table, "cases_region", "region", table.c.submitted_at.desc(), "id", prefix="region")
    _index(table, "cases_submitted", table.c.submitted_at.desc(), table.c.id.desc())


def _of_boards() -> None:
    table = cases.PROCEDURES
    _of_a_case(table)
    _index(table, "case_procedures_case", "case_id")
    _index(table, "case_procedures_tasks", "task_region", "task_role", where="task_id IS NOT NULL",
           prefix="task_region")  # fmt: skip
    _index(table, "case_procedures_task", "task_id", unique=True, where="task_id IS NOT NULL")
    _index(table, "case_procedures_lapses", "lapses_at", where="state = 'offered'")
    _index(cases.TIMELINE, "case_timeline_case", "case_id", "seq")
    _index(cases.CHANGES, "case_changes_xid", "xid", "seq")


def _of_papers() -> None:
    for table in (cases.TASKS, cases.REPORTS, cases.MATERIALS):
        _of_a_case(table)
    table = cases.TASKS
    _index(table, "gateway_tasks_standing", "case_id", "kind", text(f"({_NO_PROCEDURE})"), unique=True,
           where="closed_at IS NULL AND kind <> 'content_conflict'")  # fmt: skip
    _index(table, "gateway_tasks_open", "region", "role", where="closed_at IS NULL", prefix="region")
    _index(table, "gateway_tasks_case", "case_id")
    _index(table, "gateway_tasks_next_check", "next_check_at", where="closed_at IS NULL")
    _index(cases.REPORTS, "case_reports_case", "case_id", "seq")
    _index(cases.MATERIALS, "case_materials_case", "case_id")
    _index(web.DRAFTS, "page_drafts_actor", "actor", "changed_at")
    _index(web.DRAFTS, "page_drafts_changed", "changed_at")


def _of_people() -> None:
    _index(people.PEOPLE, "people_household", "household", where="household IS NOT NULL")
    _index(people.PEOPLE, "people_region", "region", "person", prefix="region")
    _index(people.IDENTIFIERS, "person_identifiers_person", "person")
    _index(people.DETAILS, "person_details_name", "name_index")


def _of_the_exchange() -> None:
    table = exchange.DELIVERIES
    _index(table, "deliveries_current", "procedure", unique=True, where="current")
    _index(table, "deliveries_procedure", "procedure", where="NOT current")
    _index(table, "deliveries_unanswered", "department", "state", "due_at", "id",
           where="state IN ('pending', 'sent', 'cancelling', 'told')")  # fmt: skip
    _index(table, "deliveries_next_check", "next_check_at", where="next_check_at IS NOT NULL")
    _index(table, "deliveries_task", "task_id", unique=True, where="task_id IS NOT NULL")
    _index(table, "deliveries_asked_by", "asked_by", where="asked_by IS NOT NULL")
    table = exchange.HOLDS
    table.append_constraint(
        UniqueConstraint("department", "source_no", name="holds_department_source_no_key")
    )
    _index(table, "holds_case", "case_id", where="released_at IS NULL")
    _index(table, "holds_person", "person", where="released_at IS NULL")
    _index(table, "holds_follows", "follows", where="follows IS NOT NULL")
    _index(table, "holds_to_hand", "placed_at",
           where="handed_at IS NULL OR (released_at IS NOT NULL AND release_handed_at IS NULL)")  # fmt: skip
    _of_a_case(assets.LOOKUPS)
    _index(assets.LOOKUPS, "asset_lookups_procedure", "procedure", "id")


def _of_notices() -> None:
    table = notices.NOTICES
    _index(table, "notices_once", "case_id", "role", "topic", text(f"({_NO_PROCEDURE})"), "turn", unique=True)
    _index(table, "notices_waiting", "ready_at", "case_id", where="message IS NULL AND dropped_at IS NULL")
    _index(table, "notices_message", "message", where="message IS NOT NULL")
    _index(notices.CONTACTS, "notice_contacts_contact", "contact")
    table = notices.MESSAGES
    _index(table, "messages_case", "case_no")
    _index(table, "messages_one_a_day", "contact", "day", unique=True)
    _index(table, "messages_request", "request", unique=True)
    _index(table, "messages_pending", "id", where="state = 'pending'")
    _index(table, "messages_kept", "at", "id", where="NOT erased")
    _index(table, "messages_letters", "region", "id", where="channel = 'letter'")


def _of_imports() -> None:
    _index(imports.IMPORTS, "imports_file", "file_hash", unique=True, where="finished_at IS NULL")
    _index(imports.IMPORTS, "imports_content", "file_hash")
    _index(imports.CHUNKS, "import_chunks_staged", "staged_at", where="sealed IS NOT NULL")
    _index(imports.ROWS_IMPORTED, "imported_rows_object", "object")


def declare() -> None:
    """Add them to the tables' metadata (once, by `gateway.tables`)."""
    _of_cases()
    _of_boards()
    _of_papers()
    _of_people()
    _of_the_exchange()
    _of_notices()
    _of_imports()
