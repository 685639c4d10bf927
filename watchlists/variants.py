"""Tokens that are attested to be one name, however they are spelt: romanisations, diminutives, counterparts across languages.

Two tables, each a list of what one name is written as: `tables/variants.csv`, counted (see `watchlists.tables.build`), has
the cost of each pair; `tables/counterparts.csv` is written by hand and prices a pair by its kind.
"""

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels
from watchlists.kernels import IN_VARIANTS
from watchlists.letters import letters_of

# How much less a pair is worth than the same token twice: -ln of the share of the rarer form that is this very name.
# Judgement: two romanisations of a name are nearly always it; a neighbouring language's form one time in three; a diminutive
# serves several names and is rarely written on a passport.
COSTS: Final = {"spelling": 0.4, "language": 1.0, "diminutive": 2.0}


class Variants(NamedTuple):
    """For each token of the tables (hash, sorted) the others that it may be (hashes) and their costs in nats."""

    tokens: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    others: NDArray[np.uint64]
    costs: NDArray[np.float32]


@cache
def attested() -> Variants:
    """Both tables, each pair in both directions at its lowest cost."""
    return of_pairs(pl.concat([_counted(), _by_hand()]))


def of_pairs(pairs: pl.DataFrame) -> Variants:
    """Columns left, right (tokens), cost."""
    both = pl.concat([pairs, pairs.select(left="right", right="left", cost="cost")])
    both = both.filter(pl.col("left") != pl.col("right")).group_by("left", "right").agg(pl.col("cost").min())
    left, right = (kernels.identities(*letters_of(both[side])) for side in ("left", "right"))
    order = np.lexsort((right, left))
    left, right, costs = left[order], right[order], both["cost"].to_numpy()[order].astype(np.float32)
    tokens, first = np.unique(left, return_index=True)
    return Variants(tokens, np.append(first, left.size).astype(np.int64), right, costs)


def _counted() -> pl.DataFrame:
    with (files("watchlists.tables") / "variants.csv").open("rb") as file:
        return pl.read_csv(file, schema={"left": pl.String, "right": pl.String, "cost": pl.Float64})


def _by_hand() -> pl.DataFrame:
    with (files("watchlists.tables") / "counterparts.csv").open("rb") as file:
        table = pl.read_csv(file, schema={"kind": pl.String, "names": pl.String}, comment_prefix="#")
    table = table.with_columns(cost=pl.col("kind").replace_strict(COSTS), right=pl.col("names").str.split(" "))
    # A diminutive belongs to the first name of its row; the other rows hold equals.
    left = pl.when(pl.col("kind") == "diminutive").then(pl.col("right").list.head(1)).otherwise(pl.col("right"))
    return table.select("cost", "right", left=left).explode("left").explode("right").select("left", "right", "cost")


def flagged(masks: NDArray[np.uint32], identities: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Sound masks of tokens with the bit that says whether a token stands in the tables."""
    known = attested().tokens
    at = np.minimum(np.searchsorted(known, identities), known.size - 1)
    return np.where(known[at] == identities, masks | IN_VARIANTS, masks).astype(np.uint32)


def keys() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """A key for each pair of the tables under both of its tokens: tokens (hashes) and keys, for an index to find variants by."""
    known = attested()
    left = np.repeat(known.tokens, np.diff(known.offsets))
    return left, np.minimum(left, known.others) * np.uint64(0x9E3779B97F4A7C15) ^ np.maximum(left, known.others)
