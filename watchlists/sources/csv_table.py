"""A CSV file taken apart: the cells that a mapping reads, as columns of text, with the line of each row.

Python's csv takes the rows apart, because it knows the line of each and tells a row of another width; what the cells
mean is read by whole columns elsewhere.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from watchlists.lookouts import SnapshotError
from watchlists.sources.mapping import OWN_COLUMNS, Mapping, did_you_mean, own

_BATCH: Final = 1_000  # rows taken apart at a time: so few stay in the processor's caches, 10,000 take twice as long
_SHOWN: Final = 200  # characters of a header that a fault repeats


MISSHAPEN: Final = pl.Schema({"line": pl.Int64, "text": pl.String, "values": pl.Int64, "columns": pl.Int64})


@dataclass(frozen=True)
class Table:
    """`cells`: text, null where blank, by column in lower case; `lines`: where each row ends; `misshapen`:
    MISSHAPEN of rows with more or fewer values than the header."""

    mapping: Mapping
    cells: pl.DataFrame
    lines: pl.Series
    misshapen: pl.DataFrame


def read(path: Path, mapping: Mapping | None, given: Sequence[str]) -> Table:
    """The cells of a file; without a mapping in the layout of our own. `given`: fields that every row has by default.

    Raises SnapshotError where the file is no such CSV, a column is not there, or authority, purpose or category are
    neither mapped nor given.
    """
    encoding, delimiter = (mapping.encoding, mapping.delimiter) if mapping else ("utf-8", ",")
    utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    parts, misshapen = [], []
    try:
        with path.open(encoding="utf-8-sig" if utf8 else encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            header = [column.strip().lower() for column in next(reader, [])]
            if faults := _header_faults(path, header, mapping, given):
                raise SnapshotError(faults)
            mapping = mapping or own(header)
            wanted = {column: header.index(column) for _, column in mapping.columns() if column in header}
            numbered = ((row, reader.line_num) for row in reader if "".join(row).strip())
            while batch := list(islice(numbered, _BATCH)):
                misshapen += [(row, line) for row, line in batch if len(row) != len(header)]
                rows = [(row, line) for row, line in batch if len(row) == len(header)]
                texts = list(zip(*(row for row, _ in rows), strict=True)) or [()] * len(header)
                columns = [pl.Series(name, texts[at], pl.String) for name, at in wanted.items()]
                parts.append((pl.Series([line for _, line in rows], dtype=pl.Int64), pl.DataFrame(columns)))
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}: check the path") from error
    except (csv.Error, UnicodeError) as error:
        raise SnapshotError(f"{path}: not readable as CSV in {encoding.upper()} ({error}): save it as such") from error
    cells = (
        pl.concat([part for _, part in parts], rechunk=True) if parts else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    )
    absent = [pl.lit(None, pl.String).alias(column) for _, column in mapping.columns() if column not in header]
    told = [(line, delimiter.join(row), len(row), len(header)) for row, line in misshapen]
    return Table(
        mapping,
        cells.with_columns(pl.all().str.strip_chars().replace("", None)).with_columns(absent),
        pl.concat([lines for lines, _ in parts]) if parts else pl.Series(dtype=pl.Int64),
        pl.DataFrame(told, MISSHAPEN, orient="row"),
    )


def _header_faults(path: Path, header: list[str], mapping: Mapping | None, given: Sequence[str]) -> list[str]:
    meant = mapping or own(header)
    read = [column for _, column in meant.columns()]
    if mapping is None:
        if "id" not in header or not ("name" in header or "surname" in header):
            shown = ",".join(header)[:_SHOWN]
            return [f"{path}: line 1: {shown}: a lookout CSV needs a header with id and name (or surname, given)"]
        known = ", ".join(OWN_COLUMNS)
        faults = [f"{path}: line 1: column {name} is unknown: use {known}" for name in header if name not in OWN_COLUMNS]
    else:
        faults = [
            f"{path}: line 1: has no column {column} for {place}{did_you_mean(column, header)}: "
            f"its columns are {', '.join(header)[:_SHOWN]}"
            for place, column in meant.columns()
            if column not in (*header, *meant.optional)
        ]
    faults += [
        f"{path}: line 1: column {column} stands twice: name each apart"
        for column in dict.fromkeys(header)
        if column in read and header.count(column) > 1
    ]
    return faults + [
        f"{path}: {name} is required for every lookout: add a column {name} or give --{name}"
        for name in ("authority", "purpose", "category")
        if name not in meant.fields and name not in given
    ]
