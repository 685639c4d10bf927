"""Lost and stolen documents from a CSV or Parquet file of any size, a batch at a time.

| column | meaning |
|---|---|
| number | required: letters and digits; blanks, hyphens, points and slashes are dropped |
| issuer | required, may be blank: alpha-2, alpha-3, a code of ICAO 9303 or an English name |
| type | P passport, I identity card, V visa and so on, as in ICAO 9303; blank or absent: not known |
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from manifests import fields
from manifests.codes import countries
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists.countries import alpha3
from watchlists.lookouts import Skipped, SnapshotError
from watchlists.lost_codes import ISSUERS, LONGEST
from watchlists.lost_documents import REPORTED

EXAMPLES: Final = 5
_COLUMNS: Final = ("number", "issuer", "type")
_BLOCK: Final = 16 * 2**20  # bytes of a CSV read at a time
_ROWS: Final = 1_000_000  # rows of a Parquet file read at a time
_SEPARATORS: Final = r"[\s\-./<]+"


@dataclass
class LeftOut:
    """Rows or values that could not be taken in, counted by problem, with the first examples of each; and how many rows
    were read and how many of them kept."""

    rows: int = 0
    kept: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Skipped]] = field(default_factory=dict)

    def add(self, path: Path, problem: str, rows: pl.DataFrame, column: str) -> None:
        """Count `rows` (with `line`), of which `column` shows what is wrong."""
        if rows.height:
            self.counts[problem] = self.counts.get(problem, 0) + rows.height
            shown = self.examples.setdefault(problem, [])
            for line, value in rows.select("line", column).head(EXAMPLES - len(shown)).iter_rows():
                shown.append(Skipped(str(path), line, (value or "")[:200], problem))


def read(path: Path, left_out: LeftOut) -> Iterator[pl.DataFrame]:
    """Batches of REPORTED, numbers upper case, as `manifests` reads those of travellers; what cannot be used goes to
    `left_out`. Raises SnapshotError where the file is none with such columns, or no row of it can be used."""
    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        for table in _parquet(path, left_out) if parquet else _csv(path, left_out):
            left_out.rows += table.height
            usable = _usable(path, table, left_out)
            left_out.kept += usable.height
            yield usable
        if not left_out.kept:
            examples = [
                f"line {skip.line}: {skip.value}: {skip.problem}" for shown in left_out.examples.values() for skip in shown
            ]
            raise SnapshotError([f"{path}: no row can be used", *examples[:10]])
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror or error}: check the path") from error
    except pl.exceptions.PolarsError as error:
        raise SnapshotError(f"{path}: not readable ({str(error).splitlines()[0]}): save it again") from error


def _usable(path: Path, table: pl.DataFrame, left_out: LeftOut) -> pl.DataFrame:
    """The rows of `table` (line, number, issuer, type as text) that can be used."""
    blank = pl.col("number").str.strip_chars() == ""
    left_out.add(path, "number is blank", table.filter(blank.fill_null(True)), "number")
    table = _numbered(table.filter(~blank))
    good, long = pl.col("read").str.contains("^[A-Z0-9]+$"), pl.col("read").str.len_bytes() > LONGEST
    left_out.add(path, "number has characters other than A-Z and 0-9", table.filter(~good), "number")
    left_out.add(path, f"number is longer than {LONGEST} characters", table.filter(good & long), "number")
    table = table.filter(good & ~long)
    issuers, types = _codes(table["issuer"], _issuers), _codes(table["type"], _types)
    bad_issuer, bad_type = (codes.is_null() & _given(table[codes.name]) for codes in (issuers, types))
    # Without its issuer a number would accuse documents of every other; an unknown type only widens it to all of the issuer.
    left_out.add(path, "issuer is no country or code of ICAO 9303: use alpha-3", table.filter(bad_issuer), "issuer")
    left_out.add(path, "type is none of ICAO 9303: the document is kept without it", table.filter(bad_type & ~bad_issuer), "type")
    kept = pl.DataFrame([table["read"].alias("number"), issuers.cast(ISSUERS), types.cast(DOCUMENT_TYPES)])
    return kept.filter(~bad_issuer).select(REPORTED.names())


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    """With `read`, the number as `manifests.fields.document_number` reads it; most files have them so already."""
    if table["number"].str.contains("^[A-Z0-9]+$").all():
        return table.with_columns(read="number")
    folded = pl.col("number").str.normalize("NFKC").str.replace_all(_SEPARATORS, "").str.to_uppercase()
    return table.with_columns(read=folded)


def _given(values: pl.Series) -> pl.Series:
    return (values.str.strip_chars() != "").fill_null(False)


def _codes(values: pl.Series, read: Callable[[list[str]], list[str | None]]) -> pl.Series:
    """What each value means; each different one is read once."""
    different = values.unique().drop_nulls().to_list()
    return values.replace_strict(different, read(different), default=None, return_dtype=pl.String)


def _issuers(values: list[str]) -> list[str | None]:
    # Past the cache of alpha3, which would keep every misspelling of a file of any size.
    known = countries()
    named = (known.get(value.strip().upper()) or alpha3.__wrapped__(value) for value in values)
    return [known.get(code or "") for code in named]


def _types(values: list[str]) -> list[str | None]:
    return fields.document_type(values, lambda row, problem: None)


def _parquet(path: Path, left_out: LeftOut) -> Iterator[pl.DataFrame]:
    """Tables of line (the row), number, issuer, type. Slices, as a row group may be as large as the file."""
    scanned = pl.scan_parquet(path)
    schema = scanned.collect_schema()
    _check_header(path, schema.names(), left_out)
    texts = (pl.String, pl.Categorical, pl.Enum)
    if faults := [
        f"{path}: column {name} holds {schema[name]}: write it as text, or leading zeros are lost"
        for name in _COLUMNS
        if name in schema and not isinstance(schema[name], texts)
    ]:
        raise SnapshotError(faults)
    columns = [(pl.col(name) if name in schema else pl.lit(None)).cast(pl.String).alias(name) for name in _COLUMNS]
    start = 0
    while (table := scanned.slice(start, _ROWS).select(columns).collect(engine="streaming")).height:
        yield table.with_row_index("line", start + 1)
        start += table.height


def _csv(path: Path, left_out: LeftOut) -> Iterator[pl.DataFrame]:
    """Tables of line, number, issuer, type."""
    header: list[str] = []
    line = 1
    for block in _blocks(path):
        lines = pl.read_lines(io.BytesIO(block)).to_series().str.strip_chars_end("\r").alias("text")
        if not header:
            header = [name.strip().lower() for name in _split(lines[0].removeprefix("\ufeff"))]
            _check_header(path, header, left_out)
            header = [name if name in _COLUMNS else f"column {at}" for at, name in enumerate(header)]
            lines = lines[1:]
            line = 2
        numbered = lines.to_frame().with_row_index("line", line)
        line += lines.len()
        yield from _rows(path, numbered.filter(pl.col("text") != ""), header, left_out)
    if not header:
        raise SnapshotError(f"{path}: is empty: give a CSV with the columns number, issuer and perhaps type")


def _rows(path: Path, lines: pl.DataFrame, header: list[str], left_out: LeftOut) -> Iterator[pl.DataFrame]:
    """The lines (line, text) as tables: those without a quote at once, the others one by one."""
    quoted = pl.col("text").str.contains('"', literal=True)
    plain, odd = lines.filter(~quoted), lines.filter(quoted)
    fits = plain["text"].str.count_matches(",", literal=True) == len(header) - 1
    problem = f"the line has not {len(header)} values as the header has: quote values that hold a comma"
    left_out.add(path, problem, plain.filter(~fits), "text")
    left_out.rows += plain.height - int(fits.sum())
    split = plain.filter(fits).with_columns(pl.col("text").str.split_exact(",", len(header) - 1).struct.rename_fields(header))
    yield _table(split.unnest("text"))
    parsed = [_split(text) for text in odd["text"].to_list()]
    fits = pl.Series([len(values) == len(header) for values in parsed], dtype=pl.Boolean)
    left_out.add(path, problem, odd.filter(~fits), "text")
    left_out.rows += odd.height - int(fits.sum())
    rows = pl.DataFrame(
        [values for values in parsed if len(values) == len(header)], dict.fromkeys(header, pl.String), orient="row"
    )
    yield _table(odd.filter(fits).select("line").hstack(rows))


def _table(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("line", *(name if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in _COLUMNS))


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines of the file in UTF-8, some megabytes at a time; bytes that are no UTF-8 become U+FFFD."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole, end, rest = (rest + block).rpartition(b"\n")
            if len(rest) > _BLOCK:
                raise SnapshotError(f"{path}: has a line of more than {_BLOCK} bytes: give a CSV or a Parquet file")
            if whole:
                yield _utf8(whole + end)
    if rest:
        yield _utf8(rest)


def _utf8(block: bytes) -> bytes:
    return block.decode("utf-8", "replace").encode()


def _split(line: str) -> list[str]:
    """The values of a line; one value, the line itself, where its quotes do not close."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return [line]


def _check_header(path: Path, header: list[str], left_out: LeftOut) -> None:
    """Refuses a header without the columns; columns that are not read are told."""
    if any(header.count(name) != 1 for name in ("number", "issuer")) or len(set(header)) < len(header):
        shown = ",".join(header)[:200]
        raise SnapshotError(f"{path}: line 1: {shown}: needs the columns number, issuer and perhaps type, each once")
    others = [name for name in header if name not in _COLUMNS]
    table = pl.DataFrame({"line": [1] * len(others), "name": others}, schema={"line": pl.Int64, "name": pl.String})
    left_out.add(path, "column is not read", table, "name")
