"""Polars columns as float64 arrays in which unknown is NaN, and gathers by row position.

Each method of a Polars series costs some 30 to 80 µs whatever its length; `to_numpy` and `to_list` cost one or two. So
the base frame is computed on arrays and lists, at the price of a loop over texts.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
NAN = float("nan")
_MICROSECONDS_AN_HOUR = 3_600_000_000


def positions(keys: pl.Series, values: pl.Series) -> Rows:
    """Position of each value in `keys` (ascending and unique row numbers); -1 for null and for what is not there."""
    wanted = values.to_numpy()
    held = keys.to_numpy()
    at: Rows = np.searchsorted(held, wanted)
    inside = np.append(held, 0)[np.minimum(at, len(held))] == wanted
    return np.where(inside & (at < len(held)), at, -1)


def gather(column: Floats, at: Rows) -> Floats:
    """Values at the positions; NaN for position -1."""
    return np.append(column, NAN)[at]


def pick(column: Sequence[str | None], at: Rows) -> list[str | None]:
    """Texts at the positions; None for position -1."""
    padded = [*column, None]
    return [padded[position] for position in at.tolist()]


def numbers(series: pl.Series) -> Floats:
    return series.to_numpy().astype(np.float64)


def texts(series: pl.Series) -> list[str | None]:
    out: list[str | None] = series.to_list()
    return out


def present(values: Sequence[object | None]) -> Flags:
    return np.array([value is not None for value in values], np.bool_)


def codes(values: Sequence[object | None]) -> Rows:
    """A number for each different value, in the order in which they come; -1 for None."""
    number: dict[object | None, int] = {}
    for value in values:
        if value is not None and value not in number:
            number[value] = len(number)
    number[None] = -1
    return np.array([number[value] for value in values], np.intp)


def hours(instants: pl.Series) -> Floats:
    """Hours since 1970-01-01 UTC of a Datetime column in microseconds."""
    return _since_epoch(instants.to_numpy(), "us") / _MICROSECONDS_AN_HOUR


def days(dates: pl.Series) -> Floats:
    """Days since 1970-01-01 of a Date column, or of the date of a Datetime column."""
    return _since_epoch(dates.to_numpy(), "D")


def _since_epoch(values: npt.NDArray[np.generic], unit: str) -> Floats:
    instants = values.astype(f"datetime64[{unit}]")
    return np.where(np.isnat(instants), NAN, instants.astype(np.int64).astype(np.float64))


def age(born: pl.Series, on: Floats) -> Floats:
    """Completed years from the date of birth (Date) to the day `on` (days since 1970-01-01).

    Who is born on 29 February is a year older on 1 March of other years. NaN where unknown or not yet born.
    """
    birth, day = _calendar(days(born)), _calendar(on)
    years = np.floor((day - birth) / 10_000)
    return np.where(years >= 0, years, NAN)


def _calendar(day: Floats) -> Floats:
    """The day as the number yyyymmdd: differences of such numbers, whole ten thousands of them, are completed years."""
    unknown = np.isnan(day)
    dates = np.where(unknown, 0, day).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day_of_month = (dates - months).astype(np.int64) + 1
    return np.where(unknown, NAN, (year * 10_000 + month * 100 + day_of_month).astype(np.float64))


def group(*columns: npt.NDArray[np.generic]) -> tuple[Rows, int]:
    """Number of the group of rows that agree in all columns, and how many groups there are."""
    if len(columns[0]) == 0:
        return np.empty(0, np.intp), 0
    order = np.lexsort(columns[::-1])
    starts = np.zeros(len(order), np.bool_)
    for column in columns:
        ordered = column[order]
        starts[1:] |= ordered[1:] != ordered[:-1]
    numbered = np.cumsum(starts)
    out = np.empty(len(order), np.intp)
    out[order] = numbered
    return out, int(numbered[-1]) + 1


def distinct(owner: Rows, value: npt.NDArray[np.generic], owners: int) -> Floats:
    """How many different values each owner 0..owners-1 has, as Float64."""
    order = np.lexsort((value, owner))
    ordered_owner, ordered_value = owner[order], value[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (ordered_owner[1:] != ordered_owner[:-1]) | (ordered_value[1:] != ordered_value[:-1])
    return np.bincount(ordered_owner[first], minlength=owners).astype(np.float64)
