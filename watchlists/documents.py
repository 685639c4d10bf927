"""Exact look-up of travel documents among lookouts: by hash of the number in a sorted array, proved on the number itself."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels


def document_keys(numbers: pl.Series) -> NDArray[np.uint64]:
    """64-bit hash of each number."""
    offsets = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers.str.len_bytes().to_numpy(), out=offsets[1:])
    return kernels.identities(np.frombuffer("".join(numbers.to_list()).encode(), np.uint8), offsets)


def hits(
    travellers: pl.DataFrame, listed: pl.DataFrame, keys: NDArray[np.uint64], rows: NDArray[np.uint32], shortest: int
) -> pl.DataFrame:
    """Documents that agree: row (of the traveller), entry, number, traveller_issuer, issuer.

    `travellers`: row, type, number, issuer; `listed`: entry, type, number, issuer, found over `keys` (sorted) and `rows`.
    Numbers agree exactly; type and issuer agree or are unknown on one side. Numbers under `shortest` are not looked up.
    """
    asked = travellers.filter(pl.col("number").str.len_bytes() >= shortest)
    wanted = document_keys(asked["number"])
    first, last = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    counts = last - first
    left = np.repeat(np.arange(wanted.size), counts)
    position = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    theirs = listed[rows[position]]
    ours = asked[left].select("row", "number", own_type=pl.col("type").cast(pl.String), own_issuer="issuer")
    pairs: pl.DataFrame = pl.concat([ours, theirs.rename({"number": "listed_number"})], how="horizontal")
    return pairs.filter(
        pl.col("number") == pl.col("listed_number"),
        (pl.col("own_type") == pl.col("type")).fill_null(True),
        (pl.col("own_issuer") == pl.col("issuer")).fill_null(True),
    ).select("row", "entry", "number", traveller_issuer="own_issuer", issuer="issuer")
