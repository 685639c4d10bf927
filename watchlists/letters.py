"""Tokens as the numbers that kernels read."""

import numpy as np
import polars as pl
from numpy.typing import NDArray


def letters_of(tokens: pl.Series) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Letters 0-25 of all tokens (A-Z) end to end, and where each begins (n + 1)."""
    texts = tokens.to_list()
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8) - np.uint8(ord("A")), offsets
