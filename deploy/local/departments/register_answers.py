"""What each department finds in its own register: the same for the same person, made from the number. Invented.

Health confirms a death that is reported with the register's name, number, sex and birth date (api.md). The others
hold something about most people and nothing about the rest, which they answer `refused`, reason `nothing_held`.
Everybody has a basic pension, so human resources always has one to stop and survivors to pay.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from deploy.local.people.model import Register

NOTHING_HELD = "nothing_held"
# type → how many of a hundred people the department holds something about
_SHARE: Mapping[str, int] = {
    "human_resources.account_balance": 60, "medical_insurance.settlement": 95, "housing_fund.withdrawal": 30,
    "vehicle.driving_licence": 30, "human_resources.social_card": 90, "veterans.bereavement": 6,
    "tax.closing": 20, "market.legal_representative": 4,
    # The joint query of assets (R28): what each register or enquiry channel finds.
    "real_estate.asset_query": 55, "vehicle.asset_query": 30, "housing_fund.asset_query": 30,
    "human_resources.asset_query": 60, "medical_insurance.asset_query": 95, "bank.asset_query": 90,
    "insurance.asset_query": 25, "securities_registry.asset_query": 12, "market.asset_query": 4,
    "payment.asset_query": 40,
}  # fmt: skip
_ASSETS = ".asset_query"
_PLACES: Mapping[str, tuple[str, ...]] = {
    "bank": ("示范农商银行", "示范商业银行", "示范邮政储蓄银行"), "insurance": ("示范人寿保险公司", "示范财产保险公司"),
    "securities_registry": ("示范证券公司",), "payment": ("示范支付公司",),
}  # fmt: skip
_AMOUNT_FEN: Mapping[str, tuple[str, int, int]] = {
    "human_resources.survivor_benefit": ("amount_fen", 2_000_000, 6_000_000),
    "human_resources.account_balance": ("balance_fen", 10_000, 3_000_000),
    "medical_insurance.settlement": ("balance_fen", 0, 500_000),
    "housing_fund.withdrawal": ("balance_fen", 100_000, 9_000_000),
    "veterans.bereavement": ("amount_fen", 600_000, 1_200_000),
}
_BODY_PROOF = "police.abnormal_death_proof"
_KNOWS_EVERYBODY = ("health", "police", "court")

Answer = dict[str, Any]


class FindPerson(Protocol):
    """The register: who has this number."""

    def __call__(self, id_number: str) -> Register | None: ...


def answer(item: Mapping[str, Any], find: FindPerson) -> Answer:
    """`{outcome, reason?, data?}` for one request, as a department that answers at once would give it."""
    if item.get("kind") == "undo":
        return {"outcome": "done"}
    department = str(item["type"]).split(".")[0]
    fields = item.get("fields") or {}
    number = fields.get("/deceased/id_number")
    known = find(number) if isinstance(number, str) else None
    if str(item["type"]).endswith(_ASSETS):
        return _assets(str(item["type"]), department, known)
    if department in _KNOWS_EVERYBODY:
        return _identity(str(item["type"]), fields, known)
    return _holding(str(item["type"]), fields, known)


def _identity(kind: str, fields: Mapping[str, Any], known: Register | None) -> Answer:
    """Health and police keep everybody: who is not in the register, or is another, is the wrong person."""
    if kind == _BODY_PROOF and fields.get("/deceased/circumstance") == "unidentified":
        # Whoever it was: the police have seen the body, and have no objection to what follows.
        return {"outcome": "done", "data": {"examined_on": _day(fields), "released": True}}
    if known is None or not _is(known, fields):
        return {"outcome": "wrong_person", "reason": "not_in_register" if known is None else "details_differ"}
    on = _day(fields)
    if kind == "health.death_certificate":
        return {"outcome": "done", "data": {"issued_on": on, "certificate_no": _code(kind, known.id_number)}}
    return {"outcome": "done", "data": {"cancelled_on": on}}


def _is(known: Register, fields: Mapping[str, Any]) -> bool:
    """Name, sex and birth date as far as they were sent; the number is how the person was found."""
    said = {
        "name": known.name, "sex": known.sex, "birth_date": known.birth_date.isoformat(),
    }  # fmt: skip
    return all(fields.get(f"/deceased/{name}", value) == value for name, value in said.items())


def _holding(kind: str, fields: Mapping[str, Any], known: Register | None) -> Answer:
    """`nothing_held`: there is nothing to end or pay; the gateway shows it as not applicable."""
    if known is None or _drawn(kind, known.id_number) % 100 >= _SHARE.get(kind, 100):
        return {"outcome": "refused", "reason": NOTHING_HELD}
    data: dict[str, Any] = {"ended_on": _day(fields)}
    if kind in _AMOUNT_FEN:
        name, least, most = _AMOUNT_FEN[kind]
        data[name] = least + _drawn(f"{kind} amount", known.id_number) % (most - least + 1)
    return {"outcome": "done", "data": data}


def _assets(kind: str, department: str, known: Register | None) -> Answer:
    """Has or has not, and with which bank or company: no amount is asked for, and none is told."""
    if known is None or _drawn(kind, known.id_number) % 100 >= _SHARE.get(kind, 100):
        return {"outcome": "done", "data": {"held": False}}
    offices = _PLACES.get(department, ())
    chosen = [offices[_drawn(f"{kind} place", known.id_number) % len(offices)]] if offices else []
    return {"outcome": "done", "data": {"held": True, "places": chosen}}


def _drawn(what: str, number: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{what}|{number}".encode(), digest_size=6).digest(), "big")


def _code(what: str, number: str) -> str:
    return f"DEMO{_drawn(what, number) % 10**10:010d}"


def _day(fields: Mapping[str, Any]) -> str | None:
    """The day of death, as sent."""
    said = fields.get("/deceased/died_at")
    return datetime.fromisoformat(said).date().isoformat() if isinstance(said, str) else None
