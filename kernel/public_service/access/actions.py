"""The table: which role may do which action, and how far (design 7). Data, read by `authorize`.

Reach of a grant:
- `own`     the actor is one of the persons concerned (applicant, heir, subject's relative: the caller names them)
- `region`  one of the regions concerned lies in the actor's region
- `owner`   one of the owners concerned is the actor's own department, home or provider
- `placed`  both `region` and `owner`
- `all`     no limit
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from kernel.public_service.access.roles import Role

Reach = Literal["own", "region", "owner", "placed", "all"]


class Action(StrEnum):
    READ_LIFE_EVENTS = "read_life_events"
    REPORT_CASE = "report_case"
    READ_CASE = "read_case"
    LIST_CASES = "list_cases"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    REVOKE = "revoke"
    ANSWER_OFFER = "answer_offer"
    ADD_MATERIAL = "add_material"
    LIST_TASKS = "list_tasks"
    DECIDE_TASK = "decide_task"
    SEARCH_PEOPLE = "search_people"
    READ_PERSON = "read_person"
    REVEAL_PERSON = "reveal_person"
    SPLIT_PERSON = "split_person"
    READ_ASSETS = "read_assets"
    SEND_LETTERS = "send_letters"
    FILE_DECISIONS = "file_decisions"
    READ_LEDGER = "read_ledger"
    RUN_PAYMENTS = "run_payments"
    READ_OVERPAYMENTS = "read_overpayments"
    RECORD_REPAYMENT = "record_repayment"
    PROPOSE_RECOVERY = "propose_recovery"
    SIGN_RECOVERY = "sign_recovery"
    READ_AUDIT = "read_audit"
    EXCHANGE_REPORT = "exchange_report"
    EXCHANGE_PULL = "exchange_pull"
    EXCHANGE_ANSWER = "exchange_answer"
    EXCHANGE_HOLD = "exchange_hold"
    READ_BED_OFFERS = "read_bed_offers"
    ANSWER_BED_OFFER = "answer_bed_offer"
    DECLARE_UNWILLING = "declare_unwilling"
    READ_AWARDS_IN_LIFE = "read_awards_in_life"
    SIGN_AWARD_IN_LIFE = "sign_award_in_life"
    CHECK_GRANT = "check_grant"
    BOOK_VISIT = "book_visit"
    OPERATOR_FEED = "operator_feed"
    OPERATE = "operate"


_CLERKS: Mapping[Role, Reach] = {Role.WINDOW_CLERK: "region", Role.TOWNSHIP_OFFICER: "region"}
_FAMILY: Mapping[Role, Reach] = {Role.CITIZEN: "own", Role.AGENT: "own"}
_DESKS: Mapping[Role, Reach] = {
    **_CLERKS,
    Role.COUNTY_SUPERVISOR: "region",
    Role.REGISTRAR: "placed",
    Role.FUNERAL_HOME: "placed",
    Role.PROVIDER: "placed",
    Role.DEPARTMENT: "owner",
}
_READERS: Mapping[Role, Reach] = {
    **_FAMILY,
    **_DESKS,
    Role.VILLAGE_ASSISTANT: "region",
    Role.HOTLINE: "region",
    Role.AUDITOR: "all",
    Role.OPERATOR: "all",
}

GRANTS: Mapping[Action, Mapping[Role, Reach]] = {
    Action.READ_LIFE_EVENTS: dict.fromkeys(Role, "all"),
    Action.REPORT_CASE: {
        **_CLERKS,
        # A family reports for itself, a helper in the village or a home for the people it knows: any region may be
        # named (four regions may decide about one person), the window that is competent is found by the catalogue.
        Role.CITIZEN: "all",
        Role.AGENT: "all",
        Role.VILLAGE_ASSISTANT: "region",
        Role.COUNTY_SUPERVISOR: "region",
        Role.FUNERAL_HOME: "region",
        Role.PROVIDER: "region",
    },
    Action.READ_CASE: _READERS,
    Action.LIST_CASES: _READERS,
    Action.WITHDRAW: {**_FAMILY, **_CLERKS, Role.COUNTY_SUPERVISOR: "region"},
    Action.CORRECT: {**_FAMILY, **_CLERKS, Role.COUNTY_SUPERVISOR: "region", Role.DEPARTMENT: "owner"},
    Action.REVOKE: {Role.COUNTY_SUPERVISOR: "region", Role.DEPARTMENT: "owner"},
    Action.ANSWER_OFFER: {**_FAMILY, **_CLERKS, Role.COUNTY_SUPERVISOR: "region"},
    Action.ADD_MATERIAL: {
        **_FAMILY,
        **_CLERKS,
        Role.VILLAGE_ASSISTANT: "region",
        Role.COUNTY_SUPERVISOR: "region",
    },
    # Finance pays what others have granted: its own tasks and nothing else of a case.
    Action.LIST_TASKS: {**_DESKS, Role.FINANCE: "region", Role.OPERATOR: "all"},
    Action.DECIDE_TASK: {**_DESKS, Role.FINANCE: "region"},
    Action.SEARCH_PEOPLE: {**_CLERKS, Role.COUNTY_SUPERVISOR: "region", Role.HOTLINE: "region"},
    Action.READ_PERSON: {
        **_FAMILY,
        **_CLERKS,
        Role.COUNTY_SUPERVISOR: "region",
        Role.VILLAGE_ASSISTANT: "region",
        Role.HOTLINE: "region",
        Role.AUDITOR: "all",
    },
    Action.REVEAL_PERSON: {**_CLERKS, Role.COUNTY_SUPERVISOR: "region"},
    # Who is whose number: as a revocation, the county's signature.
    Action.SPLIT_PERSON: {Role.COUNTY_SUPERVISOR: "region"},
    # Where a dead person's assets are held: an entitled heir (the caller names them), and the desk that hands it over.
    Action.READ_ASSETS: {**_FAMILY, Role.WINDOW_CLERK: "region", Role.COUNTY_SUPERVISOR: "region"},
    # Letters to a household are printed and brought by the township or the window (design 9).
    Action.SEND_LETTERS: _CLERKS,
    # The county files and checks afterwards what a township decided by a delegated power (R01, SA-044).
    Action.FILE_DECISIONS: {Role.COUNTY_SUPERVISOR: "region"},
    Action.READ_LEDGER: {Role.FINANCE: "region", Role.COUNTY_SUPERVISOR: "region", Role.AUDITOR: "all"},
    Action.RUN_PAYMENTS: {Role.FINANCE: "region"},
    # What was paid too much is found by the system, proposed by the township, signed by the county, booked by finance.
    Action.READ_OVERPAYMENTS: {
        Role.FINANCE: "region",
        Role.TOWNSHIP_OFFICER: "region",
        Role.COUNTY_SUPERVISOR: "region",
        Role.AUDITOR: "all",
    },
    Action.RECORD_REPAYMENT: {Role.FINANCE: "region"},
    Action.PROPOSE_RECOVERY: {Role.TOWNSHIP_OFFICER: "region", Role.COUNTY_SUPERVISOR: "region"},
    Action.SIGN_RECOVERY: {Role.COUNTY_SUPERVISOR: "region"},
    Action.READ_AUDIT: {Role.AUDIT_ADMIN: "all", Role.AUDITOR: "all"},
    Action.EXCHANGE_REPORT: {Role.DEPARTMENT: "all"},
    Action.EXCHANGE_PULL: {Role.DEPARTMENT: "owner"},
    Action.EXCHANGE_ANSWER: {Role.DEPARTMENT: "owner"},
    Action.EXCHANGE_HOLD: {Role.DEPARTMENT: "all"},
    # A bed that a home keeps for whoever is next: the family answers, at the home or through the township.
    Action.READ_BED_OFFERS: {
        **_FAMILY,
        Role.PROVIDER: "placed",
        Role.TOWNSHIP_OFFICER: "region",
        Role.COUNTY_SUPERVISOR: "region",
    },
    Action.ANSWER_BED_OFFER: {**_FAMILY, Role.PROVIDER: "placed", Role.TOWNSHIP_OFFICER: "region"},
    Action.DECLARE_UNWILLING: {Role.REGISTRAR: "placed"},
    Action.READ_AWARDS_IN_LIFE: {Role.FUNERAL_HOME: "placed", Role.COUNTY_SUPERVISOR: "region"},
    # The county's money is given, and taken back from the living, over the county's signature.
    Action.SIGN_AWARD_IN_LIFE: {Role.COUNTY_SUPERVISOR: "region"},
    Action.CHECK_GRANT: {Role.COUNTY_SUPERVISOR: "region"},
    Action.BOOK_VISIT: {**_FAMILY, **_CLERKS, Role.FUNERAL_HOME: "placed"},
    Action.OPERATOR_FEED: {Role.OPERATOR: "all"},
    Action.OPERATE: {Role.OPERATOR: "all"},
}

# What one must be able to see before a refusal may admit that the thing exists.
SEEN_BY: Mapping[Action, Action] = {
    Action.WITHDRAW: Action.READ_CASE,
    Action.CORRECT: Action.READ_CASE,
    Action.REVOKE: Action.READ_CASE,
    Action.ANSWER_OFFER: Action.READ_CASE,
    Action.ADD_MATERIAL: Action.READ_CASE,
    Action.DECIDE_TASK: Action.LIST_TASKS,
    Action.REVEAL_PERSON: Action.READ_PERSON,
    Action.SPLIT_PERSON: Action.READ_PERSON,
    Action.EXCHANGE_ANSWER: Action.EXCHANGE_PULL,
    Action.ANSWER_BED_OFFER: Action.READ_BED_OFFERS,
    Action.SIGN_AWARD_IN_LIFE: Action.READ_AWARDS_IN_LIFE,
    Action.RECORD_REPAYMENT: Action.READ_OVERPAYMENTS,
    Action.PROPOSE_RECOVERY: Action.READ_OVERPAYMENTS,
    Action.SIGN_RECOVERY: Action.READ_OVERPAYMENTS,
    Action.RUN_PAYMENTS: Action.READ_LEDGER,
}

# About nothing that exists yet: a refusal hides nothing, and says plainly that this place is another desk's.
OPEN_QUESTIONS = frozenset({Action.REPORT_CASE})
