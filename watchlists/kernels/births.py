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
    exact = a[0] == a[1] and b[0] == b[1]
    if exact and a[3] > 0 and b[3] > 0:
        if a[0] == b[0]:
            if a[2] == b[2] and a[3] == b[3]:
                unknown = a[3] == 1 and (a[2] == 1 or a[2] == 7)
                return (weights.new_year if unknown else weights.equal), DATE_EQUAL
            if a[2] == b[3] and a[3] == b[2]:
                return weights.swapped, DATE_SWAPPED
        if _digits_apart(a, b) == 1:
            return weights.digit, DATE_DIGIT
        if a[2] == b[2] and a[3] == b[3] and abs(a[0] - b[0]) == 1:
            return weights.near_year, DATE_NEAR_YEAR
        if a[0] == b[0]:
            return weights.same_year, DATE_SAME_YEAR
        return weights.disjoint, DATE_DISJOINT
    if a[0] > b[1] or b[0] > a[1]:
        return weights.disjoint, DATE_DISJOINT
    if exact and a[2] > 0 and b[2] > 0:
        return (weights.month, DATE_MONTH) if a[2] == b[2] else (weights.same_year, DATE_SAME_YEAR)
    span = max(a[1] - a[0], b[1] - b[0]) + 1
    return weights.year - np.log(float(span)), DATE_YEAR


@compiled
def _digits_apart(a: NDArray[np.int16], b: NDArray[np.int16]) -> int:
    apart = 0
    for part in range(4):
        if part == 1:
            continue
        x, y = int(a[part]), int(b[part])
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
