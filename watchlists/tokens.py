"""Folded names as tokens in arrays: what the kernels compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import compounds, kernels
from watchlists.frequencies import Frequencies as Frequencies
from watchlists.frequencies import Rarities as Rarities
from watchlists.frequencies import general_frequencies as general_frequencies
from watchlists.kernels import INITIAL, MAX_LETTERS, MAX_TOKENS, ORDINARY, PARTICLE, Names, Tokens
from watchlists.letters import letters_of as letters_of
from watchlists.variants import flagged

# Words that names are built with and that forms, carriers and lists add, drop and join at will.
PARTICLES: Final = (
    *("AL", "EL", "UL", "AD", "AS", "AR", "ASH", "AN", "AT", "AZ", "BIN", "BEN", "IBN", "BINT", "BINTI", "B", "OULD", "WALAD"),
    *("DE", "DEL", "DELA", "LA", "LAS", "LOS", "DA", "DOS", "DAS", "DO", "DI", "DU", "DES", "LE", "Y", "E"),
    *("VAN", "VON", "DER", "DEN", "TEN", "TER", "ZU", "VOM", "AF", "AV", "MC", "MAC", "ST", "SAN", "SANTA"),
    *("MR", "MRS", "MS", "MISS", "DR", "HAJ", "HAJI", "HAJJI", "SHEIKH", "SHAYKH", "MULLAH", "MAULAVI", "JR", "SR", "II", "III"),
)
_FEW: Final = 32  # tokens that are sooner sorted outside of a column
PARTICLE_RARITY: Final = 0.5  # what a particle adds to a word that it is written into
# Lengths of "SURNAME<<GIVEN NAMES" in machine readable zones of 44 and 36 or 30 characters when full, or full less a filler.
_FULL: Final = (29, 30, 38, 39)


@dataclass(frozen=True)
class Tokenised:
    """Names as tokens of their own vocabulary."""

    names: Names
    tokens: Tokens
    spelt: pl.Series  # the vocabulary's tokens


def sounds_of(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The sounds of tokens (see `kernels`)."""
    return kernels.normalise(letters, offsets)


def vocabulary(spelt: pl.Series, frequencies: Rarities) -> Tokens:
    """Tokens of the spellings (A-Z, at most MAX_LETTERS)."""
    letters, offsets = letters_of(spelt)
    sounds, sound_offsets = kernels.normalise(letters, offsets)
    identity = kernels.identities(letters, offsets)
    kind = np.full(len(spelt), ORDINARY, np.uint8)
    kind[np.diff(offsets) == 1] = INITIAL
    particles = _particles()
    kind[particles[np.minimum(np.searchsorted(particles, identity), particles.size - 1)] == identity] = PARTICLE
    masks = flagged(kernels.sound_masks(sounds, sound_offsets), identity)
    tokens = Tokens(sounds, sound_offsets, masks, identity, np.zeros(len(spelt), np.float32), kind)
    rarity = frequencies.rarity(tokens)
    rarity[kind == PARTICLE] = PARTICLE_RARITY
    return tokens._replace(rarity=rarity)


def tokenise(folded: pl.Series, frequencies: Rarities) -> Tokenised:
    """Tokens of folded names, compounds apart; of more than MAX_TOKENS the rarest, of longer tokens MAX_LETTERS letters."""
    rows, spelt, codes = _split(compounds.apart(folded))
    tokens = vocabulary(spelt, frequencies)
    counts = np.bincount(rows, minlength=len(folded))
    if counts.size and counts.max() > MAX_TOKENS:
        order = np.lexsort((tokens.identity[codes], -tokens.rarity[codes], rows))
        rank = np.arange(rows.size) - np.searchsorted(rows, rows)  # rows ascend, before and after the sort
        kept = order[rank < MAX_TOKENS]
        rows, codes = rows[kept], codes[kept]
        counts = np.minimum(counts, MAX_TOKENS)
    order = np.lexsort((tokens.identity[codes], rows))
    offsets = np.zeros(len(folded) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return Tokenised(Names(codes[order], offsets), tokens, spelt)


def _split(folded: pl.Series) -> tuple[NDArray[np.int64], pl.Series, NDArray[np.uint32]]:
    """The tokens of names: the row of each, the distinct ones in alphabetical order, and which of these each is."""
    text = "\n".join([*folded.to_list(), ""])
    letters = np.frombuffer(text.encode("ascii"), np.uint8)
    within = letters >= ord("A")
    edges = np.flatnonzero(np.diff(within, prepend=False))
    starts, stops = edges[::2], edges[1::2]
    rows = np.searchsorted(np.flatnonzero(letters == ord("\n")), starts)
    lengths = np.minimum(stops - starts, MAX_LETTERS)
    for start, stop in zip(*(edge[stops - starts > MAX_LETTERS].tolist() for edge in (starts, stops)), strict=True):
        within[start + MAX_LETTERS : stop] = False
    offsets = np.zeros(starts.size + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    identities = kernels.identities(letters[within] - np.uint8(ord("A")), offsets)
    _, first, codes = np.unique(identities, return_index=True, return_inverse=True)
    places = zip(starts[first].tolist(), (starts + lengths)[first].tolist(), strict=True)
    spelt = [text[start:stop] for start, stop in places]
    order = np.argsort(spelt) if len(spelt) <= _FEW else pl.Series(spelt).arg_sort().to_numpy()
    ranks = np.empty(order.size, np.uint32)
    ranks[order] = np.arange(order.size, dtype=np.uint32)
    return rows, pl.Series([spelt[token] for token in order.tolist()], dtype=pl.String), ranks[codes]


@cache
def _particles() -> NDArray[np.uint64]:
    return np.sort(kernels.identities(*letters_of(pl.Series(PARTICLES))))


def cut_short(names: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
    """Whether folded names (surname, given) fill the name field of a machine readable zone, so that their end may be lost.

    A name that is not split into surname and given names has lost one of the two fillers between them.
    """
    lengths = (len(surname) + len(given) + (2 if surname and given else 1) for surname, given in names)
    return np.array([length in _FULL for length in lengths], bool)
