"""From travellers to the listed names that may be theirs.

A name is judged by its own tokens: those that are like one of the traveller's stand in a table (`slots`) for as long as the
traveller is looked at, with what each pairing is worth. So no array over all names is touched, and the work of one traveller
is the postings of the rarer tokens, which are read in sequence.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.alignment import Scratch, align_gains, is_title, least_price, scratch, together, token_gain, untogether
from watchlists.kernels.births import best_birth, birth_level
from watchlists.kernels.compiled import compiled
from watchlists.kernels.neighbours import find, may_stand_together, neighbours, word
from watchlists.kernels.sounds import hash_sounds
from watchlists.kernels.types import (
    CUT_LETTERS,
    INITIAL,
    INLINE,
    MAX_LETTERS,
    MAX_TOKENS,
    NO_BIRTH,
    NO_NAME,
    ORDINARY,
    OTHER_BIRTH,
    PARTICLE,
    Births,
    BirthWeights,
    Index,
    Names,
    Needs,
    Tokens,
    Weights,
)

SHORTEST_PART: Final = 3  # sounds of a token that is looked for inside another
# Fixed rows of the table: an ordinary token like none of the traveller's, an initial or particle, no token, and tokens of
# a name too long for its postings to hold them.
STRANGE, SMALL, ABSENT, UNSEEN, LAST_FIXED = 0, 1, 2, 3, 3
PIECE, NEVER = 254, 255  # steps of what may be a part of a joined token, and of particles: no name is met over them
SHORTEST_JOINED: Final = 5  # sounds of a token that may be any number of listed ones
UNLIKE_PARTICLES: Final = 0.5  # nats that two different particles add at most, which is their rarity
PARTNER: Final = 8  # more than the tokens without partner that a posting can hold
SLACK: Final = 1e-3  # nats: bounds are summed in float32
MOST_JOINED: Final = 6  # tokens of a name up to which pairs of them are looked for as one


class Table(NamedTuple):
    """The listed tokens that are like some of one traveller's, after the fixed rows; how many are in use is told beside it."""

    tokens: NDArray[np.uint32]
    gains: NDArray[np.float32]  # (n, MAX_TOKENS) as each of the traveller's tokens
    best: NDArray[np.float32]  # the most it can be worth by itself
    joined: NDArray[np.float32]  # the most it can be worth as, or in, a joined token
    whole: NDArray[np.bool_]  # joined with no other listed token
    step: NDArray[np.uint8]  # at which names with this token are met first
    worth: NDArray[np.float32]  # what it adds to the bound of a name,
    tally: NDArray[np.int64]  # PARTNER for each of the traveller's tokens that it can be partner to, 1 if to none


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
    """Every (query, listed name, name log-odds) that `needs` asks for and that shares an ordinary token.

    The traveller's tokens are taken in turn, those with the fewest postings first. A posting is passed over when that
    token, all later ones and its date of birth cannot reach what is needed; a name is judged by its tokens where the first
    that is like the traveller's leads to it, and aligned where they could reach what is needed.
    """
    near, near_tokens, near_gains = neighbours(queries, listed, index, weights)
    work = scratch()
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    addends = np.empty(2 * MAX_TOKENS, np.float64)
    pair = np.empty(MAX_LETTERS * 2 + 2, np.uint8)
    probes = np.empty(256, np.uint32)
    probe_gains = np.empty(256, np.float64)
    probe_whole = np.empty(256, np.bool_)
    # Of each listed token its row of the table; where it has none STRANGE, or SMALL if it is no ordinary one.
    slots = np.where(listed.kind == ORDINARY, STRANGE, SMALL).astype(np.uint16)
    slots = np.concatenate((slots, np.array([ABSENT, UNSEEN], np.uint16)))
    table = _table(4096)
    ends = np.zeros(MAX_TOKENS + 1, np.int64)
    born_as = np.zeros(4, np.int16)
    prices = np.zeros(PARTNER * (3 * INLINE + 4), np.float64)
    size = 1024
    found_q, found_n, found_s = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.float64)
    at = 0
    surest = max(birth_weights)
    small = max(weights.initial, UNLIKE_PARTICLES)  # the most that a listed initial or another particle adds
    for query in range(query_names.offsets.size - 1):
        q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
        m = q1 - q0
        floor = needs.name[query]
        own = needs.births[query]
        dated = own[0] > 0
        # What a name must bring: of an entry without, with a like and with another date of birth.
        undated_need = max(floor, needs.total - needs.other[query])
        near_need = max(floor, undated_need - surest) if dated else undated_need
        far_need = undated_need - birth_weights.disjoint if dated else undated_need
        least_need = min(near_need, undated_need)

        best = np.zeros(m, np.float64)  # what each of the traveller's tokens can be worth
        lift = np.zeros(m, np.float64)  # the same as a part of joined tokens
        length = np.zeros(m, np.int64)  # of the postings that each leads to
        ordinary = initials = 0
        minor = 0.0  # what initials and particles, which have no neighbours, can add
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if queries.kind[q] != ORDINARY:
                minor += weights.initial if queries.kind[q] == INITIAL else weights.particle
                initials += queries.kind[q] == INITIAL
                continue
            ordinary += 1
            best[i] = small
            for position in range(near[q], near[q + 1]):
                t = near_tokens[position]
                best[i] = max(best[i], float(near_gains[position]))
                length[i] += index.postings[t + 1] - index.postings[t]
        joined = _joined(query, query_names, queries, listed, index, pair, probes, probe_gains, probe_whole, lift)
        prefixed = cut[query] and _cut_short(query, query_names, queries, listed, index, weights, best)
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if _may_be_several(q, queries, listed, index):
                lift[i] = max(lift[i], float(queries.rarity[q]))
        best = np.maximum(best, lift)
        order = np.argsort(length, kind="mergesort")

        # The listed tokens that count for this traveller, those of each step (of one more for joined ones) end to end.
        used = LAST_FIXED
        for step in range(m):
            i = order[step]
            q = query_names.tokens[q0 + i]
            for position in range(near[q], near[q + 1]):
                table, used = _worth(near_tokens[position], near_gains[position], i, step, used, slots, table)
            if prefixed:
                first, last = _prefixed(queries, q, listed, index)
                for position in range(first, last):
                    t = index.by_sound[position]
                    gain = min(float(listed.rarity[t]), weights.cut * CUT_LETTERS)
                    if listed.kind[t] == ORDINARY:
                        table, used = _worth(t, gain, i, step, used, slots, table)
            ends[step] = used
        # Of two tokens that are like one listed token, one may be had for little where the other finds its partner.
        priced = ordinary - _doubled(table, used, m)
        for x in range(joined):
            table, used = _worth(probes[x], probe_gains[x], -1, m, used, slots, table)
            row = int(slots[probes[x]])
            table.joined[row] = max(table.joined[row], probe_gains[x])
            table.whole[row] = table.whole[row] or probe_whole[x]
        ends[m] = used
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if not _may_be_several(q, queries, listed, index):
                continue
            first, last = int(queries.offsets[q]), int(queries.offsets[q + 1])
            for start in range(first, last - 1):
                for stop in range(start + 2, last + 1):
                    for x in range(_exact(queries.sounds, start, stop, listed, index, probes, 0, True)):
                        table, used = _worth(probes[x], 0.0, -1, PIECE, used, slots, table)
                        row = int(slots[probes[x]])
                        table.joined[row] = max(table.joined[row], min(listed.rarity[probes[x]], queries.rarity[q]))
        for i in range(m):
            q = query_names.tokens[q0 + i]
            same = word(index.words, listed, queries.identity[q]) if queries.kind[q] == PARTICLE else -1
            if same >= 0:
                table, used = _worth(same, weights.particle, i, NEVER, used, slots, table)
        # What a token adds to a name at most, and what it leaves without a partner.
        for row in range(LAST_FIXED + 1, used + 1):
            table.worth[row] = max(table.best[row], table.joined[row])
            table.tally[row] = 0 if table.step[row] == NEVER else PARTNER if table.joined[row] == 0.0 else 3 * PARTNER
        table.worth[:LAST_FIXED] = 0.0
        table.worth[SMALL], table.worth[UNSEEN] = small, np.inf
        table.tally[STRANGE], table.tally[SMALL], table.tally[ABSENT], table.tally[UNSEEN] = 1, PARTNER, 0, 0
        for count in range(prices.size):
            partners, strangers = count // PARTNER, count % PARTNER
            price = _sure_price(priced, partners, strangers, initials, cut[query], weights)
            prices[count] = initials * weights.initial + SLACK - price
        undated_least, near_least, far_least = (
            untogether(undated_need, weights),
            untogether(near_need, weights),
            untogether(far_need, weights),
        )

        rest = best.sum() + minor  # what tokens of later steps, and earlier ones as parts of a joined one, can add
        row = LAST_FIXED
        for step in range(m + 1):
            i = order[step] if step < m else -1
            rest = rest - best[i] if step < m else lift.sum() + minor + m * small
            while row < ends[step]:
                row += 1
                t = table.tokens[row]
                gain = float(table.gains[row, i]) if step < m else 0.0
                most = together(max(gain, lift[i]) + rest if step < m else rest, weights)
                if most < least_need:
                    continue
                worth, own_tally = table.worth[row], table.tally[row]
                year, day = own[0], (own[2] << 5) + own[3]
                inexact = own[0] != own[1] or own[3] == 0
                for posting in range(index.postings[t], index.postings[t + 1]):
                    born = index.posting_births[posting]
                    if not dated or born == NO_BIRTH:
                        need, least = undated_need, undated_least
                    elif inexact or born == OTHER_BIRTH or born >> 9 == year or born & 511 == day:
                        need, least = near_need, near_least
                    else:  # DATE_DISJOINT
                        need, least = far_need, far_least
                    if most < need:
                        continue
                    bound, count = worth, own_tally
                    for x in range(INLINE):
                        slot = slots[index.posting_others[posting, x]]
                        bound += table.worth[slot]
                        count += table.tally[slot]
                    if bound + prices[count] < least:
                        continue
                    name = index.posting_names[posting]
                    # As the bound above, but exact for the tokens that the posting has no room for and for parts of a
                    # joined token, which count only where there are two of them.
                    alone, with_joined = float(table.best[row]), float(table.worth[row])
                    partners = 1 if alone > 0.0 else 0
                    strangers = 1 - partners
                    pieces = 1 if table.joined[row] > 0.0 else 0
                    joins = table.whole[row]
                    particles = False
                    leads = True
                    t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
                    for position in range(t0, t1):
                        other = int(listed_names.tokens[position])
                        if other == t:
                            continue
                        slot = int(slots[other])
                        if slot > LAST_FIXED and table.step[slot] <= step:
                            # The name was met over this token before, or is over one that is more alike.
                            theirs = float(table.gains[slot, i]) if step < m else 0.0
                            if table.step[slot] < step or theirs > gain or (theirs == gain and other < t):
                                leads = False
                                break
                        with_joined += table.worth[slot]
                        if slot == STRANGE:
                            strangers += 1
                        elif slot == SMALL:
                            alone += small
                            partners += 1
                            particles = True
                        else:
                            alone += table.best[slot]
                            if table.step[slot] == NEVER:
                                particles = True
                            else:
                                partners += table.best[slot] > 0.0
                                strangers += table.best[slot] == 0.0
                            pieces += table.joined[slot] > 0.0
                            joins = joins or table.whole[slot]
                    if not leads:
                        continue
                    joins = joins or pieces > 1 or (pieces == 1 and (particles or strangers > 0))
                    highest = together((with_joined if joins else alone) + initials * weights.initial, weights)
                    if not joins:
                        highest -= _sure_price(priced, partners, strangers, initials, cut[query], weights)
                    if highest < need:
                        continue
                    if need == near_need and dated and born != NO_BIRTH:
                        if born == OTHER_BIRTH:
                            value, _, _ = best_birth(own, births, name_entries[name], birth_weights)
                        else:
                            born_as[0] = born_as[1] = born >> np.uint32(9)
                            born_as[2], born_as[3] = (born >> np.uint32(5)) & np.uint32(15), born & np.uint32(31)
                            value, _ = birth_level(own, born_as, birth_weights)
                        need = max(floor, undated_need - value)
                        if highest < need:
                            continue
                    _gains_of(q0, m, query_names, queries, cut[query], t0, t1, listed_names, listed, weights, slots, table, work)
                    score, _ = align_gains(
                        query,
                        query_names,
                        queries,
                        cut[query],
                        name,
                        listed_names,
                        listed,
                        weights,
                        work,
                        parts,
                        addends,
                        joins,
                    )
                    if score >= need and not joins:  # what is found is scored as everywhere, joined tokens and all
                        score, _ = align_gains(
                            query,
                            query_names,
                            queries,
                            cut[query],
                            name,
                            listed_names,
                            listed,
                            weights,
                            work,
                            parts,
                            addends,
                            True,
                        )
                    if score < need:
                        continue
                    if at == size:
                        size *= 2
                        found_q, found_n, found_s = _more(size, found_q, found_n, found_s)
                    found_q[at], found_n[at], found_s[at] = query, name, score
                    at += 1
            if step < m:
                rest += lift[i]
        for row in range(LAST_FIXED + 1, used + 1):
            slots[table.tokens[row]] = STRANGE if table.step[row] != NEVER else SMALL
    return found_q[:at].copy(), found_n[:at].copy(), found_s[:at].copy()


@compiled
def _table(room: int) -> Table:
    return Table(
        np.empty(room, np.uint32),
        np.empty((room, MAX_TOKENS), np.float32),
        np.empty(room, np.float32),
        np.empty(room, np.float32),
        np.empty(room, np.bool_),
        np.empty(room, np.uint8),
        np.empty(room, np.float32),
        np.empty(room, np.int64),
    )


@compiled
def _roomier(table: Table) -> Table:
    old = table.tokens.size
    new = _table(2 * old)
    new.tokens[:old], new.gains[:old, :], new.best[:old] = table.tokens, table.gains, table.best
    new.joined[:old], new.whole[:old], new.step[:old] = table.joined, table.whole, table.step
    return new


@compiled
def _worth(token: int, gain: float, i: int, step: int, used: int, slots: NDArray[np.uint16], table: Table) -> tuple[Table, int]:
    """Note that a listed token is worth `gain` as the traveller's token i (-1: joined); the table and its rows used now."""
    row = int(slots[token])
    if row <= LAST_FIXED:
        if used + 1 == table.tokens.size:
            table = _roomier(table)
        used += 1
        row = used
        slots[token] = row
        table.tokens[row] = token
        table.gains[row, :] = NO_NAME
        table.best[row] = table.joined[row] = 0.0
        table.whole[row] = False
        table.step[row] = step
    if i >= 0:
        table.gains[row, i] = max(table.gains[row, i], gain)
        table.best[row] = max(table.best[row], gain)
    return table, used


@compiled
def _sure_price(ordinary: int, partners: int, strangers: int, initials: int, cut: bool, weights: Weights) -> float:
    """The least price of a name: strangers may have an initial for partner, and cost little where a name is cut short."""
    return least_price(max(0, ordinary - partners), 0 if cut else max(0, strangers - initials), weights)


@compiled
def _doubled(table: Table, used: int, m: int) -> int:
    """How many of the traveller's m tokens are like a listed token that one before them is like too."""
    doubled = 0
    for i in range(m):
        shared = False
        for row in range(LAST_FIXED + 1, used + 1):
            if table.gains[row, i] > 0.0:
                for j in range(i):
                    shared = shared or table.gains[row, j] > 0.0
        doubled += shared
    return doubled


@compiled
def _gains_of(
    q0: int,
    m: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    t0: int,
    t1: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    slots: NDArray[np.uint16],
    table: Table,
    work: Scratch,
) -> None:
    """Fill `work.gains` as `alignment.fill_gains` does, ordinary tokens from the table."""
    for j in range(t1 - t0):
        t = listed_names.tokens[t0 + j]
        slot = int(slots[t])
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if queries.kind[q] == ORDINARY and listed.kind[t] == ORDINARY and not cut:
                work.gains[i, j] = table.gains[slot, i] if slot > LAST_FIXED else NO_NAME
            else:
                work.gains[i, j] = token_gain(q, queries, t, listed, cut, weights, work.rows)


@compiled
def _joined(
    query: int,
    query_names: Names,
    queries: Tokens,
    listed: Tokens,
    index: Index,
    pair: NDArray[np.uint8],
    probes: NDArray[np.uint32],
    gains: NDArray[np.float64],
    whole: NDArray[np.bool_],
    lift: NDArray[np.float64],
) -> int:
    """Listed tokens that two of the traveller's make when written as one, and those that one of them is made of.

    Fills `probes`, `gains` and `whole` with them, what they are worth at most and whether by themselves, raises `lift` of
    the traveller's tokens to what they may then be worth, and returns how many there are.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    count = 0
    plain = np.uint64(0)
    met = np.empty(probes.size, np.bool_)
    for i in range(q1 - q0):
        a = query_names.tokens[q0 + i]
        a0, a1 = int(queries.offsets[a]), int(queries.offsets[a + 1])
        if q1 - q0 <= MOST_JOINED:
            for j in range(q1 - q0):
                b = query_names.tokens[q0 + j]
                b0, b1 = int(queries.offsets[b]), int(queries.offsets[b + 1])
                length = a1 - a0 + b1 - b0
                if i == j or a1 - a0 < 2 or b1 - b0 < 2 or length > MAX_LETTERS:
                    continue
                if queries.sounds[a1 - 1] == queries.sounds[b0]:  # written as one, doubled letters fall together
                    b0 += 1
                    length -= 1
                pair[: a1 - a0] = queries.sounds[a0:a1]
                pair[a1 - a0 : length] = queries.sounds[b0:b1]
                low, high = find(index.keys, index.buckets, hash_sounds(pair, 0, length, -1, plain))
                for position in range(low, high):
                    t = index.key_tokens[position]
                    if count < probes.size and listed.kind[t] == ORDINARY:
                        probes[count], whole[count] = t, True
                        gains[count] = listed.rarity[t]
                        count += 1
                        lift[i], lift[j] = max(lift[i], listed.rarity[t] / 2.0), max(lift[j], listed.rarity[t] / 2.0)
        for split in range(a0 + 2, a1 - 1 if a1 - a0 >= 5 else a0):
            titled = is_title(queries.sounds, split, a1)
            lefts = _exact(queries.sounds, a0, split, listed, index, probes, count, False)
            rights = lefts
            if lefts > count and not titled:
                rights = _exact(queries.sounds, split, a1, listed, index, probes, lefts, False)
            if titled:
                for x in range(count, lefts):
                    gains[x], whole[x] = listed.rarity[probes[x]], True
                    lift[i] = max(lift[i], gains[x])
                count = lefts
                continue
            found = count  # both of the parts must stand in one name
            met[count:rights] = False
            for x in range(count, lefts):
                for y in range(lefts, rights):
                    if may_stand_together(index.pairs, probes[x], probes[y]):
                        met[x] = met[y] = True
                        lift[i] = max(lift[i], float(queries.rarity[a]))
            for x in range(count, rights):
                if met[x]:
                    probes[found], gains[found], whole[found] = probes[x], listed.rarity[probes[x]], False
                    found += 1
            count = found
    return count


@compiled
def _may_be_several(q: int, queries: Tokens, listed: Tokens, index: Index) -> bool:
    """Whether a token is so long, and so unknown, that it may be several written as one."""
    long = queries.offsets[q + 1] - queries.offsets[q] >= SHORTEST_JOINED
    return bool(long and queries.kind[q] == ORDINARY and word(index.words, listed, queries.identity[q]) < 0)


@compiled
def _exact(
    sounds: NDArray[np.uint8],
    start: int,
    stop: int,
    listed: Tokens,
    index: Index,
    out: NDArray[np.uint32],
    count: int,
    clipped: bool,
) -> int:
    """Put the listed ordinary tokens of just these sounds into `out` after the `count` there, as far as there is room.

    With `clipped` also those that have one more sound at either end: where words meet, a sound may be lost to the other.
    Returns how many `out` holds then.
    """
    low, high = find(index.keys, index.buckets, hash_sounds(sounds, start, stop, -1, np.uint64(0)))
    for position in range(low, high):
        token = int(index.key_tokens[position])
        first, last = int(listed.offsets[token]), int(listed.offsets[token + 1])
        more = last - first - (stop - start)
        if listed.kind[token] != ORDINARY or count == out.size or more < 0 or more > (1 if clipped else 0):
            continue
        for skipped in range(more + 1):
            same = True
            for i in range(stop - start):
                same = same and sounds[start + i] == listed.sounds[first + skipped + i]
            if same:
                out[count] = token
                count += 1
                break
    return count


@compiled
def _cut_short(
    query: int,
    query_names: Names,
    queries: Tokens,
    listed: Tokens,
    index: Index,
    weights: Weights,
    best: NDArray[np.float64],
) -> bool:
    """Whether a token of the traveller begins a listed one; raises `best` of such tokens to what they may be worth."""
    q0 = int(query_names.offsets[query])
    found = False
    for i in range(best.size):
        first, last = _prefixed(queries, query_names.tokens[q0 + i], listed, index)
        if first < last:
            best[i] = max(best[i], weights.cut * CUT_LETTERS)
            found = True
    return found


@compiled
def _prefixed(queries: Tokens, q: int, listed: Tokens, index: Index) -> tuple[int, int]:
    """First and last+1 position in `index.by_sound` of the listed tokens that begin with the sounds of token q."""
    q0, q1 = int(queries.offsets[q]), int(queries.offsets[q + 1])
    if queries.kind[q] != ORDINARY or q1 - q0 < SHORTEST_PART:
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


@compiled
def _more(
    size: int, queries: NDArray[np.uint32], names: NDArray[np.uint32], scores: NDArray[np.float64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]:
    old = queries.size
    more_q, more_n, more_s = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.float64)
    more_q[:old], more_n[:old], more_s[:old] = queries, names, scores
    return more_q, more_n, more_s
