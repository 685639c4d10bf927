"""Matching and scoring of CSV files: what an analyst uses to try a list or a threshold, outside any flight."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import polars as pl

from manifests.errors import InputError
from manifests.names import fold
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists import births, pairs, queries
from watchlists.countries import alpha3
from watchlists.match import match_queries
from watchlists.score import probability
from watchlists.snapshot import Snapshot

_BATCH: Final = 4_096  # queries matched at a time: bounds memory
# Log-odds under which a match is not worth a line: one unrelated traveller in ten has such a one on a list of thousands.
FLOOR: Final = 5.0


def match_file(path: Path, snapshot: Snapshot, prior: Mapping[str, float], at: datetime) -> tuple[pl.DataFrame, list[str]]:
    """Matches of a CSV with id and name (or surname, given), perhaps dob, nationality, document; and what was left out.

    Columns: id, entry_id, source, log_odds, probability, evidence (JSON); sorted by query, best first. `prior` and
    `at` as in `match`. Raises InputError where the file cannot be used.
    """
    table = _table(path, ["id"], [["name"], ["surname", "given"]])
    table, notes = _cleaned(path, table, dobs=["dob"], countries=["nationality"])
    split = (pl.col("surname") != "") & (pl.col("given") != "")
    table = table.with_columns(
        surname=pl.when(split).then("surname").otherwise(pl.lit("")),
        given=pl.when(split)
        .then("given")
        .otherwise(pl.coalesce(*(pl.col(c).replace("", None) for c in ("name", "surname", "given")))),
    )
    notes += _unanswered(path, table)
    found = [_matched(part, snapshot, prior, at) for part in table.iter_slices(_BATCH)]
    return pl.concat(found) if found else _matched(table, snapshot, prior, at), notes


def _unanswered(path: Path, table: pl.DataFrame) -> list[str]:
    """Rows whose answer would be missing or could be taken for another's."""
    rows = table.with_row_index("line", 2)
    names = fold(table.select(pl.concat_str(pl.col("surname", "given").fill_null(""), separator=" ")).to_series())
    nobody = rows.filter((names == "") & (pl.col("document") == ""))
    again = rows.filter(~pl.col("id").is_first_distinct())
    return [
        f"{path}: line {line}: id {id_}: {problem}"
        for faulty, problem in (
            (nobody, "not matched, it has neither a name nor a document: give one"),
            (again, "stands on an earlier line too: give every row its own"),
        )
        for line, id_ in faulty.select("line", "id").iter_rows()
    ]


def _matched(table: pl.DataFrame, snapshot: Snapshot, prior: Mapping[str, float], at: datetime) -> pl.DataFrame:
    asked = queries.of_columns(snapshot.frequencies, table["surname"], table["given"], table["dob"], table["nationality"])
    rows = table.with_row_index("row")
    documents = (
        rows.select("row", number=pl.col("document").str.split(";"))
        .explode("number")
        .filter(pl.col("number") != "")
        .select("row", type=pl.lit(None, DOCUMENT_TYPES), number=_number("number"), issuer=pl.lit(None, pl.String))
    )
    matches = match_queries(snapshot, asked, rows["row"], documents, prior, FLOOR, at)
    evidence = [orjson.dumps(row).decode() for row in matches["evidence"].to_list()]
    return matches.select(
        table["id"].gather(matches["traveller"]).alias("id"),
        "entry_id",
        "source",
        "log_odds",
        "probability",
        pl.Series("evidence", evidence, dtype=pl.String),
    )


def score_file(path: Path, prior: float) -> tuple[pl.DataFrame, list[str]]:
    """The file's rows with log_odds and probability; columns left_name, right_name, perhaps left_/right_dob, _country.

    `prior`: probability that a pair is one person before anything is compared. Raises InputError where the file cannot
    be used; the notes say which values were left out.
    """
    table = _table(path, ["left_name", "right_name"], [[]])
    cleaned, notes = _cleaned(path, table, dobs=["left_dob", "right_dob"], countries=["left_country", "right_country"])
    sides = [cleaned.select(name=f"{side}_name", dob=f"{side}_dob", country=f"{side}_country") for side in ("left", "right")]
    before = float(np.log(prior) - np.log1p(-prior))
    scored = table.with_columns(pl.Series("log_odds", pairs.score_pairs(*sides), dtype=pl.Float64))
    return scored.with_columns(probability=probability(pl.col("log_odds") + before)), notes


def _table(path: Path, required: list[str], either: list[list[str]]) -> pl.DataFrame:
    try:
        table = pl.read_csv(path, infer_schema=False).fill_null("")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}: check the path") from error
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path}: not readable as CSV in UTF-8 ({str(error).splitlines()[0]}): save it as such") from error
    missing = [column for column in required if column not in table.columns]
    if missing or not any(set(columns) <= set(table.columns) for columns in either):
        wanted = ", ".join([*required, " or ".join(" + ".join(columns) for columns in either)]).strip(", ")
        raise InputError(f"{path}: line 1: {','.join(table.columns)[:200]}: needs the columns {wanted}")
    return table


def _cleaned(path: Path, table: pl.DataFrame, dobs: list[str], countries: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """Every known column there, blank where absent; dates and countries null where they are none, with a note for each."""
    known = ["id", "name", "surname", "given", "document", *dobs, *countries]
    table = table.with_columns(pl.lit("").alias(column) for column in known if column not in table.columns)
    notes = []
    for columns, read, fix in (
        (dobs, lambda text: text if births.birth(text) else None, "use 1970-03-12, 1970-03, 1970 or 1968/1972"),
        (countries, alpha3, "use an ISO 3166-1 code"),
    ):
        for column in columns:
            meant = {value: read(value) for value in table[column].unique() if value}
            bad = [value for value, code in meant.items() if code is None]
            for line, value in (
                table.with_row_index("line", 2).filter(pl.col(column).is_in(bad)).select("line", column).iter_rows()
            ):
                notes.append(f"{path}: line {line}: {column} {value[:60]}: taken as not given: {fix}")
            table = table.with_columns(pl.col(column).replace_strict(meant, default=None, return_dtype=pl.String))
    return table, notes


def _number(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
