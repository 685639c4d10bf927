"""Recall of the index: pairs that the search finds, of all that an exhaustive scoring of the whole list finds."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.names import data, noise, ours
from benchmarks.names.measures import SEED
from benchmarks.report import measurement
from watchlists import snapshot

# Invented persons beside the real lists: as many as give each query ten pairs on average.
INVENTED: Final = 400_000
# Of their names so many are scored for each query, drawn anew each time: an unbiased sample of all pairs.
SCORED: Final = 50_000
TARGET: Final = 0.995


def names_recall(folder: Path, queries: int = 1_000, invented: int = INVENTED, scored: int = SCORED) -> list[dict[str, Any]]:
    """Share of pairs that the index finds, of all whose name log-odds reach the lowest floor of a shipped policy.

    Queries are listed persons with one kind of noise each, names only, half of them from the real lists and half invented;
    the pairs are of the query with any listed name, not only with its own person. The first row is of all queries, the
    others of each kind of noise; `pairs` were found by scoring `share` of all.
    """
    floor = ours.lowest_floor()
    real = [read.lookouts.select("name") for read in ours.lists(folder)]
    drawn = data.recombined(folder, invented)
    with TemporaryDirectory() as scratch:
        snap = snapshot.replace(Path(scratch) / "snapshot", [*ours.lists(folder), ours.imported(drawn)])
        people = asked_for(folder, pl.concat(real), drawn, queries)
        began = time.process_time()
        found = ours.found_pairs(snap, data.Passengers(people), floor)
        cpu = (time.process_time() - began) * 1e3 / people.height
        share = min(1.0, scored / ours.strong_names(snap))
        wanted = ours.exhaustive_pairs(snap, data.Passengers(people), floor, share)
    known = wanted.join(found, on=["row", "name"], how="semi")
    of_kind = people.select("category").with_row_index("row")
    rows = [_row("names-recall", people.height, wanted.height, known.height, share, floor, cpu)]
    for kind in noise.KINDS:
        here = of_kind.filter(pl.col("category") == kind)
        counts = [pairs.join(here, on="row", how="semi").height for pairs in (wanted, known)]
        rows.append(_row(f"names-recall/{kind}", here.height, counts[0], counts[1], share, floor, cpu))
    return rows


def asked_for(folder: Path, real: pl.DataFrame, drawn: pl.DataFrame, queries: int) -> pl.DataFrame:
    """Passengers: of each kind of noise as many real as invented persons. `real` has names as `SURNAME, Given`."""
    generator = np.random.default_rng(SEED)
    parts = real.select(pl.col("name").str.splitn(", ", 2).struct.rename_fields(["surname", "given"])).unnest("name")
    each = -(-queries // (2 * len(noise.KINDS)))
    known = noise.spellings(folder)
    groups = [noise.noisy(people.select("surname", "given"), each, known, generator) for people in (parts, drawn)]
    nothing = pl.lit(None, pl.String)
    return pl.concat(groups).with_columns(dob=nothing, nationality=nothing, truth_id=nothing)


def _row(id: str, queries: int, wanted: int, found: int, share: float, floor: float, cpu: float) -> dict[str, Any]:
    recall = found / max(wanted, 1)
    return measurement(
        id,
        n=queries,
        value=recall,
        unit="recall",
        met=recall >= TARGET,
        target=TARGET,
        cpu_ms=cpu,
        pairs=wanted,
        share=round(share, 3),
        note=f"{wanted / queries / share:.1f} pairs a query with name log-odds of {floor:g} or more",
    )
