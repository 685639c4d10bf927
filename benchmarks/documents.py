"""Lost and stolen documents: look-ups, bytes mapped, and the build from a CSV, at 100 million invented documents."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.report import measurement, spread
from manifests.frames import DTYPES
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists.lost_codes import ISSUERS, code
from watchlists.lost_documents import LostIndex

_BATCH: Final = 1_000_000
_LOOK_UPS: Final = 300
_ROUNDS: Final = 200
_SEED: Final = 20_260
_STATES: Final = ISSUERS.categories[:200]
_TYPES: Final = ("P", "I", "V")
_MOST_BYTES: Final = 600e6


@dataclass(frozen=True)
class _Built:
    """What the process that built the index tells of itself."""

    documents: int
    seconds: float
    peak_bytes: int


def measure(folder: Path, documents: int = 100_000_000) -> list[dict[str, Any]]:
    """Build in a process of its own, then look up 300 travellers, half of them reported; the peer is numpy's searchsorted
    over the same documents as sorted integers of 64 bits, in memory and already encoded."""
    folder.mkdir(parents=True)
    csv = folder / "lost.csv"
    with csv.open("wb") as file:
        for number, frame in enumerate(_frames(documents)):
            frame.write_csv(file, include_header=number == 0)
    built = _Built(**json.loads(subprocess.check_output([sys.executable, "-m", "benchmarks.documents", csv, folder / "index"])))
    csv.unlink()
    index = LostIndex.open(folder / "index")
    assert index is not None
    samples, wrong = _looked_up(index, documents)
    peers = _peer(documents)
    value, mapped, exact = float(np.median(samples)), float(index.mapped), wrong == 0 and index.documents == documents
    told = {"documents": documents, "series": index.series.height}
    return [
        measurement(
            "documents",
            n=len(samples),
            value=value,
            unit=f"CPU-ms for {_LOOK_UPS} look-ups",
            met=value <= 1.0 and mapped <= _MOST_BYTES and exact,
            target=1.0,
            floor=float(np.median(peers)),
            cpu_ms=value,
            spread=spread(samples),
            wrong=wrong,
            **told,
        ),
        measurement(
            "documents/mapped",
            n=1,
            value=mapped / 1e6,
            unit="MB",
            met=mapped <= _MOST_BYTES,
            target=_MOST_BYTES / 1e6,
            floor=8 * documents / 1e6,
            **told,
        ),
        measurement("documents/build", n=1, value=built.seconds, unit="s from a CSV", met=None, **told),
        measurement(
            "documents/build-memory",
            n=1,
            value=built.peak_bytes / 1e6,
            unit="MB at the peak of the build",
            met=built.peak_bytes <= 1.5e9,
            target=1500.0,
            **told,
        ),
    ]


def _documents(numbers: NDArray[np.int64]) -> pl.DataFrame:
    """Documents by a running number, all different: each State gives out each type in order from a number of its own, half
    of them nine digits, half a letter and eight. The last digit of all that are reported is even."""
    count = len(_STATES) * len(_TYPES)
    series, serial = numbers % count, numbers // count
    digits = 1_618_034 * series + 10 * serial
    plain = pl.Series(100_000_000 + digits % 890_000_000).cast(pl.String)
    lettered = "X" + pl.Series(10_000_000 + digits % 89_000_000).cast(pl.String)
    return pl.DataFrame(
        {
            "number": plain.zip_with(pl.Series(series % 2 == 0), lettered),
            "issuer": pl.Series(_STATES).gather(series // len(_TYPES)),
            "type": pl.Series(_TYPES).gather(series % len(_TYPES)),
        }
    )


def _asked(chance: np.random.Generator, documents: int) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Documents of travellers as a manifest has them, every second one reported, and which those are."""
    rows = _documents(chance.integers(0, documents, _LOOK_UPS))
    reported = np.arange(_LOOK_UPS) % 2 == 0
    others = pl.col("number").str.head(-1) + (pl.col("number").str.tail(1).cast(pl.Int64) + 1).cast(pl.String)
    asked = rows.select(
        traveller=pl.int_range(_LOOK_UPS, dtype=pl.UInt32),
        type=pl.col("type").cast(DOCUMENT_TYPES),
        number=pl.when(pl.Series(reported)).then("number").otherwise(others),
        issuer="issuer",
        expiry=pl.lit(None, DTYPES["documents"]["expiry"]),
    )
    return asked, np.flatnonzero(reported)


def _looked_up(index: LostIndex, documents: int) -> tuple[list[float], int]:
    """CPU-ms of each round, and how many answers were wrong."""
    chance = np.random.default_rng(_SEED)
    samples, wrong = [], 0
    for round_ in range(_ROUNDS + 20):  # the first warm
        asked, reported = _asked(chance, documents)
        start = time.process_time()
        found = index.find(asked)
        if round_ >= 20:
            samples.append((time.process_time() - start) * 1e3)
        wrong += np.setxor1d(found["traveller"].to_numpy(), reported).size
    return samples, wrong


def _packed(frame: pl.DataFrame) -> NDArray[np.uint64]:
    coded = code(frame)
    series = coded.places.issuers * len(DOCUMENT_TYPES.categories) + coded.places.types
    packed: NDArray[np.uint64] = coded.short << np.uint64(12) | series.astype(np.uint64)
    return packed


def _peer(documents: int) -> list[float]:
    """CPU-ms of each round of the peer."""
    keys = np.concatenate([_packed(frame) for frame in _frames(documents)])
    keys.sort()
    chance = np.random.default_rng(_SEED)
    samples = []
    for round_ in range(_ROUNDS + 20):
        wanted = _packed(_asked(chance, documents)[0])
        start = time.process_time()
        places = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        found = keys[places] == wanted
        if round_ >= 20:
            samples.append((time.process_time() - start) * 1e3)
        assert np.count_nonzero(found) == _LOOK_UPS // 2
    return samples


def _frames(documents: int) -> Iterator[pl.DataFrame]:
    for start in range(0, documents, _BATCH):
        yield _documents(np.arange(start, min(start + _BATCH, documents), dtype=np.int64))


def _build(csv: Path, folder: Path) -> _Built:
    """Build an index from the CSV, in this process."""
    from watchlists import lost_build
    from watchlists.sources.lost_documents import LeftOut, read

    folder.mkdir()
    start = time.perf_counter()
    count = lost_build.write(folder, read(csv, LeftOut()), "benchmark", "measurement")
    seconds = time.perf_counter() - start
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return _Built(count, seconds, int(peak.split()[1]) * 1024)


if __name__ == "__main__":
    print(json.dumps(asdict(_build(Path(sys.argv[1]), Path(sys.argv[2])))))
