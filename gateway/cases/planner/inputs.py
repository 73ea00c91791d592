"""Everything that can move a case: the inputs of the planner (design 1 and 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.outcomes import Outcome
from contracts.terms import HoldKind, UndoReason
from gateway.cases.planner.model import WishWord


@dataclass(frozen=True, slots=True)
class Reported:
    """A report: the first opens the case, a second joins it.

    `confirming` names the row that this report itself makes done (health, police or court within its own
    competence), `doubting` the one that it leaves in doubt, for it names another person than is known. `differs` says
    that a later report changes the content, which raises the version. `asked` are the applied rows that this report
    itself wishes; `special` the manual paths that the form calls for.
    """

    conditions: Mapping[str, bool | None]
    wishes: Mapping[str, WishWord]
    occurred_at: datetime
    confirming: str | None = None
    doubting: str | None = None
    differs: bool = False
    asked: frozenset[str] = frozenset()
    special: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OutcomeArrived:
    """An owner's answer or progress, in any order and any number of times."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The family accepts or declines an offered row."""

    row: UUID
    accept: bool


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """The applicant withdraws the whole case (`rows` empty) or some applied rows."""

    rows: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Corrected:
    """Version + 1. `changed` are the pointers whose values differ now.

    `said_by`: the department whose word it is; its own proof needs no telling. `by_office`: a person of the office
    answers for it, not the family.
    """

    conditions: Mapping[str, bool | None]
    wishes: Mapping[str, WishWord]
    occurred_at: datetime
    changed: frozenset[str] = frozenset()
    special: frozenset[str] = frozenset()
    said_by: str | None = None
    by_office: bool = False


@dataclass(frozen=True, slots=True)
class SubjectKnown:
    """The nobody of the case turned out to be somebody: what was done about nobody is done again about them."""


@dataclass(frozen=True, slots=True)
class RevocationAsked:
    """A department's request to revoke: the county must sign."""

    reason: UndoReason


@dataclass(frozen=True, slots=True)
class RevocationSigned:
    """The county supervisor's signature: everything is undone at once (reason none: the asked one)."""

    reason: UndoReason | None = None


@dataclass(frozen=True, slots=True)
class RevocationDeclined:
    """The county does not follow a department's request."""


@dataclass(frozen=True, slots=True)
class IdentityDoubted:
    """Somebody competent says that another registered person is meant. `type`: the evidence row that this shakes."""

    type: str


@dataclass(frozen=True, slots=True)
class DoubtCleared:
    """A person decided that the dead person is the one of the case; signs up to `at` are explained."""


@dataclass(frozen=True, slots=True)
class EvidenceSought:
    """The issuer had refused; a person asks him once more (a new round of that row)."""

    type: str


@dataclass(frozen=True, slots=True)
class ManualPathDecided:
    """A person worked a special case (R29): the case goes on, or ends here."""

    path: str
    go_on: bool


@dataclass(frozen=True, slots=True)
class ConditionAnswered:
    """A clerk answered the gateway's question about an unknown condition."""

    type: str
    holds: bool


@dataclass(frozen=True, slots=True)
class HoldsStand:
    """The kinds of hold that stand on the case now."""

    kinds: frozenset[HoldKind] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Material:
    """A paper was added: version + 1, rows that take papers are told."""


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A check at its own instant: lapsed offers end."""


@dataclass(frozen=True, slots=True)
class DecisionAnnulled:
    """The county annuls what a township decided by a delegated power (R01): taken back, then decided anew."""

    row: UUID


@dataclass(frozen=True, slots=True)
class ProofsUnheard:
    """The owners were never told what proves the event: the case is older than that seam (docs/decisions/0009)."""


@dataclass(frozen=True, slots=True)
class QuestionEscalated:
    """A question of the gateway's own is past its limit: it stands at the county too (G7). `row`: what it is about."""

    row: UUID | None = None


Input = (
    Reported
    | OutcomeArrived
    | OfferAnswered
    | WithdrawalAsked
    | Corrected
    | SubjectKnown
    | ManualPathDecided
    | RevocationAsked
    | RevocationSigned
    | RevocationDeclined
    | IdentityDoubted
    | DoubtCleared
    | EvidenceSought
    | ConditionAnswered
    | HoldsStand
    | Material
    | DueCheck
    | DecisionAnnulled
    | ProofsUnheard
    | QuestionEscalated
)
