"""What the scenarios of a pack do on simulated cases, through the serving code: matches, evaluation, weights."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import polars as pl

import policies
from manifests.frames import Manifest
from rules.evaluate import evaluate
from rules.language import Match, leaves
from rules.pack import load
from rules.scenario import Pack
from watchlists.match import MATCHES, match
from watchlists.snapshot import Snapshot, replace
from watchlists.sources import generic_csv

EXAMPLES = Path(policies.__file__).parent / "packs" / "examples.yaml"
PRIOR = {"default": 50.0}  # listed travellers per million: below the simulated rate, which is unreal; evidence decides
FLOOR = 0.0


def examples() -> Pack:
    """The example pack that comes with the project."""
    return load(EXAMPLES)


def of_lists(pack: Pack) -> list[str]:
    """Ids of the scenarios that read matches: where no list was matched they are not asked."""
    return [one.id for one in pack.scenarios if any(isinstance(leaf, Match) for leaf in leaves(one.when))]


def matches(days: Iterable[Manifest], list_csv: Path) -> pl.DataFrame:
    """MATCHES of the travellers of all days against the list, numbered on from day to day."""
    found, start = [], 0
    with TemporaryDirectory() as folder:
        snapshot: Snapshot = replace(Path(folder) / "snapshot", generic_csv.read(list_csv, generic_csv.Defaults()))
        for manifest in days:
            at = manifest.flights["departure_at"].min()
            assert isinstance(at, datetime)
            of_day = match(snapshot, manifest.travellers, manifest.documents, PRIOR, FLOOR, at)
            found.append(of_day.with_columns(pl.col("traveller") + pl.lit(start, pl.UInt32)))
            start += manifest.travellers.height
    return pl.concat(found) if found else pl.DataFrame(schema=MATCHES)


def hits(pack: Pack, table: pl.DataFrame, found: pl.DataFrame | None) -> pl.DataFrame:
    """`row` (UInt32, place in the table), `scenario`, `lane` and `weight` of every hit.

    `table`: KEYS and FEATURES in the order of `matches`; `found`: MATCHES, or None where no list was matched. Scenarios
    are asked as of each day.
    """
    numbered = table.with_columns(traveller=pl.int_range(pl.len(), dtype=pl.UInt32))
    found = pl.DataFrame(schema=MATCHES) if found is None else found
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "scenario": pl.String, "lane": pl.String, "weight": pl.Float64})]
    for (day,), of_day in numbered.group_by("day", maintain_order=True):
        assert isinstance(day, date)
        features = of_day.select(pl.exclude("day", "row", "label", "weight"))
        of_matches = found.filter(pl.col("traveller").is_between(features["traveller"][0], features["traveller"][-1]))
        fired = evaluate(pack, features, of_matches, day)
        parts.append(fired.select(pl.col("traveller").alias("row"), "scenario", pl.col("lane").cast(pl.String), "weight"))
    return pl.concat(parts)


def weights(fired: pl.DataFrame, rows: int) -> npt.NDArray[np.float64]:
    """Sum of the weights of the enforcement hits per row; 0 where none hit."""
    enforcing = fired.filter(pl.col("lane") == "enforcement")
    return np.bincount(enforcing["row"].to_numpy(), weights=enforcing["weight"].to_numpy(), minlength=rows).astype(np.float64)
