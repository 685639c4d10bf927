"""Two records beside each other, without a list: the same scorer on pairs."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels, queries, score
from watchlists.kernels import Births, Weights
from watchlists.tokens import general_frequencies
from watchlists.weights import constants

# What names that share nothing bring to a pair: no date of birth and nationality outweigh it.
NAMES_DIFFER: Final = -12.0


def score_pairs(left: pl.DataFrame, right: pl.DataFrame) -> NDArray[np.float64]:
    """Log-odds that row i of both frames is one person.

    Columns of each: name, dob (canonical text, see `births`), country (alpha-3); null where unknown.
    """
    frequencies = general_frequencies()
    ours, theirs = (
        queries.of_columns(
            frequencies, pl.Series([None] * side.height, dtype=pl.String), side["name"], side["dob"], side["country"]
        )
        for side in (left, right)
    )
    rows = np.arange(left.height, dtype=np.uint32)
    names = kernels.score_pairs(
        rows,
        ours.tokenised.names,
        ours.tokenised.tokens,
        ours.cut,
        rows,
        theirs.tokenised.names,
        theirs.tokenised.tokens,
        _weights(),
    )
    known = theirs.births[:, 0] > 0
    born = Births(np.ascontiguousarray(theirs.births[known]), np.concatenate([[0], np.cumsum(known)]).astype(np.int64))
    births, _, _ = kernels.birth_evidence(rows, rows, ours.births, born, score.BIRTHS)
    listed = theirs.countries > 0
    countries = kernels.country_evidence(
        rows,
        rows,
        ours.countries,
        theirs.countries[listed],
        np.concatenate([[0], np.cumsum(listed)]).astype(np.int64),
        score.COUNTRY_AGREES,
        score.COUNTRY_DIFFERS,
    )
    total: NDArray[np.float64] = np.maximum(names, NAMES_DIFFER) + births + countries
    return total


def _weights() -> Weights:
    """A pair that somebody made is no random traveller beside a lookout: neither side is the list, and what only one of both
    has weighs more."""
    weights = score.names()
    alone = (weights.beyond + weights.lacking) / 2
    return weights._replace(conflict=constants()["pair_conflict"], beyond=alone, lacking=alone)
