"""How well and how fast names are matched: recall of the index, quality against lists, speed beside rapidfuzz."""

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.report import measurement, spread
from manifests.names import fold
from watchlists import candidates, kernels, queries, score, snapshot
from watchlists.countries import alpha3
from watchlists.lookouts import LOOKOUTS, Imported
from watchlists.sources import generic_csv, ofac, un

NO_DOCUMENTS: Final = pl.DataFrame(schema={"row": pl.UInt32, "type": pl.String, "number": pl.String, "issuer": pl.String})
_DEFAULTS: Final = generic_csv.Defaults("benchmark", "measurement", "sanctions", None)
_SEED: Final = 20_260
_RESAMPLES: Final = 400
_FLOOR: Final = 7.0  # the lowest match_floor of the shipped policies


@dataclass(frozen=True)
class Passengers:
    """Passengers with the truth: the listed entry's id, or null."""

    frame: pl.DataFrame  # name, dob (canonical or null), nationality (alpha-3 or null), truth_id, related, category

    def queries(self, snap: snapshot.Snapshot, *, with_dob: bool, with_country: bool) -> queries.Queries:
        nothing = pl.Series([None] * self.frame.height, dtype=pl.String)
        return queries.of_columns(
            snap.frequencies,
            nothing,
            self.frame["name"],
            self.frame["dob"] if with_dob else nothing,
            self.frame["nationality"] if with_country else nothing,
        )


def passengers(data: Path, drawn: int = 40_000) -> Passengers:
    """The passengers of names/queries.csv and `drawn` unrelated ones of the synthetic persons, by a fixed seed."""
    columns = ["name", "dob", "nationality", "truth_id", "related", "category"]
    known = pl.read_csv(data / "names" / "queries.csv", schema_overrides={"dob": pl.String})
    unrelated = pl.read_parquet(data / "names" / "synthetic_names_500k.parquet").sample(drawn, seed=_SEED)
    unrelated = unrelated.select(
        name=pl.col("given") + " " + pl.col("surname"),
        dob="dob",
        nationality="country",
        truth_id=pl.lit(None, pl.String),
        related=pl.lit(None, pl.Int64),
        category=pl.lit("neg_synthetic"),
    )
    frame = pl.concat([known.select(columns), unrelated.select(columns)])
    codes = {code: alpha3(code) for code in frame["nationality"].drop_nulls().unique()}
    return Passengers(frame.with_columns(pl.col("nationality").replace_strict(codes, default=None, return_dtype=pl.String)))


def best_scores(snap: snapshot.Snapshot, people: Passengers, *, with_dob: bool, with_country: bool) -> pl.DataFrame:
    """`people` with `own`, the log-odds of the true entry, and `best`, of any entry; -inf where there is none."""
    asked = people.queries(snap, with_dob=with_dob, with_country=with_country)
    pairs = candidates.candidates(snap.segments[0], asked, NO_DOCUMENTS, score.NAME_FLOOR - 20.0)
    found = pl.DataFrame({"row": pairs.query, "entry": pairs.entry, "log_odds": pairs.log_odds}).join(
        snap.entries.select("entry", "entry_id"), on="entry"
    )
    frame = people.frame.with_row_index("row")
    best = found.group_by("row").agg(best=pl.col("log_odds").max())
    own = found.join(frame.select("row", "truth_id"), on="row").filter(pl.col("entry_id") == pl.col("truth_id"))
    return (
        frame.join(best, on="row", how="left")
        .join(own.group_by("row").agg(own=pl.col("log_odds").max()), on="row", how="left")
        .with_columns(pl.col("best", "own").fill_null(-np.inf))
    )


def recall_at(scores: pl.DataFrame, alerts: float) -> tuple[float, float, NDArray[np.bool_]]:
    """Threshold at which at most `alerts` of the unrelated raise any alert, recall of related true ones, and which."""
    unrelated = np.sort(scores.filter(pl.col("truth_id").is_null())["best"].to_numpy())[::-1]
    threshold = float(unrelated[int(alerts * unrelated.size)])
    own = scores.filter(pl.col("related") == 1)["own"].to_numpy()
    return threshold, float((own > threshold).mean()), own > threshold


def build(folder: Path, data: Path, kind: str) -> snapshot.Snapshot:
    """A snapshot of `names` (names/watchlist.csv) or `lists` (the real lists)."""
    if kind == "names":
        return snapshot.replace(folder, generic_csv.read(data / "names" / "watchlist.csv", _DEFAULTS))
    lists = data / "lists"
    return snapshot.replace(
        folder, [ofac.read([lists / "ofac_sdn.csv", lists / "ofac_alt.csv"]), un.read(lists / "un_consolidated.xml")]
    )


def names_quality(data: Path) -> list[dict[str, Any]]:
    """Recall of related true passengers at 1 alert per 100 and per 1,000 unrelated ones, names/watchlist.csv scored whole.

    Names only, then with date of birth and nationality. `interval` is the bootstrap's 95 % interval, resampling true and
    unrelated passengers; `verdict` is of its lower bound at the targets of the design.
    """
    people = passengers(data)
    rows = []
    with TemporaryDirectory() as folder:
        snap = build(Path(folder) / "snapshot", data, "names")
        for label, both in (("names", False), ("dob_country", True)):
            start = time.process_time()
            scores = best_scores(snap, people, with_dob=both, with_country=both)
            cpu = (time.process_time() - start) * 1e3
            for alerts in (0.01, 0.001):
                _, recall, _ = recall_at(scores, alerts)
                low, high = _interval(scores, alerts)
                target = {("names", 0.01): 0.90, ("dob_country", 0.01): 0.975, ("dob_country", 0.001): 0.95}.get((label, alerts))
                rows.append(
                    measurement(
                        f"names-quality/{label}/{alerts:g}",
                        n=people.frame.height,
                        value=recall,
                        unit="recall",
                        met=None if target is None else low >= target,
                        target=target,
                        cpu_ms=cpu / people.frame.height,
                        interval=[round(low, 3), round(high, 3)],
                    )
                )
    return rows


def _interval(scores: pl.DataFrame, alerts: float) -> tuple[float, float]:
    generator = np.random.default_rng(_SEED)
    unrelated = scores.filter(pl.col("truth_id").is_null())["best"].to_numpy()
    own = scores.filter(pl.col("related") == 1)["own"].to_numpy()
    rank = unrelated.size - 1 - int(alerts * unrelated.size)
    recalls = []
    for _ in range(_RESAMPLES):
        threshold = np.partition(generator.choice(unrelated, unrelated.size), rank)[rank]
        recalls.append(float((generator.choice(own, own.size) > threshold).mean()))
    return float(np.quantile(recalls, 0.025)), float(np.quantile(recalls, 0.975))


def names_recall(data: Path, n: int = 1_000, floor: float = 7.0) -> list[dict[str, Any]]:
    """Share of pairs that the index finds, of all whose name log-odds reach `floor` when scored exhaustively; real lists."""
    people = passengers(data, 0).frame.filter(pl.col("truth_id").is_not_null()).sample(n, seed=_SEED)
    with TemporaryDirectory() as folder:
        snap = build(Path(folder) / "snapshot", data, "lists")
        listed = snap.segments[0].listed
        asked = Passengers(people).queries(snap, with_dob=False, with_country=False)
        start = time.process_time()
        query, _, name, _ = candidates.named(snap.segments[0], asked, candidates.needs(asked, floor))
        cpu = (time.process_time() - start) * 1e3
        found = set(zip(query.tolist(), name.tolist(), strict=True))
        strong = np.flatnonzero(~listed.name_weak).astype(np.uint32)
        wanted: set[tuple[int, int]] = set()
        for row in range(n):
            odds = kernels.score_pairs(
                np.full(strong.size, row, np.uint32),
                asked.tokenised.names,
                asked.tokenised.tokens,
                asked.cut,
                strong,
                listed.names,
                listed.tokens,
                score.names(),
            )
            wanted.update((row, name) for name in strong[odds >= floor].tolist())
    recall = len(found & wanted) / max(len(wanted), 1)
    return [
        measurement(
            "names-recall",
            n=n,
            value=recall,
            unit="recall",
            met=recall >= 0.99,
            target=0.99,
            cpu_ms=cpu / n,
            note=f"{len(wanted) / n:.1f} pairs a query with name log-odds of {floor:g} or more",
        )
    ]


def names_speed(data: Path, names: int | None = None, n: int = 300, rounds: int = 5) -> list[dict[str, Any]]:
    """CPU-milliseconds to match `n` passengers, against the real lists or `names` synthetic ones, beside rapidfuzz cdist.

    cdist: JaroWinkler.normalized_similarity over folded names, one worker, float32, in batches of 100 passengers. The
    value is the median of `rounds`; `floor` is cdist's CPU time.
    """
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    people = Passengers(passengers(data, n).frame.tail(n))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot"
        snap = build(path, data, "lists") if names is None else snapshot.replace(path, [_synthetic(data, names)])
        folded = fold(snap.segments[0].frames.names["name"]).to_list()
        costs = []
        for round_ in range(rounds + 1):  # the first warms
            start = time.process_time()
            asked = people.queries(snap, with_dob=True, with_country=True)
            candidates.candidates(snap.segments[0], asked, NO_DOCUMENTS, _FLOOR)
            if round_:
                costs.append((time.process_time() - start) * 1e3)
        queried = fold(people.frame["name"]).to_list()
        start = time.process_time()
        for first in range(0, n, 100):
            cdist(queried[first : first + 100], folded, scorer=JaroWinkler.normalized_similarity, workers=1, dtype=np.float32)
        peer = (time.process_time() - start) * 1e3
    ours = float(np.median(costs))
    label = "lists" if names is None else f"{names // 1000}k"
    return [
        measurement(
            f"names-speed/{label}",
            n=rounds,
            value=ours,
            unit=f"CPU-ms for {n} passengers",
            met=None,
            floor=peer,
            cpu_ms=ours,
            spread=spread(costs),
        )
    ]


def _synthetic(data: Path, names: int) -> Imported:
    """A list of invented persons."""
    people = pl.read_parquet(data / "names" / "synthetic_names_500k.parquet").head(names)
    codes = {code: alpha3(code) for code in people["country"].drop_nulls().unique()}
    nothing = pl.lit([], pl.List(pl.String))
    lookouts = people.select(
        entry_id="id",
        source=pl.lit("synthetic"),
        name=pl.col("surname") + ", " + pl.col("given"),
        aliases=nothing,
        weak_aliases=nothing,
        dobs=pl.concat_list("dob").list.drop_nulls(),
        countries=pl.concat_list(pl.col("country").replace_strict(codes, default=None, return_dtype=pl.String)).list.drop_nulls(),
        birthplaces=nothing,
        documents=pl.lit([], LOOKOUTS["documents"]),
        authority=pl.lit("benchmark"),
        purpose=pl.lit("measurement"),
        category=pl.lit("sanctions", LOOKOUTS["category"]),
        action=pl.lit("notify_owner", LOOKOUTS["action"]),
        valid_from=pl.lit(None, LOOKOUTS["valid_from"]),
        valid_until=pl.lit(None, LOOKOUTS["valid_until"]),
    )
    return Imported("synthetic", lookouts, ())
