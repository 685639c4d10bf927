"""Two names side by side: which tokens are one, and what that is worth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import has_article
from watchlists.kernels.types import (
    CUT_LETTERS,
    INITIAL,
    MAX_LETTERS,
    MAX_TOKENS,
    NO_NAME,
    ORDINARY,
    PARTICLE,
    TOGETHER,
    UNMATCHED,
    Names,
    Tokens,
    Weights,
)

_A, _C, _D, _E, _H, _I, _J, _L, _M, _O, _R, _S, _T, _U = 0, 2, 3, 4, 7, 8, 9, 11, 12, 14, 17, 18, 19, 20
_JOINS = 64  # joined pairs considered in one alignment


@compiled
def _spelling(
    a: NDArray[np.uint8],
    a_start: int,
    a_stop: int,
    b: NDArray[np.uint8],
    b_start: int,
    b_stop: int,
    weights: Weights,
    rows: NDArray[np.float32],
) -> float:
    """Cost in nats of writing one token as the other: learned costs per sound, neighbours swapped at one insertion."""
    m, n = a_stop - a_start, b_stop - b_start
    rows[0, 0] = 0.0
    for j in range(n):
        rows[0, j + 1] = rows[0, j] + weights.insertion[b[b_start + j]]
    for i in range(m):
        now, before, earlier = (i + 1) % 3, i % 3, (i + 2) % 3
        x = a[a_start + i]
        rows[now, 0] = rows[before, 0] + weights.insertion[x]
        for j in range(n):
            y = b[b_start + j]
            best = rows[before, j] + weights.substitution[x, y]
            best = min(best, rows[before, j + 1] + weights.insertion[x], rows[now, j] + weights.insertion[y])
            if i > 0 and j > 0 and x == b[b_start + j - 1] and y == a[a_start + i - 1]:
                best = min(best, rows[earlier, j - 1] + weights.insertion[x])
            rows[now, j + 1] = best
    return float(rows[m % 3, n])


@compiled
def token_gain(q: int, queries: Tokens, t: int, listed: Tokens, cut: bool, weights: Weights, rows: NDArray[np.float32]) -> float:
    """Log-odds that two tokens are one: rarity of the commoner less the cost of writing it so; NO_NAME if they are not."""
    base = min(queries.rarity[q], listed.rarity[t])
    if queries.identity[q] == listed.identity[t]:
        return float(base)
    q0, q1 = int(queries.offsets[q]), int(queries.offsets[q + 1])
    t0, t1 = int(listed.offsets[t]), int(listed.offsets[t + 1])
    m, n = q1 - q0, t1 - t0
    if m == 0 or n == 0:
        return NO_NAME
    if queries.kind[q] == INITIAL or listed.kind[t] == INITIAL:
        same = queries.sounds[q0] == listed.sounds[t0]
        return weights.initial if same and listed.kind[t] != PARTICLE and queries.kind[q] != PARTICLE else NO_NAME
    if queries.kind[q] != listed.kind[t]:  # a particle is no part of a name
        return NO_NAME
    best = NO_NAME
    if cut and 3 <= m < n:
        prefix = True
        for i in range(m - 1):  # the last sound may have lost half of its spelling
            prefix = prefix and queries.sounds[q0 + i] == listed.sounds[t0 + i]
        if prefix and queries.sounds[q1 - 1] == listed.sounds[t0 + m - 1]:
            best = min(float(listed.rarity[t]), weights.cut * min(m, CUT_LETTERS))
    if min(m, n) >= 2 and abs(m - n) <= 3 and _bits(queries.masks[q] ^ listed.masks[t]) <= 6:
        cost = _spelling(queries.sounds, q0, q1, listed.sounds, t0, t1, weights, rows)
        gain = base - weights.variant - weights.edit * cost * (1.0 + weights.short / max(m, n))
        best = max(best, gain if gain >= weights.least * base else NO_NAME)
    q_article = has_article(queries.sounds, q0, q1)
    t_article = has_article(listed.sounds, t0, t1)
    if q_article != t_article:
        if q_article:
            q0 += 2
        else:
            t0 += 2
        m, n = q1 - q0, t1 - t0
        if abs(m - n) <= 1:
            cost = _spelling(queries.sounds, q0, q1, listed.sounds, t0, t1, weights, rows)
            gain = base - weights.article - weights.edit * cost * (1.0 + weights.short / max(m, n))
            best = max(best, gain if gain >= weights.least * base else NO_NAME)
    return best if best > 0.0 else NO_NAME


@compiled
def _bits(value: np.uint32) -> int:
    count = 0
    while value != 0:
        value &= value - np.uint32(1)
        count += 1
    return count


@compiled
def joined_gain(
    pair: Tokens, i: int, j: int, whole: Tokens, k: int, weights: Weights, rows: NDArray[np.float32], letters: NDArray[np.uint8]
) -> float:
    """Log-odds that token k is tokens i and j written as one word."""
    i0, i1 = int(pair.offsets[i]), int(pair.offsets[i + 1])
    j0, j1 = int(pair.offsets[j]), int(pair.offsets[j + 1])
    k0, k1 = int(whole.offsets[k]), int(whole.offsets[k + 1])
    m, n = (i1 - i0) + (j1 - j0), k1 - k0
    if i1 - i0 < 3 or j1 - j0 < 3 or abs(m - n) > 1 or m > MAX_LETTERS:
        return NO_NAME
    if _bits((pair.masks[i] | pair.masks[j]) ^ whole.masks[k]) > 2:
        return NO_NAME
    for x in range(i1 - i0):
        letters[x] = pair.sounds[i0 + x]
    for x in range(j1 - j0):
        letters[i1 - i0 + x] = pair.sounds[j0 + x]
    base = min(float(whole.rarity[k]), float(pair.rarity[i]) + float(pair.rarity[j]))
    cost = _spelling(letters, 0, m, whole.sounds, k0, k1, weights, rows)
    gain = base - weights.joined - weights.edit * cost * (1.0 + weights.short / max(m, n))
    return gain if gain > weights.least * base else NO_NAME


class Scratch(NamedTuple):
    """Working memory of one alignment, made once per search."""

    rows: NDArray[np.float32]
    letters: NDArray[np.uint8]
    gains: NDArray[np.float64]
    joins: NDArray[np.int64]  # (n, 3) side that is written apart (0: query), position of the whole, mask of the parts
    join_gains: NDArray[np.float64]


@compiled
def scratch() -> Scratch:
    """Fresh working memory."""
    return Scratch(
        np.zeros((3, MAX_LETTERS * 2 + 2), np.float32),
        np.zeros(MAX_LETTERS * 2 + 2, np.uint8),
        np.zeros((MAX_TOKENS, MAX_TOKENS), np.float64),
        np.zeros((_JOINS, 3), np.int64),
        np.zeros(_JOINS, np.float64),
    )


@compiled
def align(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    name: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
    parts: NDArray[np.int64],
    part_gains: NDArray[np.float64],
) -> tuple[float, int]:
    """`align_gains` of two names, after the gains of their tokens."""
    fill_gains(query, query_names, queries, cut, name, listed_names, listed, weights, work)
    return align_gains(query, query_names, queries, cut, name, listed_names, listed, weights, work, parts, part_gains, True)


@compiled
def fill_gains(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    name: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
) -> None:
    """`work.gains` of every query token with every listed token, by `token_gain`."""
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
    for i in range(q1 - q0):
        for j in range(t1 - t0):
            work.gains[i, j] = token_gain(
                query_names.tokens[q0 + i], queries, listed_names.tokens[t0 + j], listed, cut, weights, work.rows
            )


@compiled
def align_gains(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    name: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
    parts: NDArray[np.int64],
    part_gains: NDArray[np.float64],
    joined: bool,
) -> tuple[float, int]:
    """Name log-odds of two names whose `work.gains` are filled, and how many parts it is made of.

    Tokens are paired greedily by gain, each once; several may pair with one they are written as. `parts` (n, 2) holds for
    each pairing the masks of its query and listed tokens' positions, `part_gains` its addend; then, as rows of TOGETHER
    and UNMATCHED, the discount for tokens that go together and the price of tokens without a partner. Addends sum to the
    result. `joined` says whether tokens may be written as one, which is dear to find out. NO_NAME where nothing but
    initials and particles agrees.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
    m, n = q1 - q0, t1 - t0
    if m == 0 or n == 0:
        return NO_NAME, 0
    joins = _joins(m, n, q0, t0, query_names, queries, listed_names, listed, weights, work) if joined else 0

    count = 0
    agreement = 0.0
    substance = False
    left_q, left_t = (1 << m) - 1, (1 << n) - 1
    while True:
        best = 0.0
        mask_q = mask_t = 0
        ordinary = False
        for i in range(m):
            if left_q & (1 << i):
                for j in range(n):
                    if left_t & (1 << j) and work.gains[i, j] > best:
                        best = work.gains[i, j]
                        mask_q, mask_t = 1 << i, 1 << j
                        kind_q, kind_t = queries.kind[query_names.tokens[q0 + i]], listed.kind[listed_names.tokens[t0 + j]]
                        ordinary = kind_q == ORDINARY and kind_t == ORDINARY
        for x in range(joins):
            whole, some = 1 << work.joins[x, 1], work.joins[x, 2]
            join_q, join_t = (some, whole) if work.joins[x, 0] == 0 else (whole, some)
            if left_q & join_q == join_q and left_t & join_t == join_t and work.join_gains[x] > best:
                best = work.join_gains[x]
                mask_q, mask_t = join_q, join_t
                ordinary = True
        if best <= 0.0:
            break
        agreement += best
        substance = substance or ordinary
        left_q &= ~mask_q
        left_t &= ~mask_t
        parts[count, 0], parts[count, 1] = mask_q, mask_t
        part_gains[count] = best
        count += 1
    if not substance:
        return NO_NAME, 0
    total = agreement
    if agreement > weights.knee:
        discount = (agreement - weights.knee) * (weights.slope - 1.0)
        parts[count, :] = TOGETHER
        part_gains[count] = discount
        count += 1
        total += discount
    price = _unmatched(left_q, left_t, m, n, q0, t0, query_names, queries, cut, listed_names, listed, weights)
    if price > 0.0:
        parts[count, :] = UNMATCHED
        part_gains[count] = -price
        count += 1
        total -= price
    return total, count


@compiled
def _joins(
    m: int,
    n: int,
    q0: int,
    t0: int,
    query_names: Names,
    queries: Tokens,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
) -> int:
    """Fill `work.joins` with tokens that may be several tokens of the other name written as one; returns their number."""
    count = 0
    for side in range(2):
        parts, wholes = (m, n) if side == 0 else (n, m)
        part_names, part_tokens, part0 = (query_names, queries, q0) if side == 0 else (listed_names, listed, t0)
        whole_names, whole_tokens, whole0 = (listed_names, listed, t0) if side == 0 else (query_names, queries, q0)
        for w in range(wholes):
            whole = whole_names.tokens[whole0 + w]
            length = whole_tokens.offsets[whole + 1] - whole_tokens.offsets[whole]
            settled = length < 5
            for x in range(parts):
                settled = settled or part_tokens.identity[part_names.tokens[part0 + x]] == whole_tokens.identity[whole]
            if settled or count == _JOINS:
                continue
            mask, gain = _segmented(whole, whole_tokens, parts, part0, part_names, part_tokens, weights)
            if gain > 0.0:
                work.joins[count, 0], work.joins[count, 1], work.joins[count, 2] = side, w, mask
                work.join_gains[count] = gain
                count += 1
                continue
            for i in range(parts):
                for j in range(parts):
                    if i == j or count == _JOINS:
                        continue
                    gain = joined_gain(
                        part_tokens,
                        part_names.tokens[part0 + i],
                        part_names.tokens[part0 + j],
                        whole_tokens,
                        whole,
                        weights,
                        work.rows,
                        work.letters,
                    )
                    if gain > 0.0:
                        work.joins[count, 0], work.joins[count, 1], work.joins[count, 2] = side, w, (1 << i) | (1 << j)
                        work.join_gains[count] = gain
                        count += 1
    return count


@compiled
def _segmented(
    whole: int, whole_tokens: Tokens, parts: int, part0: int, part_names: Names, part_tokens: Tokens, weights: Weights
) -> tuple[int, float]:
    """Mask of the parts that a token is written out of, end to end and with a title glued on, and the gain; 0 if it is not."""
    start, stop = whole_tokens.offsets[whole], whole_tokens.offsets[whole + 1]
    mask, taken = 0, 0
    gain = -weights.joined
    at = start
    while at < stop:
        best, best_length = -1, 1
        for x in range(parts):
            token = part_names.tokens[part0 + x]
            p0, p1 = part_tokens.offsets[token], part_tokens.offsets[token + 1]
            if mask & (1 << x) or p1 - p0 <= best_length or at + (p1 - p0) > stop:
                continue
            same = True
            for i in range(p1 - p0):
                same = same and whole_tokens.sounds[at + i] == part_tokens.sounds[p0 + i]
            if same:
                best, best_length = x, p1 - p0
        if best < 0:
            break
        mask |= 1 << best
        taken += 1
        gain += part_tokens.rarity[part_names.tokens[part0 + best]]
        at += best_length
    whole_made = at == stop and taken >= 2
    titled = taken >= 1 and at < stop and is_title(whole_tokens.sounds, at, stop)
    return (mask, gain) if whole_made or titled else (0, 0.0)


@compiled
def is_title(sounds: NDArray[np.uint8], start: int, stop: int) -> bool:
    """MR, MS, DR, MRS, MIS(S) or MSTR, which reservation systems write onto the given name."""
    length = stop - start
    first, second = sounds[start], sounds[start + 1] if length > 1 else 99
    if length == 2:
        return (first == _M and (second == _R or second == _S)) or (first == _D and second == _R)
    if length == 3:
        return first == _M and (second == _R or second == _I) and sounds[start + 2] == _S
    return length == 4 and first == _M and second == _S and sounds[start + 2] == _T and sounds[start + 3] == _R


@compiled
def _unmatched(
    free_q: int,
    free_t: int,
    m: int,
    n: int,
    q0: int,
    t0: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
) -> float:
    """The price of the tokens that found no partner."""
    price = 0.0
    left_q = left_t = 0
    for i in range(m):
        if free_q & (1 << i):
            if queries.kind[query_names.tokens[q0 + i]] == ORDINARY:
                price += weights.unmatched
                left_q += 1
            else:
                price += weights.unmatched * weights.minor
    for j in range(n):
        if free_t & (1 << j):
            if listed.kind[listed_names.tokens[t0 + j]] == ORDINARY and not cut:
                price += weights.unmatched
                left_t += 1
            else:
                price += weights.unmatched * weights.minor
    return price + weights.conflict * min(left_q, left_t)


@compiled
def score_pairs(
    left: NDArray[np.uint32],
    left_names: Names,
    left_tokens: Tokens,
    cut: NDArray[np.bool_],
    right: NDArray[np.uint32],
    right_names: Names,
    right_tokens: Tokens,
    weights: Weights,
) -> NDArray[np.float64]:
    """Name log-odds of each pair (left[i], right[i]) by `align`."""
    work = scratch()
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    gains = np.empty(2 * MAX_TOKENS, np.float64)
    out = np.empty(left.size, np.float64)
    for i in range(left.size):
        out[i], _ = align(
            left[i], left_names, left_tokens, cut[left[i]], right[i], right_names, right_tokens, weights, work, parts, gains
        )
    return out


@compiled
def explain_pairs(
    left: NDArray[np.uint32],
    left_names: Names,
    left_tokens: Tokens,
    cut: NDArray[np.bool_],
    right: NDArray[np.uint32],
    right_names: Names,
    right_tokens: Tokens,
    weights: Weights,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The parts of each pair's alignment: offsets (pairs + 1), parts (n, 2), addends (n), as `align` gives them."""
    work = scratch()
    offsets = np.zeros(left.size + 1, np.int64)
    parts = np.empty((left.size * 2 * MAX_TOKENS + 2 * MAX_TOKENS, 2), np.int64)
    gains = np.empty(parts.shape[0], np.float64)
    at = 0
    for i in range(left.size):
        _, count = align(
            left[i],
            left_names,
            left_tokens,
            cut[left[i]],
            right[i],
            right_names,
            right_tokens,
            weights,
            work,
            parts[at:],
            gains[at:],
        )
        at += count
        offsets[i + 1] = at
    return offsets, parts[:at].copy(), gains[:at].copy()
