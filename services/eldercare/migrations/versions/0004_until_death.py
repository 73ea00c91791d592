"""What a death leaves to settle: payment periods, overpayments, vouchers used, broken-off orders, beds offered on."""

from alembic import op

revision = "0004_until_death"
down_revision = "0003_clocks"
branch_labels = None
depends_on = None

PRIORITIES = (
    "'restored', 'poor_disabled', 'demented', 'old_old', 'alone', 'severely_disabled', 'special_family', 'ordinary'"
)

STATEMENTS = (
    "ALTER TABLE allowances ADD COLUMN period_months integer NOT NULL DEFAULT 1",
    "ALTER TABLE allowances ADD CONSTRAINT ck_allowances_period_known CHECK (period_months IN (1, 3, 6))",
    """ALTER TABLE home_orders ADD COLUMN provider uuid, ADD COLUMN started_at timestamptz,
           ADD COLUMN planned_minutes integer, ADD COLUMN settled_fen integer NOT NULL DEFAULT 0,
           ADD CONSTRAINT ck_home_orders_planned_minutes_positive CHECK (planned_minutes > 0),
           ADD CONSTRAINT ck_home_orders_settled_within_price CHECK (settled_fen BETWEEN 0 AND price_fen)""",
    "CREATE INDEX ix_home_orders_person_delivered_at ON home_orders (person, delivered_at)",
    f"""ALTER TABLE bed_requests ADD COLUMN priority text NOT NULL DEFAULT 'ordinary',
           ADD COLUMN declined integer NOT NULL DEFAULT 0,
           ADD CONSTRAINT ck_bed_requests_priority_known CHECK (priority IN ({PRIORITIES}))""",
    """ALTER TABLE stays ADD COLUMN deposit_fen bigint NOT NULL DEFAULT 0, ADD COLUMN fee_fen bigint NOT NULL DEFAULT 0,
           ADD COLUMN fee_paid_through date""",
    "ALTER TABLE visits ADD COLUMN recorded_at timestamptz",
    "ALTER TABLE meals ADD COLUMN recorded_at timestamptz",
    """CREATE TABLE voucher_uses (
        id uuid NOT NULL,
        voucher uuid NOT NULL,
        person uuid NOT NULL,
        provider uuid NOT NULL,
        amount_fen bigint NOT NULL,
        used_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_voucher_uses PRIMARY KEY (id),
        CONSTRAINT fk_voucher_uses_voucher_vouchers FOREIGN KEY (voucher) REFERENCES vouchers (id),
        CONSTRAINT ck_voucher_uses_amount_positive CHECK (amount_fen > 0)
    )""",
    "CREATE INDEX ix_voucher_uses_person_used_at ON voucher_uses (person, used_at)",
    """CREATE TABLE encounters (
        id uuid NOT NULL,
        person uuid NOT NULL,
        kind text NOT NULL,
        met_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_encounters PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_encounters_person_met_at ON encounters (person, met_at)",
    """CREATE TABLE assessments (
        id uuid NOT NULL,
        person uuid NOT NULL,
        state text NOT NULL,
        held_by uuid,
        ended_by uuid,
        ended_on date,
        region text NOT NULL,
        asked_on date NOT NULL,
        level text,
        assessed_at timestamptz,
        CONSTRAINT pk_assessments PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_assessments_person ON assessments (person)",
    """CREATE TABLE bed_offers (
        id uuid NOT NULL,
        bed uuid NOT NULL,
        request uuid NOT NULL,
        person uuid NOT NULL,
        offered_on date NOT NULL,
        answer_by date NOT NULL,
        state text NOT NULL,
        CONSTRAINT pk_bed_offers PRIMARY KEY (id),
        CONSTRAINT fk_bed_offers_bed_beds FOREIGN KEY (bed) REFERENCES beds (id),
        CONSTRAINT fk_bed_offers_request_bed_requests FOREIGN KEY (request) REFERENCES bed_requests (id),
        CONSTRAINT ck_bed_offers_state_known CHECK (state IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn'))
    )""",
    "CREATE UNIQUE INDEX uq_bed_offers_bed_open ON bed_offers (bed) WHERE state = 'open'",
    "CREATE UNIQUE INDEX uq_bed_offers_request_open ON bed_offers (request) WHERE state = 'open'",
    "CREATE INDEX ix_bed_offers_person ON bed_offers (person)",
    """CREATE TABLE stay_settlements (
        id uuid NOT NULL,
        stay uuid NOT NULL,
        person uuid NOT NULL,
        home uuid NOT NULL,
        kind text NOT NULL,
        amount_fen bigint NOT NULL,
        state text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_stay_settlements PRIMARY KEY (id),
        CONSTRAINT fk_stay_settlements_stay_stays FOREIGN KEY (stay) REFERENCES stays (id),
        CONSTRAINT uq_stay_settlements_stay_kind UNIQUE (stay, kind),
        CONSTRAINT ck_stay_settlements_kind_known CHECK (kind IN ('deposit', 'prepaid_fee', 'unpaid_fee')),
        CONSTRAINT ck_stay_settlements_state_known CHECK (state IN ('recorded', 'cancelled')),
        CONSTRAINT ck_stay_settlements_amount_positive CHECK (amount_fen > 0)
    )""",
    """CREATE TABLE provider_claims (
        item uuid NOT NULL,
        source text NOT NULL,
        person uuid NOT NULL,
        provider uuid,
        amount_fen bigint NOT NULL,
        charged_at timestamptz NOT NULL,
        found_by uuid NOT NULL,
        state text NOT NULL,
        region text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_provider_claims PRIMARY KEY (item),
        CONSTRAINT ck_provider_claims_state_known CHECK (state IN ('found', 'cancelled'))
    )""",
    "CREATE INDEX ix_provider_claims_person ON provider_claims (person)",
    """CREATE TABLE overpayments (
        id uuid NOT NULL,
        holding uuid NOT NULL,
        person uuid NOT NULL,
        payee uuid,
        kind text NOT NULL,
        amount_fen bigint NOT NULL,
        months jsonb NOT NULL,
        state text NOT NULL,
        quiet_until date NOT NULL,
        repaid_fen bigint NOT NULL DEFAULT 0,
        waived_fen bigint NOT NULL DEFAULT 0,
        decision text,
        instalments integer,
        proposed_by text,
        decided_by text,
        decided_at timestamptz,
        notified_at timestamptz,
        reason text,
        region text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_overpayments PRIMARY KEY (id),
        CONSTRAINT uq_overpayments_holding_kind UNIQUE (holding, kind),
        CONSTRAINT ck_overpayments_kind_known CHECK (kind IN ('after_death', 'paid_twice')),
        CONSTRAINT ck_overpayments_state_known
            CHECK (state IN ('found', 'proposed', 'decided', 'notified', 'settled', 'cancelled')),
        CONSTRAINT ck_overpayments_not_more_than_owed CHECK (amount_fen >= repaid_fen + waived_fen)
    )""",
    "CREATE INDEX ix_overpayments_person ON overpayments (person)",
    "CREATE INDEX ix_overpayments_open ON overpayments (region) WHERE state NOT IN ('settled', 'cancelled')",
)

# What the stops of before kept in their memory becomes a record. The quiet period is counted from the death (domain).
CLAIMED_BEFORE = """
    INSERT INTO overpayments (id, holding, person, payee, kind, amount_fen, months, state, quiet_until, region,
                              changed_at)
    SELECT gen_random_uuid(), a.id, a.person, a.payee, 'after_death', CAST(c.value AS bigint),
           (SELECT jsonb_agg(to_char(m, 'YYYY-MM') ORDER BY m)
              FROM generate_series(
                       a.paid_through - make_interval(months => CAST(CAST(c.value AS bigint) / a.amount_fen AS int) - 1),
                       a.paid_through, interval '1 month') AS m),
           'found', a.ended_on + 49, a.region, p.changed_at
      FROM procedures p CROSS JOIN LATERAL jsonb_each_text(p.memory -> 'claimed') AS c
      JOIN allowances a ON a.id = CAST(c.key AS uuid)
     WHERE p.type = 'eldercare.stop_benefits' AND p.state = 'done' AND jsonb_typeof(p.memory -> 'claimed') = 'object'
       AND a.paid_through IS NOT NULL AND a.ended_on IS NOT NULL AND CAST(c.value AS bigint) >= a.amount_fen"""

MARKS = "state, held_by, ended_by, region"
NO_MONEY = "0, NULL, NULL, NULL, NULL"


def care_items(orders: str, period: bool, assessments: bool) -> str:
    one = ", 1" if period else ""
    own = ", period_months" if period else ""
    standing = " WHERE state <> 'refused'" if period else ""
    asked = f"""
        UNION ALL SELECT person, 'assessments', id, 'ability_assessment', {MARKS}, 0, asked_on, NULL, NULL, NULL, NULL,
                         false{one} FROM assessments WHERE state = 'requested'"""
    return f"""CREATE VIEW care_items AS
        SELECT person, 'allowances' AS source, id, kind, {MARKS}, amount_fen, granted_on, paid_through, ends_after,
               payee, NULL::date AS on_date, false AS taken{own} FROM allowances{standing}
        UNION ALL SELECT person, 'vouchers', id, 'voucher', {MARKS}, balance_fen, month, NULL, NULL, NULL, NULL,
                         false{one} FROM vouchers
        UNION ALL SELECT person, 'meal_discounts', id, 'meal_discount', {MARKS}, {NO_MONEY}, NULL, false{one}
                    FROM meal_discounts
        UNION ALL SELECT person, 'home_orders', id, 'home_order', {MARKS}, {NO_MONEY}, on_date, false{one}
                    FROM home_orders WHERE {orders}
        UNION ALL SELECT person, 'visit_plans', id, 'visit_plan', {MARKS}, {NO_MONEY}, NULL, false{one} FROM visit_plans
        UNION ALL SELECT person, 'stays', id, 'bed', {MARKS}, 0, since, NULL, NULL, NULL, NULL,
                         EXISTS (SELECT 1 FROM stays other WHERE other.bed = stays.bed AND other.id <> stays.id
                                    AND other.until IS NULL AND other.ended_by IS NULL){one}
                    FROM stays WHERE until IS NULL
        UNION ALL SELECT person, 'bed_requests', id, 'bed_request', {MARKS}, 0, asked_on, NULL, NULL, NULL, NULL,
                         false{one} FROM bed_requests WHERE state = 'waiting'
        UNION ALL SELECT person, 'elder_cards', id, 'elder_card', {MARKS}, 0, issued_on, NULL, NULL, NULL, NULL,
                         false{one} FROM elder_cards{asked if assessments else ""}"""


def signs_of_life(encounters: bool) -> str:
    met = " UNION ALL SELECT person, met_at FROM encounters" if encounters else ""
    return f"""CREATE VIEW signs_of_life AS
        SELECT person, made_at AS at FROM visits
        UNION ALL SELECT person, taken_at FROM meals
        UNION ALL SELECT person, delivered_at FROM home_orders WHERE delivered_at IS NOT NULL{met}"""


def views(*, new: bool) -> None:
    for view in ("signs_of_life", "care_items"):
        op.execute(f"DROP VIEW {view}")
    orders = "state IN ('booked', 'in_progress')" if new else "state = 'booked'"
    op.execute(care_items(orders, new, new))
    op.execute(signs_of_life(new))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    op.execute(CLAIMED_BEFORE)
    views(new=True)


def downgrade() -> None:
    views(new=False)
    for table in ("overpayments", "provider_claims", "stay_settlements", "bed_offers", "assessments", "encounters",
                  "voucher_uses"):  # fmt: skip
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE meals DROP COLUMN recorded_at")
    op.execute("ALTER TABLE visits DROP COLUMN recorded_at")
    op.execute(
        "ALTER TABLE stays DROP COLUMN deposit_fen, DROP COLUMN fee_fen, DROP COLUMN fee_paid_through"
    )
    op.execute("ALTER TABLE bed_requests DROP COLUMN priority, DROP COLUMN declined")
    op.execute("DROP INDEX ix_home_orders_person_delivered_at")
    op.execute(
        """ALTER TABLE home_orders DROP COLUMN provider, DROP COLUMN started_at, DROP COLUMN planned_minutes,
               DROP COLUMN settled_fen"""
    )
    op.execute("ALTER TABLE allowances DROP COLUMN period_months")
