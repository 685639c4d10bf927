"""Folded names as tokens in arrays: what the kernels compare."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import FEW
from watchlists import compounds, kernels
from watchlists.frequencies import Frequencies as Frequencies
from watchlists.frequencies import Rarities as Rarities
from watchlists.frequencies import general_frequencies as general_frequencies
from watchlists.kernels import INITIAL, MAX_TOKENS, ORDINARY, PARTICLE, Names, Tokens
from watchlists.letters import letters_of as letters_of
from watchlists.variants import flagged

# Words that names are built with and that forms, carriers and lists add, drop and join at will.
PARTICLES: Final = (
    *("AL", "EL", "UL", "AD", "AS", "AR", "ASH", "AN", "AT", "AZ", "BIN", "BEN", "IBN", "BINT", "BINTI", "B", "OULD", "WALAD"),
    *("DE", "DEL", "DELA", "LA", "LAS", "LOS", "DA", "DOS", "DAS", "DO", "DI", "DU", "DES", "LE", "Y", "E"),
    *("VAN", "VON", "DER", "DEN", "TEN", "TER", "ZU", "VOM", "AF", "AV", "MC", "MAC", "ST", "SAN", "SANTA"),
    *("MR", "MRS", "MS", "MISS", "DR", "HAJ", "HAJI", "HAJJI", "SHEIKH", "SHAYKH", "MULLAH", "MAULAVI", "JR", "SR", "II", "III"),
)
PARTICLE_RARITY: Final = 0.5  # what a particle adds to a word that it is written into
# Lengths of "SURNAME<<GIVEN NAMES" in machine readable zones of 44 and 36 or 30 characters when full, or full less a filler.
_FULL: Final = (29, 30, 38, 39)
_WEIGHED: Final = 32  # tokens of a name that rarity is counted for at most


@dataclass(frozen=True)
class Tokenised:
    """Names as tokens of their own vocabulary."""

    names: Names
    tokens: Tokens
    spelt: pl.Series  # the vocabulary's tokens


def sounds_of(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The sounds of tokens (see `kernels`)."""
    return kernels.normalise(letters, offsets)


def tokenise(folded: pl.Series, frequencies: Rarities) -> Tokenised:
    """Tokens of folded names, compounds apart; of more than MAX_TOKENS the rarest, of longer tokens MAX_LETTERS letters.

    Of a name of hundreds of tokens, which nobody has, only the longest are weighed: long ones are the rarer.
    """
    text = "\n".join([*map(_bounded, compounds.apart(folded).to_list()), ""]).encode("ascii")
    codes, offsets, letters, ends, identity = kernels.split(np.frombuffer(text, np.uint8))
    tokens = _vocabulary(letters, ends, identity, frequencies)
    counts = np.diff(offsets)
    if counts.max(initial=0) > MAX_TOKENS:
        rows = np.repeat(np.arange(counts.size), counts)
        order = np.lexsort((identity[codes], -tokens.rarity[codes], rows))
        rank = np.arange(rows.size) - offsets[rows]
        codes = codes[np.sort(order[rank < MAX_TOKENS])]  # still in the order of identity
        offsets[1:] = np.cumsum(np.minimum(counts, MAX_TOKENS))
    whole = (letters + np.uint8(ord("A"))).tobytes().decode("ascii")
    spelt = [whole[start:stop] for start, stop in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
    return Tokenised(Names(codes, offsets), tokens, pl.Series(spelt, dtype=pl.String))


def _bounded(name: str) -> str:
    if name.count(" ") < _WEIGHED:
        return name
    return " ".join(sorted(name.split(), key=lambda token: (-len(token), token))[:_WEIGHED])


def _vocabulary(
    letters: NDArray[np.uint8], offsets: NDArray[np.int64], identity: NDArray[np.uint64], frequencies: Rarities
) -> Tokens:
    """Tokens of letters end to end."""
    sounds, sound_offsets = kernels.normalise(letters, offsets)
    kind = np.full(identity.size, ORDINARY, np.uint8)
    kind[np.diff(offsets) == 1] = INITIAL
    particles = _particles()
    kind[particles[np.minimum(np.searchsorted(particles, identity), particles.size - 1)] == identity] = PARTICLE
    masks = flagged(kernels.sound_masks(sounds, sound_offsets), identity)
    tokens = Tokens(sounds, sound_offsets, masks, identity, np.zeros(identity.size, np.float32), kind)
    rarity = frequencies.rarity(tokens)
    rarity[kind == PARTICLE] = PARTICLE_RARITY
    return tokens._replace(rarity=rarity)


@cache
def _particles() -> NDArray[np.uint64]:
    return np.sort(kernels.identities(*letters_of(pl.Series(PARTICLES))))


def cut_short(whole: pl.Series) -> NDArray[np.bool_]:
    """Whether folded names, each surname, space, given names, fill the name field of a machine readable zone, so that their
    end may be lost.

    A name that is not split into surname and given names has lost one of the two fillers between them.
    """
    if len(whole) <= FEW:
        return np.array([len(name) + (name[0] != " " and name[-1] != " ") in _FULL for name in whole.to_list()], bool)
    split = ~(whole.str.starts_with(" ") | whole.str.ends_with(" "))
    full: NDArray[np.bool_] = (whole.str.len_bytes() + split).is_in(_FULL).to_numpy()
    return full
