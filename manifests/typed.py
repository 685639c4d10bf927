"""Columns of Python values → frames of the contract, by the quickest way."""

from datetime import datetime
from functools import cache
from typing import Any

import polars as pl

from manifests import dates
from manifests.frames import DTYPES
from manifests.raw import Columns


def frame_of(name: str, columns: Columns) -> pl.DataFrame:
    """The frame `name` of frames.DTYPES; times are datetimes on their own clock, or microseconds since 1970."""
    dtypes = DTYPES[name]
    if not columns[next(iter(dtypes))]:
        return _empty(name).clone()
    return pl.DataFrame([_series(column, columns[column], dtype) for column, dtype in dtypes.items()])


@cache
def _empty(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema=DTYPES[name])


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """A Series by way of the plain type below it: quicker than Polars' own reading of dates and members of an Enum."""
    if isinstance(dtype, pl.Enum):
        return pl.Series(name, values, pl.String).cast(dtype)
    if dtype == pl.Date:
        return pl.Series(name, [None if day is None else dates.days(day) for day in values], pl.Int32).cast(dtype)
    if isinstance(dtype, pl.Datetime):
        counts = [dates.microseconds(moment) if isinstance(moment, datetime) else moment for moment in values]
        return pl.Series(name, counts, pl.Int64).cast(dtype)
    return pl.Series(name, values, dtype)
