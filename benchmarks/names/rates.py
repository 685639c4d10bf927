"""How many pairs and queries of a CSV file `forepost watchlist score` and `match` get through, reading and writing included.

Persons are invented (`data.recombined`). Of the pairs one in twenty is one person with one kind of noise, the others are two
drawn apart; both sides have date of birth and country. The wall clock counts, because both commands use all processors.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.names import data, noise, ours
from benchmarks.names.measures import SEED
from benchmarks.report import measurement, spread
from manifests.names import fold
from watchlists import files, score, snapshot

PAIRS, QUERIES, LISTED = 1_000_000, 50_000, 10_000
PAIRS_A_SECOND, QUERIES_A_SECOND = 200_000.0, 2_000.0
_NOISY: Final = 20  # one pair in so many is one person
_CELLS: Final = 100_000_000  # of the cdist beside the match, whose time is scaled
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_PRIOR: Final = 1e-5


def names_rates(folder: Path, rounds: int = 3, pairs: int = PAIRS, queries: int = QUERIES) -> list[dict[str, Any]]:
    """`names-score-rate` and `names-match-rate`: rows of a file a second, medians of `rounds`.

    `floor` is rapidfuzz's JaroWinkler over the same folded names in memory, all processors: cpdist of the pairs, cdist of
    queries and list. `copy` is reading and writing the file with Polars.
    """
    with TemporaryDirectory() as scratch:
        asked, out = Path(scratch) / "asked.csv", Path(scratch) / "out.csv"
        pairs_of(folder, pairs).write_csv(asked)
        scored = [_timed(files.score_file, asked, out, _PRIOR) for _ in range(rounds + 1)][1:]  # the first warms
        rows = [_row("names-score-rate", pairs, "pairs/s", PAIRS_A_SECOND, scored, _cpdist(asked), _copied(asked, out))]

        opened = snapshot.replace(Path(scratch) / "snapshot", [ours.imported(data.recombined(folder, LISTED))])
        queries_of(folder, queries).write_csv(asked)
        prior = score.spread(_PRIOR, opened.sources)
        matched = [_timed(files.match_file, asked, out, opened, prior, _AT) for _ in range(rounds + 1)][1:]
        peer = _cdist(asked, opened.entries["name"])
        note = f"list of {LISTED}, with evidence"
        rows.append(
            _row("names-match-rate", queries, "queries/s", QUERIES_A_SECOND, matched, peer, _copied(asked, out)) | {"note": note}
        )
    return rows


def pairs_of(folder: Path, count: int) -> pl.DataFrame:
    """left_name, right_name, left_dob, …: persons beside themselves with noise, and beside others."""
    people = data.recombined(folder, count)
    others = people.sample(fraction=1.0, shuffle=True, seed=SEED)
    each = max(1, count // _NOISY // len(noise.KINDS))
    noisy = noise.noisy(people, each, noise.spellings(folder), np.random.default_rng(SEED))
    whole = pl.col("given") + " " + pl.col("surname")
    left, right = (
        pl.concat([same.select(name=name, dob="dob", country="country"), two.select(name=whole, dob="dob", country="country")])
        for same, name, two in ((noisy, whole, people), (noisy, pl.col("name"), others))
    )
    sides = [left.select(pl.all().name.prefix("left_")), right.select(pl.all().name.prefix("right_"))]
    return pl.concat(sides, how="horizontal").head(count).sample(fraction=1.0, shuffle=True, seed=SEED)


def queries_of(folder: Path, count: int) -> pl.DataFrame:
    """id, name, dob, nationality of persons on no list."""
    name = pl.col("given") + " " + pl.col("surname")
    people = data.synthetic(folder).sample(count, seed=SEED)
    return people.select(name=name, dob="dob", nationality="country").with_row_index("id")


def _timed(work: Any, asked: Path, out: Path, *arguments: Any) -> tuple[float, float]:
    """Wall and CPU seconds of a file read, answered and written."""
    wall, cpu = time.perf_counter(), time.process_time()
    with asked.open("rb") as file, out.open("wb") as written:
        answers: Iterator[files.Answer] = work(file, asked.name, *arguments)
        for found, _ in answers:
            found.write_csv(written, include_header=False)
    return time.perf_counter() - wall, time.process_time() - cpu


def _row(
    id: str, count: int, unit: str, target: float, taken: list[tuple[float, float]], peer: float, copied: float
) -> dict[str, Any]:
    rates = [count / wall for wall, _ in taken]
    value = float(np.median(rates))
    cpu = float(np.median([cpu for _, cpu in taken]))
    return measurement(
        id,
        n=len(taken),
        value=value,
        unit=unit,
        met=value >= target,
        target=target,
        floor=count / peer,
        cpu_ms=cpu * 1e3,
        spread=spread(rates),
        rows=count,
        per_cpu_s=round(count / cpu),
        copy=round(count / copied),
        processors=os.cpu_count(),
    )


def _cpdist(asked: Path) -> float:
    """Seconds of rapidfuzz for the pairs."""
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cpdist

    table = pl.read_csv(asked, infer_schema=False)
    left, right = (fold(table[side]).to_list() for side in ("left_name", "right_name"))
    begun = time.perf_counter()
    cpdist(left, right, scorer=JaroWinkler.normalized_similarity, workers=-1, dtype=np.float32)
    return time.perf_counter() - begun


def _cdist(asked: Path, listed: pl.Series) -> float:
    """Seconds of rapidfuzz for every query with every name, measured on the first."""
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    names = fold(pl.read_csv(asked, infer_schema=False)["name"]).to_list()
    some = names[: max(1, _CELLS // len(listed))]
    begun = time.perf_counter()
    cdist(some, fold(listed).to_list(), scorer=JaroWinkler.normalized_similarity, workers=-1, dtype=np.float32)
    return (time.perf_counter() - begun) * len(names) / len(some)


def _copied(asked: Path, out: Path) -> float:
    begun = time.perf_counter()
    pl.read_csv(asked, infer_schema=False).write_csv(out)
    return time.perf_counter() - begun
