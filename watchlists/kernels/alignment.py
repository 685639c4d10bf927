"""Two names side by side: which tokens are one, and what that is worth."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import bone, has_article, is_vowel, one_apart, probe_keys, share_key
from watchlists.kernels.types import (
    CUT_LETTERS,
    IN_VARIANTS,
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
LEAST: Final = 0.1  # share of its rarity that a token keeps that agrees, whatever is taken off
_JOINS: Final = 64  # joined pairs considered in one alignment


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
    m, n = np.uint64(a_stop - a_start), np.uint64(b_stop - b_start)  # unsigned: no position counts from the end
    a_first, b_first, one = np.uint64(a_start), np.uint64(b_start), np.uint64(1)
    costs, substitution = weights.insertion, weights.substitution
    rows[0, 0] = 0.0
    for j in range(n):
        rows[0, j + one] = rows[0, j] + costs[b[b_first + j]]
    now, before = np.uint64(0), np.uint64(2)
    x_before = np.uint8(255)
    for i in range(m):
        now, before, earlier = (now + one) % np.uint64(3), now, before
        x = a[a_first + i]
        out = costs[x]
        corner = rows[before, 0]
        left = corner + out
        rows[now, 0] = left
        y_before = np.uint8(255)
        for j in range(n):
            y = b[b_first + j]
            above = rows[before, j + one]
            best = min(corner + substitution[x, y], above + out, left + costs[y])
            if x == y_before and y == x_before:
                best = min(best, rows[earlier, j - one] + min(out, costs[y]))
            rows[now, j + one] = best
            left, corner, y_before = best, above, y
        x_before = x
    return float(rows[now, n])


@compiled
def written_as(a: int, first: Tokens, b: int, second: Tokens, weights: Weights, rows: NDArray[np.float32]) -> float:
    """Cost in nats of writing one ordinary token as the other; -NO_NAME if they share no probe key.

    Learned costs of the edits, dearer in short tokens and with another first consonant; the article AL- may stand on one
    side only. What is more than one edit and costs more than `several` is another token.
    """
    a0, a1 = int(first.offsets[a]), int(first.offsets[a + 1])
    b0, b1 = int(second.offsets[b]), int(second.offsets[b + 1])
    if not _comparable(a1 - a0, first.masks[a], b1 - b0, second.masks[b]):
        return -NO_NAME
    if not share_key(first.sounds, a0, a1, second.sounds, b0, b1):
        return -NO_NAME
    return _cost(first.sounds, a0, a1, second.sounds, b0, b1, weights, rows)


@compiled
def _comparable(m: int, a: np.uint32, n: int, b: np.uint32) -> bool:
    """Whether tokens of m and n sounds with these masks may be written as each other at all."""
    return min(m, n) >= 2 and abs(m - n) <= 5 and _bits((a ^ b) & ~IN_VARIANTS) <= 6


@compiled
def _cost(
    a: NDArray[np.uint8],
    a0: int,
    a1: int,
    b: NDArray[np.uint8],
    b0: int,
    b1: int,
    weights: Weights,
    rows: NDArray[np.float32],
) -> float:
    """`written_as` of two tokens that share a key."""
    m, n = a1 - a0, b1 - b0
    best = -NO_NAME
    if abs(m - n) <= min(1 + min(m, n) // 4, 3):
        cost = _spelling(a, a0, a1, b, b0, b1, weights, rows)
        cost = weights.variant + weights.edit * cost * (1.0 + weights.short / max(m, n))
        if bone(a[a0]) != bone(b[b0]):
            cost += weights.first
        if m != n and _feminine(a, a0, a1, b, b0, b1):
            cost += weights.feminine
        if cost <= weights.several or one_apart(a, a0, a1, b, b0, b1, True, True):
            best = cost
    a_article = has_article(a, a0, a1)
    if a_article != has_article(b, b0, b1):
        if a_article:
            a0 += 2
        else:
            b0 += 2
        m, n = a1 - a0, b1 - b0
        if abs(m - n) <= 1:
            cost = _spelling(a, a0, a1, b, b0, b1, weights, rows)
            cost = weights.article + weights.edit * cost * (1.0 + weights.short / max(m, n))
            if cost <= weights.several:
                best = min(best, cost)
    return best


@compiled
def _feminine(a: NDArray[np.uint8], a0: int, a1: int, b: NDArray[np.uint8], b0: int, b1: int) -> bool:
    """Whether two tokens are equal but for an A at the end of one."""
    if a1 - a0 > b1 - b0:
        a, a0, a1, b, b0, b1 = b, b0, b1, a, a0, a1
    if b1 - b0 != a1 - a0 + 1 or b[b1 - 1] != _A:
        return False
    for i in range(a1 - a0):
        if a[a0 + i] != b[b0 + i]:
            return False
    return True


@compiled
def attested(a: np.uint64, b: np.uint64, weights: Weights) -> float:
    """Cost of a pair of tokens (hashes) in the tables of variants; -NO_NAME where it is not there."""
    low, high = 0, weights.variant_tokens.size
    while low < high:
        middle = (low + high) // 2
        if weights.variant_tokens[middle] < a:
            low = middle + 1
        else:
            high = middle
    if low < weights.variant_tokens.size and weights.variant_tokens[low] == a:
        for i in range(weights.variant_offsets[low], weights.variant_offsets[low + 1]):
            if weights.variant_others[i] == b:
                return float(weights.variant_costs[i])
    return -NO_NAME


@compiled
def token_gain(q: int, queries: Tokens, t: int, listed: Tokens, cut: bool, weights: Weights, rows: NDArray[np.float32]) -> float:
    """Log-odds that two tokens are one, to float32 as an index keeps them; NO_NAME if they are not.

    Of the same token, its rarity. Of two that share a probe key, what explains the rarer one: no more than the rarity of
    the commoner, and no more than that of the rarer less the cost of writing the commoner so. A misspelling that stands
    for nothing else thus costs little; two names of their own that are alike are worth little. Of two that stand in the
    tables of variants, the rarity of the commoner less the pair's cost.
    """
    low = float(min(queries.rarity[q], listed.rarity[t]))
    if queries.identity[q] == listed.identity[t]:
        if queries.kind[q] == PARTICLE:
            return weights.particle
        return weights.initial if queries.kind[q] == INITIAL else float(np.float32(max(low - weights.shared, LEAST * low)))
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
    cost = written_as(q, queries, t, listed, weights, rows)
    high = float(max(queries.rarity[q], listed.rarity[t]))
    gain = min(low, high - cost)
    if queries.masks[q] & listed.masks[t] & IN_VARIANTS:
        gain = max(gain, low - attested(queries.identity[q], listed.identity[t], weights))
    if gain > 0.0:
        best = max(best, gain - weights.shared - weights.unlike)
    return float(np.float32(best)) if best > 0.0 else NO_NAME


@compiled
def rarities(
    rows_of: NDArray[np.int64],
    tokens: Tokens,
    known: Tokens,
    shares: NDArray[np.float64],
    keys: NDArray[np.uint64],
    key_tokens: NDArray[np.uint32],
    least: NDArray[np.float64],
    weights: Weights,
) -> NDArray[np.float32]:
    """-ln of the share of travellers whose name has the token of each row, or one that is written like it.

    `known` tokens have `shares`, and are found over `keys` (sorted) and `key_tokens`: each that may be written as the token
    counts by exp(-cost). `least` is the share of a token that nothing is like, per row.
    """
    rows = np.zeros((3, MAX_LETTERS * 2 + 2), np.float32)
    probes = np.empty(MAX_LETTERS * 2 + 8, np.uint64)
    seen = np.full(known.identity.size, -1, np.int64)
    out = np.empty(rows_of.size, np.float32)
    for row in range(out.size):
        q = rows_of[row]
        share = least[row]
        q0, q1 = int(tokens.offsets[q]), int(tokens.offsets[q + 1])
        for k in range(probe_keys(tokens.sounds, q0, q1, probes)):
            at = np.searchsorted(keys, probes[k])
            while at < keys.size and keys[at] == probes[k]:
                t = key_tokens[at]
                at += 1
                if seen[t] == q:
                    continue
                seen[t] = q
                if tokens.identity[q] == known.identity[t]:
                    share += shares[t]
                    continue
                t0, t1 = int(known.offsets[t]), int(known.offsets[t + 1])
                if _comparable(q1 - q0, tokens.masks[q], t1 - t0, known.masks[t]):
                    share += shares[t] * np.exp(-_cost(tokens.sounds, q0, q1, known.sounds, t0, t1, weights, rows))
        out[row] = -np.log(min(share, 0.9))
    return out


@compiled
def _bits(value: np.uint32) -> int:
    """How many bits are set, summed side by side in pairs, fours and bytes."""
    pairs = value - ((value >> np.uint32(1)) & np.uint32(0x55555555))
    fours = (pairs & np.uint32(0x33333333)) + ((pairs >> np.uint32(2)) & np.uint32(0x33333333))
    octets = (fours + (fours >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    return int((octets * np.uint32(0x01010101) >> np.uint32(24)) & np.uint32(0xFF))


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
    if _bits(((pair.masks[i] | pair.masks[j]) ^ whole.masks[k]) & ~IN_VARIANTS) > 2:
        return NO_NAME
    for x in range(i1 - i0):
        letters[x] = pair.sounds[i0 + x]
    for x in range(j1 - j0):
        letters[i1 - i0 + x] = pair.sounds[j0 + x]
    base = float(whole.rarity[k])
    cost = _spelling(letters, 0, m, whole.sounds, k0, k1, weights, rows)
    gain = base - weights.joined - weights.shared - weights.edit * cost * (1.0 + weights.short / max(m, n))
    return gain if gain > 0.0 else NO_NAME


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
        q = query_names.tokens[q0 + i]
        ordinary = queries.kind[q] == ORDINARY and not cut
        length = queries.offsets[q + 1] - queries.offsets[q]
        for j in range(t1 - t0):
            t = listed_names.tokens[t0 + j]
            # Most pairs end here: a call that hands over all these arrays is dear.
            if (
                ordinary
                and listed.kind[t] == ORDINARY
                and queries.identity[q] != listed.identity[t]
                and queries.masks[q] & listed.masks[t] & IN_VARIANTS == 0
                and not _comparable(length, queries.masks[q], listed.offsets[t + 1] - listed.offsets[t], listed.masks[t])
            ):
                work.gains[i, j] = NO_NAME
            else:
                work.gains[i, j] = token_gain(q, queries, t, listed, cut, weights, work.rows)


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
    and UNMATCHED, what it is worth that they stand in one name, less a discount on much agreement, and the price of tokens
    without a partner. Addends sum to the result. `joined` says whether tokens may be written as one, which is dear to find
    out. NO_NAME where nothing but initials and particles agrees.

    Bound: no more than `together` and the sum over query tokens of the best gain of each, `initial` for an initial and
    `particle` for a particle, where joins are left out; a join brings at most the rarity of the token that is written as one.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
    m, n = q1 - q0, t1 - t0
    if m == 0 or n == 0:
        return NO_NAME, 0
    joins = _joins(m, n, q0, t0, query_names, queries, listed_names, listed, weights, work) if joined else 0

    count = 0
    agreement = 0.0
    substance = 0
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
        substance += 1 if ordinary else 0
        left_q &= ~mask_q
        left_t &= ~mask_t
        parts[count, 0], parts[count, 1] = mask_q, mask_t
        part_gains[count] = best
        count += 1
    if substance == 0:
        return NO_NAME, 0
    total = together(agreement, weights.together, weights.knee, weights.slope)
    parts[count, :] = TOGETHER
    part_gains[count] = total - agreement
    count += 1
    price = _unmatched(left_q, left_t, m, n, q0, t0, query_names, queries, cut, listed_names, listed, weights, work)
    if price > 0.0:
        parts[count, :] = UNMATCHED
        part_gains[count] = -price
        count += 1
        total -= price
    return total, count


@compiled
def together(agreement: float, base: float, knee: float, slope: float) -> float:
    """What agreeing tokens are worth together (`Weights.together`, `knee`, `slope`); it grows with their sum."""
    return float(agreement + base + max(agreement - knee, 0.0) * (slope - 1.0))


@compiled
def untogether(value: float, base: float, knee: float, slope: float) -> float:
    """The sum of agreeing tokens that is worth `value` together: the inverse of `together`."""
    alone = value - base
    return float(alone if alone <= knee else knee + (alone - knee) / slope)


@compiled
def least_price(query: int, listed: int, weights: Weights) -> float:
    """The price of so many ordinary tokens on either side that are like none of the other's, of which a search is sure."""
    price = 0.0
    if query > 0:
        price += weights.beyond * (1.0 + weights.further * (query - 1))
    if listed > 0:
        price += weights.lacking * (1.0 + weights.further * (listed - 1))
    both = min(query, listed)
    return float(price + (weights.conflict + weights.conflicts * (both - 1) if both > 0 else 0.0))


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
            within = whole_tokens.masks[whole] & ~IN_VARIANTS
            written = False  # whether a part may begin the whole
            for x in range(parts):
                part = part_names.tokens[part0 + x]
                written = written or (part_tokens.masks[part] & ~IN_VARIANTS & ~within) == 0
            if written:
                mask, gain = _segmented(whole, whole_tokens, parts, part0, part_names, part_tokens, weights)
                if gain > 0.0:
                    work.joins[count, 0], work.joins[count, 1], work.joins[count, 2] = side, w, mask
                    work.join_gains[count] = gain
                    count += 1
                    continue
            for i in range(parts):
                first = part_names.tokens[part0 + i]
                for j in range(parts):
                    second = part_names.tokens[part0 + j]
                    sounds = part_tokens.offsets[first + 1] - part_tokens.offsets[first]
                    sounds += part_tokens.offsets[second + 1] - part_tokens.offsets[second]
                    both = part_tokens.masks[first] | part_tokens.masks[second]
                    # Most pairs end here: what follows is called only for words of like length and sounds.
                    if i == j or count == _JOINS or abs(sounds - length) > 1 or _bits((both & ~IN_VARIANTS) ^ within) > 2:
                        continue
                    gain = joined_gain(part_tokens, first, second, whole_tokens, whole, weights, work.rows, work.letters)
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
        if best < 0 and taken >= 2 and whole_tokens.sounds[at] == _H and is_vowel(whole_tokens.sounds[at - 1]):
            at += 1  # an H that ends a part falls away where the part stands alone
            continue
        if best < 0:
            break
        mask |= 1 << best
        taken += 1
        gain += part_tokens.rarity[part_names.tokens[part0 + best]]
        at += best_length
    whole_made = at == stop and taken >= 2
    titled = taken >= 1 and at < stop and is_title(whole_tokens.sounds, at, stop)
    if taken >= 2 and at < stop and whole_tokens.sounds[at - 1] == _M:  # of two that meet one is left
        titled = titled or is_title(whole_tokens.sounds, at - 1, stop)
    gain = min(gain, whole_tokens.rarity[whole] - weights.joined) - weights.shared
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
    work: Scratch,
) -> float:
    """The price of the tokens that found no partner."""
    price = 0.0
    left_q = left_t = 0
    for i in range(m):
        if free_q & (1 << i):
            repeated = False
            for j in range(n):
                repeated = repeated or (free_t & (1 << j) == 0 and work.gains[i, j] > 0.0)
            if queries.kind[query_names.tokens[q0 + i]] == ORDINARY and not repeated:
                price += weights.beyond * (1.0 if left_q == 0 else weights.further)
                left_q += 1
            else:
                price += weights.minor
    for j in range(n):
        if free_t & (1 << j):
            repeated = False
            for i in range(m):
                repeated = repeated or (free_q & (1 << i) == 0 and work.gains[i, j] > 0.0)
            # What a machine readable zone has lost explains a token that is lacking, not one that stands in its place.
            if listed.kind[listed_names.tokens[t0 + j]] == ORDINARY and not repeated and (not cut or left_t < left_q):
                price += weights.lacking * (1.0 if left_t == 0 else weights.further)
                left_t += 1
            else:
                price += weights.minor
    both = min(left_q, left_t)
    if both > 0:
        price += weights.conflict + weights.conflicts * (both - 1)
    return price


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
