"""From travellers to the listed names that may be theirs.

A name is judged by its own tokens: those that are like one of the traveller's stand in a table (`reach.Table`) for as long
as the traveller is looked at, with what each pairing is worth. The work of one traveller is the postings of those tokens,
which are read in sequence.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels import reach
from watchlists.kernels.alignment import Scratch, align_gains, least_price, scratch, together, token_gain, untogether
from watchlists.kernels.births import best_birth, level
from watchlists.kernels.compiled import compiled
from watchlists.kernels.neighbours import neighbours
from watchlists.kernels.reach import ABSENT, LAST_FIXED, LETTER, NEVER, PARTNER, SMALL, STRANGE, UNSEEN, Table
from watchlists.kernels.types import (
    INITIAL,
    INLINE,
    MAX_TOKENS,
    NAME,
    NO_BIRTH,
    NO_NAME,
    ORDINARY,
    OTHER_BIRTH,
    OTHERS,
    Births,
    BirthWeights,
    Index,
    Names,
    Needs,
    Tokens,
    Weights,
)

_SLACK: Final = 1e-3  # nats: bounds are summed in float32


class Asked(NamedTuple):
    """What a name must bring to one traveller, by the date of birth of its entry."""

    floor: float
    undated: float  # of an entry without date of birth, or more where that is less than `floor`; of others its log-odds come off
    near: float  # of an entry with several dates or a range of years: at least
    far: float  # of one whose date disagrees altogether
    dated: bool  # the traveller's own is known
    first: int  # year of birth
    last: int
    month: int
    day: int
    date: int  # month * 32 + day, -1 where not known to the day


class Passing(NamedTuple):
    """Postings that are not passed over, and at last the score of each name: working memory that grows with the longest list."""

    rows: NDArray[np.int64]  # of the table
    postings: NDArray[np.int64]
    needs: NDArray[np.float64]
    scores: NDArray[np.float64]


class Prices(NamedTuple):
    """What a name is sure to cost one traveller, by its tokens that can have a partner and those that cannot."""

    priced: int  # the traveller's ordinary tokens
    initials: int  # the traveller's
    most: float  # what the initials can add
    cut: bool
    least: NDArray[np.float64]  # (MAX_TOKENS + 1, MAX_TOKENS + 1) by the tokens without partner: traveller's, name's
    bounds: NDArray[np.float64]  # by the tally of a posting: the initials' part less the price, with slack


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
    # Of each listed token its row of the table; where it has none, of its kind.
    slots = np.empty(listed.kind.size + 2, np.uint32)
    for token in range(listed.kind.size):
        kind = listed.kind[token]
        slots[token] = STRANGE if kind == ORDINARY else LETTER if kind == INITIAL else SMALL
    slots[listed.kind.size], slots[listed.kind.size + 1] = ABSENT, UNSEEN
    rows, worth, probes = reach.table(4096), reach.reach(), reach.probes()
    work = scratch()
    passing = _passing(4096)
    least = np.zeros((MAX_TOKENS + 1, MAX_TOKENS + 1), np.float64)
    for mine in range(MAX_TOKENS + 1):
        for theirs in range(MAX_TOKENS + 1):
            least[mine, theirs] = least_price(mine, theirs, weights)
    bounds = np.zeros(PARTNER * (3 * INLINE + 4), np.float64)
    size = 1024
    found_q, found_n, found_s = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.float64)
    at = 0
    for query in range(query_names.offsets.size - 1):
        q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
        m = q1 - q0
        minor = 0.0  # what initials and particles, which have no neighbours, can add
        initials = 0
        for q in query_names.tokens[q0:q1]:
            if queries.kind[q] != ORDINARY:
                minor += weights.initial if queries.kind[q] == INITIAL else weights.particle
                initials += queries.kind[q] == INITIAL
        rows, used, priced = reach.fill(
            query,
            query_names,
            queries,
            cut[query],
            listed,
            index,
            weights,
            near,
            near_tokens,
            near_gains,
            slots,
            rows,
            worth,
            probes,
        )
        if used == LAST_FIXED:  # most travellers, where few lookouts are searched
            continue
        asked = _asked(needs, query, birth_weights)
        prices = Prices(priced, initials, initials * weights.initial, cut[query], least, bounds)
        for tally in range(bounds.size):
            bounds[tally] = prices.most + _SLACK - _sure_price(tally // PARTNER, tally % PARTNER, prices)
        row = LAST_FIXED + 1
        # What tokens of later steps, and earlier ones as parts of a joined one, can add.
        rest = worth.best.sum() + minor
        for step in range(m + 1):
            own = worth.order[step] if step < m else -1
            lift = worth.lift[own] if step < m else 0.0
            rest = rest - worth.best[own] if step < m else worth.lift.sum() + minor + m * rows.worth[SMALL]
            last = worth.ends[step] + 1
            length = _lengths(row, last, index, rows)
            if length > passing.rows.size:
                passing = _passing(2 * length)
            count = _due(row, last, own, lift, rest, asked, rows, index, weights, birth_weights, passing)
            count = _pass(count, bounds, slots, rows, index, weights, passing)
            _judge(
                count,
                step,
                own,
                query,
                query_names,
                queries,
                asked,
                needs.births[query],
                prices,
                slots,
                rows,
                listed_names,
                listed,
                index,
                weights,
                name_entries,
                births,
                birth_weights,
                work,
                passing,
            )
            for x in range(count):
                if passing.scores[x] != NO_NAME:
                    if at == size:
                        size *= 2
                        found_q, found_n, found_s = _more(size, found_q, found_n, found_s)
                    found_q[at], found_s[at] = query, passing.scores[x]
                    found_n[at] = index.postings[passing.postings[x], NAME]
                    at += 1
            rest += lift
            row = last
        reach.clear(slots, rows, used)
    return found_q[:at].copy(), found_n[:at].copy(), found_s[:at].copy()


@compiled
def _asked(needs: Needs, query: int, weights: BirthWeights) -> Asked:
    own = needs.births[query]
    floor = needs.name[query]
    dated = own[0] > 0
    undated = needs.total - needs.other[query]
    near = max(floor, undated - max(weights)) if dated else max(floor, undated)
    far = max(floor, undated - weights.disjoint)
    return Asked(
        floor,
        undated,
        near,
        far,
        dated,
        int(own[0]),
        int(own[1]),
        int(own[2]),
        int(own[3]),
        (int(own[2]) << 5) + int(own[3]) if own[0] == own[1] and own[3] > 0 else -1,
    )


@compiled
def _passing(room: int) -> Passing:
    return Passing(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.float64), np.empty(room, np.float64))


@compiled
def _lengths(first: int, last: int, index: Index, rows: Table) -> int:
    """How many postings these rows of the table lead to.

    The lists lie anywhere in memory. Here the first posting of each is asked for, so that the processor waits for all of
    them together and not for one after the other.
    """
    length = 0
    for row in range(first, last):
        t = rows.tokens[row]
        start, stop = index.offsets[t], index.offsets[t + 1]
        if start < stop:
            rows.fetched[row] = index.born[start]
        length += stop - start
    return length


@compiled
def _due(
    first: int,
    last: int,
    own: int,
    lift: float,
    rest: float,
    asked: Asked,
    rows: Table,
    index: Index,
    weights: Weights,
    birth_weights: BirthWeights,
    out: Passing,
) -> int:
    """Put those postings of rows first to last - 1 into `out` whose date of birth lets them reach what is needed.

    The rows are like the traveller's token `own` (-1: joined); `rest` is what all but that one can add. Returns how many.
    """
    undated = max(asked.floor, asked.undated)
    count = 0
    for row in range(first, last):
        gain = float(rows.gains[row, own]) if own >= 0 else 0.0
        most = together(max(gain, lift) + rest, weights.together, weights.knee, weights.slope)
        if most < min(asked.near, undated):
            continue
        t = rows.tokens[row]
        for posting in range(index.offsets[t], index.offsets[t + 1]):
            born = np.int64(index.born[posting])
            if not asked.dated or born == NO_BIRTH:
                need = undated
            elif born == OTHER_BIRTH:
                need = asked.near
            else:
                year = int(born >> 9)
                need = asked.far
                if (asked.first <= year <= asked.last) or born & 511 == asked.date:  # else DATE_DISJOINT
                    month, day = int((born >> 5) & 15), int(born & 31)
                    value, _ = level(asked.first, asked.last, asked.month, asked.day, year, year, month, day, birth_weights)
                    need = max(asked.floor, asked.undated - value)
            if most >= need:
                out.rows[count], out.postings[count], out.needs[count] = row, posting, need
                count += 1
    return count


@compiled
def _pass(
    count: int, bounds: NDArray[np.float64], slots: NDArray[np.uint32], rows: Table, index: Index, weights: Weights, out: Passing
) -> int:
    """Keep those of the first `count` in `out` whose other tokens let them reach what is needed; returns how many.

    Apart from `_due`, so that the processor reads many postings at once: here next to none passes.
    """
    kept = 0
    for x in range(count):
        row, posting = out.rows[x], out.postings[x]
        bound, tally = rows.worth[row], rows.tally[row]
        for other in range(OTHERS, OTHERS + INLINE):
            slot = slots[index.postings[posting, other]]
            bound += rows.worth[slot]
            tally += rows.tally[slot]
        if bound + bounds[tally] >= untogether(out.needs[x], weights.together, weights.knee, weights.slope):
            out.rows[kept], out.postings[kept], out.needs[kept] = row, posting, out.needs[x]
            kept += 1
    return kept


@compiled
def _judge(
    count: int,
    step: int,
    own: int,
    query: int,
    query_names: Names,
    queries: Tokens,
    asked: Asked,
    born_own: NDArray[np.int16],
    prices: Prices,
    slots: NDArray[np.uint32],
    rows: Table,
    listed_names: Names,
    listed: Tokens,
    index: Index,
    weights: Weights,
    name_entries: NDArray[np.uint32],
    births: Births,
    birth_weights: BirthWeights,
    work: Scratch,
    passing: Passing,
) -> None:
    """Set `passing.scores` of the first `count`: the log-odds of the name, or NO_NAME where they are not what is needed or the
    name was met before.

    As the bound by which they passed, but exact for the tokens that a posting has no room for and for parts of a joined
    token, which count only where there are two of them.
    """
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    addends = np.empty(2 * MAX_TOKENS, np.float64)
    base, knee, slope = weights.together, weights.knee, weights.slope
    for x in range(count):
        passing.scores[x] = NO_NAME
        row, posting, need = passing.rows[x], passing.postings[x], passing.needs[x]
        t = rows.tokens[row]
        gain = float(rows.gains[row, own]) if own >= 0 else 0.0
        name = index.postings[posting, NAME]
        alone, with_joined = float(rows.best[row]), float(rows.worth[row])
        partners = 1 if alone > 0.0 else 0
        strangers = 1 - partners
        pieces = 1 if rows.joined[row] > 0.0 else 0
        joins = rows.whole[row]
        particles = False
        leads, met = True, False
        t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
        for position in range(t0, t1):
            other = listed_names.tokens[position]
            if other == t and not met:
                met = True
                continue
            slot = int(slots[other])
            if slot > LAST_FIXED and rows.step[slot] <= step:
                # The name was met over this token before, or is over one that is more alike.
                theirs = float(rows.gains[slot, own]) if own >= 0 else 0.0
                if rows.step[slot] < step or theirs > gain or (theirs == gain and other < t):
                    leads = False
                    break
            with_joined += rows.worth[slot]
            if slot == STRANGE:
                strangers += 1
            elif slot == SMALL or slot == LETTER:
                alone += rows.worth[slot]
                partners += 1 if slot == SMALL else MAX_TOKENS
                particles = True
            else:
                alone += rows.best[slot]
                if rows.step[slot] == NEVER:
                    particles = True
                else:
                    partners += rows.best[slot] > 0.0
                    strangers += rows.best[slot] == 0.0
                pieces += rows.joined[slot] > 0.0
                joins = joins or rows.whole[slot]
        if not leads:
            continue
        joins = joins or pieces > 1 or (pieces == 1 and (particles or strangers > 0))
        highest = together((with_joined if joins else alone) + prices.most, base, knee, slope)
        if not joins:
            highest -= _sure_price(partners, strangers, prices)
        if highest < need:
            continue
        if asked.dated and index.born[posting] == OTHER_BIRTH:
            need = max(asked.floor, asked.undated - best_birth(born_own, births, name_entries[name], birth_weights)[0])
            if highest < need:
                continue
        _gains_of(query, query_names, queries, prices.cut, t0, t1, listed_names, listed, weights, slots, rows, work)
        score, _ = align_gains(
            query, query_names, queries, prices.cut, name, listed_names, listed, weights, work, parts, addends, joins
        )
        if score >= need and not joins:  # what is found is scored as everywhere, joined tokens and all
            score, _ = align_gains(
                query, query_names, queries, prices.cut, name, listed_names, listed, weights, work, parts, addends, True
            )
        if score >= need:
            passing.scores[x] = score


@compiled
def _sure_price(partners: int, strangers: int, prices: Prices) -> float:
    """The least price of a name: strangers cost little where a name is cut short, or has an initial that they may begin with."""
    lacking = 0 if prices.cut or prices.initials > 0 else min(strangers, MAX_TOKENS)
    return float(prices.least[max(0, prices.priced - partners), lacking])


@compiled
def _gains_of(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    t0: int,
    t1: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    slots: NDArray[np.uint32],
    rows: Table,
    work: Scratch,
) -> None:
    """Fill `work.gains` as `alignment.fill_gains` does, ordinary tokens from the table."""
    q0, m = query_names.offsets[query], query_names.offsets[query + 1] - query_names.offsets[query]
    for j in range(t1 - t0):
        t = listed_names.tokens[t0 + j]
        slot = int(slots[t])
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if queries.kind[q] == ORDINARY and listed.kind[t] == ORDINARY and not cut:
                work.gains[i, j] = rows.gains[slot, i] if slot > LAST_FIXED else NO_NAME
            else:
                work.gains[i, j] = token_gain(q, queries, t, listed, cut, weights, work.rows)


@compiled
def _more(
    size: int, queries: NDArray[np.uint32], names: NDArray[np.uint32], scores: NDArray[np.float64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]:
    old = queries.size
    more_q, more_n, more_s = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.float64)
    more_q[:old], more_n[:old], more_s[:old] = queries, names, scores
    return more_q, more_n, more_s
