"""Tokens as the numbers that kernels read."""

import numpy as np
import polars as pl
from numpy.typing import NDArray


def letters_of(tokens: pl.Series) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Letters 0-25 of all tokens (A-Z) end to end, and where each begins (n + 1)."""
    text = "".join(tokens.to_list()).encode("ascii")
    offsets = np.zeros(len(tokens) + 1, np.int64)
    np.cumsum(tokens.str.len_bytes().to_numpy(), out=offsets[1:])
    return np.frombuffer(text, np.uint8) - np.uint8(ord("A")), offsets
