"""Lookouts from a CSV with a header, in the layout of our own or as a mapping says (see `mapping`).

| column | meaning |
|---|---|
| id | required, unique in the file; kept verbatim |
| source | the list's name; the file's own name where absent |
| name, or surname and given | required: the primary name |
| aliases, weak_aliases | other names; weak ones confirm and never trigger |
| dob | 1970-03-12, 1970-03, 1970 or 1968/1972 |
| country | nationalities: alpha-2, alpha-3 or English names |
| birthplace | places of birth, as they are written |
| doc | documents: NUMBER, or TYPE:NUMBER:ISSUER as P:E194742:IRN |
| authority, purpose, category, action | required for every row, here or as defaults of the import |
| valid_from, valid_until | the lookout acts from the start of the first day to the end of the last, UTC; or times with offset |

Lists inside a cell are separated by semicolons.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from manifests.names import fold
from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from watchlists.lookouts import LOOKOUTS, Imported, Skipped, SnapshotError
from watchlists.sources import columns, csv_table
from watchlists.sources.columns import Read
from watchlists.sources.csv_table import Table
from watchlists.sources.mapping import Field, Mapping

TOLD: Final = pl.Schema({"line": pl.Int64, "source": pl.String, "value": pl.String, "problem": pl.String})
_SINGLE: Final = ("id", "source", "name", "surname", "given", "authority", "purpose", "category", "action")
_SHOWN: Final = 200  # characters of a value that is told


@dataclass(frozen=True)
class Defaults:
    """What applies to every row whose own column is blank."""

    authority: str | None = None
    purpose: str | None = None
    category: str | None = None
    action: str | None = None


def checked(authority: str | None, purpose: str | None, category: str | None, action: str | None) -> Defaults:
    """Defaults as a user gives them. Raises SnapshotError where category or action is none that exists."""
    faults = [
        f"--{name} {value}: not one of {', '.join(vocabulary)}"
        for name, value, vocabulary in (
            ("category", category, CATEGORIES.categories.to_list()),
            ("action", action, LOOKOUT_ACTIONS.categories.to_list()),
        )
        if value is not None and value not in vocabulary
    ]
    if faults:
        raise SnapshotError(faults)
    return Defaults(authority, purpose, category, action)


def overridden(imported: Imported, defaults: Defaults) -> Imported:
    """A list whose format brings its own authority, purpose, category and action, with what is given in their place."""
    given = {name: value for name, value in vars(defaults).items() if value is not None}
    lookouts = imported.lookouts.with_columns(pl.lit(value, LOOKOUTS[name]).alias(name) for name, value in given.items())
    return replace(imported, lookouts=lookouts)


def read(path: Path, defaults: Defaults, mapping: Mapping | None = None) -> list[Imported]:
    """The lists in the file, one per source; without a mapping in the layout of our own.

    Raises SnapshotError where the file is no such CSV, or authority, purpose or category stand neither in it nor in
    `defaults`.
    """
    table = csv_table.read(path, mapping, [name for name, value in vars(defaults).items() if value])
    return lists_of(path, table, path.stem, defaults)


def lists_of(path: Path, table: Table, source: str, defaults: Defaults) -> list[Imported]:
    """The lists in the rows of a file; `source`: that of a row which names none. Raises SnapshotError where none can be used."""
    lookouts, told = _lookouts(table, source, defaults)
    if lookouts.is_empty():
        some = [f"{path}:{line}: {value}: {problem}" for line, _, value, problem in told.head(10).iter_rows()]
        raise SnapshotError([f"{path}: no row can be used", *some])
    sources = lookouts["source"].unique(maintain_order=True).to_list()
    # A row of no list that could be read is told with the first list.
    told = told.with_columns(pl.when(pl.col("source").is_in(sources)).then("source").otherwise(pl.lit(sources[0])))
    return [
        Imported(
            source,
            lookouts.filter(pl.col("source") == source),
            tuple(
                Skipped(str(path), line, value[:_SHOWN], problem)
                for line, _, value, problem in told.filter(pl.col("source") == source).iter_rows()
            ),
        )
        for source in sources
    ]


def _lookouts(table: Table, stem: str, defaults: Defaults) -> tuple[pl.DataFrame, pl.DataFrame]:
    """LOOKOUTS of the rows that can be used, and TOLD of what cannot."""
    fields, given = table.mapping.fields, vars(defaults)
    single = {name: _text(table, fields.get(name), given.get(name)) for name in _SINGLE}
    rows = pl.DataFrame(single).with_row_index("row").with_columns(_name(), _action(), source=pl.col("source").fill_null(stem))
    validity = {name: _instants(table, name) for name in ("valid_from", "valid_until")}
    fatal = pl.concat([_unusable(table, rows), *(read.problems for read in validity.values())])
    usable = ~pl.col("row").is_in(fatal["row"].unique().implode())
    first = rows.filter(usable)["row"].filter(rows.filter(usable)["id"].is_first_distinct())
    again = rows.filter(usable & ~pl.col("row").is_in(first.implode()))
    fatal = pl.concat([fatal, again.select("row", value="id", problem=pl.lit("id occurs twice: the first row is kept"))])

    births = columns.births_of(_list(table, fields.get("dob")), fields["dob"].formats if "dob" in fields else ())
    countries = columns.countries_of(_list(table, fields.get("country")))
    documents = _documents(table)
    lists = {
        "aliases": _list(table, fields.get("aliases")),
        "weak_aliases": _list(table, fields.get("weak_aliases")),
        "dobs": births.column,
        "countries": countries.column,
        "birthplaces": _list(table, fields.get("birthplace")),
        "documents": documents.column,
    }
    told = pl.concat([births.problems, countries.problems, documents.problems])
    told = pl.concat([fatal, told.filter(pl.col("row").is_in(first.implode()))])
    whole = rows.rename({"id": "entry_id"}).with_columns(**lists, **{name: read.column for name, read in validity.items()})
    of_rows = told.select(
        line=table.lines.gather(told["row"]), source=rows["source"].gather(told["row"]), value="value", problem="problem"
    )
    lookouts = whole.filter(pl.col("row").is_in(first.implode())).select(pl.col(name) for name in LOOKOUTS).cast(LOOKOUTS)
    problem = pl.format("{} values for {} columns: quote values that hold the delimiter", "values", "columns")
    misshapen = table.misshapen.select("line", source=pl.lit(None, pl.String), value="text", problem=problem)
    return lookouts, pl.concat([of_rows.cast(TOLD), misshapen]).sort("line", maintain_order=True)


def _name() -> pl.Expr:
    parts = pl.concat_str("surname", "given", separator=", ", ignore_nulls=True).replace("", None)
    return pl.coalesce("name", parts).alias("name")


def _action() -> pl.Expr:
    warrant = pl.col("category") == "warrant_or_removal_order"
    usual = pl.when(warrant).then(pl.lit("arrest_on_arrival")).otherwise(pl.lit("examine_on_arrival"))
    return pl.col("action").fill_null(usual)


def _unusable(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that lack what every lookout needs, as columns.PROBLEMS."""
    unnamed = pl.col("id").is_null()
    whole = table.cells.select(pl.concat_str(pl.all().fill_null(""), separator=",")).to_series()
    told = [
        rows.with_columns(whole=whole)
        .filter(unnamed)
        .select("row", value="whole", problem=pl.lit("id is blank: give each lookout one"))
    ]
    faults = [
        (pl.lit(fold(rows["name"]) == ""), "no name that has letters", "name"),
        (pl.col("authority").is_null(), "authority is blank: fill the column or give --authority", "authority"),
        (pl.col("purpose").is_null(), "purpose is blank: fill the column or give --purpose", "purpose"),
    ]
    for name, vocabulary in (("category", CATEGORIES), ("action", LOOKOUT_ACTIONS)):
        known = vocabulary.categories.to_list()
        strange = ~pl.col(name).is_in(known).fill_null(False)
        faults.append((strange, f"{name} is not one of {', '.join(known)}", name))
    for bad, problem, name in faults:
        told.append(rows.filter(bad & ~unnamed).select("row", value=pl.coalesce(name, "id"), problem=pl.lit(problem)))
    return pl.concat(told)


def _text(table: Table, field: Field | None, default: str | None = None) -> pl.Series:
    """One value per row: the field's columns together, what the list's codes mean, else its constant or the default."""
    column = pl.lit(None, pl.String)
    constant = default
    if field:
        constant = field.constant or default
        if field.columns:
            joined = pl.concat_str(field.columns, separator=field.join or " ", ignore_nulls=True)
            column = columns.folded(joined).replace(dict(field.values))
    return table.cells.with_columns(column.fill_null(pl.lit(constant, pl.String)).alias("found"))["found"]


def _list(table: Table, field: Field | None) -> pl.Series:
    """The values per row: of every column, or of the columns joined; else the constant."""
    if field is None or not field.columns:
        constant = [field.constant] if field and field.constant else []
        return pl.Series([constant], dtype=pl.List(pl.String)).new_from_index(0, table.cells.height)
    mapping = table.mapping
    parts = (
        [table.cells[column] for column in field.columns]
        if field.join is None
        else [table.cells.select(pl.concat_str(field.columns, separator=field.join, ignore_nulls=True)).to_series()]
    )
    lists = [columns.split(part, mapping.separator, quoted=mapping.quoted) for part in parts]
    values = lists[0] if len(lists) == 1 else columns.tidy(pl.select(pl.concat_list(*lists)).to_series())
    if field.values:
        values = pl.select(pl.lit(values).list.eval(pl.element().replace(dict(field.values)))).to_series()
    if field.constant:
        values = pl.select(pl.when(pl.lit(values).list.len() > 0).then(values).otherwise(pl.lit([field.constant]))).to_series()
    return values


def _documents(table: Table) -> Read:
    """Of every kind of document that is mapped."""
    found = [
        columns.documents_of_text(_list(table, one.text))
        if one.text
        else columns.documents_of(_list(table, one.number), _text(table, one.type), _text(table, one.issuer))
        for one in table.mapping.documents
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        return Read(_list(table, None).cast(LOOKOUTS["documents"]), columns.PROBLEMS.to_frame())
    lists = pl.select(pl.concat_list(*(read.column for read in found)).list.unique(maintain_order=True)).to_series()
    return Read(lists, pl.concat([read.problems for read in found]))


def _instants(table: Table, name: str) -> Read:
    field = table.mapping.fields.get(name)
    texts = _text(table, field).alias(name)
    return columns.instants_of(texts, field.formats if field else (), end=name == "valid_until")
