"""Attested variants, and the rule that tells which tokens meet in the index."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.watchlists.test_match_properties import pair_scores
from watchlists import kernels
from watchlists.letters import letters_of

WORDS = st.text("ABEHIKLMNSTRZ", min_size=1, max_size=14)


@given(left=WORDS, right=WORDS, at=st.integers(0, 14), letter=st.sampled_from("AHKL"))
@settings(max_examples=300, deadline=None)
def test_tokens_share_a_key_where_the_rule_says_so(left: str, right: str, at: int, letter: str) -> None:
    for other in (right, left[:at] + letter + left[at:], left[:at] + left[at + 1 :] or "A", "AL" + left):
        sounds, offsets = kernels.normalise(*letters_of(pl.Series([left, other])))
        found = []
        for token in (0, 1):
            keys = np.empty(2 * kernels.MAX_LETTERS + 8, np.uint64)
            count = kernels.probe_keys(sounds, offsets[token], offsets[token + 1], keys)
            found.append(set(keys[:count].tolist()))
        shared = kernels.share_key(sounds, offsets[0], offsets[1], sounds, offsets[1], offsets[2])
        assert shared == bool(found[0] & found[1])


def test_forms_of_one_name_score_between_the_name_and_another() -> None:
    same, language, diminutive, other = pair_scores(
        ["ALEXANDER VERKHOLANTSEV"] * 4,
        [f"{given} VERKHOLANTSEV" for given in ("ALEXANDER", "ALIAKSANDR", "SASHA", "ROBERT")],
    )
    assert same > language > diminutive > other
