"""The model's input: one float32 matrix, built by this function in training and in serving alike."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl


def matrix(features: pl.DataFrame, ids: Sequence[str]) -> npt.NDArray[np.float32]:
    """Rows of `features` (FEATURES) as float32 (n, len(ids)) in C order: null is NaN, a flag is 0 or 1.

    Raises polars.exceptions.ColumnNotFoundError for an id that is no column, and InvalidOperationError for a code.
    """
    values = np.empty((features.height, len(ids)), np.float32)
    for column, name in enumerate(ids):
        values[:, column] = features[name].cast(pl.Float32).to_numpy()
    return values
