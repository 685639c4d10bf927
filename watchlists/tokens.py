"""Folded names as tokens in arrays: what the kernels compare."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import compounds, kernels
from watchlists.frequencies import Frequencies as Frequencies
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


def vocabulary(spelt: pl.Series, frequencies: Frequencies) -> Tokens:
    """Tokens of the spellings (A-Z, at most MAX_LETTERS)."""
    letters, offsets = letters_of(spelt)
    sounds, sound_offsets = kernels.normalise(letters, offsets)
    identity = kernels.identities(letters, offsets)
    kind = np.full(len(spelt), ORDINARY, np.uint8)
    kind[spelt.str.len_bytes().to_numpy() == 1] = INITIAL
    kind[spelt.is_in(list(PARTICLES)).to_numpy()] = PARTICLE
    masks = flagged(kernels.sound_masks(sounds, sound_offsets), identity)
    tokens = Tokens(sounds, sound_offsets, masks, identity, np.zeros(len(spelt), np.float32), kind)
    rarity = frequencies.rarity(tokens)
    rarity[kind == PARTICLE] = PARTICLE_RARITY
    return tokens._replace(rarity=rarity)


def tokenise(folded: pl.Series, frequencies: Frequencies) -> Tokenised:
    """Tokens of folded names, compounds apart; of more than MAX_TOKENS the rarest, of longer tokens MAX_LETTERS letters."""
    folded = compounds.apart(folded)
    exploded = (
        pl.DataFrame({"row": np.arange(len(folded), dtype=np.uint32), "token": folded.str.split(" ")})
        .explode("token")
        .filter(pl.col("token") != "")
        .with_columns(pl.col("token").str.slice(0, MAX_LETTERS))
    )
    spelt = exploded["token"].unique().sort()
    tokens = vocabulary(spelt, frequencies)
    codes = (exploded["token"].rank("dense").to_numpy() - 1).astype(np.uint32)
    rows = exploded["row"].to_numpy()
    identity = tokens.identity[codes]
    if len(folded) and np.bincount(rows, minlength=len(folded)).max() > MAX_TOKENS:
        order = np.lexsort((identity, -tokens.rarity[codes], rows))
        rank = np.arange(rows.size) - np.searchsorted(rows, rows)  # rows ascend, before and after the sort
        kept = order[rank < MAX_TOKENS]
        rows, codes, identity = rows[kept], codes[kept], identity[kept]
    order = np.lexsort((identity, rows))
    offsets = np.zeros(len(folded) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(folded)), out=offsets[1:])
    return Tokenised(Names(codes[order], offsets), tokens, spelt)


def cut_short(surname: pl.Series, given: pl.Series) -> NDArray[np.bool_]:
    """Whether folded names fill the name field of a machine readable zone, so that their end may be lost.

    A name that is not split into surname and given names has lost one of the two fillers between them.
    """
    both = (surname != "") & (given != "")
    length = surname.str.len_bytes() + given.str.len_bytes() + pl.select(pl.when(both).then(2).otherwise(1)).to_series()
    full: NDArray[np.bool_] = length.is_in(list(_FULL)).to_numpy()
    return full
