"""The tables. Migrations build them (`store/migrations`); a test holds the two equal.

Personal data stands only in `identities`. Everywhere else a traveller is a row number, a keyed pseudonym or a reference.
Times are microseconds since 1970 UTC (`Instant`): exact, sortable, the same on SQLite and PostgreSQL.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time. A naive one raises TypeError."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """A UTC time as BIGINT microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


metadata = MetaData()

# Which keys of the key file this store uses; `check` shows that the file is the right one.
store_keys = Table(
    "store_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("check", LargeBinary, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant),
)

screenings = Table(
    "screenings",
    metadata,
    Column("id", String, primary_key=True),
    Column("submitter", String, nullable=False),
    Column("request_id", String, nullable=False),
    Column("body_digest", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("clock", Instant, nullable=False),
    Column("departure_at", Instant, nullable=False),  # the last of its flights; time of receipt where unknown
    Column("active_until", Instant),  # until when its travellers are under way: see `identity.active_until`
    Column("data_class", String, nullable=False),  # pnr where the manifest holds bookings, else api
    Column("key_id", String, ForeignKey("store_keys.id"), nullable=False),  # of the pseudonyms
    Column("snapshot_hash", String, nullable=False),
    Column("pack_hash", String, nullable=False),
    Column("policy_hash", String, nullable=False),
    Column("model_hash", String),
    Column("code_hash", String, nullable=False),
    Column("degraded", Text, nullable=False),  # JSON list of sources that were out
    Column("blob", LargeBinary, nullable=False),
    Column("overrides", Text),  # JSON {row: [directive, decide_by, telephone]}: officers' decisions the first answer gave
    UniqueConstraint("submitter", "request_id", name="one_answer_per_request"),
)

# Those under way, soonest to end first, without those that were screened against a given snapshot.
Index("screenings_active", screenings.c.active_until, screenings.c.id, screenings.c.snapshot_hash)

identities = Table(
    "identities",
    metadata,
    Column("holder", String, primary_key=True),  # the screening, or for part `decision` the decision, that it belongs to
    # part: traveller, document, booking, legs, fault, match, reason, decision, redress, revoked
    Column("part", String, primary_key=True),
    Column("row", Integer, primary_key=True),  # of its frame; reason: the traveller; legs: the booking
    Column("traveller", Integer),  # where it belongs to one traveller
    Column("departure_at", Instant, nullable=False),
    Column("data_class", String, nullable=False),  # api, pnr, referral, clearance
    Column("content", LargeBinary, nullable=False),  # canonical JSON
    # Blind index: keyed pseudonyms, to find a record without reading names.
    Column("person", BigInteger),
    Column("document", BigInteger),
    Column("phone", BigInteger),
    Column("email", BigInteger),
    Column("card", BigInteger),
    Column("address", BigInteger),
    Column("key_id", String, ForeignKey("store_keys.id"), nullable=False),
    sqlite_with_rowid=False,
)
BLIND_INDEX = ("person", "document", "phone", "email", "card", "address")
for _name in BLIND_INDEX:
    _column = identities.c[_name]
    Index(f"identities_{_name}", _column, sqlite_where=_column.is_not(None), postgresql_where=_column.is_not(None))

referrals = Table(
    "referrals",
    metadata,
    Column("id", String, primary_key=True),
    Column("flight_key", BigInteger, nullable=False),
    Column("traveller_key", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("priority", Float, nullable=False),
    Column("departure_at", Instant, nullable=False),  # orders the queue; time of receipt where the flight's is unknown
    Column("data_class", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("carrier", String),
    Column("number", String),
    Column("departure", String),
    Column("arrival", String),
    Column("scheduled_at", Instant),  # departure as the flight has it
    Column("codes", Text, nullable=False),  # JSON list of the reason codes gathered
    Column("screening_id", String, ForeignKey("screenings.id"), nullable=False),  # the latest that referred
    Column("row", Integer, nullable=False),
    Column("decision_id", String),  # the last that was effective
    Column("urgent", Boolean, nullable=False, server_default=false()),  # a lookout came up after the traveller was screened
    sqlite_with_rowid=False,
)
Index(
    "one_open_referral",
    referrals.c.flight_key,
    referrals.c.traveller_key,
    unique=True,
    sqlite_where=referrals.c.status != "decided",
    postgresql_where=referrals.c.status != "decided",
)
Index("referrals_of_flight", referrals.c.flight_key, referrals.c.traveller_key)
Index("referrals_queue", referrals.c.departure_at, referrals.c.priority.desc(), referrals.c.id)

# Append-only: a later decision supersedes an earlier one. The officer's words stand in `identities`.
decisions = Table(
    "decisions",
    metadata,
    Column("id", String, primary_key=True),
    Column("referral_id", String, ForeignKey("referrals.id"), nullable=False),
    Column("officer", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("departure_at", Instant, nullable=False),
    Column("data_class", String, nullable=False),
    Column("disposition", String, nullable=False),
    Column("legal_basis", String),
    Column("claims_right_of_entry", Boolean, nullable=False),
    Column("needs_second_officer", Boolean, nullable=False),
    Column("effective", Boolean, nullable=False),
    Column("directive", String),  # what it put in force, if anything
    Column("decide_by", Instant),
    Column("telephone", String),
    Column("confirms", String),  # the first officer's decision
    Column("confirms_officer", String),
    UniqueConstraint("id", "directive", name="decision_and_directive"),
    UniqueConstraint("id", "officer", name="decision_and_officer"),
    ForeignKeyConstraint(["confirms", "confirms_officer"], ["decisions.id", "decisions.officer"], name="confirmed_decision"),
    CheckConstraint("directive IS NULL OR effective", name="only_effective_directs"),
    CheckConstraint("directive IS NULL OR directive <> 'DO_NOT_BOARD' OR legal_basis IS NOT NULL", name="legal_basis_given"),
    CheckConstraint("NOT needs_second_officer OR NOT effective OR confirms IS NOT NULL", name="second_officer_given"),
    CheckConstraint("confirms IS NULL OR confirms_officer <> officer", name="two_distinct_officers"),
    sqlite_with_rowid=False,
)
Index("decisions_of_referral", decisions.c.referral_id, decisions.c.id)

# What is in force for each traveller of each screening.
directives = Table(
    "directives",
    metadata,
    Column("screening_id", String, ForeignKey("screenings.id"), primary_key=True),
    Column("row", Integer, primary_key=True),  # the traveller; with the screening: our reference
    Column("flight_key", BigInteger, nullable=False),
    Column("traveller_key", BigInteger, nullable=False),
    Column("presented_key", BigInteger, nullable=False),  # the traveller with the documents presented
    Column("directive", String, nullable=False),
    Column("entry_authorisation", String, nullable=False),
    Column("decide_by", Instant),
    Column("telephone", String),
    Column("revision", Integer, nullable=False),
    Column("decision_id", String),
    ForeignKeyConstraint(["decision_id", "directive"], ["decisions.id", "decisions.directive"], name="directive_of_decision"),
    CheckConstraint("directive <> 'DO_NOT_BOARD' OR decision_id IS NOT NULL", name="only_an_officer_denies_boarding"),
    CheckConstraint(
        "directive IN ('BOARD', 'HOLD', 'INSUFFICIENT_DATA', 'NOT_SCREENED', 'DO_NOT_BOARD')", name="known_directive"
    ),
    sqlite_with_rowid=False,
)
Index("directives_of_traveller", directives.c.flight_key, directives.c.traveller_key)
Index(
    "holds",
    directives.c.decide_by,
    sqlite_where=directives.c.directive == "HOLD",
    postgresql_where=directives.c.directive == "HOLD",
)

# Which lookouts a person was found not to be, as they stood then. The person is the holder's, in `cleared_identities`.
clearances = Table(
    "clearances",
    metadata,
    Column("id", String, primary_key=True),
    Column("holder", String, nullable=False),  # the decision or the redress record that it comes from
    Column("origin", String, nullable=False),
    Column("referral_id", String, ForeignKey("referrals.id")),  # of a decision
    Column("source", String, nullable=False),
    Column("entry_id", String, nullable=False),
    Column("lookout", String, nullable=False),  # digest of what identifies the listed person
    Column("officer", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", String),
    CheckConstraint("origin IN ('decision', 'redress')", name="known_origin"),
    CheckConstraint("(origin = 'decision') = (referral_id IS NOT NULL)", name="referral_of_decision"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="somebody_ended_it"),
    sqlite_with_rowid=False,
)
Index("clearances_of_holder", clearances.c.holder)
Index("clearances_of_lookout", clearances.c.source, clearances.c.entry_id)
Index("clearances_of_referral", clearances.c.referral_id)

# Keyed pseudonyms of name, date of birth and one document together, one per document of the person.
cleared_identities = Table(
    "cleared_identities",
    metadata,
    Column("identity", BigInteger, primary_key=True, autoincrement=False),
    Column("holder", String, primary_key=True),
    Column("key_id", String, ForeignKey("store_keys.id"), nullable=False),
    sqlite_with_rowid=False,
)
Index("cleared_identities_of_holder", cleared_identities.c.holder)

# A redress number, keyed, and when it was entered: the latest record of a number counts.
redress_numbers = Table(
    "redress_numbers",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("key_id", String, ForeignKey("store_keys.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("redress_numbers_number", redress_numbers.c.number, redress_numbers.c.id)

# How far travellers under way were screened again against lookouts that came up; without an end: to be gone on with.
rescreens = Table(
    "rescreens",
    metadata,
    Column("id", String, primary_key=True),
    Column("snapshot_hash", String, nullable=False),
    Column("lookouts", Text, nullable=False),  # JSON list of [source, entry_id]
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("active_until", Instant),  # of the last screening that was looked through
    Column("screening_id", String),
    Column("travellers", BigInteger, nullable=False),
    Column("referred", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Every version of a lookout made here, appended; a removal is one, and shows the content of the version before. Revisions
# count all changes, so that who has read up to one knows what is missing.
lookouts = Table(
    "lookouts",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("officer", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("category", String, nullable=False),
    Column("action", String, nullable=False),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("content_id", BigInteger, ForeignKey("lookout_contents.id"), nullable=False),
    Column("superseded_at", Instant),
    CheckConstraint("valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until", name="valid_for_a_while"),
)
Index(
    "one_current_version",
    lookouts.c.entry_id,
    unique=True,
    sqlite_where=lookouts.c.superseded_at.is_(None),
    postgresql_where=lookouts.c.superseded_at.is_(None),
)
Index("lookouts_history", lookouts.c.entry_id, lookouts.c.revision)

# Whom a lookout is about: personal data under the lookout's own validity, not under a traveller's departure.
lookout_contents = Table(
    "lookout_contents",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # the revision that made it
    Column("names", Text, nullable=False),  # folded, for the officers' search
    Column("content", LargeBinary, nullable=False),  # canonical JSON
)

# One row per journey of whatever the pseudonym stands for. A pseudonym holds its kind, so the index begins with it.
history_events = Table(
    "history_events",
    metadata,
    Column("pseudonym", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),  # departure_at
    Column("flight", BigInteger, primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),  # 0: not known
    Column("booking", BigInteger, primary_key=True, autoincrement=False),  # 0: none
    Column("kind", String, nullable=False),
    sqlite_with_rowid=False,
)

# The outbox: what others are told after the commit, in order.
events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", Text, nullable=False),  # canonical JSON without personal data
    sqlite_autoincrement=True,
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("writer", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", Text, nullable=False),  # canonical JSON: commitments, never personal data
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    sqlite_with_rowid=False,
)
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("writer", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
    sqlite_with_rowid=False,
)
