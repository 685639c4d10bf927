"""How rare tokens are, counted once for many batches."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from watchlists.frequencies import Remembered, general_frequencies
from watchlists.tokens import tokenise

BATCHES = st.lists(
    st.lists(st.sampled_from(["MOHAMMED", "MOHAMED", "QUORVAX", "QUORVAXX", "AL", "X", "SMITH", "ZZYZX"]), unique=True)
)


@given(BATCHES)
def test_what_is_remembered_is_what_was_counted(batches: list[list[str]]) -> None:
    frequencies = general_frequencies()
    remembered = Remembered(frequencies)
    for spelt in batches:
        tokens = pl.Series(sorted(spelt), dtype=pl.String)
        assert np.array_equal(tokenise(tokens, remembered).tokens.rarity, tokenise(tokens, frequencies).tokens.rarity)
