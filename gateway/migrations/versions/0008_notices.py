"""Notices: what is to be told, to which contact, and messages that wait until they are sent (decision 0014).

The cursor begins at the present end of the feed: nobody is told today what a case of last year has come to. Messages
that were kept before this revision have been sent.
"""

from alembic import op

revision = "0008_notices"
down_revision = "0007_special_cases"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """CREATE TABLE notices (
        id uuid PRIMARY KEY, case_id uuid NOT NULL, role text NOT NULL,
        topic text NOT NULL CHECK (topic IN ('accepted', 'supplement', 'choice', 'done', 'refused', 'not_needed',
            'row_withdrawn', 'too_late', 'late', 'recovery', 'finished', 'withdrawn', 'revoked')),
        procedure uuid, type text, mark text NOT NULL, turn integer NOT NULL, ready_at timestamptz NOT NULL,
        message uuid, dropped_at timestamptz
    )""",
    # Each turn of one matter is told to one contact once, whoever derives it and however often.
    """CREATE UNIQUE INDEX notices_once ON notices
        (case_id, role, topic, (coalesce(procedure, '00000000-0000-0000-0000-000000000000'::uuid)), turn)""",
    "CREATE INDEX notices_waiting ON notices (ready_at, case_id) WHERE message IS NULL AND dropped_at IS NULL",
    "CREATE INDEX notices_message ON notices (message) WHERE message IS NOT NULL",
    """CREATE TABLE notice_contacts (
        case_id uuid NOT NULL, role text NOT NULL, person uuid, contact bytea NOT NULL,
        channel text NOT NULL CHECK (channel IN ('sms', 'letter', 'page', 'never')), sealed jsonb NOT NULL,
        version integer NOT NULL, PRIMARY KEY (case_id, role)
    )""",
    "CREATE INDEX notice_contacts_contact ON notice_contacts (contact)",
    "CREATE TABLE notice_cursor (id integer PRIMARY KEY CHECK (id = 1), xid bigint NOT NULL, seq bigint NOT NULL)",
    """INSERT INTO notice_cursor (id, xid, seq)
        VALUES (1, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), 0)""",
    "ALTER TABLE messages ADD COLUMN request uuid NOT NULL DEFAULT gen_random_uuid()",
    "ALTER TABLE messages ADD COLUMN contact bytea",
    "ALTER TABLE messages ADD COLUMN day date",
    "ALTER TABLE messages ADD COLUMN state text NOT NULL DEFAULT 'sent' CHECK (state IN ('pending', 'sent'))",
    "ALTER TABLE messages ADD COLUMN attempts integer NOT NULL DEFAULT 0",
    "ALTER TABLE messages ADD COLUMN next_try_at timestamptz",
    "ALTER TABLE messages ADD COLUMN sent_at timestamptz",
    # The law itself: one message a day to one contact.
    "CREATE UNIQUE INDEX messages_one_a_day ON messages (contact, day)",
    "CREATE UNIQUE INDEX messages_request ON messages (request)",
    "CREATE INDEX messages_pending ON messages (id) WHERE state = 'pending'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
