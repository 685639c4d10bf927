"""Names taken apart: what the one pass over all letters gives is what splitting each name gives."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from watchlists import kernels
from watchlists.kernels import MAX_LETTERS, MAX_TOKENS, Tokens
from watchlists.letters import letters_of
from watchlists.tokens import PARTICLES, cut_short, tokenise

WORDS = st.text("ABDINLQX", min_size=1, max_size=5) | st.sampled_from(["AL", "B", "Q" * 40])
NAMES = st.lists(WORDS, max_size=16).map(" ".join)


class _ByLength:
    """A longer token is rarer."""

    def rarity(self, tokens: Tokens) -> NDArray[np.float32]:
        return np.diff(tokens.offsets).astype(np.float32)


def _tokens(name: str) -> list[str]:
    return [token[:MAX_LETTERS] for token in name.split()]


@given(st.lists(NAMES.filter(lambda name: "ABD" not in name and "D" not in name), max_size=5))
def test_tokens_of_names_are_their_words_in_the_order_of_identity(names: list[str]) -> None:
    made = tokenise(pl.Series(names, dtype=pl.String), _ByLength())
    assert made.spelt.n_unique() == len(made.spelt)
    np.testing.assert_array_equal(made.tokens.identity, kernels.identities(*letters_of(made.spelt)))
    sounds, offsets = kernels.normalise(*letters_of(made.spelt))
    np.testing.assert_array_equal(made.tokens.sounds, sounds)
    np.testing.assert_array_equal(made.tokens.offsets, offsets)
    for row, name in enumerate(names):
        own = made.names.tokens[made.names.offsets[row] : made.names.offsets[row + 1]]
        identities = made.tokens.identity[own]
        assert (identities[1:] >= identities[:-1]).all()
        spelt, meant = sorted(made.spelt.gather(own).to_list()), sorted(_tokens(name))
        if len(meant) <= MAX_TOKENS:
            assert spelt == meant
        else:
            rarity = {token: made.tokens.rarity[at] for at, token in enumerate(made.spelt.to_list())}
            assert len(spelt) == MAX_TOKENS
            assert sorted(rarity[token] for token in spelt) == sorted(rarity[token] for token in meant)[-MAX_TOKENS:]


@given(st.lists(st.tuples(NAMES, NAMES), max_size=4))
def test_a_name_is_cut_short_whether_it_is_one_of_few_or_of_many(names: list[tuple[str, str]]) -> None:
    whole = [f"{surname} {given}" for surname, given in names]
    meant = [len(surname) + len(given) + (2 if surname and given else 1) in (29, 30, 38, 39) for surname, given in names]
    for times in (1, 33):
        assert cut_short(pl.Series(whole * times, dtype=pl.String)).tolist() == meant * times


def test_particles_are_told_from_names() -> None:
    made = tokenise(pl.Series([" ".join(PARTICLES[:10]), "X SMITH"]), _ByLength())
    kinds = dict(zip(made.spelt.to_list(), made.tokens.kind.tolist(), strict=True))
    assert {kinds[token] for token in PARTICLES[:10]} == {kernels.PARTICLE}
    assert (kinds["X"], kinds["SMITH"]) == (kernels.INITIAL, kernels.ORDINARY)


def test_of_a_name_of_hundreds_of_tokens_only_the_longest_are_weighed_whatever_their_order() -> None:
    tokens = ["A" * length + "B" * (first + 1) for length in range(1, 9) for first in range(20)]
    name, other = " ".join(tokens), " ".join(reversed(tokens))
    made = tokenise(pl.Series([name, other]), _ByLength())
    first, second = (made.names.tokens[made.names.offsets[row] : made.names.offsets[row + 1]] for row in range(2))
    assert first.size == MAX_TOKENS
    assert first.tolist() == second.tolist()
    assert len(made.spelt) == 32
    assert made.spelt.str.len_bytes().min() > 15
