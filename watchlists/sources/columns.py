"""Columns of text → columns of a lookout, whole columns at a time, and what of them cannot be used.

Dates, countries and times are read once per distinct value: a list of a million persons has some thirty thousand of each.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from manifests.vocabulary import DOCUMENT_TYPES
from watchlists import births
from watchlists.countries import alpha3, nationality
from watchlists.lookouts import DOCUMENT, INSTANT

PROBLEMS: Final = pl.Schema({"row": pl.UInt32, "value": pl.String, "problem": pl.String})


@dataclass(frozen=True)
class Read:
    """A column as read, and `problems` (row, value, problem): what of it could not be."""

    column: pl.Series
    problems: pl.DataFrame


def folded(text: pl.Expr) -> pl.Expr:
    """White space folded; blank is null."""
    return text.str.replace_all(r"\s+", " ").str.strip_chars(" ").replace("", None)


def split(column: pl.Series, separator: str | None, *, quoted: bool = False) -> pl.Series:
    """List(String): the values of each cell, folded, without blanks and repetitions, in order.

    `quoted`: a value with the separator stands in double quotes, a quote in it is doubled.
    """
    if separator is None or not (column.str.contains(separator, literal=True) | column.str.contains('"', literal=True)).any():
        return distinct(pl.select(pl.concat_list(folded(pl.lit(column)))).to_series()).alias(column.name)
    values = column.str.split(separator)
    if quoted and (cells := column.filter(column.str.contains('"', literal=True)).unique()).len():
        lists = [next(csv.reader([cell], delimiter=separator), []) for cell in cells.to_list()]
        meant = pl.DataFrame({"cell": cells, "values": pl.Series(lists, dtype=pl.List(pl.String))})
        known = pl.DataFrame({"cell": column}).join(meant, on="cell", how="left", maintain_order="left")["values"]
        values = pl.select(pl.coalesce(known, values)).to_series()
    return tidy(values).alias(column.name)


def tidy(values: pl.Series) -> pl.Series:
    """List(String) with its values folded, without blanks and repetitions; a null list is empty."""
    return distinct(pl.select(pl.lit(values).list.eval(folded(pl.element()))).to_series()).alias(values.name)


def distinct(values: pl.Series) -> pl.Series:
    """List without nulls and repetitions, in order; a null list is empty."""
    kept = values.list.drop_nulls()
    if (kept.list.len() > 1).any():
        kept = kept.list.unique(maintain_order=True)
    return kept.fill_null(pl.Series([[]], dtype=values.dtype)).alias(values.name)


def births_of(values: pl.Series, formats: Sequence[str]) -> Read:
    """Canonical births of List(String); see `births.read`."""
    canonical = "1970-03-12, 1970-03, 1970 or 1968/1972"
    known = canonical if not formats else f"{', '.join(formats)}, nor {canonical}"
    return _coded(values, lambda text: births.read(text, formats), f"dob is not {known}")


def countries_of(values: pl.Series) -> Read:
    """Nationalities of List(String), see `countries`."""
    return _coded(values, nationality, "country is not in ISO 3166-1")


def _coded(values: pl.Series, read: Callable[[str], str | None], problem: str) -> Read:
    texts = values.explode().drop_nulls().unique()
    meant = {text: read(text) for text in texts.to_list()}
    bad = [text for text, code in meant.items() if code is None]
    codes = pl.lit(values).list.eval(pl.element().replace_strict(meant, default=None, return_dtype=pl.String))
    return Read(distinct(pl.select(codes.alias(values.name)).to_series()), _bad(values, bad, f"{problem}: {KEPT}"))


KEPT: Final = "the lookout is kept without it"


def _bad(values: pl.Series, bad: list[str], problem: str) -> pl.DataFrame:
    if not bad:
        return PROBLEMS.to_frame()
    rows = pl.DataFrame({"value": values}).with_row_index("row").explode("value")
    return rows.filter(pl.col("value").is_in(bad)).select("row", "value", problem=pl.lit(problem))


def numbers_of(text: pl.Expr) -> pl.Expr:
    """Document numbers as the matcher knows them: A-Z and 0-9, null where nothing is left."""
    return text.str.to_uppercase().str.replace_all("[^A-Z0-9]", "").replace("", None)


def documents_of_text(values: pl.Series) -> Read:
    """List of DOCUMENT of List(String) in the form NUMBER or TYPE:NUMBER:ISSUER."""
    rows = pl.DataFrame({"value": values}).with_row_index("row").explode("value").drop_nulls("value")
    parts = pl.col("value").str.split(":")
    one = parts.list.len() == 1
    rows = rows.with_columns(
        count=parts.list.len(),
        type=pl.when(~one).then(parts.list.get(0, null_on_oob=True)).replace("", None),
        number=numbers_of(pl.when(one).then(parts.list.get(0)).otherwise(parts.list.get(1, null_on_oob=True))),
        named=parts.list.get(2, null_on_oob=True).replace("", None),
    )
    rows = rows.with_columns(issuer=_countries("named", rows["named"]))
    bad = (
        (pl.col("count") > 3)
        | pl.col("number").is_null()
        | (pl.col("type").is_not_null() & ~pl.col("type").is_in(DOCUMENT_TYPES.categories.to_list()))
        | (pl.col("named").is_not_null() & pl.col("issuer").is_null())
    )
    told = rows.filter(bad).select("row", "value", problem=pl.lit(f"doc is not NUMBER or TYPE:NUMBER:ISSUER: {KEPT}"))
    return Read(_gathered(rows.filter(~bad), values.len()), told)


def documents_of(numbers: pl.Series, types: pl.Series, issuers: pl.Series) -> Read:
    """List of DOCUMENT of numbers (List(String)), and the type and the issuer that go with all numbers of a row."""
    rows = pl.DataFrame({"value": numbers, "kind": types, "named": issuers}).with_row_index("row")
    rows = rows.explode("value").drop_nulls("value").with_columns(number=numbers_of(pl.col("value")))
    rows = rows.with_columns(
        type=pl.col("kind").cast(DOCUMENT_TYPES, strict=False).cast(pl.String), issuer=_countries("named", rows["named"])
    )
    told = [
        rows.filter(bad).select("row", pl.col(column).alias("value"), problem=pl.lit(problem))
        for column, bad, problem in (
            ("value", pl.col("number").is_null(), f"document number has neither letters nor digits: {KEPT}"),
            (
                "kind",
                pl.col("kind").is_not_null() & pl.col("type").is_null(),
                f"document type is not one of {', '.join(DOCUMENT_TYPES.categories)}: taken as unknown; "
                "say under `values` which one is meant",
            ),
            (
                "named",
                pl.col("named").is_not_null() & pl.col("issuer").is_null(),
                "issuer is not in ISO 3166-1: taken as unknown",
            ),
        )
    ]
    return Read(_gathered(rows.drop_nulls("number"), numbers.len()), pl.concat(told))


def _countries(column: str, named: pl.Series) -> pl.Expr:
    meant = {text: alpha3(text) for text in named.drop_nulls().unique().to_list()}
    return pl.col(column).replace_strict(meant, default=None, return_dtype=pl.String)


def _gathered(rows: pl.DataFrame, height: int) -> pl.Series:
    """Lists of DOCUMENT by `row`, each document once, in order; empty where a row has none."""
    lists = (
        rows.select("row", document=pl.struct("type", "number", "issuer").cast(DOCUMENT))
        .unique(maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg("document")
    )
    every = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    joined = every.join(lists, on="row", how="left", maintain_order="left")["document"]
    return joined.fill_null(pl.Series([[]], dtype=pl.List(DOCUMENT)))


def instants_of(texts: pl.Series, formats: Sequence[str], *, end: bool) -> Read:
    """Instants of times with offset, and of days: their start, or their `end`, in UTC. Null where none is given."""
    meant = {text: _instant(text, formats, end) for text in texts.drop_nulls().unique().to_list()}
    bad = [text for text, at in meant.items() if at is None]
    known = f"{', '.join(formats)}, nor " if formats else ""
    problem = f"{texts.name} is not {known}a date as 2026-12-31 or a time with offset as 2026-12-31T18:00Z"
    column = texts.replace_strict(meant, default=None, return_dtype=INSTANT)
    rows = pl.DataFrame({"value": texts}).with_row_index("row").filter(pl.col("value").is_in(bad))
    return Read(column, rows.select("row", "value", problem=pl.lit(problem)))


def _instant(text: str, formats: Sequence[str], end: bool) -> datetime | None:
    at: datetime | None = None
    for known in (*formats, None):
        try:
            at = datetime.strptime(text, known) if known else datetime.fromisoformat(text)
            break
        except ValueError:
            continue
    try:
        if at is None or at.tzinfo is not None:
            return None if at is None else at.astimezone(UTC)
        day = date.fromisoformat(text) if known is None else at.date()
        start = datetime.combine(day, datetime.min.time(), UTC)
        return start + timedelta(days=1) if end else start
    except (ValueError, OverflowError):
        return None
