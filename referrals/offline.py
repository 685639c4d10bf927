"""Screening without a store: files against a snapshot, as an analyst or a tester does. Nothing is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from features import history as travel_history
from manifests.errors import InputError
from manifests.frames import Manifest, split
from manifests.pseudonyms import PSEUDONYMS
from referrals.engine import Parts
from scoring import pipeline
from scoring.insufficient import faults_of


@dataclass(frozen=True)
class OfflineScreening:
    """What was found in a manifest, frames by its `traveller`, as in `scoring.pipeline.Screened`. `faults`: those of the
    manifest and what the policy asks for and was not sent; `degraded`: sources that were out."""

    matches: pl.DataFrame
    lost: pl.DataFrame | None
    hits: pl.DataFrame
    risks: pl.DataFrame | None
    decisions: pl.DataFrame
    faults: pl.DataFrame
    degraded: tuple[str, ...]


def screen_offline(manifest: Manifest, parts: Parts, at: datetime | None = None) -> OfflineScreening:
    """Screen a manifest of any number of flights; `at` None: each flight as of its departure (now where unknown).

    There is no travel history, so its features are unknown, and no control sample is drawn. Raises InputError where
    there is no flight.
    """
    if manifest.flights.is_empty():
        raise InputError("flights: there is none: give at least one flight with its travellers")
    frames: dict[str, list[pl.DataFrame]] = {"matches": [], "lost": [], "hits": [], "risks": [], "decisions": []}
    degraded: dict[str, None] = {}
    for flight, part in zip(manifest.flights["flight"], split(manifest), strict=True):
        screened = _screen_flight(part, parts, at)
        rows = manifest.travellers.filter(pl.col("flight") == flight)["traveller"]
        for name, found in frames.items():
            frame = getattr(screened, name)
            if frame is not None:
                found.append(frame.with_columns(rows.gather(frame["traveller"])))
        degraded |= dict.fromkeys(screened.degraded)
    return OfflineScreening(
        matches=pl.concat(frames["matches"]),
        lost=pl.concat(frames["lost"]) if frames["lost"] else None,
        hits=pl.concat(frames["hits"]),
        risks=pl.concat(frames["risks"]) if frames["risks"] else None,
        decisions=pl.concat(frames["decisions"]),
        faults=faults_of(parts.policy.insufficient_when, manifest),
        degraded=tuple(degraded),
    )


def _screen_flight(flight: Manifest, parts: Parts, at: datetime | None) -> pipeline.Screened:
    departs: datetime | None = flight.flights["departure_at"][0]
    nobody = pl.DataFrame(schema=PSEUDONYMS)
    no_keys = pl.Series([None] * flight.bookings.height, dtype=pl.Int64)
    unknown = travel_history.history(flight, nobody, pl.Series([0], dtype=pl.Int64), no_keys, travel_history.empty())
    return pipeline.screen(
        flight,
        unknown,
        pl.Series("draw", [1.0] * flight.travellers.height, pl.Float64),  # nobody is drawn
        snapshot=parts.snapshot,
        pack=parts.pack,
        model=parts.model,
        policy=parts.policy,
        at=at or departs or datetime.now(UTC),
    )
