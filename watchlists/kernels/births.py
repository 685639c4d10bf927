"""Dates of birth, countries and places of birth of pairs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import share_key
from watchlists.kernels.types import (
    DATE_DIGIT,
    DATE_DISJOINT,
    DATE_EQUAL,
    DATE_MONTH,
    DATE_NEAR_YEAR,
    DATE_SAME_YEAR,
    DATE_SWAPPED,
    DATE_UNKNOWN,
    DATE_YEAR,
    Births,
    BirthWeights,
)


@compiled
def birth_level(a: NDArray[np.int16], b: NDArray[np.int16], weights: BirthWeights) -> tuple[float, int]:
    """Log-odds and level of two births."""
    return level(int(a[0]), int(a[1]), int(a[2]), int(a[3]), int(b[0]), int(b[1]), int(b[2]), int(b[3]), weights)


@compiled
def level(
    first: int,
    last: int,
    month: int,
    day: int,
    other_first: int,
    other_last: int,
    other_month: int,
    other_day: int,
    weights: BirthWeights,
) -> tuple[float, int]:
    """`birth_level` of the numbers themselves: what it costs to hand arrays on is felt where it is asked for every name."""
    exact = first == last and other_first == other_last
    if exact and day > 0 and other_day > 0:
        if first == other_first:
            if month == other_month and day == other_day:
                unknown = day == 1 and (month == 1 or month == 7)
                return (weights.new_year if unknown else weights.equal), DATE_EQUAL
            if month == other_day and day == other_month:
                return weights.swapped, DATE_SWAPPED
        if _digits_apart(first, other_first) + _digits_apart(month, other_month) + _digits_apart(day, other_day) == 1:
            return weights.digit, DATE_DIGIT
        if month == other_month and day == other_day and abs(first - other_first) == 1:
            return weights.near_year, DATE_NEAR_YEAR
        if first == other_first:
            return weights.same_year, DATE_SAME_YEAR
        return weights.disjoint, DATE_DISJOINT
    if first > other_last or other_first > last:
        return weights.disjoint, DATE_DISJOINT
    if exact and month > 0 and other_month > 0:
        return (weights.month, DATE_MONTH) if month == other_month else (weights.same_year, DATE_SAME_YEAR)
    span = max(last - first, other_last - other_first) + 1
    return weights.year - np.log(float(span)), DATE_YEAR


@compiled
def _digits_apart(x: int, y: int) -> int:
    apart = 0
    while x > 0 or y > 0:
        if x % 10 != y % 10:
            apart += 1
        x //= 10
        y //= 10
    return apart


@compiled
def best_birth(own: NDArray[np.int16], listed: Births, entry: int, weights: BirthWeights) -> tuple[float, int, int]:
    """Log-odds, level and row of the listed birth that agrees best; 0, DATE_UNKNOWN and -1 where one side has none."""
    low, high = listed.offsets[entry], listed.offsets[entry + 1]
    if own[0] == 0 or low == high:
        return 0.0, DATE_UNKNOWN, -1
    best, best_level, best_row = -1e9, DATE_UNKNOWN, -1
    for row in range(low, high):
        value, level = birth_level(own, listed.values[row], weights)
        if value > best:
            best = value
            best_level = level
            best_row = row
    if best > 0.0:
        best = max(0.0, best - np.log(float(high - low)))
    return best, best_level, best_row


@compiled
def birth_evidence(
    query: NDArray[np.uint32], entry: NDArray[np.uint32], queries: NDArray[np.int16], listed: Births, weights: BirthWeights
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.int64]]:
    """Per pair: log-odds, level and row of `listed` of the listed birth that agrees best; 0 and -1 where one side has none.

    A lookout with k dates gives a stranger k chances to agree: ln k is taken off what agrees, never below 0.
    `queries` (n, 4) are births of the travellers, first year 0 where unknown.
    """
    odds = np.zeros(query.size, np.float64)
    levels = np.full(query.size, DATE_UNKNOWN, np.uint8)
    rows = np.full(query.size, -1, np.int64)
    for i in range(query.size):
        odds[i], levels[i], rows[i] = best_birth(queries[query[i]], listed, entry[i], weights)
    return odds, levels, rows


@compiled
def country_evidence(
    query: NDArray[np.uint32],
    entry: NDArray[np.uint32],
    queries: NDArray[np.uint16],
    countries: NDArray[np.uint16],
    offsets: NDArray[np.int64],
    agree: float,
    differ: float,
) -> NDArray[np.float64]:
    """Per pair: log-odds of the traveller's country (0: unknown) among the lookout's; 0 where one side has none."""
    odds = np.zeros(query.size, np.float64)
    for i in range(query.size):
        low, high = int(offsets[entry[i]]), int(offsets[entry[i] + 1])
        own = queries[query[i]]
        if own == 0 or low == high:
            continue
        odds[i] = differ
        for row in range(low, high):
            if countries[row] == own:
                odds[i] = agree
    return odds


class Places(NamedTuple):
    """Places of birth of rows (lookouts or travellers), each as the sounds of its words and its countries."""

    sounds: NDArray[np.uint8]  # of all words, end to end
    sound_offsets: NDArray[np.int64]  # (words + 1)
    words: NDArray[np.int64]  # (places + 1) first word of each place
    countries: NDArray[np.uint16]  # that agree with those of the places, end to end
    country_offsets: NDArray[np.int64]  # (places + 1)
    offsets: NDArray[np.int64]  # (rows + 1) first place of each row


class PlaceWeights(NamedTuple):
    """Log-odds of each level of agreement; `watchlists.score.PLACES` holds the values."""

    same: float  # of places, in one country or where a country is not known
    elsewhere: float  # places of nothing in common
    abroad: float  # in another country
    country: float  # the country agrees, where the nationality has not agreed already


PLACE_SAME, PLACE_COUNTRY, PLACE_ELSEWHERE, PLACE_ABROAD, PLACE_UNKNOWN = range(5)
_NOT, _PARTLY, _WHOLLY, _UNTOLD = range(4)  # how far words of two places agree; the last: one has none


@compiled
def place_evidence(
    query: NDArray[np.uint32],
    entry: NDArray[np.uint32],
    queries: Places,
    listed: Places,
    nationality: NDArray[np.float64],
    weights: PlaceWeights,
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.int64]]:
    """Per pair: log-odds, level and row of `listed` of the listed place that agrees best; 0, PLACE_UNKNOWN and -1 where one
    side has none or nothing can be said.

    `queries` has one place at most of each traveller; `nationality` is the log-odds of it. Whoever has one country by
    nationality and by birth shows one thing twice, so the country of birth counts only where the nationality has not agreed.
    As with dates, ln k is taken off what agrees with one of k places, never below 0.
    """
    odds = np.zeros(query.size, np.float64)
    levels = np.full(query.size, PLACE_UNKNOWN, np.uint8)
    rows = np.full(query.size, -1, np.int64)
    for i in range(query.size):
        own = queries.offsets[query[i]]
        low, high = listed.offsets[entry[i]], listed.offsets[entry[i] + 1]
        if own == queries.offsets[query[i] + 1] or low == high:
            continue
        country = weights.country if nationality[i] <= 0.0 else 0.0
        best = -1e9
        for row in range(low, high):
            value, level = _place_level(own, queries, row, listed, country, weights)
            if value > best or (value == best and level < levels[i]):
                best = value
                levels[i] = level
                rows[i] = row
        odds[i] = max(0.0, best - np.log(float(high - low))) if best > 0.0 else best
        if levels[i] == PLACE_UNKNOWN:
            rows[i] = -1
    return odds, levels, rows


@compiled
def _place_level(own: int, queries: Places, row: int, listed: Places, country: float, weights: PlaceWeights) -> tuple[float, int]:
    """Log-odds and level of two places; `country`: what it is worth that their countries agree."""
    if queries.words[own + 1] - queries.words[own] <= listed.words[row + 1] - listed.words[row]:
        words = _words_agree(own, queries, row, listed)
    else:
        words = _words_agree(row, listed, own, queries)
    told, shared = _countries_agree(own, queries, row, listed)
    if told and not shared:
        # A place of one name in two countries, or one that two countries claim.
        return (0.0, PLACE_UNKNOWN) if words == _WHOLLY else (weights.abroad, PLACE_ABROAD)
    spare = country if shared else 0.0
    if words == _WHOLLY:
        return weights.same + spare, PLACE_SAME
    if words == _NOT:
        return weights.elsewhere + spare, PLACE_ELSEWHERE
    return (spare, PLACE_COUNTRY) if shared else (0.0, PLACE_UNKNOWN)


@compiled
def _words_agree(fewer: int, left: Places, more: int, right: Places) -> int:
    """How far the words of the place that has fewer are like some of the other's: one side adds districts and provinces."""
    p0, p1 = int(left.words[fewer]), int(left.words[fewer + 1])
    q0, q1 = int(right.words[more]), int(right.words[more + 1])
    if p0 == p1:
        return _UNTOLD
    agree = 0
    for p in range(p0, p1):
        for q in range(q0, q1):
            if share_key(
                left.sounds,
                int(left.sound_offsets[p]),
                int(left.sound_offsets[p + 1]),
                right.sounds,
                int(right.sound_offsets[q]),
                int(right.sound_offsets[q + 1]),
            ):
                agree += 1
                break
    return _WHOLLY if agree == p1 - p0 else (_PARTLY if agree else _NOT)


@compiled
def _countries_agree(own: int, queries: Places, row: int, listed: Places) -> tuple[bool, bool]:
    """Whether both countries are told, and whether they agree."""
    p0, p1 = int(queries.country_offsets[own]), int(queries.country_offsets[own + 1])
    q0, q1 = int(listed.country_offsets[row]), int(listed.country_offsets[row + 1])
    for p in range(p0, p1):
        for q in range(q0, q1):
            if queries.countries[p] == listed.countries[q]:
                return True, True
    return p0 < p1 and q0 < q1, False
