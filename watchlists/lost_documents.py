"""Lost and stolen documents: an exact, memory-mapped index of issuer, type and number, 4 bytes a document.

Of the 47 bits of a mixed number (`lost_codes`) the highest choose a bucket, and the bucket holds the others beside the
*series*, which is the row of (issuer, type) in a table of those that occur. Nothing is hashed away: bucket, bits and
series together are the document, so no hit is false and none is missed. All series of a number stand together, so that
one look-up also answers where issuer or type is unknown on one side.

With 2^25 buckets, 32 bits hold 22 bits of the number and up to 1,024 series: 100 million documents take 534 MB. Shorter
lists have fewer buckets, and keys of 64 bits where that is less in all. Numbers of 10 to 24 characters, which are two
integers, stand in a sorted table.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.vocabulary import DOCUMENT_TYPES
from watchlists.lookouts import SnapshotError
from watchlists.lost_codes import ISSUERS, NUMBER_BITS, UNKNOWN, Coded, Codes, Places, Words, code, places_of

Flags = NDArray[np.bool_]

# One row per document as a list reports it; issuer or type null: the list does not say.
REPORTED: Final = pl.Schema({"number": pl.String(), "issuer": ISSUERS, "type": DOCUMENT_TYPES})

_TAG_MASK: Final = np.uint64(0xFFF)
ARRAYS: Final = ("buckets", "keys", "long_high", "long_low", "long_series")
FILES: Final = (*(f"lost.{name}.npy" for name in ARRAYS), "lost.json")


class LostDocuments(dy.Schema):
    """One row per presented document that is reported lost or stolen, in the order presented."""

    traveller = dy.UInt32(primary_key=True)
    document = dy.UInt32(primary_key=True)  # which of the traveller's documents, from 0 in the order sent
    issuer_agrees = dy.Bool()  # False: unknown on one side
    type_agrees = dy.Bool()
    tag = dy.UInt16()  # 12 bits of the mixed number: tells a traveller's documents apart and does not give the number
    issuer = dy.String(nullable=True)  # alpha-3, as the list reports it
    type = dy.String(nullable=True)
    authority = dy.String()
    purpose = dy.String()


LOST: Final = LostDocuments.create_empty().schema


@dataclass(frozen=True)
class LostIndex:
    """The index, open. Bucket b holds keys[buckets[b]:buckets[b + 1]], each the rest of the mixed number, then the series."""

    series: pl.DataFrame  # issuer, type, authority, purpose
    places: Places  # of the series
    buckets: NDArray[np.uint32]
    keys: NDArray[np.uint32] | Words
    long_high: Words  # sorted
    long_low: Words
    long_series: NDArray[np.uint16]

    @staticmethod
    def open(folder: Path) -> "LostIndex | None":
        """Map the index of a folder; None where it has none. Raises SnapshotError where a part of it is missing."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if len(missing) == len(FILES):
            return None
        if missing:
            raise SnapshotError([f"{folder / name}: missing: import the lost documents again" for name in missing])
        # Copy on write: nothing ever writes. What is empty cannot be mapped.
        files = {name: folder / f"lost.{name}.npy" for name in ARRAYS}
        arrays = {
            name: np.asarray(np.load(file, mmap_mode="c" if file.stat().st_size > 128 else None, allow_pickle=False))
            for name, file in files.items()
        }
        told = json.loads((folder / "lost.json").read_bytes())
        series = pl.DataFrame(told["series"], {"issuer": pl.String, "type": pl.String}, orient="row")
        series = series.with_columns(authority=pl.lit(told["authority"]), purpose=pl.lit(told["purpose"]))
        return LostIndex(series, places_of(series), **arrays)

    @property
    def documents(self) -> int:
        """How many documents are reported."""
        return self.keys.size + self.long_high.size

    @property
    def mapped(self) -> int:
        """Bytes of the arrays."""
        return sum(int(getattr(self, name).nbytes) for name in ARRAYS)

    def find(self, documents: pl.DataFrame) -> pl.DataFrame:
        """LOST of travellers' documents (columns of manifests.frames.Documents).

        The number is equal, issuer and type are equal or unknown on one side; of several reports of a document the one
        that agrees in most.
        """
        coded = code(documents)
        row, series, tag = self._same_number(coded)
        if not row.size:
            return pl.DataFrame(schema=LOST)
        issuer_agrees, issuer_fits = _compared(coded.places.issuers[row], self.places.issuers[series])
        type_agrees, type_fits = _compared(coded.places.types[row], self.places.types[series])
        fits = np.flatnonzero(issuer_fits & type_fits)
        order = fits[np.lexsort((series[fits], ~type_agrees[fits], ~issuer_agrees[fits], row[fits]))]
        best = order[_starts(row[order])]
        travellers = documents["traveller"].to_numpy()
        found = pl.DataFrame(
            {
                "traveller": travellers[row[best]],
                "document": _ordinals(travellers)[row[best]],
                "issuer_agrees": issuer_agrees[best],
                "type_agrees": type_agrees[best],
                "tag": tag[best].astype(np.uint16),
            }
        )
        return found.hstack(self.series[series[best]])

    def _same_number(self, coded: Coded) -> tuple[Codes, Codes, Words]:
        """Rows of documents, series of a report with that number, and tags; one element per report."""
        series_bits = np.uint64(series_width(self.series.height))
        rest_bits = np.uint64(NUMBER_BITS - (self.buckets.size - 1).bit_length() + 1)
        bucket = coded.short >> rest_bits
        of, position = _spread(self.buckets[bucket].astype(np.int64), self.buckets[bucket + np.uint64(1)].astype(np.int64))
        keys = self.keys[position].astype(np.uint64)
        same = np.flatnonzero(keys >> series_bits == (coded.short & _mask(rest_bits))[of])
        found = of[same]
        short = coded.short_rows[found], (keys[same] & _mask(series_bits)).astype(np.int64), coded.short[found] & _TAG_MASK
        if not coded.long_rows.size:
            return short
        first, last = np.searchsorted(self.long_high, coded.high, "left"), np.searchsorted(self.long_high, coded.high, "right")
        of, position = _spread(first, last)
        same = np.flatnonzero(self.long_low[position] == coded.low[of])
        found = of[same]
        long = coded.long_rows[found], self.long_series[position[same]].astype(np.int64), coded.high[found] & _TAG_MASK
        rows, series, tags = (np.concatenate(both) for both in zip(short, long, strict=True))
        return rows, series, tags


def series_width(count: int) -> int:
    """Bits that tell `count` series apart."""
    return max(count - 1, 0).bit_length()


def _compared(ours: Codes, theirs: Codes) -> tuple[Flags, Flags]:
    """Whether the values are equal and known; and whether nothing speaks against their being one."""
    agrees = (ours == theirs) & (ours >= 0)
    return agrees, agrees | (ours == UNKNOWN) | (theirs == UNKNOWN)


def _ordinals(groups: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Which row of its group each row is, from 0."""
    order = np.argsort(groups, kind="stable")
    start = _starts(groups[order])
    ordinals = np.empty(groups.size, np.uint32)
    ordinals[order] = np.arange(groups.size) - np.repeat(start, np.diff(np.concatenate([start, [groups.size]])))
    return ordinals


def _starts(ordered: NDArray[Any]) -> Codes:
    """Where each run of equal values begins."""
    first = np.ones(ordered.size, bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(first)


def _mask(bits: np.uint64) -> np.uint64:
    return np.uint64(2 ** int(bits) - 1)


def _spread(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every position from first[i] to before last[i], with its i."""
    counts = last - first
    of = np.repeat(np.arange(first.size), counts)
    return of, np.arange(of.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[of]
