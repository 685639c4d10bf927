"""Listed tokens that are like a token: kept ready for those that are listed themselves, found by their keys for others."""

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.alignment import scratch, token_gain
from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import mix, probe_keys
from watchlists.kernels.types import IN_VARIANTS, INLINE, MAX_LETTERS, NAME, ORDINARY, OTHERS, Index, Names, Tokens, Weights

PROBES = MAX_LETTERS * 2 + 8  # keys of one token at most


@compiled
def word_table(identity: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Open addressing table of tokens by their identity: token + 1, or 0 where free; its size is a power of two."""
    size = 2
    while size < 2 * identity.size:
        size *= 2
    table = np.zeros(size, np.uint32)
    for token in range(identity.size):
        at = np.int64(identity[token] & np.uint64(size - 1))
        while table[at] != 0:
            at = (at + 1) & (size - 1)
        table[at] = token + 1
    return table


@compiled
def word(words: NDArray[np.uint32], listed: Tokens, identity: np.uint64) -> int:
    """The listed token of that identity, or -1."""
    at = np.int64(identity & np.uint64(words.size - 1))
    while words[at] != 0:
        token = int(words[at]) - 1
        if listed.identity[token] == identity:
            return token
        at = (at + 1) & (words.size - 1)
    return -1


@compiled
def token_pairs(names: Names, weak: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Bloom filter of the pairs of tokens that stand in one name: words of 64 bits, of which a pair sets three in one word."""
    pairs = 0
    for name in range(weak.size):
        count = names.offsets[name + 1] - names.offsets[name]
        pairs += 0 if weak[name] else count * (count - 1) // 2
    size = 16
    while size * 8 < pairs:
        size *= 2
    words = np.zeros(size, np.uint64)
    for name in range(weak.size):
        if not weak[name]:
            for i in range(names.offsets[name], names.offsets[name + 1]):
                for j in range(i + 1, names.offsets[name + 1]):
                    word, bits = _pair_bits(names.tokens[i], names.tokens[j], size)
                    words[word] |= bits
    return words


@compiled
def may_stand_together(pairs: NDArray[np.uint64], a: int, b: int) -> bool:
    """False only where no name holds both tokens."""
    word, bits = _pair_bits(a, b, pairs.size)
    return bool(pairs[word] & bits == bits)


@compiled
def _pair_bits(a: int, b: int, size: int) -> tuple[int, np.uint64]:
    value = mix(np.uint64(min(a, b)) << np.uint64(32) | np.uint64(max(a, b)))
    bits = np.uint64(0)
    for part in range(3):
        bits |= np.uint64(1) << ((value >> np.uint64(6 * part)) & np.uint64(63))
    return int(np.int64(value >> np.uint64(32))) & (size - 1), bits


@compiled
def postings(names: Names, owners: NDArray[np.uint32], used: NDArray[np.uint32], vocabulary: int) -> NDArray[np.uint32]:
    """`Index.postings` of tokens `used` in names `owners`."""
    out = np.full((owners.size, OTHERS + INLINE), vocabulary, np.uint32)
    for posting in range(owners.size):
        name = owners[posting]
        out[posting, NAME] = name
        count = 0
        met = False
        for position in range(names.offsets[name], names.offsets[name + 1]):
            other = names.tokens[position]
            if other == used[posting] and not met:  # a token twice in one name is another token of it
                met = True
                continue
            if count == INLINE:
                out[posting, OTHERS:] = vocabulary + 1
                break
            out[posting, OTHERS + count] = other
            count += 1
    return out


@compiled
def find(keys: NDArray[np.uint64], buckets: NDArray[np.int64], key: np.uint64) -> tuple[int, int]:
    """First and last+1 position of a key among the sorted keys."""
    bits = 0
    size = buckets.size - 1
    while size > 1:
        size >>= 1
        bits += 1
    bucket = np.int64(key >> np.uint64(64 - bits))
    low, high = int(buckets[bucket]), int(buckets[bucket + 1])
    while low < high and keys[low] < key:
        low += 1
    stop = low
    while stop < high and keys[stop] == key:
        stop += 1
    return low, stop


@compiled
def _alike(
    q: int,
    queries: Tokens,
    listed: Tokens,
    keys: NDArray[np.uint64],
    key_tokens: NDArray[np.uint32],
    buckets: NDArray[np.int64],
    words: NDArray[np.uint32],
    weights: Weights,
    probes: NDArray[np.uint64],
) -> NDArray[np.uint32]:
    """Listed tokens that share a probe key with token q or stand with it in the tables of variants, each once, ascending."""
    count = 0
    ranges = np.empty((probes.size, 2), np.int64)
    keyed = probe_keys(queries.sounds, queries.offsets[q], queries.offsets[q + 1], probes)
    for k in range(keyed):
        ranges[k, 0], ranges[k, 1] = find(keys, buckets, probes[k])
        count += ranges[k, 1] - ranges[k, 0]
    first = last = np.int64(0)
    if queries.masks[q] & IN_VARIANTS:
        at = np.searchsorted(weights.variant_tokens, queries.identity[q])
        first, last = weights.variant_offsets[at], weights.variant_offsets[at + 1]
    found = np.empty(count + last - first, np.uint32)
    count = 0
    for k in range(keyed):
        for position in range(ranges[k, 0], ranges[k, 1]):
            found[count] = key_tokens[position]
            count += 1
    for position in range(first, last):
        other = word(words, listed, weights.variant_others[position])
        if other >= 0:
            found[count] = other
            count += 1
    found = np.sort(found[:count])
    kept = 0
    for x in range(count):
        if listed.kind[found[x]] == ORDINARY and (kept == 0 or found[x] != found[kept - 1]):
            found[kept] = found[x]
            kept += 1
    return found[:kept]


@compiled
def like_tokens(
    first: int,
    last: int,
    listed: Tokens,
    keys: NDArray[np.uint64],
    key_tokens: NDArray[np.uint32],
    buckets: NDArray[np.int64],
    words: NDArray[np.uint32],
    weights: Weights,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]:
    """Pairs (a, b, gain) of like ordinary tokens with first <= a < last and a <= b: each is like itself."""
    work = scratch()
    probes = np.empty(PROBES, np.uint64)
    size = 1 << 16
    left, right, gains = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.float32)
    at = 0
    for a in range(first, last):
        if listed.kind[a] != ORDINARY:
            continue
        for b in _alike(a, listed, listed, keys, key_tokens, buckets, words, weights, probes):
            if b < a:
                continue
            gain = token_gain(a, listed, b, listed, False, weights, work.rows)
            if gain <= 0.0:
                continue
            if at == size:
                size *= 2
                left, right, gains = _grown(left, size), _grown(right, size), _grown_gains(gains, size)
            left[at], right[at], gains[at] = a, b, gain
            at += 1
    return left[:at].copy(), right[:at].copy(), gains[:at].copy()


@compiled
def neighbours(
    queries: Tokens, listed: Tokens, index: Index, weights: Weights
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Listed tokens like each query token, best first: offsets (n + 1), tokens, gains. Particles and initials have none."""
    work = scratch()
    size = 1 << 12
    tokens, gains = np.empty(size, np.uint32), np.empty(size, np.float32)
    offsets = np.zeros(queries.rarity.size + 1, np.int64)
    probes = np.empty(PROBES, np.uint64)
    at = 0
    for q in range(queries.rarity.size):
        first = at
        own = -1
        if queries.kind[q] == ORDINARY:
            own = word(index.words, listed, queries.identity[q])
            if own >= 0:
                for position in range(index.near[own], index.near[own + 1]):
                    if at == size:
                        size *= 2
                        tokens, gains = _grown(tokens, size), _grown_gains(gains, size)
                    tokens[at], gains[at] = index.near_tokens[position], index.near_gains[position]
                    at += 1
            else:
                for t in _alike(q, queries, listed, index.keys, index.key_tokens, index.buckets, index.words, weights, probes):
                    gain = token_gain(q, queries, t, listed, False, weights, work.rows)
                    if gain <= 0.0:
                        continue
                    if at == size:
                        size *= 2
                        tokens, gains = _grown(tokens, size), _grown_gains(gains, size)
                    tokens[at], gains[at] = t, gain
                    at += 1
                order = np.argsort(-gains[first:at], kind="mergesort")
                tokens[first:at], gains[first:at] = tokens[first:at][order], gains[first:at][order]
        offsets[q + 1] = at
    return offsets, tokens[:at].copy(), gains[:at].copy()


@compiled
def _grown(values: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    larger = np.empty(size, np.uint32)
    larger[: values.size] = values
    return larger


@compiled
def _grown_gains(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    larger = np.empty(size, np.float32)
    larger[: values.size] = values
    return larger
