"""Arrays of a list that make matching fast: built once from the lookouts, kept in the snapshot, memory-mapped."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import fold
from watchlists import births, kernels
from watchlists.countries import packed_agreeing
from watchlists.documents import document_keys
from watchlists.kernels import Births, Index, Names, Places, Tokens
from watchlists.places import places
from watchlists.score import names as names_weights
from watchlists.tokens import Frequencies, Tokenised, general_frequencies, tokenise

_KEYS_PER_BUCKET: Final = 4
_CHUNKS: Final = 64  # of the vocabulary, worked on by as many threads as there are processors


@dataclass(frozen=True)
class Listed:
    """What the matcher reads of a list. Names are grouped by entry; weak ones are in no posting."""

    names: Names
    tokens: Tokens
    index: Index
    name_entries: NDArray[np.uint32]
    name_weak: NDArray[np.bool_]
    entry_names: NDArray[np.int64]  # (entries + 1) first name of each entry
    births: Births
    countries: NDArray[np.uint16]  # that agree with those of each entry
    country_offsets: NDArray[np.int64]
    places: Places
    document_keys: NDArray[np.uint64]  # sorted
    document_rows: NDArray[np.uint32]  # row of the document frame
    frequencies: Frequencies


@dataclass(frozen=True)
class Frames:
    """What is shown of a list: verbatim names, spelt tokens, documents."""

    names: pl.DataFrame  # entry, name, weak; in the order of Listed.names
    spelt: pl.DataFrame  # token
    documents: pl.DataFrame  # entry, type, number, issuer


def build(lookouts: pl.DataFrame, frequencies: Frequencies | None = None) -> tuple[Listed, Frames]:
    """Index the lookouts (LOOKOUTS with `entry`, ascending from 0). Names are weighed by `frequencies`, else the general ones."""
    names = _names(lookouts)
    frequencies = frequencies or general_frequencies()
    tokenised = tokenise(names["folded"], frequencies)
    entries = names["entry"].to_numpy().astype(np.uint32)
    born = _births(lookouts)
    weak = names["weak"].to_numpy()
    documents = lookouts.select("entry", "documents").explode("documents").drop_nulls().unnest("documents")
    keys = document_keys(documents["number"])
    order = np.argsort(keys, kind="stable")
    of_countries = lookouts.select("entry", "countries").explode("countries").drop_nulls()
    countries, country_offsets = packed_agreeing(of_countries["entry"].to_numpy(), of_countries["countries"], lookouts.height)
    of_places = lookouts.select("entry", "birthplaces").explode("birthplaces").drop_nulls()
    listed = Listed(
        names=tokenised.names,
        tokens=tokenised.tokens,
        index=index_of(tokenised, weak, _packed(born)[entries]),
        name_entries=entries,
        name_weak=weak,
        entry_names=_offsets(entries, lookouts.height),
        births=born,
        countries=countries,
        country_offsets=country_offsets,
        places=places(of_places["entry"].to_numpy(), of_places["birthplaces"].to_list(), lookouts.height, listed=True),
        document_keys=keys[order],
        document_rows=order.astype(np.uint32),
        frequencies=frequencies,
    )
    return listed, Frames(names.select("entry", "name", "weak"), tokenised.spelt.alias("token").to_frame(), documents)


def _names(lookouts: pl.DataFrame) -> pl.DataFrame:
    """entry, name, weak, folded: each distinct folded name of an entry once, strong before weak."""
    parts = [
        lookouts.select("entry", pl.col("name"), weak=pl.lit(False)),
        lookouts.select("entry", pl.col("aliases").alias("name"), weak=pl.lit(False)).explode("name").drop_nulls(),
        lookouts.select("entry", pl.col("weak_aliases").alias("name"), weak=pl.lit(True)).explode("name").drop_nulls(),
    ]
    names = pl.concat(parts)
    return (
        names.with_columns(fold(names["name"]).alias("folded"))
        .filter(pl.col("folded") != "")
        .unique(["entry", "folded"], keep="first", maintain_order=True)
        .sort("entry", maintain_order=True)
    )


def _offsets(groups: NDArray[np.uint32], count: int) -> NDArray[np.int64]:
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(groups, minlength=count), out=offsets[1:])
    return offsets


def index_of(tokenised: Tokenised, weak: NDArray[np.bool_], born: NDArray[np.uint32]) -> Index:
    """The token index of names, `born` the packed date of birth of each; those that are `weak` are in no posting."""
    names, tokens = tokenised.names, tokenised.tokens
    owners = np.repeat(np.arange(weak.size, dtype=np.uint32), np.diff(names.offsets))
    strong = ~weak[owners]
    owners, used = owners[strong], names.tokens[strong]
    order = np.lexsort((owners, used))
    first = np.ones(order.size, bool)  # a token twice in one name is one posting
    first[1:] = (used[order][1:] != used[order][:-1]) | (owners[order][1:] != owners[order][:-1])
    postings = order[first]
    keys, key_tokens = kernels.all_keys(tokens.sounds, tokens.offsets)
    by_key = np.lexsort((key_tokens, keys))
    keys, key_tokens = keys[by_key], key_tokens[by_key]
    bits = max(1, int(np.log2(max(keys.size // _KEYS_PER_BUCKET, 2))))
    edges = np.arange(1, 2**bits, dtype=np.uint64) << np.uint64(64 - bits)
    buckets = np.concatenate([[0], np.searchsorted(keys, edges), [keys.size]]).astype(np.int64)
    words = kernels.word_table(tokens.identity)
    near, near_tokens, near_gains = _near(tokens, keys, key_tokens, buckets, words)
    return Index(
        keys=keys,
        key_tokens=key_tokens,
        buckets=buckets,
        words=words,
        by_sound=_by_sound(tokens),
        near=near,
        near_tokens=near_tokens,
        near_gains=near_gains,
        pairs=kernels.token_pairs(names, weak),
        offsets=_offsets(used[postings], tokens.rarity.size),
        born=born[owners[postings]],
        postings=kernels.postings(names, owners[postings], used[postings], tokens.rarity.size),
    )


def _near(
    tokens: Tokens,
    keys: NDArray[np.uint64],
    key_tokens: NDArray[np.uint32],
    buckets: NDArray[np.int64],
    words: NDArray[np.uint32],
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """For each token those that are like it and itself, best first: offsets (n + 1), tokens, gains."""
    count = tokens.rarity.size
    edges = np.linspace(0, count, _CHUNKS + 1).astype(np.int64)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(
            pool.map(
                lambda start, stop: kernels.like_tokens(start, stop, tokens, keys, key_tokens, buckets, words, names_weights()),
                edges[:-1],
                edges[1:],
            )
        )
    left, right, gains = (np.concatenate([part[side] for part in made]) for side in range(3))
    both = left != right
    source = np.concatenate([left, right[both]])
    target = np.concatenate([right, left[both]])
    gain = np.concatenate([gains, gains[both]])
    order = np.lexsort((target, -gain, source))
    return _offsets(source, count), target[order], gain[order]


def _by_sound(tokens: Tokens) -> NDArray[np.uint32]:
    """Tokens in the order of their sounds."""
    padded = np.zeros((tokens.rarity.size, kernels.MAX_LETTERS), np.uint8)
    lengths = np.diff(tokens.offsets)
    rows = np.repeat(np.arange(tokens.rarity.size), lengths)
    padded[rows, np.arange(tokens.sounds.size) - np.repeat(tokens.offsets[:-1], lengths)] = tokens.sounds + 1
    return np.argsort(padded.view(f"S{kernels.MAX_LETTERS}").ravel(), kind="stable").astype(np.uint32)


def _packed(born: Births) -> NDArray[np.uint32]:
    """Of each entry its date of birth as `Index.born` has it."""
    counts = np.diff(born.offsets)
    packed = np.where(counts == 0, kernels.NO_BIRTH, kernels.OTHER_BIRTH).astype(np.uint32)
    single = np.flatnonzero(counts == 1)
    first, last, month, day = born.values[born.offsets[single]].astype(np.uint32).T
    one_year = first == last
    packed[single[one_year]] = ((first << 9) + (month << 5) + day)[one_year]
    return packed


def _births(lookouts: pl.DataFrame) -> Births:
    dobs = lookouts.select("entry", "dobs").explode("dobs").drop_nulls()
    rows = births.rows(dobs["dobs"])
    known = rows[:, 0] > 0
    return Births(rows[known], _offsets(dobs["entry"].to_numpy()[known], lookouts.height))
