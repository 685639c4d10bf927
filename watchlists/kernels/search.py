"""From queries to the listed names that may be theirs: the token index."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.alignment import Scratch, align, scratch, token_gain
from watchlists.kernels.births import best_birth
from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import hash_sounds, probe_keys
from watchlists.kernels.types import (
    CUT_LETTERS,
    MAX_LETTERS,
    MAX_TOKENS,
    ORDINARY,
    Births,
    BirthWeights,
    Index,
    Names,
    Needs,
    Tokens,
    Weights,
)

UNLIKE: Final = 4.0  # allowed for a token that shares no key with its pair: index recall .997 on the real lists, .983 without


@compiled
def find(index: Index, key: np.uint64) -> tuple[int, int]:
    """First and last+1 position of a key among the index's keys."""
    shift = np.uint64(64 - _log2(index.buckets.size - 1))
    bucket = int(key >> shift)
    low, high = int(index.buckets[bucket]), int(index.buckets[bucket + 1])
    while low < high and index.keys[low] < key:
        low += 1
    stop = low
    while stop < high and index.keys[stop] == key:
        stop += 1
    return low, stop


@compiled
def _log2(value: int) -> int:
    bits = 0
    while value > 1:
        value >>= 1
        bits += 1
    return bits


@compiled
def neighbours(
    queries: Tokens, listed: Tokens, index: Index, weights: Weights
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Listed tokens like each query token, best first: offsets (n + 1), tokens, gains. Particles and initials have none."""
    work = scratch()
    size = 1024
    tokens = np.empty(size, np.uint32)
    gains = np.empty(size, np.float32)
    offsets = np.zeros(queries.rarity.size + 1, np.int64)
    keys = np.empty(MAX_LETTERS * 2 + 8, np.uint64)
    seen = np.full(listed.rarity.size, -1, np.int32)
    at = 0
    for q in range(queries.rarity.size):
        first = at
        if queries.kind[q] == ORDINARY:
            count = probe_keys(queries.sounds, queries.offsets[q], queries.offsets[q + 1], keys)
            for k in range(count):
                low, high = find(index, keys[k])
                for position in range(low, high):
                    t = index.key_tokens[position]
                    if seen[t] == q:
                        continue
                    seen[t] = q
                    gain = token_gain(q, queries, t, listed, False, weights, work.rows)
                    if gain <= 0.0 or listed.kind[t] != ORDINARY:
                        continue
                    if at == size:
                        size *= 2
                        tokens, gains = grown_ids(tokens, size), grown_gains(gains, size)
                    tokens[at] = t
                    gains[at] = gain
                    at += 1
            order = np.argsort(-gains[first:at], kind="mergesort")
            tokens[first:at] = tokens[first:at][order]
            gains[first:at] = gains[first:at][order]
        offsets[q + 1] = at
    return offsets, tokens[:at].copy(), gains[:at].copy()


@compiled
def grown_ids(values: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    larger = np.empty(size, np.uint32)
    larger[: values.size] = values
    return larger


@compiled
def grown_gains(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    larger = np.empty(size, np.float32)
    larger[: values.size] = values
    return larger


@compiled
def search(
    query_names: Names,
    queries: Tokens,
    cut: NDArray[np.bool_],
    needs: Needs,
    listed_names: Names,
    listed: Tokens,
    index: Index,
    weights: Weights,
    name_entries: NDArray[np.uint32],
    births: Births,
    birth_weights: BirthWeights,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]:
    """Every (query, listed name, name log-odds) that `needs` asks for and that shares a token of substance.

    Names are reached over the postings of like tokens, rarest first. A posting adds no name once those first met in it
    could not reach the query's floor by all gains still to come; a name is aligned, exactly, only where the gains of its
    like tokens and what its date of birth says could reach what is needed.
    """
    near_offsets, near_tokens, near_gains = neighbours(queries, listed, index, weights)
    work = scratch()
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    part_gains = np.empty(2 * MAX_TOKENS, np.float64)
    size = 1024
    found_q = np.empty(size, np.uint32)
    found_n = np.empty(size, np.uint32)
    found_s = np.empty(size, np.float64)
    probes = np.empty(1024, np.uint32)
    probe_gains = np.empty(1024, np.float64)
    pair = np.empty(MAX_LETTERS * 2 + 2, np.uint8)
    names = listed_names.offsets.size - 1
    bound = np.zeros(names, np.float32)  # gains of like tokens so far, of the names touched by this query
    step_of = np.full(names, -1, np.int64)  # the last (query, token) that touched the name
    touched = np.empty(names, np.uint32)
    at = 0
    for query in range(query_names.offsets.size - 1):
        q0, q1 = query_names.offsets[query], query_names.offsets[query + 1]
        m = q1 - q0
        floor = needs.name[query]
        best = np.zeros(m, np.float64)
        # What no posting shows: initials, particles, a token cut short or written too differently to share a key.
        hidden = weights.together + (weights.cut * CUT_LETTERS if cut[query] else 0.0)
        if m > 1:
            hidden += UNLIKE
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if near_offsets[q] < near_offsets[q + 1]:
                best[i] = near_gains[near_offsets[q]]
            elif queries.kind[q] != ORDINARY:
                hidden += max(weights.initial, weights.particle)
        joined = _joined_probes(query, query_names, queries, listed, index, weights, work, pair, probes, probe_gains)
        for x in range(joined):
            hidden = max(hidden, weights.together + probe_gains[x])
        order = np.argsort(-best, kind="mergesort")
        rest = best.sum()
        count = 0
        first_step = query * (MAX_TOKENS + 1)
        for step in range(m):
            q = query_names.tokens[q0 + order[step]]
            rest -= best[order[step]]
            mark = first_step + step
            for position in range(near_offsets[q], near_offsets[q + 1]):
                t, gain = near_tokens[position], near_gains[position]
                fresh = gain + rest + hidden >= floor
                for posting in range(index.postings[t], index.postings[t + 1]):
                    name = index.posting_names[posting]
                    if step_of[name] < first_step:
                        if fresh:
                            step_of[name], bound[name] = mark, gain
                            touched[count] = name
                            count += 1
                    elif step_of[name] < mark:  # the best of this token's neighbours comes first
                        step_of[name] = mark
                        bound[name] += gain
        for x in range(joined):
            for posting in range(index.postings[probes[x]], index.postings[probes[x] + 1]):
                name = index.posting_names[posting]
                if step_of[name] < first_step:
                    step_of[name], bound[name] = first_step, 0.0
                    touched[count] = name
                    count += 1
        for position in range(count):
            name = touched[position]
            most = bound[name] + hidden
            if most < floor:
                continue
            entry = name_entries[name]
            born, _, _ = best_birth(needs.births[query], births, entry, birth_weights)
            need = max(floor, needs.total - born - needs.other[query])
            if most < need:
                continue
            score, _ = align(
                query, query_names, queries, cut[query], name, listed_names, listed, weights, work, parts, part_gains
            )
            if score < need:
                continue
            if at == size:
                size *= 2
                found_q, found_n = grown_ids(found_q, size), grown_ids(found_n, size)
                larger = np.empty(size, np.float64)
                larger[:at] = found_s
                found_s = larger
            found_q[at], found_n[at], found_s[at] = query, name, score
            at += 1
    return found_q[:at].copy(), found_n[:at].copy(), found_s[:at].copy()


@compiled
def _joined_probes(
    query: int,
    query_names: Names,
    queries: Tokens,
    listed: Tokens,
    index: Index,
    weights: Weights,
    work: Scratch,
    pair: NDArray[np.uint8],
    probes: NDArray[np.uint32],
    gains: NDArray[np.float64],
) -> int:
    """Listed tokens that two query tokens make when written as one, and those that one query token splits into."""
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    count = 0
    plain = np.uint64(0)
    for i in range(q0, q1):
        a = query_names.tokens[i]
        a0, a1 = int(queries.offsets[a]), int(queries.offsets[a + 1])
        for j in range(q0, q1):
            b = query_names.tokens[j]
            b0, b1 = int(queries.offsets[b]), int(queries.offsets[b + 1])
            size = a1 - a0 + b1 - b0
            if i == j or a1 - a0 < 2 or b1 - b0 < 2 or size > MAX_LETTERS:
                continue
            pair[: a1 - a0] = queries.sounds[a0:a1]
            pair[a1 - a0 : size] = queries.sounds[b0:b1]
            low, high = find(index, hash_sounds(pair, 0, size, -1, plain))
            for position in range(low, high):
                t = index.key_tokens[position]
                gain = float(queries.rarity[a]) + float(queries.rarity[b])
                if count < probes.size:
                    probes[count], gains[count] = t, gain
                    count += 1
        # A long word may be several listed tokens: the first of them leads to the name, what follows is aligned there.
        for split in range(a0 + 3, a1 - 1):
            if a1 - a0 < 6:
                break
            low, high = find(index, hash_sounds(queries.sounds, a0, split, -1, plain))
            for position in range(low, high):
                t = index.key_tokens[position]
                if _same_sounds(queries.sounds, a0, split, listed, t) and count < probes.size:
                    probes[count], gains[count] = t, float(queries.rarity[a])
                    count += 1
    return count


@compiled
def _same_sounds(sounds: NDArray[np.uint8], start: int, stop: int, listed: Tokens, token: int) -> bool:
    first, last = int(listed.offsets[token]), int(listed.offsets[token + 1])
    if stop - start != last - first:
        return False
    for i in range(stop - start):
        if sounds[start + i] != listed.sounds[first + i]:
            return False
    return True
