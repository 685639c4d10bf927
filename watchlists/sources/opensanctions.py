"""Persons of an OpenSanctions collection in its published `targets.simple.csv`.

Columns: id, schema, name, aliases, birth_date, countries, addresses, identifiers, sanctions, phones, emails, program_ids (not
in older files), dataset, first_seen, last_seen, last_change; lists inside a cell are CSV again, separated by semicolons
(zavod, exporters/simplecsv.py). The file does not say which alias is weak and what kind of number an identifier is:

- an alias of one word of an alphabet is taken as weak; the list's weak aliases (noms de guerre) are mostly such words;
- an identifier that looks like a document number is a document of unknown type and issuer; tax, register and Wikidata
  numbers stand in the same column, so that one that is as long as a passport's cannot be told from it.

The data is under CC BY-NC 4.0 and is not part of this project.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from watchlists.lookouts import Imported, Skipped
from watchlists.sources import csv_table, generic_csv
from watchlists.sources.columns import numbers_of, split
from watchlists.sources.mapping import Documents, Field, Mapping

SOURCE: Final = "opensanctions"
_READ: Final = (
    "id",
    "schema",
    "name",
    "aliases",
    "birth_date",
    "countries",
    "identifiers",
    "sanctions",
    "program_ids",
    "dataset",
)
_FILE: Final = Mapping({name: Field((name,)) for name in _READ}, optional=("program_ids",))
_PERSON: Final = Mapping(
    fields={
        "id": Field(("id",)),
        "name": Field(("name",)),
        "aliases": Field(("aliases",)),
        "dob": Field(("birth_date",)),
        "country": Field(("countries",)),
        "authority": Field(("dataset",), constant="OpenSanctions"),
        "purpose": Field(("purpose",)),
        "category": Field(constant="sanctions"),
    },
    documents=(Documents(number=Field(("numbers",))),),
    quoted=True,
)
_DOCUMENT: Final = r"^[A-Z0-9]{5,14}$"  # the matcher counts no shorter ones; longer ones are registers'
_DIGITS: Final = 4  # judgement: words and company codes have fewer
_WIKIDATA: Final = r"^Q[0-9]+$"
# Scripts that write a whole name without a space.
_UNSPACED: Final = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
_PURPOSE: Final = 200  # characters of what a list says of its sanctions


def read(path: Path) -> Imported:
    """The persons of the file. Raises SnapshotError where it is not that file or nobody in it can be used."""
    table = csv_table.read(path, _FILE, ("authority", "purpose", "category"))
    person = table.cells["schema"] == "Person"
    others = table.cells.with_columns(line=table.lines).filter(~pl.lit(person))
    cells = table.cells.filter(person)
    lines = table.lines.filter(person)
    persons = csv_table.Table(_PERSON, _prepared(cells), lines, table.misshapen)
    (imported,) = generic_csv.lists_of(path, persons, SOURCE, generic_csv.Defaults())
    kept = imported.lookouts["entry_id"]
    unsanctioned = cells.with_columns(line=lines).filter(
        pl.all_horizontal(pl.col("sanctions", "program_ids").is_null()), pl.col("id").is_in(kept.implode())
    )
    told = (
        (others, "schema", "is not a person: only persons travel"),
        (unsanctioned, "id", "names no sanction: kept as category sanctions; give a collection of sanctions, or --category"),
    )
    skipped = [
        Skipped(str(path), line, value or "", problem)
        for rows, column, problem in told
        for line, value in rows.select("line", column).iter_rows()
    ]
    return replace(imported, lookouts=_graded(imported.lookouts), skipped=(*imported.skipped, *skipped))


def _prepared(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with `numbers` of documents and a `purpose`, and the lists that name the person as one text."""
    identifiers = split(cells["identifiers"], ";", quoted=True)
    number = numbers_of(pl.element())
    documents = number.filter(
        number.str.contains(_DOCUMENT) & (number.str.count_matches("[0-9]") >= _DIGITS) & ~number.str.contains(_WIKIDATA)
    )
    texts = {name: split(cells[name], ";", quoted=True).list.join("; ").replace("", None) for name in ("dataset", "program_ids")}
    return cells.with_columns(**texts, numbers=pl.lit(identifiers).list.eval(documents).list.join(";")).with_columns(
        purpose=pl.coalesce(
            pl.lit("sanctions programs ") + pl.col("program_ids"),
            pl.col("sanctions").str.slice(0, _PURPOSE),
            pl.lit("listed by OpenSanctions"),
        )
    )


def _graded(lookouts: pl.DataFrame) -> pl.DataFrame:
    """Aliases of one word of an alphabet moved to the weak ones."""
    weak = ~pl.element().str.contains(" ", literal=True) & ~pl.element().str.contains(_UNSPACED)
    aliases = pl.col("aliases")
    return lookouts.with_columns(
        aliases=aliases.list.eval(pl.element().filter(~weak)), weak_aliases=aliases.list.eval(pl.element().filter(weak))
    )
