"""Our matcher as the benchmark calls it: through the functions that the product itself uses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.names.data import Passengers, alpha_3
from benchmarks.names.measures import SEED, Claims, Floats
from scoring import policy
from watchlists import candidates, kernels, match, queries, score, snapshot
from watchlists import pairs as scored_pairs
from watchlists.lookouts import LOOKOUTS, Imported
from watchlists.sources import generic_csv, ofac, un

NO_DOCUMENTS: Final = pl.DataFrame(schema={"row": pl.UInt32, "type": pl.String, "number": pl.String, "issuer": pl.String})
_DEFAULTS: Final = generic_csv.Defaults("benchmark", "measurement", "sanctions", None)
_POLICIES: Final = ("demo", "standard", "ca", "eu")
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
# Passengers that are matched at once: evidence of every pair would otherwise stand in memory at the same time.
_BATCH: Final = 2_000


def build(folder: Path, data: Path, kind: str) -> snapshot.Snapshot:
    """A snapshot of `names` (names/watchlist.csv) or `lists` (the real lists)."""
    if kind == "names":
        return snapshot.replace(folder, generic_csv.read(data / "names" / "watchlist.csv", _DEFAULTS))
    return snapshot.replace(folder, lists(data))


def lists(data: Path) -> list[Imported]:
    """The real lists."""
    folder = data / "lists"
    return [ofac.read([folder / "ofac_sdn.csv", folder / "ofac_alt.csv"]), un.read(folder / "un_consolidated.xml")]


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


def found_pairs(snap: snapshot.Snapshot, people: Passengers, floor: float) -> pl.DataFrame:
    """row (of people), name (of all strong names of the list, numbered): what the index finds with name log-odds of `floor`."""
    every = asked(snap, people, with_dob=False, with_country=False)
    found, first = [], 0
    for segment in snap.segments:
        query, _, name, odds = candidates.named(segment, every, candidates.needs(every, floor))
        found.append(pl.DataFrame({"row": query, "name": name.astype(np.int64) + first}).filter(pl.Series(odds >= floor)))
        first += segment.listed.name_weak.size
    return pl.concat(found)


def strong_names(snap: snapshot.Snapshot) -> int:
    return sum(int((~segment.listed.name_weak).sum()) for segment in snap.segments)


def exhaustive_pairs(snap: snapshot.Snapshot, people: Passengers, floor: float, share: float) -> pl.DataFrame:
    """As `found_pairs`, of every strong name scored; of a `share` of them where that is below 1, drawn for each query."""
    every = asked(snap, people, with_dob=False, with_country=False)
    draw = np.random.default_rng(SEED)
    found, first = [], 0
    for segment in snap.segments:
        listed = segment.listed
        strong = np.flatnonzero(~listed.name_weak).astype(np.uint32)
        for row in range(people.frame.height):
            scored = strong if share >= 1 else strong[draw.random(strong.size) < share]
            odds = kernels.score_pairs(
                np.full(scored.size, row, np.uint32),
                every.tokenised.names,
                every.tokenised.tokens,
                every.cut,
                scored,
                listed.names,
                listed.tokens,
                score.names(),
            )
            names = scored[odds >= floor].astype(np.int64) + first
            found.append(pl.DataFrame({"row": np.full(names.size, row, np.uint32), "name": names}))
        first += listed.name_weak.size
    return pl.concat(found)


def matched_pairs(snap: snapshot.Snapshot, people: Passengers, floor: float) -> None:
    """Pairs found and scored, from columns on, and nothing more."""
    every = asked(snap, people, with_dob=True, with_country=True)
    for segment in snap.segments:
        candidates.candidates(segment, every, NO_DOCUMENTS, floor)


def whole_match(snap: snapshot.Snapshot, people: Passengers, floor: float) -> pl.DataFrame:
    """What the product does for a manifest: matches with evidence and probability."""
    rows = pl.Series(np.arange(people.frame.height, dtype=np.uint32))
    every = asked(snap, people, with_dob=True, with_country=True)
    return match.match_queries(snap, every, rows, NO_DOCUMENTS, {"default": 100.0}, floor, _AT)


def claims(snap: snapshot.Snapshot, people: Passengers, prior: Mapping[str, float], floor: float) -> Claims:
    """Every pair with log-odds of at least `floor` and the probability that the product claims for it."""
    found = []
    for first in range(0, people.frame.height, _BATCH):
        batch = Passengers(people.frame.slice(first, _BATCH))
        rows = pl.Series(np.arange(first, first + batch.frame.height, dtype=np.uint32))
        every = asked(snap, batch, with_dob=True, with_country=True)
        matches = match.match_queries(snap, every, rows, NO_DOCUMENTS, prior, floor, _AT)
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
