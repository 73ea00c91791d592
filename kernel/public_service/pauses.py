"""Pauses of a time limit: only for a legal reason, kept as the record of why a limit ended later (life-events G10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kernel.public_service.clock import TZ


class PauseReason(StrEnum):
    """What may stop a limit: papers to come, an appraisal, an objection to a publicity, a court, a hold."""

    PAPERS = "papers"
    APPRAISAL = "appraisal"
    PUBLICITY_OBJECTION = "publicity_objection"
    COURT = "court"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Pause:
    """The limit stood still from `since` to `until` (instants with offset)."""

    since: datetime
    until: datetime
    reason: str = PauseReason.PAPERS.value


def pauses_of(stored: Iterable[Mapping[str, str]]) -> tuple[Pause, ...]:
    """Pauses out of a JSON column: `[{since, until, reason}]`."""
    return tuple(
        Pause(datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]), one["reason"])
        for one in stored
    )


def merged(pauses: Iterable[Pause], *, after: datetime) -> tuple[Pause, ...]:
    """In order of time, in Asia/Shanghai; what overlaps or touches is one pause, what lies before `after` is none."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.since):
        since, until = max(pause.since, after).astimezone(TZ), pause.until.astimezone(TZ)
        if until <= since:
            continue
        if found and since <= found[-1].until:
            found[-1] = replace(found[-1], until=max(found[-1].until, until))
        else:
            found.append(Pause(since, until, pause.reason))
    return tuple(found)
