"""How rare a token is among travellers: the committed table, and what is written like its tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels
from watchlists.kernels import ORDINARY, Tokens, Weights
from watchlists.letters import letters_of
from watchlists.variants import flagged
from watchlists.weights import constants, names


class Rarities(Protocol):
    """What says how rare tokens are."""

    def rarity(self, tokens: Tokens) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Frequencies:
    """Shares of travellers that carry a token, and what finds tokens that are written alike. Rows are tokens, by hash."""

    identities: NDArray[np.uint64]  # (n) sorted
    shares: NDArray[np.float64]  # (n)
    rarities: NDArray[np.float32]  # (n) as `rarity` gives them
    sounds: NDArray[np.uint8]  # as Tokens
    offsets: NDArray[np.int64]
    masks: NDArray[np.uint32]
    keys: NDArray[np.uint64]  # sorted probe keys
    key_tokens: NDArray[np.uint32]

    def rarity(
        self, tokens: Tokens, weights: Weights | None = None, values: Mapping[str, float] | None = None
    ) -> NDArray[np.float32]:
        """-ln of the share of travellers that have each token, or one of which it is a likely spelling.

        Tokens that were not counted are weighed by these constants, else by those of the table.
        """
        at = np.searchsorted(self.identities, tokens.identity)
        known = at < self.identities.size
        known[known] = self.identities[at[known]] == tokens.identity[known]
        rarity = np.zeros(tokens.identity.size, np.float32)
        rarity[known] = self.rarities[at[known]]
        others = np.flatnonzero(~known)
        rarity[others] = self.counted(others, tokens, weights or names(), values or constants())
        return rarity

    def counted(
        self, rows: NDArray[np.int64], tokens: Tokens, weights: Weights, values: Mapping[str, float]
    ) -> NDArray[np.float32]:
        """The same for some rows of `tokens`, counted anew over all that they may be a spelling of, with these constants."""
        # A short token is one of few that can be written, so nobody's short token is very rare.
        most = np.minimum(values["most_rare"], values["short_rarity"] + values["letter_rarity"] * np.diff(tokens.offsets)[rows])
        kind = np.full(self.identities.size, ORDINARY, np.uint8)
        known = Tokens(self.sounds, self.offsets, self.masks, self.identities, self.rarities, kind)
        return kernels.rarities(rows, tokens, known, self.shares, self.keys, self.key_tokens, np.exp(-most), weights)


class Remembered:
    """Rarities of `frequencies` for many batches of names, which share most of their tokens: each is counted once.

    Safe to use from several threads: what one counts may be counted by another as well.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        self._frequencies = frequencies
        self._known = np.zeros(0, np.uint64), np.zeros(0, np.float32)  # identities, sorted, and rarities

    def rarity(self, tokens: Tokens) -> NDArray[np.float32]:
        """As `Frequencies.rarity`."""
        identities, rarities = self._known
        at = np.searchsorted(identities, tokens.identity)
        new = np.ones(tokens.identity.size, bool)
        within = at < identities.size
        new[within] = identities[at[within]] != tokens.identity[within]
        rarity = np.empty(new.size, np.float32)
        rarity[~new] = rarities[at[~new]]
        rows = np.flatnonzero(new)
        rarity[rows] = self._frequencies.rarity(_gathered(tokens, rows))
        merged, first = np.unique(np.concatenate([identities, tokens.identity[rows]]), return_index=True)
        self._known = merged, np.concatenate([rarities, rarity[rows]])[first]
        return rarity


def _gathered(tokens: Tokens, rows: NDArray[np.int64]) -> Tokens:
    """Some tokens of a vocabulary."""
    lengths = np.diff(tokens.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    sounds = tokens.sounds[np.repeat(tokens.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])]
    return Tokens(sounds, offsets, tokens.masks[rows], tokens.identity[rows], tokens.rarity[rows], tokens.kind[rows])


@cache
def general_frequencies() -> Frequencies:
    """The committed table (see `watchlists.tables.build`)."""
    with (files("watchlists.tables") / "frequencies.csv").open("rb") as file:
        table = pl.read_csv(file, schema={"token": pl.String, "per_million": pl.UInt32})
    return frequencies_of(table["token"], table["per_million"].to_numpy() / 1e6)


def frequencies_of(spelt: pl.Series, shares: NDArray[np.float64]) -> Frequencies:
    """Frequencies of tokens (A-Z) that these shares of travellers carry."""
    identities = kernels.identities(*letters_of(spelt))
    order = np.argsort(identities)
    sounds, offsets = kernels.normalise(*letters_of(spelt.gather(order)))
    masks = flagged(kernels.sound_masks(sounds, offsets), identities[order])
    keys, key_tokens = kernels.all_keys(sounds, offsets)
    by_key = np.argsort(keys, kind="stable")
    unweighed = Frequencies(
        identities=identities[order],
        shares=shares[order],
        rarities=np.zeros(order.size, np.float32),
        sounds=sounds,
        offsets=offsets,
        masks=masks,
        keys=keys[by_key],
        key_tokens=key_tokens[by_key],
    )
    return reweighed(unweighed, names(), constants())


def reweighed(frequencies: Frequencies, weights: Weights, values: Mapping[str, float]) -> Frequencies:
    """The frequencies with rarities by other constants."""
    rows = np.arange(frequencies.identities.size)
    kind = np.full(rows.size, ORDINARY, np.uint8)
    f = frequencies
    tokens = Tokens(f.sounds, f.offsets, f.masks, f.identities, f.rarities, kind)
    return Frequencies(
        f.identities, f.shares, f.counted(rows, tokens, weights, values), f.sounds, f.offsets, f.masks, f.keys, f.key_tokens
    )
