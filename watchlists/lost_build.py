"""Building the index of lost and stolen documents in bounded memory, whatever their number.

Every batch is made integers, sorted, and appended to one of 64 files by its highest bits. Then each file is sorted by
itself, repeated documents are left out, and what is left goes to the index in order: only one file is in memory at a
time, beside the buckets. Equal lists give equal files, in whatever order their rows stand.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from manifests.vocabulary import DOCUMENT_TYPES
from watchlists.lookouts import SnapshotError
from watchlists.lost_codes import ISSUERS, NUMBER_BITS, Words, code
from watchlists.lost_documents import series_width

_PARTITION_BITS: Final = 6
_TYPES: Final = len(DOCUMENT_TYPES.categories) + 1  # and unknown
_SERIES: Final = (len(ISSUERS.categories) + 1) * _TYPES  # before it is known which occur
_ALL_BITS: Final = np.uint64(series_width(_SERIES))
_MOST: Final = 2**32 - 1  # documents that bucket offsets can count


def write(folder: Path, batches: Iterable[pl.DataFrame], authority: str, purpose: str) -> int:
    """Write the index of the documents in `batches` (REPORTED, numbers as `code` reads them) into `folder`, with its FILES.

    Returns how many different documents there are. Scratch files stand in `folder` meanwhile: 8 bytes per row.
    """
    with TemporaryDirectory(prefix=".scratch-", dir=folder) as scratch:
        used = np.zeros(_SERIES, bool)
        short = _Partitions(Path(scratch) / "short", 1, NUMBER_BITS + int(_ALL_BITS) - _PARTITION_BITS)
        long = _Partitions(Path(scratch) / "long", 3, 64 - _PARTITION_BITS)
        for batch in batches:
            coded = code(batch)
            series = ((coded.places.issuers + 1) * _TYPES + coded.places.types + 1).astype(np.uint64)
            used[np.unique(series)] = True
            short.add((coded.short << _ALL_BITS | series[coded.short_rows])[:, None])
            long.add(np.column_stack([coded.high, coded.low, series[coded.long_rows]]))
        occurring = np.flatnonzero(used)
        rank = np.zeros(_SERIES, np.uint64)
        rank[occurring] = np.arange(occurring.size, dtype=np.uint64)
        _write_short(folder, short, rank, series_width(occurring.size))
        _write_long(folder, long, rank)
        issuers, kinds = ([None, *names.categories.to_list()] for names in (ISSUERS, DOCUMENT_TYPES))
        series_named = [[issuers[at // _TYPES], kinds[at % _TYPES]] for at in occurring.tolist()]
        told = {"authority": authority, "purpose": purpose, "series": series_named}
        (folder / "lost.json").write_text(json.dumps(told, sort_keys=True), "utf-8")
    return short.count + long.count


def _write_short(folder: Path, short: "_Partitions", rank: Words, series_bits: int) -> None:
    """The numbers of the buckets, about four in each; with keys of 4 bytes and as many more buckets as those need, where
    that is less than 8 bytes a key."""

    def ranked(rows: Words) -> Words:
        changed: Words = (rows >> _ALL_BITS << np.uint64(series_bits)) | rank[rows & np.uint64(2 ** int(_ALL_BITS) - 1)]
        return changed

    short.distinguish(ranked)
    if short.count > _MOST:
        raise SnapshotError(f"{short.count} documents: at most {_MOST} can be indexed")
    few = max(short.count // 4, 1).bit_length() - 1
    many = max(few, NUMBER_BITS + series_bits - 32)
    narrow = 4 * (short.count + 2**many) <= 8 * short.count + 4 * 2**few
    bucket_bits, dtype = (many, np.uint32) if narrow else (few, np.uint64)
    rest_bits = np.uint64(NUMBER_BITS + series_bits - bucket_bits)
    rest = np.uint64(2 ** int(rest_bits) - 1)
    _save(folder / "lost.keys.npy", dtype, short.count, (rows[:, 0] & rest for rows in short.files()))
    buckets = np.zeros(2**bucket_bits + 1, np.uint32)
    for rows in short.files():
        bucket, counts = np.unique(rows[:, 0] >> rest_bits, return_counts=True)
        buckets[bucket + np.uint64(1)] += counts.astype(np.uint32)
    np.save(folder / "lost.buckets.npy", np.cumsum(buckets, dtype=np.uint32, out=buckets))


def _write_long(folder: Path, long: "_Partitions", rank: Words) -> None:
    """The table of the other numbers."""
    long.distinguish(lambda rows: np.column_stack([rows[:, :2], rank[rows[:, 2]]]))
    _save(folder / "lost.long_high.npy", np.uint64, long.count, (rows[:, 0] for rows in long.files()))
    _save(folder / "lost.long_low.npy", np.uint64, long.count, (rows[:, 1] for rows in long.files()))
    _save(folder / "lost.long_series.npy", np.uint16, long.count, (rows[:, 2] for rows in long.files()))


def _save(path: Path, dtype: type[np.unsignedinteger[Any]], length: int, pieces: Iterable[Words]) -> None:
    """An array of known length, written piece by piece."""
    with path.open("wb") as file:
        descr = np.dtype(dtype).str
        np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": (length,)})
        for piece in pieces:
            file.write(piece.astype(dtype).tobytes())


class _Partitions:
    """Rows of integers in 64 files by the highest bits of their first column, which are its bits from `shift` upwards."""

    def __init__(self, folder: Path, columns: int, shift: int) -> None:
        folder.mkdir()
        self._folder = folder
        self._columns = columns
        self._shift = np.uint64(shift)
        self.count = 0  # of different rows, once they are distinguished

    def add(self, rows: Words) -> None:
        rows = _distinct(rows)
        partitions, starts = np.unique(rows[:, 0] >> self._shift, return_index=True)
        for partition, part in zip(partitions.tolist(), np.split(rows, starts[1:]), strict=False):
            with (self._folder / f"{partition:02}").open("ab") as file:
                file.write(part.tobytes())

    def distinguish(self, change: Callable[[Words], Words]) -> None:
        """Sort every file, its rows changed in a way that keeps the order of the files, and leave out what stands twice."""
        for path in self._paths():
            rows = _distinct(change(self._read(path)))
            self.count += len(rows)
            rows.tofile(path)

    def files(self) -> Iterator[Words]:
        """The rows of each file."""
        return map(self._read, self._paths())

    def _paths(self) -> list[Path]:
        return sorted(self._folder.iterdir())

    def _read(self, path: Path) -> Words:
        return np.fromfile(path, np.uint64).reshape(-1, self._columns)


def _distinct(rows: Words) -> Words:
    """The rows in order, each once."""
    rows = np.sort(rows, axis=0) if rows.shape[1] == 1 else rows[np.lexsort(rows.T[::-1])]
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return rows[first]
