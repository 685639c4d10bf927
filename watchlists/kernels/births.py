"""Dates of birth and countries of pairs."""

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
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
