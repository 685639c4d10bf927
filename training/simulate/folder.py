"""A simulated world on disk: one Parquet file per frame and day, the truth in a folder of its own.

D/world.json, D/list.csv, D/datasheet.md, D/<frame>/<day>.parquet, D/truth/<day>.parquet. The same seed gives the same bytes.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from manifests.errors import InputError
from manifests.frames import Manifest, build
from training.simulate.datasheet import datasheet
from training.simulate.lists import write_list
from training.simulate.world import DAYS, World

FRAMES = ("flights", "travellers", "documents", "bookings", "legs")


class FolderError(InputError):
    """A folder that is not a simulated world, or must not be written to."""


@dataclass
class Statistics:
    """What the datasheet tells, counted while the days go by."""

    travellers: int = 0
    flights: int = 0
    bookings: int = 0
    minors: int = 0
    returning: int = 0
    plans: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    def add(self, manifest: Manifest, truth: pl.DataFrame) -> None:
        self.travellers += truth.height
        self.flights += manifest.flights.height
        self.bookings += manifest.bookings.height
        self.minors += int(truth["minor"].sum())
        persons = truth["person"].to_list()
        self.returning += sum(person in self.seen for person in persons)
        self.seen.update(persons)
        columns = (self.plans, truth["plan"]), (self.outcomes, truth["outcome"]), (self.payments, manifest.bookings["payment"])
        for counter, column in columns:
            counter.update(dict(column.cast(pl.String).drop_nulls().value_counts().iter_rows()))


def write(
    folder: Path, travellers: int, seed: int, start: date, days: int = DAYS, progress: Callable[[int], None] = lambda count: None
) -> dict[str, Any]:
    """Simulate into `folder`; gives the figures of the datasheet. `progress` gets the travellers of each day.

    Raises FolderError when the folder holds something else.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderError(f"{folder}: not an empty folder: give --out a new one")
    for name in (*FRAMES, "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    statistics = Statistics()
    world = World(travellers, seed, start, days)
    for day in world.run():
        for name in FRAMES:
            getattr(day.manifest, name).write_parquet(folder / name / f"{day.day}.parquet", statistics=False)
        day.truth.write_parquet(folder / "truth" / f"{day.day}.parquet", statistics=False)
        statistics.add(day.manifest, day.truth)
        progress(day.truth.height)
    write_list(seed, folder / "list.csv", start)
    (folder / "datasheet.md").write_text(datasheet(statistics, travellers, seed, start, days), encoding="utf-8")
    facts = {"travellers": travellers, "seed": seed, "start": start.isoformat(), "days": days}
    (folder / "world.json").write_text(json.dumps(facts), encoding="utf-8")
    return {**facts, "flights": statistics.flights, "plans": dict(statistics.plans), "outcomes": dict(statistics.outcomes)}


def facts(folder: Path) -> dict[str, Any]:
    """World.json of a simulated folder. Raises FolderError where there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise FolderError(f"{folder}: no world.json in it: give the folder that `forepost simulate --out` wrote") from None
    return found


def read(folder: Path, progress: Callable[[int], None] = lambda count: None) -> Iterator[tuple[Manifest, pl.DataFrame]]:
    """(Manifest, TRUTH) per day, in order of time. Raises FolderError for a folder that is incomplete."""
    facts(folder)
    days = sorted(path.stem for path in (folder / "truth").glob("*.parquet"))
    files = [folder / name / f"{day}.parquet" for day in days for name in FRAMES]
    if missing := [f"{file} is missing: simulate again" for file in files if not file.is_file()]:
        raise FolderError(missing)
    for day in days:
        truth = pl.read_parquet(folder / "truth" / f"{day}.parquet")
        frames = {name: pl.read_parquet(folder / name / f"{day}.parquet") for name in FRAMES}
        yield build(**frames), truth
        progress(truth.height)
