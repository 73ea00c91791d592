"""The funeral in full: body tags, halls, opening rules, prices, certificates, places for ashes, awards, memorials.

Expand only. Each home gets a code; the first home of a county is called after the county.
"""

from alembic import op

from casework.migration import add_evidence, drop_evidence

revision = "0002_funeral_in_full"
down_revision = "0001"
branch_labels = None
depends_on = None

_HOMES = (
    "ALTER TABLE funeral_homes ADD COLUMN code text",
    """UPDATE funeral_homes h SET code = h.region || CASE WHEN n = 1 THEN '' ELSE '-' || n END
         FROM (SELECT id, row_number() OVER (PARTITION BY region ORDER BY id) AS n FROM funeral_homes) numbered
        WHERE numbered.id = h.id""",
    "ALTER TABLE funeral_homes ADD CONSTRAINT uq_funeral_homes_code UNIQUE (code)",
    "ALTER TABLE funeral_homes ADD COLUMN visitors_per_hour integer NOT NULL DEFAULT 60",
    """CREATE TABLE home_hours (
        id uuid NOT NULL,
        home uuid NOT NULL,
        from_on date NOT NULL,
        through_on date NOT NULL,
        opens_at time NOT NULL,
        closes_at time NOT NULL,
        note text NOT NULL,
        CONSTRAINT pk_home_hours PRIMARY KEY (id),
        CONSTRAINT ck_home_hours_in_order CHECK (from_on <= through_on AND opens_at < closes_at),
        CONSTRAINT fk_home_hours_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE INDEX ix_home_hours_home ON home_hours (home)",
    """CREATE TABLE prices (
        id uuid NOT NULL,
        home uuid NOT NULL,
        item text NOT NULL,
        per text NOT NULL,
        amount_fen bigint NOT NULL,
        valid_from date NOT NULL,
        source text NOT NULL,
        demo boolean NOT NULL,
        CONSTRAINT pk_prices PRIMARY KEY (id),
        CONSTRAINT uq_prices_home_item_valid_from UNIQUE (home, item, valid_from),
        CONSTRAINT ck_prices_not_negative CHECK (amount_fen >= 0),
        CONSTRAINT fk_prices_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
)
_BODIES = (
    """CREATE TABLE bodies (
        id uuid NOT NULL,
        case_id uuid NOT NULL,
        subject uuid NOT NULL,
        home uuid NOT NULL,
        tag text NOT NULL,
        tagged_at timestamptz NOT NULL,
        place_kept text,
        kept_from timestamptz,
        kept_until timestamptz,
        left_at timestamptz,
        left_to text,
        CONSTRAINT pk_bodies PRIMARY KEY (id),
        CONSTRAINT uq_bodies_home_tag UNIQUE (home, tag),
        CONSTRAINT fk_bodies_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE UNIQUE INDEX uq_bodies_case ON bodies (case_id) WHERE left_at IS NULL",
    "CREATE INDEX ix_bodies_case_id ON bodies (case_id)",
    """CREATE TABLE numbers (
        home uuid NOT NULL,
        series text NOT NULL,
        year integer NOT NULL,
        last integer NOT NULL,
        CONSTRAINT pk_numbers PRIMARY KEY (home, series, year),
        CONSTRAINT fk_numbers_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "ALTER TABLE bookings ADD COLUMN case_id uuid",
    "UPDATE bookings b SET case_id = p.case_id FROM procedures p WHERE p.id = b.procedure",
    "ALTER TABLE bookings ADD COLUMN body_tag text",
    "ALTER TABLE bookings ADD COLUMN proof text",
    "CREATE INDEX ix_bookings_case_id ON bookings (case_id) WHERE released_at IS NULL",
    "ALTER TABLE cremation_records ADD COLUMN body_tag text",
    "ALTER TABLE cremation_records ADD COLUMN proof text",
    "CREATE INDEX ix_cremation_records_case_id ON cremation_records (case_id)",
    # Holds that were released count too: their days are not charged, and the police's say that the body is free.
    "CREATE INDEX ix_holds_case_id ON holds (case_id)",
    "CREATE INDEX ix_holds_person ON holds (person)",
)
_HALLS = (
    """CREATE TABLE halls (
        id uuid NOT NULL,
        home uuid NOT NULL,
        code text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        minutes integer NOT NULL,
        state text NOT NULL,
        CONSTRAINT pk_halls PRIMARY KEY (id),
        CONSTRAINT uq_halls_code UNIQUE (code),
        CONSTRAINT ck_halls_lasts CHECK (minutes > 0),
        CONSTRAINT fk_halls_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE INDEX ix_halls_home ON halls (home)",
    """CREATE TABLE hall_bookings (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        case_id uuid NOT NULL,
        hall uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        booked_at timestamptz NOT NULL,
        held_at timestamptz,
        released_at timestamptz,
        CONSTRAINT pk_hall_bookings PRIMARY KEY (id),
        CONSTRAINT fk_hall_bookings_hall_halls FOREIGN KEY (hall) REFERENCES halls (id)
    )""",
    "CREATE UNIQUE INDEX uq_hall_bookings_procedure ON hall_bookings (procedure) WHERE released_at IS NULL",
    "CREATE INDEX ix_hall_bookings_case_id ON hall_bookings (case_id)",
    """CREATE TABLE hall_quarters (
        hall uuid NOT NULL,
        quarter timestamptz NOT NULL,
        booking uuid NOT NULL,
        CONSTRAINT pk_hall_quarters PRIMARY KEY (hall, quarter),
        CONSTRAINT fk_hall_quarters_booking_hall_bookings FOREIGN KEY (booking) REFERENCES hall_bookings (id)
    )""",
    "CREATE INDEX ix_hall_quarters_booking ON hall_quarters (booking)",
)
_AFTERWARDS = (
    """CREATE TABLE certificates (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        case_id uuid NOT NULL,
        home uuid NOT NULL,
        certificate_no text NOT NULL,
        version integer NOT NULL,
        issued_at timestamptz NOT NULL,
        voided_at timestamptz,
        void_reason text,
        CONSTRAINT pk_certificates PRIMARY KEY (id),
        CONSTRAINT uq_certificates_home_certificate_no UNIQUE (home, certificate_no),
        CONSTRAINT fk_certificates_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE UNIQUE INDEX uq_certificates_procedure ON certificates (procedure) WHERE voided_at IS NULL",
    """CREATE TABLE places (
        id uuid NOT NULL,
        region text NOT NULL,
        site text NOT NULL,
        code text NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        CONSTRAINT pk_places PRIMARY KEY (id),
        CONSTRAINT uq_places_code UNIQUE (code)
    )""",
    "CREATE INDEX ix_places_region ON places (region, kind, code)",
    """CREATE TABLE placements (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        case_id uuid NOT NULL,
        kind text NOT NULL,
        eco_kind text,
        place uuid,
        arranged_at timestamptz NOT NULL,
        placed_at timestamptz,
        released_at timestamptz,
        CONSTRAINT pk_placements PRIMARY KEY (id),
        CONSTRAINT fk_placements_place_places FOREIGN KEY (place) REFERENCES places (id)
    )""",
    "CREATE UNIQUE INDEX uq_placements_place ON placements (place) WHERE released_at IS NULL",
    "CREATE UNIQUE INDEX uq_placements_procedure ON placements (procedure) WHERE released_at IS NULL",
    "CREATE INDEX ix_placements_case_id ON placements (case_id)",
    """CREATE TABLE eco_awards (
        id uuid NOT NULL,
        person uuid NOT NULL,
        mode text NOT NULL,
        kind text NOT NULL,
        amount_fen bigint NOT NULL,
        funding_source text NOT NULL,
        region text NOT NULL,
        procedure uuid,
        payee uuid,
        granted_at timestamptz NOT NULL,
        paid_at timestamptz,
        cancelled_at timestamptz,
        decided_by text,
        CONSTRAINT pk_eco_awards PRIMARY KEY (id),
        CONSTRAINT ck_eco_awards_not_negative CHECK (amount_fen >= 0)
    )""",
    "CREATE UNIQUE INDEX uq_eco_awards_person ON eco_awards (person, mode) WHERE cancelled_at IS NULL",
    """CREATE TABLE memorials (
        id uuid NOT NULL,
        procedure uuid NOT NULL,
        case_id uuid NOT NULL,
        home uuid,
        opened_at timestamptz NOT NULL,
        deleted_at timestamptz,
        CONSTRAINT pk_memorials PRIMARY KEY (id),
        CONSTRAINT fk_memorials_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE UNIQUE INDEX uq_memorials_procedure ON memorials (procedure) WHERE deleted_at IS NULL",
    """CREATE TABLE visits (
        id uuid NOT NULL,
        memorial uuid NOT NULL,
        home uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        people integer NOT NULL,
        booked_at timestamptz NOT NULL,
        cancelled_at timestamptz,
        CONSTRAINT pk_visits PRIMARY KEY (id),
        CONSTRAINT ck_visits_somebody CHECK (people > 0),
        CONSTRAINT fk_visits_memorial_memorials FOREIGN KEY (memorial) REFERENCES memorials (id),
        CONSTRAINT fk_visits_home_funeral_homes FOREIGN KEY (home) REFERENCES funeral_homes (id)
    )""",
    "CREATE INDEX ix_visits_home ON visits (home, starts_at) WHERE cancelled_at IS NULL",
)
_DROP = (
    "visits", "memorials", "eco_awards", "placements", "places", "certificates", "hall_quarters", "hall_bookings",
    "halls", "numbers", "bodies", "prices", "home_hours",
)


def upgrade() -> None:
    add_evidence(op)
    for statement in (*_HOMES, *_BODIES, *_HALLS, *_AFTERWARDS):
        op.execute(statement)


def downgrade() -> None:
    for table in _DROP:
        op.execute(f"DROP TABLE {table}")
    for table, columns in (
        ("cremation_records", ("body_tag", "proof")), ("bookings", ("case_id", "body_tag", "proof")),
        ("funeral_homes", ("code", "visitors_per_hour")),
    ):
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for index in ("ix_cremation_records_case_id", "ix_holds_case_id", "ix_holds_person"):
        op.execute(f"DROP INDEX IF EXISTS {index}")
    drop_evidence(op)
