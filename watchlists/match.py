"""Travellers against a snapshot: candidates, evidence, log-odds, probability. A whole batch of manifests at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from watchlists import evidence, kernels, score
from watchlists.candidates import candidates
from watchlists.queries import Queries, of_travellers
from watchlists.segments import Segment
from watchlists.snapshot import Snapshot


class Matches(dy.Schema):
    """One row per traveller and lookout that may be one person; sorted by traveller, then log_odds from high to low."""

    traveller = dy.UInt32(primary_key=True)
    entry = dy.UInt32(primary_key=True)
    entry_id = dy.String()
    source = dy.String()
    lookout_name = dy.String()  # the listed name or alias that matched best
    weak = dy.Bool()  # only a weak alias carried the name; a document brought the match
    action = dy.Enum(LOOKOUT_ACTIONS.categories)
    authority = dy.String()
    purpose = dy.String()
    category = dy.Enum(CATEGORIES.categories)
    name_log_odds = dy.Float64()
    log_odds = dy.Float64()  # the sum of the evidence
    probability = dy.Float64()
    dob_agrees = dy.Bool()  # the full date is equal
    document_agrees = dy.Bool()  # the number is equal in every character, type and issuer not in conflict
    evidence = dy.List(
        dy.Struct(
            {
                "field": dy.String(),
                "traveller_value": dy.String(nullable=True),
                "lookout_value": dy.String(nullable=True),
                "log_odds": dy.Float64(),
            }
        )
    )


_NOTHING: Final = Matches.create_empty()
MATCHES: Final = _NOTHING.schema


def match(
    snapshot: Snapshot,
    travellers: pl.DataFrame,
    documents: pl.DataFrame,
    prior: Mapping[str, float],
    floor: float,
    at: datetime,
) -> pl.DataFrame:
    """MATCHES of travellers (Travellers) and their documents (Documents) with log-odds of at least `floor`.

    `prior`: expected listed travellers per million by source, "default" for the others. `at`: the instant at
    which lookouts must act, from valid_from until before valid_until. A name needs `score.NAME_FLOOR` from a strong
    name to count; a document is evidence by itself; dates and places of birth, nationalities and weak aliases only add to those.
    """
    row_of = {traveller: row for row, traveller in enumerate(travellers["traveller"].to_list())}
    rows = pl.Series("row", [row_of.get(traveller) for traveller in documents["traveller"].to_list()], pl.UInt32)
    numbered = documents.with_columns(rows)
    if rows.null_count():
        numbered = numbered.drop_nulls("row")  # documents of nobody here
    asked = of_travellers(snapshot.frequencies, travellers)
    return match_queries(snapshot, asked, travellers["traveller"], numbered, prior, floor, at)


def match_queries(
    snapshot: Snapshot,
    queries: Queries,
    travellers: pl.Series,
    documents: pl.DataFrame,
    prior: Mapping[str, float],
    floor: float,
    at: datetime,
) -> pl.DataFrame:
    """As `match`, of queries made elsewhere: `travellers` names each row, `documents` has their row, type, number, issuer."""
    parts = (_of_segment(segment, queries, travellers, documents, floor, at) for segment in snapshot.segments)
    found = [part for part in parts if part is not None]
    if not found:
        return _NOTHING.clone()
    shares = {source: prior.get(source, prior["default"]) / 1e6 for source in snapshot.sources}
    source = pl.col("source")
    return (
        pl.concat(found)
        .with_columns(
            probability=score.shared_probability(
                pl.col("log_odds"),
                source.replace_strict(shares, return_dtype=pl.Float64),
                source.replace_strict(snapshot.sources, return_dtype=pl.Float64),
                over=["traveller", "source"],
            )
        )
        .select(MATCHES.names())
        .sort("traveller", "log_odds", "entry", descending=[False, True, False])
    )


def _of_segment(
    segment: Segment, queries: Queries, travellers: pl.Series, documents: pl.DataFrame, floor: float, at: datetime
) -> pl.DataFrame | None:
    """MATCHES but `probability` with one segment of a snapshot, in no order; None where there is none."""
    pairs = candidates(segment, queries, documents, floor)
    kept = np.flatnonzero((pairs.log_odds >= floor) & ~segment.removed[pairs.entry])
    if kept.size:
        kept = kept[_in_force(segment.entries, pairs.entry[kept], at)]
    if not kept.size:
        return None
    entry, name = pairs.entry[kept], pairs.name[kept]
    found = pl.DataFrame(
        {
            "traveller": travellers.to_numpy()[pairs.query[kept]].astype(np.uint32),
            "entry": entry + np.uint32(segment.first),
            "lookout_name": segment.frames.names["name"].gather(name),
            "weak": segment.listed.name_weak[name],
            "name_log_odds": pairs.name_log_odds[kept],
            "log_odds": pairs.log_odds[kept],
            "dob_agrees": pairs.birth_level[kept] == kernels.DATE_EQUAL,
            "document_agrees": pairs.document_exact[kept],
            "evidence": evidence.column(segment, queries, pairs, kept),
        }
    )
    known = ("entry_id", "source", "action", "authority", "purpose", "category")
    return found.with_columns(segment.entries[column].gather(entry) for column in known)


def _in_force(entries: pl.DataFrame, rows: NDArray[np.uint32], at: datetime) -> NDArray[np.bool_]:
    """Which of the lookouts in these rows act at that instant."""
    acting = np.ones(rows.size, bool)
    for column, begins in (("valid_from", True), ("valid_until", False)):
        if entries[column].null_count() < entries.height:  # few lists say when
            instants = entries[column].gather(rows)
            now = instants <= at if begins else instants > at
            acting &= now.fill_null(True).to_numpy()
    return acting
