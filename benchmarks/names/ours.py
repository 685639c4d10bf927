"""Our matcher as the benchmark calls it: through the functions that the product itself uses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.names.data import Passengers, alpha_3
from benchmarks.names.measures import Claims, Floats
from scoring import policy
from watchlists import candidates, match, queries, score, snapshot
from watchlists import pairs as scored_pairs
from watchlists.lookouts import LOOKOUTS, Imported
from watchlists.sources import generic_csv, ofac, un

NO_DOCUMENTS: Final = pl.DataFrame(schema={"row": pl.UInt32, "type": pl.String, "number": pl.String, "issuer": pl.String})
_DEFAULTS: Final = generic_csv.Defaults("benchmark", "measurement", "sanctions", None)
_POLICIES: Final = ("demo", "standard", "ca", "eu")
# Passengers that are matched at once: evidence of every pair would otherwise stand in memory at the same time.
_BATCH: Final = 2_000


def build(folder: Path, data: Path, kind: str) -> snapshot.Snapshot:
    """A snapshot of `names` (names/watchlist.csv) or `lists` (the real lists)."""
    if kind == "names":
        return snapshot.replace(folder, generic_csv.read(data / "names" / "watchlist.csv", _DEFAULTS))
    lists = data / "lists"
    return snapshot.replace(
        folder, [ofac.read([lists / "ofac_sdn.csv", lists / "ofac_alt.csv"]), un.read(lists / "un_consolidated.xml")]
    )


def imported(people: pl.DataFrame, source: str = "synthetic") -> Imported:
    """A list of persons: id, surname, given, dob (canonical or null), country (any code or null)."""
    given = {
        "entry_id": pl.col("id"),
        "source": pl.lit(source),
        "name": pl.col("surname") + ", " + pl.col("given"),
        "dobs": pl.concat_list("dob").list.drop_nulls(),
        "countries": pl.concat_list(alpha_3("country")).list.drop_nulls(),
        "authority": pl.lit("benchmark"),
        "purpose": pl.lit("measurement"),
        "category": pl.lit("sanctions"),
        "action": pl.lit("notify_owner"),
    }
    empty = {column: pl.lit([] if isinstance(dtype, pl.List) else None, dtype) for column, dtype in LOOKOUTS.items()}
    lookouts = people.select(**{column: given.get(column, empty[column]) for column in LOOKOUTS}).cast(LOOKOUTS)
    return Imported(source, lookouts, ())


def asked(snap: snapshot.Snapshot, people: Passengers, *, with_dob: bool, with_country: bool) -> queries.Queries:
    """Passengers as the matcher reads them, their whole name in one field: as a carrier sends it that does not split it."""
    nothing = pl.Series([None] * people.frame.height, dtype=pl.String)
    return queries.of_columns(
        snap.frequencies,
        nothing,
        people.frame["name"],
        people.frame["dob"] if with_dob else nothing,
        people.frame["nationality"] if with_country else nothing,
    )


def best_scores(snap: snapshot.Snapshot, people: Passengers, *, with_dob: bool, with_country: bool) -> pl.DataFrame:
    """`people` with `own`, the log-odds of the true entry, and `best`, of any entry; -inf where there is none."""
    every = asked(snap, people, with_dob=with_dob, with_country=with_country)
    found = []
    for segment in snap.segments:
        pairs = candidates.candidates(segment, every, NO_DOCUMENTS, score.NAME_FLOOR - 20.0)
        ids = segment.entries["entry_id"].gather(pairs.entry)
        found.append(pl.DataFrame({"row": pairs.query, "entry_id": ids, "log_odds": pairs.log_odds}))
    scored = pl.concat(found)
    frame = people.frame.with_row_index("row")
    best = scored.group_by("row").agg(best=pl.col("log_odds").max())
    own = scored.join(frame.select("row", "truth_id"), on="row").filter(pl.col("entry_id") == pl.col("truth_id"))
    return (
        frame.join(best, on="row", how="left")
        .join(own.group_by("row").agg(own=pl.col("log_odds").max()), on="row", how="left")
        .with_columns(pl.col("best", "own").fill_null(-np.inf))
        .sort("row")
    )


def claims(snap: snapshot.Snapshot, people: Passengers, prior: Mapping[str, float], floor: float) -> Claims:
    """Every pair with log-odds of at least `floor` and the probability that the product claims for it."""
    found = []
    for first in range(0, people.frame.height, _BATCH):
        batch = Passengers(people.frame.slice(first, _BATCH))
        rows = pl.Series(np.arange(first, first + batch.frame.height, dtype=np.uint32))
        every = asked(snap, batch, with_dob=True, with_country=True)
        matches = match.match_queries(snap, every, rows, NO_DOCUMENTS, prior, floor, datetime(2026, 1, 1, tzinfo=UTC))
        found.append(matches.select("traveller", "entry_id", "probability"))
    pairs = pl.concat(found).join(
        people.frame.select("truth_id").with_row_index("traveller"), on="traveller", how="left", maintain_order="left"
    )
    return Claims(
        pairs["traveller"].cast(pl.Int64).to_numpy(),
        pairs["probability"].to_numpy(),
        pairs.select((pl.col("entry_id") == pl.col("truth_id")).fill_null(False)).to_series().to_numpy(),
    )


def pair_scores(pairs: pl.DataFrame) -> Floats:
    """Log-odds of left_name and right_name."""
    nothing = pl.lit(None, pl.String)
    left, right = (pairs.select(name=f"{side}_name", dob=nothing, country=nothing) for side in ("left", "right"))
    return scored_pairs.score_pairs(left, right)


def lowest_floor() -> float:
    """The lowest log-odds that any shipped policy still calls a match."""
    return min(policy.load(name).match_floor for name in _POLICIES)
