"""Travellers against a snapshot: candidates, evidence, log-odds, probability. A whole batch of manifests at once."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from watchlists import evidence, kernels, score
from watchlists.candidates import candidates
from watchlists.queries import Queries, of_travellers
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
    document_agrees = dy.Bool()  # the number is equal, type and issuer not in conflict
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


MATCHES: Final = Matches.create_empty().schema


def match(
    snapshot: Snapshot,
    travellers: pl.DataFrame,
    documents: pl.DataFrame,
    prior: Mapping[str, float],
    floor: float,
    on: date,
) -> pl.DataFrame:
    """MATCHES of travellers (Travellers) and their documents (Documents) with log-odds of at least `floor`.

    `prior`: expected listed travellers per million by source, "default" for the others. `on`: lookouts act from
    valid_from to valid_until, both inclusive. A name needs `score.NAME_FLOOR` from a strong name to count; an exact
    document is evidence by itself; dates of birth, nationalities and weak aliases only add to those.
    """
    numbered = travellers.select("traveller").with_row_index("row").join(documents, on="traveller", maintain_order="left_right")
    return match_queries(
        snapshot, of_travellers(snapshot.listed.frequencies, travellers), travellers["traveller"], numbered, prior, floor, on
    )


def match_queries(
    snapshot: Snapshot,
    queries: Queries,
    travellers: pl.Series,
    documents: pl.DataFrame,
    prior: Mapping[str, float],
    floor: float,
    on: date,
) -> pl.DataFrame:
    """As `match`, of queries made elsewhere: `travellers` names each row, `documents` has their row, type, number, issuer."""
    pairs = candidates(snapshot, queries, documents, floor)
    kept = np.flatnonzero((pairs.log_odds >= floor) & _in_force(snapshot.entries, on)[pairs.entry])
    if not kept.size:
        return pl.DataFrame(schema=MATCHES)
    entry, name = pairs.entry[kept], pairs.name[kept]
    priors = {
        source: score.prior_log_odds(prior.get(source, prior["default"]), count) for source, count in snapshot.sources.items()
    }
    found = pl.DataFrame(
        {
            "traveller": travellers.to_numpy()[pairs.query[kept]],
            "entry": entry,
            "lookout_name": snapshot.frames.names["name"].gather(name),
            "weak": snapshot.listed.name_weak[name],
            "name_log_odds": pairs.name_log_odds[kept],
            "log_odds": pairs.log_odds[kept],
            "dob_agrees": pairs.birth_level[kept] == kernels.DATE_EQUAL,
            "document_agrees": pairs.document_row[kept] >= 0,
            "evidence": evidence.rows(snapshot, queries, pairs, kept),
        }
    )
    known = snapshot.entries.select("entry_id", "source", "action", "authority", "purpose", "category")[entry]
    return (
        pl.concat([found, known], how="horizontal")
        .with_columns(
            probability=score.probability(pl.col("log_odds") + pl.col("source").replace_strict(priors, return_dtype=pl.Float64))
        )
        .select(pl.col(column).cast(dtype) for column, dtype in MATCHES.items())
        .sort("traveller", "log_odds", "entry", descending=[False, True, False])
    )


def _in_force(entries: pl.DataFrame, on: date) -> NDArray[np.bool_]:
    day = pl.lit(on)
    acting = (pl.col("valid_from") <= day).fill_null(True) & (pl.col("valid_until") >= day).fill_null(True)
    return entries.select(acting).to_series().to_numpy()
