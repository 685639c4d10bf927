"""Typed columns written as text, the way every outgoing format wants them."""

import polars as pl


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with members of vocabularies as strings, dates as YYYY-MM-DD and times as YYYY-MM-DDTHH:MM.

    Seconds are written where they are not 0, and Z where the time is UTC. Numbers and nulls stay.
    """
    return frame.with_columns(_written(column) for column in frame)


def _written(column: pl.Series) -> pl.Series:
    match column.dtype:
        case pl.Datetime(time_zone=None):
            return column.dt.to_string("%Y-%m-%dT%H:%M:%S").str.strip_suffix(":00")
        case pl.Datetime():
            return column.dt.to_string("%Y-%m-%dT%H:%M:%S").str.strip_suffix(":00") + "Z"
        case pl.Date():
            return column.dt.to_string("%Y-%m-%d")
        case pl.Enum():
            return column.cast(pl.String)
    return column
