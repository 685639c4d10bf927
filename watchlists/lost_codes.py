"""Documents as integers that are equal for equal documents only: numbers in base 36, mixed by bijections.

A number of up to 9 letters and digits is an integer of 47 bits, the lengths one after the other; one of 10 to 24 is two
integers of 12 characters each. Mixed, numbers given out in order spread evenly.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.codes import countries
from manifests.vocabulary import DOCUMENT_TYPES

Words = NDArray[np.uint64]
Codes = NDArray[np.int64]

ISSUERS: Final = pl.Enum(sorted(set(countries().values())))
SHORT: Final = 9  # characters of a number that is one integer: as many as a machine readable zone has for it
LONGEST: Final = 24  # characters of a number that can be told apart
NUMBER_BITS: Final = 47  # 36 + 36^2 + … + 36^9 < 2^47
UNKNOWN: Final = -1  # no issuer, no type
_FOREIGN: Final = -2  # one that no list can name
_HALF: Final = 12  # characters of a long number in one integer: 36 + … + 36^12 < 2^63
_FIRST: Final = np.array([(36**length - 1) // 35 for length in range(_HALF + 1)], np.uint64)  # code of 0…0 by its length
_NUMBER_MASK: Final = np.uint64(2**NUMBER_BITS - 1)


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


def code(documents: pl.DataFrame) -> Coded:
    """Documents (number, issuer, type) as integers. A number that is none, of 1 to 24 characters A-Z and 0-9, is in no row."""
    read = documents.select(_READ)
    length = np.where(read["known"].to_numpy(), read["length"].to_numpy(), 0).astype(np.int64)
    value = read["value"].to_numpy().astype(np.uint64)
    short, long = np.flatnonzero((length > 0) & (length <= SHORT)), np.flatnonzero(length > SHORT)
    low = high = np.zeros(0, np.uint64)
    if long.size:
        halves = documents[long].select(_HALVES)
        low = halves["tail"].to_numpy().astype(np.uint64) + _FIRST[np.maximum(length[long] - _HALF, 0)]
        head = halves["head"].to_numpy().astype(np.uint64) + _FIRST[np.minimum(length[long], _HALF)]
        high = _mixed_whole(head ^ _mixed_whole(low))
    return Coded(short, _mixed(value[short] + _FIRST[length[short]]), long, high, low, _places(documents, read))


def places_of(documents: pl.DataFrame) -> Places:
    """Places of a frame's issuers and types."""
    return _places(documents, documents.select(_PLACES))


def _places(documents: pl.DataFrame, read: pl.DataFrame) -> Places:
    found = {}
    for column in ("issuer", "type"):
        found[column] = read[column].to_numpy()
        if documents[column].null_count():
            found[column] = np.where(documents[column].is_null().to_numpy(), UNKNOWN, found[column])
    return Places(found["issuer"], found["type"])


def _integer(part: pl.Expr) -> pl.Expr:
    return part.str.to_integer(base=36, dtype=pl.Int64, strict=False).fill_null(0)


def _place(column: str, vocabulary: pl.Enum) -> pl.Expr:
    """Place of each value in the vocabulary; of null too it says _FOREIGN."""
    return pl.col(column).cast(vocabulary, strict=False).to_physical().cast(pl.Int64).fill_null(_FOREIGN)


_NUMBER: Final = pl.col("number")
_PLACES: Final = (_place("issuer", ISSUERS), _place("type", DOCUMENT_TYPES))
# Built once, and as few as will do: for the documents of a flight an expression costs more than its rows.
_READ: Final = (
    _NUMBER.str.contains(rf"^[A-Z0-9]{{1,{LONGEST}}}$").fill_null(False).alias("known"),
    _NUMBER.str.len_bytes().fill_null(0).alias("length"),
    _integer(_NUMBER).alias("value"),  # of short numbers: long ones may be too large
    *_PLACES,
)
_HALVES: Final = (_integer(_NUMBER.str.slice(0, _HALF)).alias("head"), _integer(_NUMBER.str.slice(_HALF)).alias("tail"))


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
