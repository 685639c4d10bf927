"""Two records beside each other, without a list: the same scorer on pairs."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels, queries, score
from watchlists.countries import packed_agreeing
from watchlists.kernels import Births, Weights
from watchlists.queries import Queries
from watchlists.tokens import Rarities, general_frequencies
from watchlists.weights import constants

# What names that share nothing bring to a pair: no date of birth and nationality outweigh it.
NAMES_DIFFER: Final = -12.0


def score_pairs(left: pl.DataFrame, right: pl.DataFrame) -> NDArray[np.float64]:
    """Log-odds that row i of both frames is one person.

    Columns of each: name, dob (canonical text, see `births`), country (alpha-3); null where unknown.
    """
    return log_odds(queries_of(left, right, general_frequencies()))


def queries_of(left: pl.DataFrame, right: pl.DataFrame, rarities: Rarities) -> Queries:
    """Both sides as the matcher reads them, the right ones after all left ones, so that they have one vocabulary."""
    both = pl.concat([left, right])
    nothing = pl.Series([None] * both.height, dtype=pl.String)
    return queries.of_columns(rarities, nothing, both["name"], both["dob"], both["country"])


def log_odds(both: Queries) -> NDArray[np.float64]:
    """Log-odds that i and i + n of 2n persons are one."""
    count = both.cut.size // 2
    rows = np.arange(count, dtype=np.uint32)
    names, tokens = both.tokenised.names, both.tokenised.tokens
    alike = kernels.score_pairs(rows, names, tokens, both.cut, rows + np.uint32(count), names, tokens, _weights())
    theirs = both.births[count:]
    known = theirs[:, 0] > 0
    born = Births(np.ascontiguousarray(theirs[known]), np.concatenate([[0], np.cumsum(known)]).astype(np.int64))
    births, _, _ = kernels.birth_evidence(rows, rows, both.births, born, score.BIRTHS)
    countries, offsets = packed_agreeing(rows, both.nationality[count:], count)
    nationality = kernels.country_evidence(
        rows,
        rows,
        both.countries,
        countries,
        offsets,
        score.COUNTRY_AGREES,
        score.COUNTRY_DIFFERS,
    )
    total: NDArray[np.float64] = np.maximum(alike, NAMES_DIFFER) + births + nationality
    return total


def _weights() -> Weights:
    """A pair that somebody made is no random traveller beside a lookout: neither side is the list, and what only one of both
    has weighs more."""
    weights = score.names()
    alone = (weights.beyond + weights.lacking) / 2
    return weights._replace(conflict=constants()["pair_conflict"], beyond=alone, lacking=alone)
