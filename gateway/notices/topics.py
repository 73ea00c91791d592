"""What may be said at all: a closed list, which the table's own check repeats (migration 0008).

No birthday, voucher, festival or rating is in it, so none can be sent, before a declaration or after it (design 9).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Topic(StrEnum):
    """Of the whole case or of one row; the order is that of a message's lines."""

    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPPLEMENT = "supplement"
    RECOVERY = "recovery"
    DONE = "done"
    NOT_NEEDED = "not_needed"
    ROW_WITHDRAWN = "row_withdrawn"
    TOO_LATE = "too_late"
    LATE = "late"
    CHOICE = "choice"
    FINISHED = "finished"


LAST_WORDS = frozenset({Topic.REVOKED, Topic.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to tell one contact of a case: `role` is `applicant`, `household`, `letter` or `heirs/0` …"""

    role: str
    topic: Topic
    procedure: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What was kept of a matter last: the mark that was told or waits (empty: what there was has been dropped), the
    last turn from 0, and whether any turn went out in a message."""

    mark: str
    turn: int
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A matter as it stands. `mark` changes when it is worth telling again; `ready_at`: told no earlier."""

    matter: Matter
    type: str | None
    mark: str
    ready_at: datetime
