"""The first schema: screenings, identities, referrals, decisions, history, outbox, audit ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "audit_entries",
        sa.Column("writer", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("writer", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_heads",
        sa.Column("writer", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("writer"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "history_events",
        sa.Column("pseudonym", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flight", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("booking", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "at", "flight", "person", "booking"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "store_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("check", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identities",
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("traveller", sa.Integer(), nullable=True),
        sa.Column("departure_at", sa.BigInteger(), nullable=False),
        sa.Column("data_class", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.BigInteger(), nullable=True),
        sa.Column("card", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.BigInteger(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["store_keys.id"]),
        sa.PrimaryKeyConstraint("holder", "part", "row"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "identities_address",
        "identities",
        ["address"],
        unique=False,
        sqlite_where=sa.text("address IS NOT NULL"),
        postgresql_where=sa.text("address IS NOT NULL"),
    )
    op.create_index(
        "identities_card",
        "identities",
        ["card"],
        unique=False,
        sqlite_where=sa.text("card IS NOT NULL"),
        postgresql_where=sa.text("card IS NOT NULL"),
    )
    op.create_index(
        "identities_document",
        "identities",
        ["document"],
        unique=False,
        sqlite_where=sa.text("document IS NOT NULL"),
        postgresql_where=sa.text("document IS NOT NULL"),
    )
    op.create_index(
        "identities_email",
        "identities",
        ["email"],
        unique=False,
        sqlite_where=sa.text("email IS NOT NULL"),
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_index(
        "identities_person",
        "identities",
        ["person"],
        unique=False,
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_index(
        "identities_phone",
        "identities",
        ["phone"],
        unique=False,
        sqlite_where=sa.text("phone IS NOT NULL"),
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_table(
        "screenings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("submitter", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("body_digest", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.BigInteger(), nullable=False),
        sa.Column("departure_at", sa.BigInteger(), nullable=False),
        sa.Column("data_class", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("snapshot_hash", sa.String(), nullable=False),
        sa.Column("pack_hash", sa.String(), nullable=False),
        sa.Column("policy_hash", sa.String(), nullable=False),
        sa.Column("model_hash", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("degraded", sa.Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("overrides", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["store_keys.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "submitter",
            "request_id",
            name="one_answer_per_request",
        ),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flight_key", sa.BigInteger(), nullable=False),
        sa.Column("traveller_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("departure_at", sa.BigInteger(), nullable=False),
        sa.Column("data_class", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("departure", sa.String(), nullable=True),
        sa.Column("arrival", sa.String(), nullable=True),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=True),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("screening_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["screening_id"], ["screenings.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "one_open_referral",
        "referrals",
        ["flight_key", "traveller_key"],
        unique=True,
        sqlite_where=sa.text("status != 'decided'"),
        postgresql_where=sa.text("status != 'decided'"),
    )
    op.create_index("referrals_of_flight", "referrals", ["flight_key", "traveller_key"], unique=False)
    op.create_index("referrals_queue", "referrals", ["departure_at", sa.literal_column("priority DESC"), "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("departure_at", sa.BigInteger(), nullable=False),
        sa.Column("data_class", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=True),
        sa.Column("claims_right_of_entry", sa.Boolean(), nullable=False),
        sa.Column("needs_second_officer", sa.Boolean(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.Column("directive", sa.String(), nullable=True),
        sa.Column("decide_by", sa.BigInteger(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("confirms", sa.String(), nullable=True),
        sa.Column("confirms_officer", sa.String(), nullable=True),
        sa.CheckConstraint(
            "directive IS NULL OR directive <> 'DO_NOT_BOARD' OR legal_basis IS NOT NULL",
            name="legal_basis_given",
        ),
        sa.CheckConstraint(
            "NOT needs_second_officer OR NOT effective OR confirms IS NOT NULL",
            name="second_officer_given",
        ),
        sa.CheckConstraint(
            "confirms IS NULL OR confirms_officer <> officer",
            name="two_distinct_officers",
        ),
        sa.CheckConstraint(
            "directive IS NULL OR effective",
            name="only_effective_directs",
        ),
        sa.ForeignKeyConstraint(
            ["confirms", "confirms_officer"],
            ["decisions.id", "decisions.officer"],
            name="confirmed_decision",
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "id",
            "directive",
            name="decision_and_directive",
        ),
        sa.UniqueConstraint(
            "id",
            "officer",
            name="decision_and_officer",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("decisions_of_referral", "decisions", ["referral_id", "id"], unique=False)
    op.create_table(
        "directives",
        sa.Column("screening_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("flight_key", sa.BigInteger(), nullable=False),
        sa.Column("traveller_key", sa.BigInteger(), nullable=False),
        sa.Column("presented_key", sa.BigInteger(), nullable=False),
        sa.Column("directive", sa.String(), nullable=False),
        sa.Column("entry_authorisation", sa.String(), nullable=False),
        sa.Column("decide_by", sa.BigInteger(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.CheckConstraint(
            "directive <> 'DO_NOT_BOARD' OR decision_id IS NOT NULL",
            name="only_an_officer_denies_boarding",
        ),
        sa.CheckConstraint(
            "directive IN ('BOARD', 'HOLD', 'INSUFFICIENT_DATA', 'NOT_SCREENED', 'DO_NOT_BOARD')",
            name="known_directive",
        ),
        sa.ForeignKeyConstraint(
            ["decision_id", "directive"],
            ["decisions.id", "decisions.directive"],
            name="directive_of_decision",
        ),
        sa.ForeignKeyConstraint(["screening_id"], ["screenings.id"]),
        sa.PrimaryKeyConstraint("screening_id", "row"),
        sqlite_with_rowid=False,
    )
    op.create_index("directives_of_traveller", "directives", ["flight_key", "traveller_key"], unique=False)
    op.create_index(
        "holds",
        "directives",
        ["decide_by"],
        unique=False,
        sqlite_where=sa.text("directive = 'HOLD'"),
        postgresql_where=sa.text("directive = 'HOLD'"),
    )
