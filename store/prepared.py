"""From a screening to its rows: all that needs no database, done in the caller's thread."""

import hashlib
import json
from dataclasses import dataclass
from hmac import digest
from typing import Any

import polars as pl

from manifests.pseudonyms import presented_keys, traveller_keys
from manifests.vocabulary import ENGINE_DIRECTIVES
from store.blob import pack
from store.identity import active_until, departures, flight_legs, identity_rows, severed
from store.keys import Key
from store.records import ANSWERS, Screening, reference_of
from store.schema import to_micros


@dataclass(frozen=True)
class Wanted:
    """A referral that the engine asks for."""

    row: int
    kind: str
    lane: str
    priority: float
    codes: frozenset[str]


@dataclass(frozen=True)
class Prepared:
    """A screening as rows, all but what depends on what is stored already."""

    screening: Screening
    key: Key
    screening_row: tuple[Any, ...]
    identity_rows: list[tuple[Any, ...]]
    history_rows: list[tuple[Any, ...]]
    flight_of: list[int]  # by traveller
    flight_keys: list[int]
    traveller_keys: list[int]
    presented_keys: list[int]
    departures: list[int]  # by flight
    answers: pl.DataFrame  # ANSWERS, as the engine decided
    wanted: list[Wanted]
    commitment: dict[str, Any]
    suppressed: list[dict[str, Any]]  # matches that a clearance kept from acting


def prepare(screening: Screening, key: Key) -> Prepared:
    """The rows of a screening. Raises ValueError when its frames do not fit each other or hold what no engine may say."""
    manifest, decided = screening.manifest, screening.decisions
    if decided.height != manifest.travellers.height or screening.draws.len() != decided.height:
        raise ValueError("decisions and draws must have one row per traveller")
    if decided.schema["directive"] != ENGINE_DIRECTIVES:
        raise ValueError("decisions.directive must be of ENGINE_DIRECTIVES: only an officer's decision holds more")
    matches, decisions_frame = severed(screening)
    frames = {
        "flights": manifest.flights,
        "flight_legs": flight_legs(manifest),
        "history": screening.history,
        "features": screening.features,
        "matches": matches,
        "hits": screening.hits,
        "decisions": decisions_frame,
        "draws": screening.draws.to_frame(),
    }
    optional = {
        "risks": screening.risks,
        "clearances": screening.clearances,
        "redress": screening.redress,
        "lost": screening.lost,
    }
    frames |= {name: frame for name, frame in optional.items() if frame is not None}
    blob = pack(frames)
    keys = traveller_keys(manifest, screening.pseudonyms, key.pseudonyms)
    at = departures(screening)
    rows = identity_rows(screening)
    hashes = screening.hashes
    received = to_micros(screening.received_at)
    return Prepared(
        screening=screening,
        key=key,
        screening_row=(
            screening.id,
            screening.submitter,
            screening.request_id,
            screening.body_digest,
            received,
            to_micros(screening.clock),
            max(at, default=received),
            active_until(screening),
            "pnr" if manifest.bookings.height else "api",
            key.id,
            hashes.snapshot,
            hashes.pack,
            hashes.policy,
            hashes.model,
            hashes.code,
            json.dumps(screening.degraded),
            blob,
        ),
        identity_rows=[(screening.id, *row, key.id) for row in rows],
        history_rows=_history_rows(screening.events),
        flight_of=manifest.travellers["flight"].to_list(),
        flight_keys=screening.flight_keys.to_list(),
        traveller_keys=keys.to_list(),
        presented_keys=presented_keys(keys, screening.pseudonyms, key.pseudonyms).to_list(),
        departures=at,
        answers=decided.select(
            pl.Series("traveller", range(decided.height), pl.UInt32),
            manifest.travellers["ref"],
            pl.Series("reference", [reference_of(screening.id, row) for row in range(decided.height)], pl.String),
            *(pl.col(name).cast(ANSWERS[name]) for name in ("directive", "entry_authorisation", "decide_by", "telephone")),
        ),
        wanted=[one for one in _wanted(decided) if screening.again is None or one.row in screening.again.rows],
        suppressed=_suppressed(screening),
        commitment={
            "screening": screening.id,
            "submitter": screening.submitter,
            "body": screening.body_digest,
            "blob": hashlib.sha256(blob).hexdigest(),
            "identities": commit_to([row.content for row in rows], key),
            "snapshot": hashes.snapshot,
            "pack": hashes.pack,
            "policy": hashes.policy,
            "model": hashes.model,
            "code": hashes.code,
        },
    )


def commit_to(contents: list[bytes], key: Key) -> str:
    """A keyed digest of personal contents in their order: shows a change, and nobody can guess them from it."""
    lengths = b",".join(str(len(content)).encode() for content in contents)
    return digest(key.commitments, lengths + b";" + b"".join(contents), "sha256").hex()


def _wanted(decided: pl.DataFrame) -> list[Wanted]:
    columns = (decided[name].to_list() for name in ("kind", "lane", "priority", "reasons"))
    return [
        Wanted(row, kind, lane, priority, frozenset(reason["code"] for reason in reasons or ()))
        for row, (kind, lane, priority, reasons) in enumerate(zip(*columns, strict=True))
        if kind is not None
    ]


def _suppressed(screening: Screening) -> list[dict[str, Any]]:
    found = screening.matches.filter(pl.col("clearance").is_not_null())
    return [
        {"reference": reference_of(screening.id, row), "source": source, "entry_id": entry_id, "clearance": clearance}
        for row, source, entry_id, clearance in found.select("traveller", "source", "entry_id", "clearance").iter_rows()
    ]


def _history_rows(journeys: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of `history_events` of EVENTS; what has no time is not remembered."""
    keys = (journeys[name].to_list() for name in ("flight", "person", "booking", "kind"))
    columns = zip(journeys["pseudonym"].to_list(), journeys["at"].to_physical().to_list(), *keys, strict=True)
    return [
        (pseudonym, at, flight, person or 0, booking or 0, kind)
        for pseudonym, at, flight, person, booking, kind in columns
        if at is not None
    ]
