"""`eldercare.elder_card` (row 15): the card of a dead person is cancelled by itself; an undo makes it valid again."""

from datetime import datetime

from casework.procedure import Procedure, Ruling, done, not_applicable, too_late, unchanged, undone
from contracts.outcomes import OwnerState
from contracts.terms import UndoKind
from kernel.public_service.clock import TZ
from kernel.public_service.months import month_of
from services.eldercare.commands import apply as apply
from services.eldercare.domain.effects import End, Restore
from services.eldercare.domain.items import Care
from services.eldercare.queries import gather_items

gather = gather_items


def open(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """Cancels the valid card; not applicable without one."""
    card = facts.card()
    if card is None:
        return not_applicable("no_elder_card")
    died = procedure.occurred_at.astimezone(TZ).date()
    return done({"cancelled": str(card.id)}, effects=(End(card, died, month_of(died)),))


def withdraw(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """What the state must do runs on (G5)."""
    return too_late(procedure, at) if procedure.state is OwnerState.DONE else unchanged(procedure)


def correct(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """A cancelled card is dated to the corrected day of death."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    died = procedure.occurred_at.astimezone(TZ).date()
    return done(effects=tuple(End(card, died, month_of(died)) for card in facts.ended_by(procedure.id)))


def undo(procedure: Procedure, facts: Care, *, at: datetime) -> Ruling:
    """The card is valid again, unless the person has been given another one since: nobody has two."""
    if procedure.state is not OwnerState.DONE:
        return unchanged(procedure)
    if facts.card() is not None:
        return undone(UndoKind.ANNOTATE, reason="new_card_issued", result={"restored": []})
    on = at.astimezone(TZ).date()
    cards = facts.ended_by(procedure.id)
    return undone(
        UndoKind.RESTORE,
        result={"restored": [str(card.id) for card in cards]},
        effects=tuple(Restore(card, on) for card in cards),
    )
