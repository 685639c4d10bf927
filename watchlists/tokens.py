"""Folded names as tokens in arrays: what the kernels compare."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels
from watchlists.kernels import INITIAL, MAX_LETTERS, MAX_TOKENS, ORDINARY, PARTICLE, SOUNDS, Names, Tokens

# Words that names are built with and that forms, carriers and lists add, drop and join at will.
PARTICLES: Final = (
    *("AL", "EL", "UL", "AD", "AS", "AR", "ASH", "AN", "AT", "AZ", "BIN", "BEN", "IBN", "BINT", "BINTI", "B", "OULD", "WALAD"),
    *("DE", "DEL", "DELA", "LA", "LAS", "LOS", "DA", "DOS", "DAS", "DO", "DI", "DU", "DES", "LE", "Y", "E"),
    *("VAN", "VON", "DER", "DEN", "TEN", "TER", "ZU", "VOM", "AF", "AV", "MC", "MAC", "ST", "SAN", "SANTA"),
    *("MR", "MRS", "MS", "MISS", "DR", "HAJ", "HAJI", "HAJJI", "SHEIKH", "SHAYKH", "MULLAH", "MAULAVI", "JR", "SR", "II", "III"),
)
# -ln of shares: a particle is worth little whoever carries it; nobody's token is rarer than one in 10,000 travellers,
# because people of one place and family share rare names. The bound, like the two below, was fitted, not counted.
PARTICLE_RARITY: Final = 0.5
MOST_RARE: Final = 9.2
# A short token is one of few that can be written, so it is rarely rare: at most this plus that per letter. Fitted as
# `score.names` tells; from six letters on MOST_RARE holds.
SHORT_RARITY: Final = 3.2
LETTER_RARITY: Final = 1.0
# Lengths of "SURNAME<<GIVEN NAMES" in machine readable zones of 44 and 36 or 30 characters when full, or full less a filler.
_FULL: Final = (29, 30, 38, 39)


@dataclass(frozen=True)
class Frequencies:
    """Shares of travellers that carry a token, by the token's hash."""

    identities: NDArray[np.uint64]  # sorted
    shares: NDArray[np.float64]

    def rarity(self, identities: NDArray[np.uint64]) -> NDArray[np.float32]:
        """-ln of the shares, at most MOST_RARE."""
        shares = np.full(identities.size, np.exp(-MOST_RARE))
        if self.identities.size:
            at = np.minimum(np.searchsorted(self.identities, identities), self.identities.size - 1)
            known = self.identities[at] == identities
            shares[known] = np.maximum(shares[known], self.shares[at[known]])
        rarity: NDArray[np.float32] = (-np.log(shares)).astype(np.float32)
        return rarity


@dataclass(frozen=True)
class Tokenised:
    """Names as tokens of their own vocabulary."""

    names: Names
    tokens: Tokens
    spelt: pl.Series  # the vocabulary's tokens


@cache
def general_frequencies() -> Frequencies:
    """The committed table (see `watchlists.tables.build`)."""
    with (files("watchlists.tables") / "frequencies.csv").open("rb") as file:
        table = pl.read_csv(file, schema={"token": pl.String, "per_million": pl.UInt32})
    identities = kernels.identities(*letters_of(table["token"]))
    order = np.argsort(identities)
    return Frequencies(identities[order], table["per_million"].to_numpy()[order] / 1e6)


@cache
def spelling_costs() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Costs in nats of one sound for another (31, 31) and of a sound left out (31), from the committed table."""
    with (files("watchlists.tables") / "spelling.csv").open(encoding="ascii") as file:
        costs = np.array([[float(cost) for cost in row] for row in csv.reader(file)], np.float32)
    return costs[:SOUNDS, :SOUNDS].copy(), costs[:SOUNDS, SOUNDS].copy()


def letters_of(tokens: pl.Series) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Letters 0-25 of all tokens end to end, and where each begins (n + 1)."""
    text = "".join(tokens.to_list()).encode("ascii")
    offsets = np.zeros(len(tokens) + 1, np.int64)
    np.cumsum(tokens.str.len_bytes().to_numpy(), out=offsets[1:])
    return np.frombuffer(text, np.uint8) - np.uint8(ord("A")), offsets


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
    most = np.minimum(MOST_RARE, SHORT_RARITY + LETTER_RARITY * np.diff(offsets)).astype(np.float32)
    rarity = np.minimum(frequencies.rarity(identity), most)
    rarity[kind == PARTICLE] = PARTICLE_RARITY
    return Tokens(sounds, sound_offsets, kernels.sound_masks(sounds, sound_offsets), identity, rarity, kind)


def tokenise(folded: pl.Series, frequencies: Frequencies) -> Tokenised:
    """Tokens of folded names; of more than MAX_TOKENS the rarest, of longer tokens the first MAX_LETTERS letters."""
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
