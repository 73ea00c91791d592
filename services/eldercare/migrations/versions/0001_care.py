"""Kernel, messaging and casework tables; what people hold in elder care; the two views over it."""

from alembic import op

from casework.migration import create_casework, drop_casework
from kernel.messaging.migration import create_messaging, drop_messaging
from kernel.migrations import create_kernel_tables, drop_kernel_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CARE_ROW = """id uuid NOT NULL,
        person uuid NOT NULL,
        state text NOT NULL,
        held_by uuid,
        ended_by uuid,
        ended_on date,
        region text NOT NULL"""


def care_table(name: str, columns: str, *constraints: str) -> None:
    more = "".join(f",\n        {constraint}" for constraint in constraints)
    op.execute(
        f"CREATE TABLE {name} (\n        {CARE_ROW},\n        {columns},\n"
        f"        CONSTRAINT pk_{name} PRIMARY KEY (id){more}\n    )"
    )
    op.execute(f"CREATE INDEX ix_{name}_person ON {name} (person)")


def upgrade() -> None:
    create_kernel_tables(op)
    create_messaging(op)
    create_casework(op)
    money()
    services()
    beds()
    meetings()
    views()


def money() -> None:
    care_table(
        "allowances",
        """kind text NOT NULL,
        payee uuid NOT NULL,
        amount_fen bigint NOT NULL,
        granted_on date NOT NULL,
        paid_through date,
        ends_after date""",
        "CONSTRAINT ck_allowances_amount_positive CHECK (amount_fen > 0)",
    )
    op.execute("CREATE INDEX ix_allowances_payee ON allowances (payee)")
    op.execute("CREATE INDEX ix_allowances_unpaid ON allowances (paid_through) WHERE state = 'active'")
    care_table(
        "vouchers",
        "month date NOT NULL, amount_fen bigint NOT NULL, balance_fen bigint NOT NULL",
        "CONSTRAINT ck_vouchers_balance_within_amount CHECK (balance_fen BETWEEN 0 AND amount_fen)",
    )


def services() -> None:
    care_table("meal_discounts", "discount_fen integer NOT NULL")
    care_table(
        "home_orders",
        "service text NOT NULL, on_date date NOT NULL, price_fen integer NOT NULL, delivered_at timestamptz",
    )
    care_table("visit_plans", "every_days integer NOT NULL, next_on date NOT NULL")
    care_table(
        "elder_cards",
        "number text NOT NULL, issued_on date NOT NULL",
        "CONSTRAINT uq_elder_cards_number UNIQUE (number)",
    )


def beds() -> None:
    op.execute(
        """CREATE TABLE beds (
        id uuid NOT NULL,
        home uuid NOT NULL,
        home_name text NOT NULL,
        number text NOT NULL,
        kind text NOT NULL,
        region text NOT NULL,
        CONSTRAINT pk_beds PRIMARY KEY (id),
        CONSTRAINT uq_beds_home_number UNIQUE (home, number)
    )"""
    )
    care_table(
        "stays",
        "bed uuid NOT NULL, since date NOT NULL, until date",
        "CONSTRAINT fk_stays_bed_beds FOREIGN KEY (bed) REFERENCES beds (id)",
    )
    op.execute("CREATE UNIQUE INDEX uq_stays_present ON stays (bed) WHERE until IS NULL AND ended_by IS NULL")
    care_table("bed_requests", "home uuid NOT NULL, asked_on date NOT NULL")
    op.execute("CREATE INDEX ix_bed_requests_home ON bed_requests (home)")


def meetings() -> None:
    for table, column in (("visits", "made_at"), ("meals", "taken_at")):
        op.execute(
            f"""CREATE TABLE {table} (
        id uuid NOT NULL,
        person uuid NOT NULL,
        {column} timestamptz NOT NULL,
        CONSTRAINT pk_{table} PRIMARY KEY (id)
    )"""
        )
        op.execute(f"CREATE INDEX ix_{table}_person_{column} ON {table} (person, {column})")


def views() -> None:
    marks = "state, held_by, ended_by, region"
    op.execute(
        f"""CREATE VIEW care_items AS
        SELECT person, 'allowances' AS source, id, kind, {marks}, amount_fen, granted_on, paid_through, ends_after,
               payee, NULL::date AS on_date, false AS taken FROM allowances
        UNION ALL SELECT person, 'vouchers', id, 'voucher', {marks}, balance_fen, month, NULL, NULL, NULL, NULL, false
                    FROM vouchers
        UNION ALL SELECT person, 'meal_discounts', id, 'meal_discount', {marks}, 0, NULL, NULL, NULL, NULL, NULL, false
                    FROM meal_discounts
        UNION ALL SELECT person, 'home_orders', id, 'home_order', {marks}, 0, NULL, NULL, NULL, NULL, on_date, false
                    FROM home_orders WHERE state = 'booked'
        UNION ALL SELECT person, 'visit_plans', id, 'visit_plan', {marks}, 0, NULL, NULL, NULL, NULL, NULL, false
                    FROM visit_plans
        UNION ALL SELECT person, 'stays', id, 'bed', {marks}, 0, since, NULL, NULL, NULL, NULL,
                         EXISTS (SELECT 1 FROM stays other WHERE other.bed = stays.bed AND other.id <> stays.id
                                    AND other.until IS NULL AND other.ended_by IS NULL)
                    FROM stays WHERE until IS NULL
        UNION ALL SELECT person, 'bed_requests', id, 'bed_request', {marks}, 0, asked_on, NULL, NULL, NULL, NULL, false
                    FROM bed_requests WHERE state = 'waiting'
        UNION ALL SELECT person, 'elder_cards', id, 'elder_card', {marks}, 0, issued_on, NULL, NULL, NULL, NULL, false
                    FROM elder_cards"""
    )
    op.execute(
        """CREATE VIEW signs_of_life AS
        SELECT person, made_at AS at FROM visits
        UNION ALL SELECT person, taken_at FROM meals
        UNION ALL SELECT person, delivered_at FROM home_orders WHERE delivered_at IS NOT NULL"""
    )


def downgrade() -> None:
    for view in ("signs_of_life", "care_items"):
        op.execute(f"DROP VIEW {view}")
    for table in ("meals", "visits", "bed_requests", "stays", "beds", "elder_cards", "visit_plans", "home_orders",
                  "meal_discounts", "vouchers", "allowances"):  # fmt: skip
        op.execute(f"DROP TABLE {table}")
    drop_casework(op)
    drop_messaging(op)
    drop_kernel_tables(op)
