"""Exact look-up of travel documents among lookouts: by hash of the number in a sorted array, proved on the number itself."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels

_NOTHING: Final = pl.DataFrame(
    schema={"row": pl.UInt32, "entry": pl.UInt32, "number": pl.String, "traveller_issuer": pl.String, "issuer": pl.String}
)


def document_keys(numbers: pl.Series) -> NDArray[np.uint64]:
    """64-bit hash of each number."""
    return _keys(numbers.to_list())


def _keys(numbers: list[str]) -> NDArray[np.uint64]:
    texts = [number.encode() for number in numbers]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return kernels.identities(np.frombuffer(b"".join(texts), np.uint8), offsets)


def hits(
    travellers: pl.DataFrame, listed: pl.DataFrame, keys: NDArray[np.uint64], rows: NDArray[np.uint32], shortest: int
) -> pl.DataFrame:
    """Documents that agree: row (of the traveller), entry, number, traveller_issuer, issuer.

    `travellers`: row, type, number, issuer; `listed`: entry, type, number, issuer, found over `keys` (sorted) and `rows`.
    Numbers agree exactly; type and issuer agree or are unknown on one side. Numbers under `shortest` are not looked up.
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
        pl.col("number") == pl.col("listed_number"),
        (pl.col("own_type") == pl.col("type")).fill_null(True),
        (pl.col("own_issuer") == pl.col("issuer")).fill_null(True),
    ).select("row", "entry", "number", traveller_issuer="own_issuer", issuer="issuer")
