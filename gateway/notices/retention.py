"""Forgets what families were told once nobody needs it any more (R73: kept as short as the purpose allows).

Two years [D]: a family may ask what it was told while a decision can be contested or money be asked back. Then the
words, the number and whom they were for are erased, and that something went out on a day is left. What waits, is to be
printed or may still be told is never touched. Notices say in codes which matter was told in which turn: they stay while
their case may tell more, and go with one that was withdrawn or revoked.
"""

from datetime import datetime

from sqlalchemy import text

from kernel.messaging.transaction import Transaction

KEPT_DAYS = 730
LOOK_EVERY_SECONDS = 21_600.0
_MOST = 2000

_WORDS = text("""
    UPDATE messages SET sealed = '{}', contact = NULL, person = NULL, erased = true WHERE id IN (
        SELECT id FROM messages WHERE NOT erased AND at < :before AND state = 'sent' AND coalesce(sent_at, at) < :before
        ORDER BY at, id LIMIT :most FOR UPDATE SKIP LOCKED)""")
# Whom a case would be told through is found again from its form and the register, should it ever tell more.
_QUIET = """
    c.case_id = k.id AND k.changed_at < :before AND NOT EXISTS (
        SELECT FROM notices n WHERE n.case_id = k.id AND n.message IS NULL AND n.dropped_at IS NULL)
    AND NOT EXISTS (SELECT FROM messages m WHERE m.case_id = k.id AND m.state <> 'sent')"""
_CONTACTS = text(f"""
    DELETE FROM notice_contacts WHERE (case_id, role) IN (
        SELECT c.case_id, c.role FROM notice_contacts c JOIN cases k ON {_QUIET}
        WHERE c.channel <> 'never' LIMIT :most)""")
# The dead person's own number is never written to again: its blind index stays, the number itself goes.
_NUMBERS = text(f"""
    UPDATE notice_contacts SET sealed = '{{}}' WHERE (case_id, role) IN (
        SELECT c.case_id, c.role FROM notice_contacts c JOIN cases k ON {_QUIET}
        WHERE c.channel = 'never' AND c.sealed <> '{{}}' LIMIT :most)""")
_ENDED = text("""
    DELETE FROM notices WHERE id IN (
        SELECT n.id FROM notices n JOIN cases k ON k.id = n.case_id
        WHERE k.status IN ('withdrawn', 'revoked') AND k.changed_at < :before
          AND (n.message IS NOT NULL OR n.dropped_at IS NOT NULL) LIMIT :most)""")


async def forget_told(tx: Transaction, before: datetime) -> int:
    """Erase a portion of what was told, and whom, before that instant; how many rows. 0 when nothing is left."""
    given = {"before": before, "most": _MOST}
    return sum(
        [(await tx.execute(statement, given)).rowcount for statement in (_WORDS, _CONTACTS, _NUMBERS, _ENDED)]
    )
