"""Clearances and redress numbers; how long a screening's travellers are under way, and how far they were screened again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_LONGEST_FLIGHT = 24 * 3600 * 1_000_000  # microseconds, as in `store.identity`


def upgrade() -> None:
    """Add the tables and columns; screenings from before are under way for a day after departure."""
    op.add_column("screenings", sa.Column("active_until", sa.BigInteger(), nullable=True))
    op.execute(sa.text("UPDATE screenings SET active_until = departure_at + :day").bindparams(day=_LONGEST_FLIGHT))
    op.create_index("screenings_active", "screenings", ["active_until", "id", "snapshot_hash"], unique=False)
    op.add_column("referrals", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "clearances",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("lookout", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("origin IN ('decision', 'redress')", name="known_origin"),
        sa.CheckConstraint("(origin = 'decision') = (referral_id IS NOT NULL)", name="referral_of_decision"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="somebody_ended_it"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("clearances_of_holder", "clearances", ["holder"], unique=False)
    op.create_index("clearances_of_lookout", "clearances", ["source", "entry_id"], unique=False)
    op.create_index("clearances_of_referral", "clearances", ["referral_id"], unique=False)
    op.create_table(
        "cleared_identities",
        sa.Column("identity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["store_keys.id"]),
        sa.PrimaryKeyConstraint("identity", "holder"),
        sqlite_with_rowid=False,
    )
    op.create_index("cleared_identities_of_holder", "cleared_identities", ["holder"], unique=False)
    op.create_table(
        "redress_numbers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["store_keys.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("redress_numbers_number", "redress_numbers", ["number", "id"], unique=False)
    op.create_table(
        "rescreens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("snapshot_hash", sa.String(), nullable=False),
        sa.Column("lookouts", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("active_until", sa.BigInteger(), nullable=True),
        sa.Column("screening_id", sa.String(), nullable=True),
        sa.Column("travellers", sa.BigInteger(), nullable=False),
        sa.Column("referred", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
