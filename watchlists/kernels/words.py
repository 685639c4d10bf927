"""Folded names taken apart into the tokens of one vocabulary."""

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
from watchlists.kernels.sounds import hash_sounds
from watchlists.kernels.types import MAX_LETTERS, MAX_TOKENS

_A, _END = 65, 10  # ASCII


@compiled
def split(
    text: NDArray[np.uint8],
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint64]]:
    """Tokens of names of A-Z and spaces, each name ended by a line feed (ASCII); of longer tokens MAX_LETTERS letters.

    Returns the tokens of all names and where each name begins (n + 1), as Names; the letters 0-25 of the distinct tokens
    and where each begins, in the order in which they first occur; and their identities (`sounds.identities`).
    """
    most = 0
    for position in range(1, text.size):
        most += text[position] < _A and text[position - 1] >= _A
    size = 16
    while size < 2 * most:
        size *= 2
    table = np.zeros(size, np.uint32)  # open addressing by identity: token + 1, 0 where free
    tokens = np.empty(most, np.uint32)
    offsets = np.zeros(np.sum(text == _END) + 1, np.int64)
    letters = np.empty(text.size, np.uint8)
    ends = np.zeros(most + 1, np.int64)
    identity = np.empty(most, np.uint64)
    codes = text - np.uint8(_A)
    count = found = name = start = 0
    for position in range(text.size):
        if text[position] >= _A:
            continue
        if position > start:
            stop = min(position, start + MAX_LETTERS)
            value = hash_sounds(codes, start, stop, -1, np.uint64(0))
            at = np.int64(value & np.uint64(size - 1))
            while table[at] != 0 and identity[table[at] - 1] != value:
                at = (at + 1) & (size - 1)
            if table[at] == 0:
                identity[found] = value
                first = ends[found]
                for i in range(start, stop):
                    letters[first + i - start] = codes[i]
                found += 1
                ends[found] = first + stop - start
                table[at] = found
            tokens[count] = table[at] - 1
            count += 1
        start = position + 1
        if text[position] == _END:
            first = offsets[name]
            name += 1
            offsets[name] = count
            if count - first > MAX_TOKENS:
                tokens[first:count] = tokens[first:count][np.argsort(identity[tokens[first:count]])]
            else:
                _sort(tokens, first, count, identity)
    return tokens[:count].copy(), offsets, letters[: ends[found]].copy(), ends[: found + 1].copy(), identity[:found].copy()


@compiled
def _sort(tokens: NDArray[np.uint32], first: int, last: int, identity: NDArray[np.uint64]) -> None:
    """Put a few tokens into the order of their identity."""
    for i in range(first + 1, last):
        token = tokens[i]
        at = i
        while at > first and identity[tokens[at - 1]] > identity[token]:
            tokens[at] = tokens[at - 1]
            at -= 1
        tokens[at] = token
