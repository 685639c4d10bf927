"""Lost and stolen documents: an exact, memory-mapped index of issuer, type and number, 4 bytes a document.

A number of up to 9 letters and digits is an integer of 47 bits (base 36, the lengths one after the other). A bijection
mixes them, so that numbers given out in order spread evenly; the highest bits choose a bucket, and the bucket holds
the other bits beside the *series*, which is the row of (issuer, type) in a table of those that occur. Nothing is hashed
away: bucket, bits and series together are the document, so no hit is false and none is missed. All series of a number
stand together, so that one look-up also answers where issuer or type is unknown on one side.

With 2^25 buckets, 32 bits hold 22 bits of the number and up to 1,024 series: 100 million documents take 534 MB. Shorter
lists have fewer buckets and 64 bits. Numbers of 10 to 24 characters are two integers, mixed likewise, in a sorted table.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.codes import countries
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists.lookouts import SnapshotError

Words = NDArray[np.uint64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

ISSUERS: Final = pl.Enum(sorted(set(countries().values())))
# One row per document as a list reports it; issuer or type null: the list does not say.
REPORTED: Final = pl.Schema({"number": pl.String(), "issuer": ISSUERS, "type": DOCUMENT_TYPES})

SHORT: Final = 9  # characters of a number that the buckets hold: as many as a machine readable zone has for it
LONGEST: Final = 24  # characters of a number that can be told apart
NUMBER_BITS: Final = 47  # 36 + 36^2 + … + 36^9 < 2^47
_HALF: Final = 12  # characters of a long number in one integer: 36 + … + 36^12 < 2^63
_FIRST: Final = np.array([(36**length - 1) // 35 for length in range(_HALF + 1)], np.uint64)  # code of 0…0 by its length
_NUMBER_MASK: Final = np.uint64(2**NUMBER_BITS - 1)
_TAG_MASK: Final = np.uint64(0xFFF)

_UNKNOWN: Final = -1  # no issuer, no type
_FOREIGN: Final = -2  # one that no list can name

ARRAYS: Final = ("buckets", "keys", "long_high", "long_low", "long_series")
FILES: Final = (*(f"lost.{name}.npy" for name in ARRAYS), "lost.json")


class LostDocuments(dy.Schema):
    """One row per presented document that is reported lost or stolen, in the order presented."""

    traveller = dy.UInt32(primary_key=True)
    document = dy.UInt32(primary_key=True)  # which of the traveller's documents, from 0 in the order sent
    issuer = dy.String(nullable=True)  # alpha-3, as the list reports it
    type = dy.Enum(DOCUMENT_TYPES.categories, nullable=True)
    issuer_agrees = dy.Bool()  # False: unknown on one side
    type_agrees = dy.Bool()
    tag = dy.String()  # 12 bits of the mixed number: tells a traveller's documents apart and does not give the number
    authority = dy.String()
    purpose = dy.String()


LOST: Final = LostDocuments.create_empty().schema


class Places(NamedTuple):
    """Of every row the places of its issuer in ISSUERS and of its type in DOCUMENT_TYPES."""

    issuers: Codes
    types: Codes


class Coded(NamedTuple):
    """Documents as integers. Rows whose number is short and rows whose number is long, with the numbers mixed: `short`,
    under 2^47, and `high` with `low`."""

    short_rows: Codes
    short: Words
    long_rows: Codes
    high: Words
    low: Words
    places: Places


@dataclass(frozen=True)
class LostIndex:
    """The index, open. Bucket b holds keys[buckets[b]:buckets[b + 1]], each the rest of the mixed number, then the series."""

    authority: str
    purpose: str
    series: pl.DataFrame  # issuer, type
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
        series = pl.DataFrame(told["series"], {name: LOST[name] for name in ("issuer", "type")}, orient="row")
        return LostIndex(told["authority"], told["purpose"], series, _places(series.select(_PLACES)), **arrays)

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
        best = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
        travellers = documents["traveller"].to_numpy()
        told = pl.DataFrame(
            [
                pl.Series("traveller", travellers[row[best]]),
                pl.Series("document", _ordinals(travellers)[row[best]]),
                pl.Series("issuer_agrees", issuer_agrees[best]),
                pl.Series("type_agrees", type_agrees[best]),
                pl.Series("tag", [f"{bits:03x}" for bits in tag[best].tolist()], pl.String),
                pl.Series("authority", [self.authority] * best.size, pl.String),
                pl.Series("purpose", [self.purpose] * best.size, pl.String),
            ]
        )
        return told.hstack(self.series[series[best]]).select(LOST.names())

    def _same_number(self, coded: Coded) -> tuple[Codes, Codes, Words]:
        """Rows of documents, series of a report with that number, and tags; one element per report."""
        series_bits = np.uint64(series_width(self.series.height))
        rest_bits = np.uint64(NUMBER_BITS - (self.buckets.size - 1).bit_length() + 1)
        bucket = coded.short >> rest_bits
        of, position = _spread(self.buckets[bucket].astype(np.int64), self.buckets[bucket + np.uint64(1)].astype(np.int64))
        keys = self.keys[position].astype(np.uint64)
        same = np.flatnonzero(keys >> series_bits == (coded.short & _mask(rest_bits))[of])
        found = of[same]
        first, last = np.searchsorted(self.long_high, coded.high, "left"), np.searchsorted(self.long_high, coded.high, "right")
        long_of, position = _spread(first, last)
        long_same = np.flatnonzero(self.long_low[position] == coded.low[long_of])
        long_found = long_of[long_same]
        return (
            np.concatenate([coded.short_rows[found], coded.long_rows[long_found]]),
            np.concatenate([keys[same] & _mask(series_bits), self.long_series[position[long_same]]]).astype(np.int64),
            np.concatenate([coded.short[found], coded.high[long_found]]) & _TAG_MASK,
        )


def code(documents: pl.DataFrame) -> Coded:
    """Documents (number, issuer, type) as integers. A number that is none, of 1 to 24 characters A-Z and 0-9, is in no row."""
    read = documents.select(_READ)
    length = read["length"].to_numpy().astype(np.int64)
    head, tail = (read[part].to_numpy().astype(np.uint64) for part in ("head", "tail"))
    short, long = np.flatnonzero((length > 0) & (length <= SHORT)), np.flatnonzero(length > SHORT)
    head += _FIRST[np.minimum(length, _HALF)]
    low = tail[long] + _FIRST[np.maximum(length[long] - _HALF, 0)]
    high = _mixed_whole(head[long] ^ _mixed_whole(low))
    return Coded(short, _mixed(head[short]), long, high, low, _places(read))


def _places(read: pl.DataFrame) -> Places:
    return Places(read["issuer"].to_numpy(), read["type"].to_numpy())


def _integer(part: pl.Expr) -> pl.Expr:
    return part.str.to_integer(base=36, dtype=pl.Int64, strict=False).fill_null(0)


def _place(column: str, vocabulary: pl.Enum) -> pl.Expr:
    """Place of each value in the vocabulary, _UNKNOWN for null."""
    place = pl.col(column).cast(vocabulary, strict=False).to_physical().cast(pl.Int64).fill_null(_FOREIGN)
    return pl.when(pl.col(column).is_null()).then(pl.lit(_UNKNOWN, pl.Int64)).otherwise(place).alias(column)


_NUMBER: Final = pl.col("number")
_PLACES: Final = (_place("issuer", ISSUERS), _place("type", DOCUMENT_TYPES))
# Built once: for one traveller, building the expressions takes as long as evaluating them.
_READ: Final = (
    pl.when(_NUMBER.str.contains(rf"^[A-Z0-9]{{1,{LONGEST}}}$")).then(_NUMBER.str.len_bytes()).otherwise(0).alias("length"),
    _integer(_NUMBER.str.slice(0, _HALF)).alias("head"),
    _integer(_NUMBER.str.slice(_HALF)).alias("tail"),
    *_PLACES,
)


def series_width(count: int) -> int:
    """Bits that tell `count` series apart."""
    return max(count - 1, 0).bit_length()


def _compared(ours: Codes, theirs: Codes) -> tuple[Flags, Flags]:
    """Whether the values are equal and known; and whether nothing speaks against their being one."""
    agrees = (ours == theirs) & (ours >= 0)
    return agrees, agrees | (ours == _UNKNOWN) | (theirs == _UNKNOWN)


def _ordinals(groups: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Which row of its group each row is, from 0."""
    order = np.argsort(groups, kind="stable")
    start = np.flatnonzero(np.diff(groups[order].astype(np.int64), prepend=-1))
    ordinals = np.empty(groups.size, np.uint32)
    ordinals[order] = np.arange(groups.size) - np.repeat(start, np.diff(start, append=groups.size))
    return ordinals


def _mixed(numbers: Words) -> Words:
    """A bijection of the integers under 2^47: xor-shifts and products with odd numbers, as in SplitMix64, at this width."""
    mixed = numbers ^ numbers >> np.uint64(24)
    for factor in (0x58476D1CE4E5, 0x49BB133111EB):
        mixed = mixed * np.uint64(factor) & _NUMBER_MASK
        mixed ^= mixed >> np.uint64(24)
    return mixed


def _mixed_whole(numbers: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection of all 64 bits."""
    mixed = (numbers ^ numbers >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return mixed ^ mixed >> np.uint64(31)


def _mask(bits: np.uint64) -> np.uint64:
    return np.uint64(2 ** int(bits) - 1)


def _spread(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every position from first[i] to before last[i], with its i."""
    counts = last - first
    of = np.repeat(np.arange(first.size), counts)
    return of, np.arange(of.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[of]
