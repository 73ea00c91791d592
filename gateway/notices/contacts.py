"""Whom a case's messages go to: one chosen contact a role, found again by a blind index and sealed (design 9).

`applicant`: the number that the report names. `heirs/n`: an heir whom the register knows as a relative, under the
register's number. `household`: one grown-up of the dead person's household, the applicant if they live there.
`letter`: the same household by hand of the township. `deceased`: the dead person's own number, channel `never`; while
the case stands nothing is sent there (`daily.py` compares, so a relative who uses it is told on the page).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from gateway.cases.board import as_json
from gateway.cases.standing import Standing
from gateway.notices.derive import APPLICANT, HEIRS, HOUSEHOLD, LETTER
from gateway.people import relatives
from gateway.people.register import Register
from kernel.messaging.transaction import Transaction
from kernel.public_service.sealing import Sealer

OWNER = "notices"
DECEASED = "deceased"
PAGE = "办理进度页（登录后可看）"
BY_HAND = "由乡镇（街道）送达"
Channel = Literal["sms", "letter", "page", "never"]

_KNOWN = text("""
    SELECT case_id, role, version FROM notice_contacts WHERE case_id = ANY(CAST(:cases AS uuid[]))""")
_KEEP = text("""
    INSERT INTO notice_contacts
    SELECT * FROM json_populate_recordset(NULL::notice_contacts, CAST(:contacts AS json))
    ON CONFLICT (case_id, role) DO UPDATE SET person = excluded.person, contact = excluded.contact,
        channel = excluded.channel, sealed = excluded.sealed, version = excluded.version""")
_HOUSEHOLDS = text("""
    SELECT h.person AS subject, p.person, r.relation,
           coalesce((SELECT f.state ->> 'life' FROM fact_statements f
                     WHERE f.person = p.person AND f.fact = 'life'), 'alive') AS life
    FROM people h JOIN people p ON p.household = h.household AND p.person <> h.person
    LEFT JOIN person_relations r ON r.person = h.person AND r.relative = p.person
    WHERE h.person = ANY(CAST(:subjects AS uuid[])) ORDER BY h.person, p.person""")


@dataclass(frozen=True, slots=True)
class Contact:
    """`to` is a number, or says how a page or a letter reaches them; `key` tells contacts apart."""

    case: UUID
    role: str
    person: UUID | None
    channel: Channel
    to: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Contacts:
    """Finds and keeps contacts, set by set."""

    register: Register
    sealer: Sealer

    async def settle(self, tx: Transaction, wanted: Mapping[UUID, tuple[Standing, frozenset[str]]]) -> None:
        """Make sure of these roles' contacts as the case's present version names them: four statements for all."""
        missing = await self._missing(tx, wanted)
        if not missing:
            return
        found = await self._found(tx, {case: (wanted[case][0], roles) for case, roles in missing.items()})
        records = [self._record(one, wanted[one.case][0].case.version) for one in found]
        await tx.execute(_KEEP, {"contacts": as_json(records)})

    async def _missing(
        self, tx: Transaction, wanted: Mapping[UUID, tuple[Standing, frozenset[str]]]
    ) -> dict[UUID, frozenset[str]]:
        """The roles that are not known yet, or were another version's; the dead person's own number always."""
        rows = await tx.execute(_KNOWN, {"cases": list(wanted)})
        known = {(row.case_id, row.role): row.version for row in rows}
        found = {}
        for case, (standing, roles) in wanted.items():
            stale = {role for role in (*roles, DECEASED) if known.get((case, role)) != standing.case.version}
            if roles and stale:
                found[case] = frozenset(stale)
        return found

    async def _found(
        self, tx: Transaction, wanted: Mapping[UUID, tuple[Standing, frozenset[str]]]
    ) -> list[Contact]:
        homes = await self._homes(tx, wanted)
        heirs = await _proven_heirs(tx, wanted)
        persons = (
            {standing.subject for standing, _ in wanted.values()} | set(homes.values()) | set(heirs.values())
        )
        details = await self.register.details(tx, persons)
        contacts: list[Contact] = []
        for case, (standing, roles) in wanted.items():
            own = details.get(standing.subject, {}).get("phone")
            contacts.append(self._contact(case, DECEASED, standing.subject, own, "never"))
            for role in sorted(roles - {DECEASED}):
                if role == APPLICANT:
                    phone = standing.form(self.sealer).get("applicant", {}).get("phone")
                    contacts.append(self._contact(case, role, standing.applicant, phone))
                elif role == LETTER:
                    contacts.append(self._contact(case, role, homes.get(case), None, "letter"))
                elif role == HOUSEHOLD:
                    contacts.append(self._household(standing, homes.get(case), details))
                elif (case, role) in heirs:
                    heir = heirs[case, role]
                    contacts.append(self._contact(case, role, heir, details.get(heir, {}).get("phone")))
        return contacts

    def _household(
        self, standing: Standing, home: UUID | None, details: Mapping[UUID, Mapping[str, Any]]
    ) -> Contact:
        """The applicant's chosen number where the applicant lives there; else the member's, else by hand."""
        if home is not None and home == standing.applicant:
            phone = standing.form(self.sealer).get("applicant", {}).get("phone")
        else:
            phone = details.get(home, {}).get("phone") if home is not None else None
        channel: Channel = "sms" if phone else "letter"
        return self._contact(standing.id, HOUSEHOLD, home, phone, channel)

    async def _homes(
        self, tx: Transaction, wanted: Mapping[UUID, tuple[Standing, frozenset[str]]]
    ) -> dict[UUID, UUID]:
        """One living grown-up of each household: the applicant, else the spouse, else the first by relation."""
        cases = [standing for standing, roles in wanted.values() if roles & {HOUSEHOLD, LETTER}]
        if not cases:
            return {}
        rows = (await tx.execute(_HOUSEHOLDS, {"subjects": [one.subject for one in cases]})).all()
        found = {}
        for standing in cases:
            members = [row for row in rows if row.subject == standing.subject and row.life == "alive"]
            members.sort(key=lambda row: (row.person != standing.applicant, _nearness(row.relation)))
            if members:
                found[standing.id] = members[0].person
        return found

    def _contact(
        self, case: UUID, role: str, person: UUID | None, phone: str | None, channel: Channel = "sms"
    ) -> Contact:
        number = normal(phone) if phone and channel in ("sms", "never") else ""
        if number:
            return Contact(case, role, person, channel, number, self.register.index("phone", number))
        if channel == "sms":
            channel = "page"
        key = self.register.index(channel, f"{case}/{role}")
        return Contact(case, role, person, channel, PAGE if channel == "page" else BY_HAND, key)

    def _record(self, one: Contact, version: int) -> dict[str, Any]:
        sealed = self.sealer.seal({"to": one.to}, one.case, OWNER).model_dump(mode="json")
        return {
            "case_id": one.case, "role": one.role, "person": one.person, "contact": "\\x" + one.key.hex(),
            "channel": one.channel, "sealed": sealed, "version": version,
        }  # fmt: skip


async def _proven_heirs(
    tx: Transaction, wanted: Mapping[UUID, tuple[Standing, frozenset[str]]]
) -> dict[tuple[UUID, str], UUID]:
    """The heirs whom the register knows as relatives; a typed one is told nothing, the applicant is told already."""
    asked: list[tuple[UUID, str, UUID, UUID]] = [
        (case, role, standing.subject, standing.persons[role])
        for case, (standing, roles) in wanted.items()
        for role in sorted(roles)
        if role.startswith(f"{HEIRS}/") and standing.persons.get(role) not in (None, standing.applicant)
    ]
    related = await relatives.relations(tx, [(subject, heir) for _, _, subject, heir in asked])
    return {
        (case, role): heir
        for (case, role, _, heir), relation in zip(asked, related, strict=True)
        if relation is not None
    }


def _nearness(relation: str | None) -> int:
    order: Sequence[str | None] = ("spouse", "child", "parent")
    return order.index(relation) if relation in order else len(order)


def normal(phone: str) -> str:
    """One spelling of a number: digits alone, without the country's code."""
    digits = re.sub(r"\D", "", phone)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
