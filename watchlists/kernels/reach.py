"""What listed tokens can be worth to one traveller: the table by which a search judges names before it aligns them."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.alignment import is_title
from watchlists.kernels.compiled import compiled
from watchlists.kernels.neighbours import find, may_stand_together, word
from watchlists.kernels.sounds import hash_sounds
from watchlists.kernels.types import (
    CUT_LETTERS,
    MAX_LETTERS,
    MAX_TOKENS,
    NO_NAME,
    ORDINARY,
    PARTICLE,
    Index,
    Names,
    Tokens,
    Weights,
)

# Fixed rows of the table: an ordinary token like none of the traveller's, a particle, an initial, no token, and tokens of a
# name too long for its postings to hold them.
STRANGE, SMALL, LETTER, ABSENT, UNSEEN, LAST_FIXED = 0, 1, 2, 3, 4, 4
PIECE, NEVER = 254, 255  # steps of what may be a part of a joined token, and of particles: no name is met over them
PARTNER: Final = 8  # more than the tokens without partner that a posting can hold
UNLIKE_PARTICLES: Final = 0.5  # nats that two different particles add at most, which is their rarity
_SHORTEST_JOINED: Final = 5  # sounds of a token that may be any number of listed ones
_SHORTEST_CUT: Final = 3  # sounds of a token that may be the beginning of a longer one
_MOST_JOINED: Final = 6  # tokens of a name up to which pairs of them are looked for as one


class Table(NamedTuple):
    """The listed tokens that count for one traveller, a row each after the fixed ones."""

    tokens: NDArray[np.uint32]
    gains: NDArray[np.float32]  # (n, MAX_TOKENS) as each of the traveller's tokens
    best: NDArray[np.float32]  # the most it can be worth by itself
    joined: NDArray[np.float32]  # the most it can be worth as, or in, a joined token
    whole: NDArray[np.bool_]  # joined with no other listed token
    step: NDArray[np.uint8]  # at which names with this token are met first
    worth: NDArray[np.float32]  # what it adds to the bound of a name,
    tally: NDArray[np.int64]  # PARTNER for each of the traveller's tokens that it can be partner to, 1 if to none
    fetched: NDArray[np.uint32]  # read so that the first posting is in the cache when it is needed


class Reach(NamedTuple):
    """What each of one traveller's tokens can be worth."""

    best: NDArray[np.float64]  # (MAX_TOKENS) by itself
    lift: NDArray[np.float64]  # as a part of joined tokens
    order: NDArray[np.int64]  # those with the fewest postings first
    ends: NDArray[np.int64]  # (MAX_TOKENS + 1) last row of the table of each step, and of one more for joined tokens


class Probes(NamedTuple):
    """Working memory: listed tokens that were looked for as joined ones or parts of them."""

    tokens: NDArray[np.uint32]
    gains: NDArray[np.float32]
    whole: NDArray[np.bool_]
    letters: NDArray[np.uint8]


@compiled
def table(room: int) -> Table:
    """A table with so many rows, the fixed ones among them."""
    new = Table(
        np.empty(room, np.uint32),
        np.empty((room, MAX_TOKENS), np.float32),
        np.empty(room, np.float32),
        np.empty(room, np.float32),
        np.empty(room, np.bool_),
        np.empty(room, np.uint8),
        np.empty(room, np.float32),
        np.empty(room, np.int64),
        np.empty(room, np.uint32),
    )
    new.worth[:UNSEEN], new.worth[UNSEEN] = 0.0, np.inf
    new.tally[STRANGE], new.tally[SMALL], new.tally[ABSENT], new.tally[UNSEEN] = 1, PARTNER, 0, 0
    new.tally[LETTER] = 3 * PARTNER  # whoever begins with it has a partner, or costs little
    return new


@compiled
def reach() -> Reach:
    """Room for what one traveller can reach."""
    return Reach(
        np.zeros(MAX_TOKENS, np.float64),
        np.zeros(MAX_TOKENS, np.float64),
        np.zeros(MAX_TOKENS, np.int64),
        np.zeros(MAX_TOKENS + 1, np.int64),
    )


@compiled
def probes() -> Probes:
    """Fresh working memory."""
    return Probes(
        np.empty(256, np.uint32), np.empty(256, np.float32), np.empty(256, np.bool_), np.empty(MAX_LETTERS * 2 + 2, np.uint8)
    )


@compiled
def fill(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    listed: Tokens,
    index: Index,
    weights: Weights,
    near: NDArray[np.int64],
    near_tokens: NDArray[np.uint32],
    near_gains: NDArray[np.float32],
    slots: NDArray[np.uint32],
    rows: Table,
    out: Reach,
    work: Probes,
) -> tuple[Table, int, int]:
    """Fill `out` and the table for one traveller, and `slots` with the row of each listed token that has one.

    Returns the table, its last row in use, and how many of the traveller's ordinary tokens must do without partner in a
    name that holds none of the table's: two that are like one listed token count once.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    m = q1 - q0
    out.best[:], out.lift[:] = 0.0, 0.0
    length = np.zeros(m, np.int64)
    several = np.zeros(m, np.bool_)
    ordinary = 0
    for i in range(m):
        q = query_names.tokens[q0 + i]
        if queries.kind[q] != ORDINARY:
            continue
        ordinary += 1
        out.best[i] = max(weights.initial, UNLIKE_PARTICLES)
        for position in range(near[q], near[q + 1]):
            t = near_tokens[position]
            length[i] += index.offsets[t + 1] - index.offsets[t]
        if near[q] < near[q + 1]:
            out.best[i] = max(out.best[i], float(near_gains[near[q]]))  # best first
        several[i] = (
            queries.offsets[q + 1] - queries.offsets[q] >= _SHORTEST_JOINED and word(index.words, listed, queries.identity[q]) < 0
        )
    joined = _joined(query, query_names, queries, listed, index, work, out.lift)
    for i in range(m):
        q = query_names.tokens[q0 + i]
        if cut:
            first, last = _prefixed(queries, q, listed, index)
            if first < last:
                out.best[i] = max(out.best[i], weights.cut * CUT_LETTERS)
        if several[i]:
            out.lift[i] = max(out.lift[i], float(queries.rarity[q]))
        out.best[i] = max(out.best[i], out.lift[i])
    out.order[:m] = np.argsort(length, kind="mergesort")

    used = LAST_FIXED
    for step in range(m):
        i = out.order[step]
        q = query_names.tokens[q0 + i]
        rows = _with_room(rows, used + near[q + 1] - near[q])
        used = _note(near_tokens, near_gains, near[q], near[q + 1], i, step, used, slots, rows)
        if cut:
            begun, gains = _begun(queries, q, listed, index, weights)
            rows = _with_room(rows, used + begun.size)
            used = _note(begun, gains, 0, begun.size, i, step, used, slots, rows)
        out.ends[step] = used
    priced = ordinary - _doubled(rows, used, m)
    rows = _with_room(rows, used + joined)
    used = _note(work.tokens, work.gains, 0, joined, -1, m, used, slots, rows)
    for x in range(joined):
        rows.whole[slots[work.tokens[x]]] |= work.whole[x]
    out.ends[m] = used
    if used == LAST_FIXED:  # no name is met over anything
        return rows, used, priced
    for i in range(m):
        q = query_names.tokens[q0 + i]
        if several[i]:
            first, last = int(queries.offsets[q]), int(queries.offsets[q + 1])
            for start in range(first, last - 1):
                for stop in range(start + 2, last + 1):
                    parts = _exact(queries.sounds, start, stop, listed, index, work, 0, True)
                    for x in range(parts):
                        work.gains[x] = min(work.gains[x], queries.rarity[q])
                    rows = _with_room(rows, used + parts)
                    used = _note(work.tokens, work.gains, 0, parts, -1, PIECE, used, slots, rows)
        if queries.kind[q] == PARTICLE:
            same = word(index.words, listed, queries.identity[q])
            if same >= 0:
                work.tokens[0], work.gains[0] = same, weights.particle
                rows = _with_room(rows, used + 1)
                used = _note(work.tokens, work.gains, 0, 1, i, NEVER, used, slots, rows)
    rows.worth[SMALL] = rows.worth[LETTER] = max(weights.initial, UNLIKE_PARTICLES)
    for row in range(LAST_FIXED + 1, used + 1):
        rows.worth[row] = max(rows.best[row], rows.joined[row])
        rows.tally[row] = 0 if rows.step[row] == NEVER else PARTNER if rows.joined[row] == 0.0 else 3 * PARTNER
    return rows, used, priced


@compiled
def _with_room(rows: Table, last: int) -> Table:
    """The table, or a larger one of the same content that has a row `last`."""
    old = rows.tokens.size
    if last < old:
        return rows
    new = table(max(2 * old, last + 1))
    new.tokens[:old], new.gains[:old, :], new.best[:old] = rows.tokens, rows.gains, rows.best
    new.joined[:old], new.whole[:old], new.step[:old] = rows.joined, rows.whole, rows.step
    return new


@compiled
def _note(
    tokens: NDArray[np.uint32],
    gains: NDArray[np.float32],
    first: int,
    last: int,
    i: int,
    step: int,
    used: int,
    slots: NDArray[np.uint32],
    rows: Table,
) -> int:
    """Note that tokens first to last - 1 are worth their gains as the traveller's token i (-1: joined); the last row in use."""
    for position in range(first, last):
        token, gain = tokens[position], gains[position]
        row = np.int64(slots[token])
        if row <= LAST_FIXED:
            used += 1
            row = np.int64(used)
            slots[token] = row
            rows.tokens[row] = token
            rows.gains[row, :] = NO_NAME
            rows.best[row] = rows.joined[row] = 0.0
            rows.whole[row] = False
            rows.step[row] = step
        if i >= 0:
            rows.gains[row, i] = max(rows.gains[row, i], gain)
            rows.best[row] = max(rows.best[row], gain)
        else:
            rows.joined[row] = max(rows.joined[row], gain)
    return used


@compiled
def clear(slots: NDArray[np.uint32], rows: Table, used: int) -> None:
    """Take one traveller's rows out of `slots`."""
    for row in range(LAST_FIXED + 1, used + 1):
        slots[rows.tokens[row]] = STRANGE if rows.step[row] != NEVER else SMALL


@compiled
def _doubled(rows: Table, used: int, m: int) -> int:
    """How many of the traveller's m tokens are like a listed token that one before them is like too."""
    doubled = 0
    for row in range(LAST_FIXED + 1, used + 1):
        before = False
        for i in range(m):
            if rows.gains[row, i] > 0.0:
                doubled |= (1 << i) if before else 0
                before = True
    count = 0
    for i in range(m):
        count += (doubled >> i) & 1
    return count


@compiled
def _joined(
    query: int,
    query_names: Names,
    queries: Tokens,
    listed: Tokens,
    index: Index,
    work: Probes,
    lift: NDArray[np.float64],
) -> int:
    """Listed tokens that two of the traveller's make when written as one, and those that one of them is made of.

    Fills `work` with them, what they are worth at most and whether by themselves, raises `lift` of the traveller's tokens
    to what they may then be worth, and returns how many there are.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    count = 0
    plain = np.uint64(0)
    met = np.empty(work.tokens.size, np.bool_)
    for i in range(q1 - q0):
        a = query_names.tokens[q0 + i]
        a0, a1 = int(queries.offsets[a]), int(queries.offsets[a + 1])
        if q1 - q0 <= _MOST_JOINED:
            for j in range(q1 - q0):
                b = query_names.tokens[q0 + j]
                b0, b1 = int(queries.offsets[b]), int(queries.offsets[b + 1])
                length = a1 - a0 + b1 - b0
                if i == j or a1 - a0 < 2 or b1 - b0 < 2 or length > MAX_LETTERS:
                    continue
                if queries.sounds[a1 - 1] == queries.sounds[b0]:  # written as one, doubled letters fall together
                    b0 += 1
                    length -= 1
                work.letters[: a1 - a0] = queries.sounds[a0:a1]
                work.letters[a1 - a0 : length] = queries.sounds[b0:b1]
                low, high = find(index.keys, index.buckets, hash_sounds(work.letters, 0, length, -1, plain))
                for position in range(low, high):
                    t = index.key_tokens[position]
                    if count < work.tokens.size and listed.kind[t] == ORDINARY:
                        work.tokens[count], work.whole[count] = t, True
                        work.gains[count] = listed.rarity[t]
                        count += 1
                        lift[i], lift[j] = max(lift[i], listed.rarity[t] / 2.0), max(lift[j], listed.rarity[t] / 2.0)
        for split in range(a0 + 2, a1 - 1 if a1 - a0 >= 5 else a0):
            titled = is_title(queries.sounds, split, a1)
            lefts = _exact(queries.sounds, a0, split, listed, index, work, count, False)
            rights = lefts
            if lefts > count and not titled:
                rights = _exact(queries.sounds, split, a1, listed, index, work, lefts, False)
            if titled:
                for x in range(count, lefts):
                    work.whole[x] = True
                    lift[i] = max(lift[i], float(work.gains[x]))
                count = lefts
                continue
            found = count  # both of the parts must stand in one name
            met[count:rights] = False
            for x in range(count, lefts):
                for y in range(lefts, rights):
                    if may_stand_together(index.pairs, work.tokens[x], work.tokens[y]):
                        met[x] = met[y] = True
                        lift[i] = max(lift[i], float(queries.rarity[a]))
            for x in range(count, rights):
                if met[x]:
                    work.tokens[found], work.gains[found], work.whole[found] = work.tokens[x], work.gains[x], False
                    found += 1
            count = found
    return count


@compiled
def _exact(
    sounds: NDArray[np.uint8],
    start: int,
    stop: int,
    listed: Tokens,
    index: Index,
    work: Probes,
    count: int,
    clipped: bool,
) -> int:
    """Put the listed ordinary tokens of just these sounds, and their rarity, into `work` after the `count` there if it has room.

    With `clipped` also those that have one more sound at either end: where words meet, a sound may be lost to the other.
    Returns how many it holds then.
    """
    low, high = find(index.keys, index.buckets, hash_sounds(sounds, start, stop, -1, np.uint64(0)))
    for position in range(low, high):
        token = int(index.key_tokens[position])
        first, last = int(listed.offsets[token]), int(listed.offsets[token + 1])
        more = last - first - (stop - start)
        if listed.kind[token] != ORDINARY or count == work.tokens.size or more < 0 or more > (1 if clipped else 0):
            continue
        for skipped in range(more + 1):
            same = True
            for i in range(stop - start):
                same = same and sounds[start + i] == listed.sounds[first + skipped + i]
            if same:
                work.tokens[count], work.gains[count] = token, listed.rarity[token]
                count += 1
                break
    return count


@compiled
def _begun(
    queries: Tokens, q: int, listed: Tokens, index: Index, weights: Weights
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The listed ordinary tokens that token q may be cut from, and the most that each is worth."""
    first, last = _prefixed(queries, q, listed, index)
    tokens, gains = np.empty(last - first, np.uint32), np.empty(last - first, np.float32)
    count = 0
    for position in range(first, last):
        t = index.by_sound[position]
        if listed.kind[t] == ORDINARY:
            tokens[count], gains[count] = t, min(float(listed.rarity[t]), weights.cut * CUT_LETTERS)
            count += 1
    return tokens[:count], gains[:count]


@compiled
def _prefixed(queries: Tokens, q: int, listed: Tokens, index: Index) -> tuple[int, int]:
    """First and last+1 position in `index.by_sound` of the listed tokens that begin with the sounds of token q."""
    q0, q1 = int(queries.offsets[q]), int(queries.offsets[q + 1])
    if queries.kind[q] != ORDINARY or q1 - q0 < _SHORTEST_CUT:
        return 0, 0
    ends = np.zeros(2, np.int64)
    for side in range(2):
        low, high = 0, index.by_sound.size
        while low < high:
            middle = (low + high) // 2
            relation = _against_prefix(listed, index.by_sound[middle], queries.sounds, q0, q1)
            if relation < 0 or (side == 1 and relation == 0):
                low = middle + 1
            else:
                high = middle
        ends[side] = low
    return int(ends[0]), int(ends[1])


@compiled
def _against_prefix(listed: Tokens, token: int, sounds: NDArray[np.uint8], start: int, stop: int) -> int:
    """-1, 0 or 1: the token sorts before the names that begin with these sounds, begins with them, or sorts after."""
    t0, t1 = int(listed.offsets[token]), int(listed.offsets[token + 1])
    for i in range(stop - start):
        if t0 + i >= t1 or listed.sounds[t0 + i] < sounds[start + i]:
            return -1
        if listed.sounds[t0 + i] > sounds[start + i]:
            return 1
    return 0
