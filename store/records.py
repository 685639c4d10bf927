"""What the store takes and gives: plain frozen values. Frames have the columns of the room that makes them."""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from manifests.frames import Manifest
from manifests.vocabulary import PSEUDONYM_KINDS

# The travel history: one row per journey of whatever the pseudonym stands for.
EVENTS: dict[str, pl.DataType] = {
    "kind": PSEUDONYM_KINDS,
    "pseudonym": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),  # departure_at
    "person": pl.Int64(),  # pseudonym of the traveller, where known
    "booking": pl.Int64(),  # key of the booking, where there is one
    "flight": pl.Int64(),  # key of the flight
}
# What a carrier is told, one row per traveller in the order of the request. ref: the carrier's; reference: ours.
ANSWERS: dict[str, pl.DataType] = {
    "traveller": pl.UInt32(),
    "ref": pl.String(),
    "reference": pl.String(),
    "directive": pl.String(),  # of vocabulary.DIRECTIVES
    "entry_authorisation": pl.String(),
    "decide_by": pl.Datetime("us", "UTC"),
    "telephone": pl.String(),
}


@dataclass(frozen=True)
class Hashes:
    """Content hashes of everything that made a screening; `model` is None where none was in use."""

    snapshot: str
    pack: str
    policy: str
    model: str | None
    code: str


@dataclass(frozen=True, kw_only=True)
class StoredScreening:
    """One manifest as screened: all that replay needs and what came of it. A commit and a read give the same frames.

    Frames refer to `manifest` by `traveller`; `draws` is Float64 per traveller; `risks` is None without a model.
    `decisions` is one row per traveller in order, its `directive` an ENGINE_DIRECTIVES column.
    """

    id: str  # from `ids.Ids`
    submitter: str
    request_id: str  # unique per submitter: a retry with the same body_digest gets the first answer
    body_digest: str
    received_at: datetime  # UTC, as all times
    clock: datetime  # the time the pipeline was given
    manifest: Manifest
    history: pl.DataFrame  # HISTORY: traveller and history columns
    features: pl.DataFrame
    matches: pl.DataFrame
    hits: pl.DataFrame
    risks: pl.DataFrame | None
    decisions: pl.DataFrame
    draws: pl.Series
    hashes: Hashes
    degraded: tuple[str, ...] = ()
    clearances: pl.DataFrame | None = None  # what its travellers were cleared of then; None: nobody of anything
    redress: pl.DataFrame | None = None  # what the redress numbers said then; None: nobody gave one
    lost: pl.DataFrame | None = None  # which documents were reported lost, without numbers; None: there was no such list


@dataclass(frozen=True)
class Again:
    """That a manifest is screened again because lookouts came up: the screening that it was answered with, and the rows of
    the travellers whom those concern. Only theirs are referrals, urgent ones; no directive changes."""

    screening_id: str
    rows: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Screening(StoredScreening):
    """What `Store.commit` takes: a screening and the keys under which its journeys are remembered.

    `pseudonyms`, `flight_keys` and `booking_keys` come from `manifests.pseudonyms` under `Store.keys.pseudonyms`;
    `events` has the columns of EVENTS (rows without `at` are not remembered).
    """

    pseudonyms: pl.DataFrame
    flight_keys: pl.Series
    booking_keys: pl.Series
    events: pl.DataFrame
    again: Again | None = None


@dataclass(frozen=True)
class Answered:
    """The answer to a request as it was first given: `answers` has the columns of ANSWERS."""

    screening_id: str
    body_digest: str
    answers: pl.DataFrame
    degraded: tuple[str, ...] = ()
    first: bool = True  # False: a retry, nothing was written


# Clearances in force, one row per identity that was asked for and clearance of it.
CLEARED: dict[str, pl.DataType] = {
    "identity": pl.Int64(),
    "source": pl.String(),
    "entry_id": pl.String(),
    "lookout": pl.String(),  # digest of what identifies the listed person
    "clearance": pl.String(),
    "holder": pl.String(),  # the decision or the redress record that it comes from
    "origin": pl.String(),  # decision, redress
}


@dataclass(frozen=True)
class Lookout:
    """One lookout as it stands; `lookout`: digest of what identifies the listed person."""

    source: str
    entry_id: str
    lookout: str


@dataclass(frozen=True)
class Clears:
    """What an officer clears a person of. `identities`: of `manifests.pseudonyms.identity_keys` under `Store.key`."""

    identities: tuple[int, ...]
    lookouts: tuple[Lookout, ...]
    expires_at: datetime


@dataclass(frozen=True)
class RedressRecord:
    """Whom a redress number was given to, by keys of `manifests.pseudonyms.identity_keys`."""

    id: str
    identities: frozenset[int]


@dataclass(frozen=True)
class Clearance:
    """One clearance as officers see it. `redress_id` and `redress_number`: where it comes from a number, else `referral_id`."""

    id: str
    origin: str  # decision, redress
    referral_id: str | None
    redress_id: str | None
    redress_number: str | None
    source: str
    entry_id: str
    officer: str
    purpose: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True)
class ClearancePage:
    clearances: tuple[Clearance, ...]
    next_page_token: str  # empty: this was the last page


@dataclass(frozen=True)
class Directive:
    """What is in force now for one traveller of a submitter. `revision` counts changes from 0."""

    reference: str
    ref: str | None
    directive: str
    entry_authorisation: str
    decide_by: datetime | None
    telephone: str | None
    revision: int


@dataclass(frozen=True)
class Reason:
    code: str  # lookout:<source>:<entry>, scenario:<id>, lost_document:<tag>, control, model
    en: str
    fr: str
    log_odds: float


@dataclass(frozen=True)
class Flight:
    carrier: str | None
    number: str | None
    departure: str | None
    arrival: str | None
    departure_at: datetime | None


@dataclass(frozen=True)
class ReferralSummary:
    """One line of the officers' queue. `directive` is in force now; reasons are those of every screening it gathered."""

    id: str
    reference: str  # of the traveller's latest screening
    kind: str
    status: str
    lane: str
    priority: float  # log-odds; orders the queue, nothing else
    departure_at: datetime  # orders the queue; the time of receipt where the flight's is unknown
    flight: Flight
    directive: str
    decide_by: datetime | None
    telephone: str | None
    reasons: tuple[Reason, ...]
    urgent: bool = False  # a lookout came up after the traveller was screened


@dataclass(frozen=True)
class ReferralPage:
    referrals: tuple[ReferralSummary, ...]
    next_page_token: str  # empty: this was the last page


@dataclass(frozen=True)
class Decision:
    """One officer's decision. Not `effective`: it waits for a second officer. `directive`: what it put in force, if anything."""

    id: str
    officer: str
    purpose: str
    decided_at: datetime
    disposition: str
    reason: str
    legal_basis: str | None
    effective: bool
    directive: str | None
    confirms: str | None  # the decision of the first officer
    claims_right_of_entry: bool  # said with this decision or an earlier one


@dataclass(frozen=True)
class Referral:
    """One referral whole: the person, the evidence for and against, the decisions, oldest first.

    `manifest` holds the one traveller (row 0) with documents and booking; `matches` and `hits` are rows of the
    screenings gathered, `traveller` 0.
    """

    summary: ReferralSummary
    screening_id: str
    manifest: Manifest
    matches: pl.DataFrame
    hits: pl.DataFrame
    decisions: tuple[Decision, ...]
    hashes: Hashes
    lost: pl.DataFrame | None = None  # of its documents, those reported lost or stolen; None: there was no list


@dataclass(frozen=True)
class Decided:
    """What a decision did. `status` of the referral and the `directive` in force after it."""

    decision_id: str
    status: str
    directive: str
    effective: bool
    changed: bool = field(default=False)  # whether the directive in force changed: the carrier is told only then
    clearances: tuple[str, ...] = ()  # that it made


def reference_of(screening_id: str, row: int) -> str:
    """Our reference of one traveller's screening: 01890a5d-….17"""
    return f"{screening_id}.{row}"


def parse_reference(reference: str) -> tuple[str, int] | None:
    """The screening and row of a reference; None if it is none of ours."""
    screening_id, point, row = reference.rpartition(".")
    return (screening_id, int(row)) if point and row.isascii() and row.isdigit() and len(row) < 8 else None
