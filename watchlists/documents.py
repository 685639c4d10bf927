"""Look-up of travel documents among lookouts: by hash of the number in a sorted array, proved on the number itself.

Numbers are looked up as they read once characters that look alike are one, so that a misread number meets the listed one.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels
from watchlists.countries import SYNONYMS

# What readers of machine readable zones mend (letters beside the digit that they are taken for; the open ones agree in all
# but U, J and L). No check digit of ICAO 9303-3 (section 4.9) is blind to one of them, so that what arrives misread was read or
# typed without it.
_LETTERS, _DIGITS = "OQDILZSGB", "000112568"
_TABLE: Final = bytes.maketrans(_LETTERS.encode(), _DIGITS.encode())

_NOTHING: Final = pl.DataFrame(
    schema={
        "row": pl.UInt32,
        "entry": pl.UInt32,
        **dict.fromkeys(("number", "listed_number", "traveller_issuer", "issuer"), pl.String),
    }
)


def document_keys(numbers: pl.Series) -> NDArray[np.uint64]:
    """64-bit hash of each number, equal for numbers that look alike."""
    return _keys(numbers.to_list())


def _keys(numbers: list[str]) -> NDArray[np.uint64]:
    texts = [number.encode() for number in numbers]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return kernels.identities(np.frombuffer(b"".join(texts).translate(_TABLE), np.uint8), offsets)


def alike(number: str) -> str:
    """The number with one digit for all characters that look like it."""
    return number.translate(_TABLE.decode("latin-1"))  # of code points under 256


def hits(
    travellers: pl.DataFrame, listed: pl.DataFrame, keys: NDArray[np.uint64], rows: NDArray[np.uint32], shortest: int
) -> pl.DataFrame:
    """Documents that agree: row (of the traveller), entry, number, listed_number, traveller_issuer, issuer.

    `travellers`: row, type, number, issuer; `listed`: entry, type, number, issuer, found over `keys` (sorted) and `rows`.
    Numbers agree exactly or look alike; type and issuer agree or are unknown on one side. Numbers under `shortest` are not
    looked up.
    """
    numbers = [number or "" for number in travellers["number"].to_list()]
    wanted = _keys(numbers)
    first, last = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    counts = np.where([len(number) >= shortest for number in numbers], last - first, 0)
    if not counts.any():
        return _NOTHING.clone()
    left = np.repeat(np.arange(wanted.size), counts)
    position = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    theirs = listed[rows[position]]
    ours = travellers[left].select("row", "number", own_type=pl.col("type").cast(pl.String), own_issuer="issuer")
    pairs: pl.DataFrame = pl.concat([ours, theirs.rename({"number": "listed_number"})], how="horizontal")
    return pairs.filter(
        _alike("number") == _alike("listed_number"),
        (pl.col("own_type") == pl.col("type")).fill_null(True),
        (pl.col("own_issuer").replace(SYNONYMS) == pl.col("issuer").replace(SYNONYMS)).fill_null(True),
    ).select("row", "entry", "number", "listed_number", traveller_issuer="own_issuer", issuer="issuer")


def _alike(column: str) -> pl.Expr:
    return pl.col(column).str.replace_many(list(_LETTERS), list(_DIGITS))
