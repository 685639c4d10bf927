"""Matching and scoring of CSV files of any length: what an analyst uses to try a list or a threshold, outside any flight.

A file is read ahead and worked on in batches, on as many threads as there are processors; answers come in the order of the
rows. What cannot be used is told with its line, and the rest is answered.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import BinaryIO, Final

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from manifests.errors import InputError
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists import pairs, queries
from watchlists.countries import nationality
from watchlists.csv_batches import Batch, batches, header_of
from watchlists.frequencies import Remembered
from watchlists.match import match_queries
from watchlists.score import probability
from watchlists.snapshot import Snapshot
from watchlists.tokens import general_frequencies

# Log-odds under which a match is not worth a line: one unrelated traveller in ten has such a one on a list of thousands.
FLOOR: Final = 5.0
_QUERIES: Final = 1 << 17  # bytes of a batch: bounds memory, and the evidence of some thousand queries stands in it at once
_PAIRS: Final = 1 << 20
_IDS: Final = 1_000_000  # queries of a file among which a repeated id is told

Told = tuple[int, str]  # a line and what of it was left out
Answer = tuple[pl.DataFrame, list[Told]]


def match_file(file: BinaryIO, name: str, snapshot: Snapshot, prior: Mapping[str, float], at: datetime) -> Iterator[Answer]:
    """Matches of a CSV with id and name (or surname, given), perhaps dob, nationality, birthplace, document; what was left out.

    Columns: id, entry_id, source, log_odds, probability, evidence (JSON); sorted by query, best first. `prior` and
    `at` as in `match`; `name` of the file for its faults. Raises InputError where the file cannot be used.
    """
    header = _header(file, name, ["id"], [["name"], ["surname", "given"]])
    told: list[Told] = []
    read = _telling_repeated(batches(file, name, header, _QUERIES, lambda line, problem: told.append((line, problem))), told)
    rarities = Remembered(snapshot.frequencies)
    yield from _in_threads(header, read, told, lambda batch: _matched(batch, rarities, snapshot, prior, at))


def score_file(file: BinaryIO, name: str, prior: float) -> Iterator[Answer]:
    """The file's rows with log_odds and probability; columns left_name, right_name, perhaps left_/right_dob, _country.

    `prior`: probability that a pair is one person before anything is compared; `name` of the file for its faults. Raises
    InputError where the file cannot be used; values that cannot are told.
    """
    header = _header(file, name, ["left_name", "right_name"], [[]])
    told: list[Told] = []
    read = batches(file, name, header, _PAIRS, lambda line, problem: told.append((line, problem)))
    rarities = Remembered(general_frequencies())
    before = float(np.log(prior) - np.log1p(-prior))
    yield from _in_threads(header, read, told, lambda batch: _scored(batch, rarities, before))


def _header(file: BinaryIO, name: str, required: list[str], either: list[list[str]]) -> list[str]:
    header = header_of(file, name)
    missing = [column for column in required if column not in header]
    if missing or not any(set(columns) <= set(header) for columns in either):
        wanted = ", ".join([*required, " or ".join(" + ".join(columns) for columns in either)]).strip(", ")
        raise InputError(f"{name}: line 1: {','.join(header)[:200]}: needs the columns {wanted}")
    return header


def _in_threads(header: list[str], read: Iterator[Batch], told: list[Told], work: Callable[[Batch], Answer]) -> Iterator[Answer]:
    """What the work gives for each batch, in order; with what the reader has told until then."""
    threads = os.cpu_count() or 1
    waiting: deque[Future[Answer]] = deque()

    def next_answer() -> Answer:
        found, left_out = waiting.popleft().result()
        read_until_now, told[:] = list(told), []
        return found, sorted([*read_until_now, *left_out])

    with ThreadPoolExecutor(threads) as pool:
        try:
            for batch in read:
                waiting.append(pool.submit(work, batch))
                if len(waiting) > threads:
                    yield next_answer()
            while waiting:
                yield next_answer()
        finally:
            pool.shutdown(cancel_futures=True)
    found, _ = work(Batch(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), np.zeros(0, np.int64)))
    yield found, list(told)  # so that a file without rows has an answer, too


def _telling_repeated(read: Iterator[Batch], told: list[Told]) -> Iterator[Batch]:
    """The batches; a query whose id an earlier one has is told, so that its matches are not taken for the other's."""
    seen: set[int] = set()
    for batch in read:
        for line, id_ in zip(batch.lines.tolist(), batch.frame["id"].to_list(), strict=True):
            if hash(id_) in seen:
                told.append((line, f"id {id_}: stands on an earlier line too: give every row its own"))
            elif len(seen) < _IDS:
                seen.add(hash(id_))
        yield batch


def _matched(batch: Batch, rarities: Remembered, snapshot: Snapshot, prior: Mapping[str, float], at: datetime) -> Answer:
    table = _complete(batch.frame, ("name", "surname", "given", "document", "dob", "nationality", "birthplace"))
    country, told = _countries(batch, table["nationality"])
    split = (pl.col("surname") != "") & (pl.col("given") != "")
    blank = pl.lit("")
    table = table.with_columns(
        country,
        surname=pl.when(split).then("surname").otherwise(blank),
        given=pl.when(split)
        .then("given")
        .otherwise(pl.coalesce(*(pl.col(column).replace("", None) for column in ("name", "surname", "given")), blank)),
    )
    columns = [table[name] for name in ("surname", "given", "dob", "nationality", "birthplace")]
    asked = queries.of_columns(rarities, *columns)
    told += _no_dates(batch, table["dob"], asked.births)
    nobody = (np.diff(asked.tokenised.names.offsets) == 0) & (table["document"] == "").to_numpy()
    told += [
        (int(batch.lines[row]), f"id {table['id'][row]}: not matched, it has neither a name nor a document: give one")
        for row in np.flatnonzero(nobody).tolist()
    ]
    rows = table.with_row_index("row")
    documents = (
        rows.select("row", number=pl.col("document").str.split(";"))
        .explode("number")
        .select("row", type=pl.lit(None, DOCUMENT_TYPES), number=_number("number"), issuer=pl.lit(None, pl.String))
        .filter(pl.col("number") != "")
    )
    matches = match_queries(snapshot, asked, rows["row"], documents, prior, FLOOR, at)
    evidence = [orjson.dumps(row).decode() for row in matches["evidence"].to_list()]
    found = matches.select(
        table["id"].gather(matches["traveller"]).alias("id"),
        "entry_id",
        "source",
        "log_odds",
        "probability",
        pl.Series("evidence", evidence, dtype=pl.String),
    )
    return found, told


def _scored(batch: Batch, rarities: Remembered, before: float) -> Answer:
    table = _complete(batch.frame, ("left_dob", "left_country", "right_dob", "right_country"))
    sides, told = [], []
    for side in ("left", "right"):
        country, strange = _countries(batch, table[f"{side}_country"])
        sides.append(pl.DataFrame({"name": table[f"{side}_name"], "dob": table[f"{side}_dob"], "country": country}))
        told += strange
    asked = pairs.queries_of(sides[0], sides[1], rarities)
    for side, births in zip(("left", "right"), np.split(asked.births, 2), strict=True):
        told += _no_dates(batch, table[f"{side}_dob"], births)
    scored = batch.frame.with_columns(pl.Series("log_odds", pairs.log_odds(asked), dtype=pl.Float64))
    return scored.with_columns(probability=probability(pl.col("log_odds") + before)), told


def _complete(frame: pl.DataFrame, known: tuple[str, ...]) -> pl.DataFrame:
    """The frame with every known column, blank where the file has none."""
    return frame.with_columns(pl.lit("").alias(column) for column in known if column not in frame.columns)


def _countries(batch: Batch, values: pl.Series) -> tuple[pl.Series, list[Told]]:
    """Nationalities (see `countries`), null where a value is no country."""
    meant = {value: nationality(value) for value in values.unique() if value}
    bad = {value for value, code in meant.items() if code is None}
    codes = values.replace_strict(meant, default=None, return_dtype=pl.String)
    rows = np.flatnonzero(values.is_in(bad).to_numpy()) if bad else ()
    return codes, [_not_given(batch, int(row), values, "use an ISO 3166-1 code") for row in rows]


def _no_dates(batch: Batch, values: pl.Series, births: NDArray[np.int16]) -> list[Told]:
    """Values that are no dates of birth: no year was read."""
    rows = np.flatnonzero((values != "").to_numpy() & (births[:, 0] == 0)).tolist()
    return [_not_given(batch, row, values, "use 1970-03-12, 1970-03, 1970 or 1968/1972") for row in rows]


def _not_given(batch: Batch, row: int, values: pl.Series, fix: str) -> Told:
    return int(batch.lines[row]), f"{values.name} {values[row][:60]}: taken as not given: {fix}"


def _number(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
