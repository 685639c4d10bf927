"""Lookouts from a CSV with a header. Lists inside a cell are separated by semicolons.

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
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from manifests.names import fold_one
from manifests.vocabulary import CATEGORIES, DOCUMENT_TYPES, LOOKOUT_ACTIONS
from watchlists import births
from watchlists.countries import alpha3
from watchlists.lookouts import LOOKOUTS, Imported, Skipped, SnapshotError, distinct, frame

_KNOWN: Final = (
    *("id", "source", "name", "surname", "given", "aliases", "weak_aliases", "dob", "country", "birthplace", "doc"),
    *("authority", "purpose", "category", "action", "valid_from", "valid_until"),
)


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


def read(path: Path, defaults: Defaults) -> list[Imported]:
    """The lists in the file, one per value of `source`.

    Raises SnapshotError where the file is no such CSV, or authority, purpose or category stand neither in it nor in
    `defaults`.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    skipped: dict[str, list[Skipped]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [column.strip().lower() for column in next(reader, [])]
            if faults := _header_faults(path, header, defaults):
                raise SnapshotError(faults)
            seen: set[str] = set()
            for values in reader:
                if not any(value.strip() for value in values):
                    continue
                row = dict(zip(header, (value.strip() for value in values), strict=False))
                source = row.get("source") or path.stem
                problems = _shape(values, header, row, seen)
                if not problems:
                    lookout, problems = _lookout(row, source, defaults)
                    if lookout is not None:
                        seen.add(row["id"])
                        rows.setdefault(source, []).append(lookout)
                skipped.setdefault(source, []).extend(
                    Skipped(str(path), reader.line_num, value[:200], problem) for value, problem in problems
                )
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}: check the path") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise SnapshotError(f"{path}: not readable as CSV in UTF-8 ({error}): save it as such") from error
    if not rows:
        told = [f"{skip.file}:{skip.line}: {skip.value}: {skip.problem}" for skips in skipped.values() for skip in skips]
        raise SnapshotError([f"{path}: no row can be used", *told[:10]])
    return [Imported(source, frame(lookouts), tuple(skipped.get(source, ()))) for source, lookouts in rows.items()]


def _header_faults(path: Path, header: list[str], defaults: Defaults) -> list[str]:
    if "id" not in header or not ("name" in header or "surname" in header):
        return [f"{path}: line 1: {','.join(header)[:200]}: a lookout CSV needs a header with id and name (or surname, given)"]
    faults = [f"{path}: line 1: column {column} is unknown: use {', '.join(_KNOWN)}" for column in header if column not in _KNOWN]
    return faults + [
        f"{path}: {name} is required for every lookout: add a column {name} or give --{name}"
        for name in ("authority", "purpose", "category")
        if name not in header and not getattr(defaults, name)
    ]


def _shape(values: list[str], header: list[str], row: Mapping[str, str], seen: set[str]) -> list[tuple[str, str]]:
    if len(values) != len(header):
        return [(",".join(values), f"{len(values)} values for {len(header)} columns: quote values that hold a comma")]
    if not row["id"]:
        return [(",".join(values), "id is blank: give each lookout one")]
    return [(row["id"], "id occurs twice: the first row is kept")] if row["id"] in seen else []


def _lookout(row: Mapping[str, str], source: str, defaults: Defaults) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """The lookout, or None where it lacks what every lookout needs; with each value that cannot be used and why."""
    name = row.get("name") or ", ".join(filter(None, (row.get("surname"), row.get("given"))))
    merged = {key: row.get(key) or getattr(defaults, key) for key in ("authority", "purpose", "category", "action")}
    warrant = merged["category"] == "warrant_or_removal_order"
    merged["action"] = merged["action"] or ("arrest_on_arrival" if warrant else "examine_on_arrival")
    validity, fatal = _validity(row)
    if not fold_one(name):
        fatal.append((name or row["id"], "no name that has letters"))
    fatal += [
        (row["id"], f"{key} is blank: fill the column or give --{key}") for key in ("authority", "purpose") if not merged[key]
    ]
    fatal += [
        (merged[key] or row["id"], f"{key} is not one of {', '.join(vocabulary)}")
        for key, vocabulary in (("category", CATEGORIES.categories), ("action", LOOKOUT_ACTIONS.categories))
        if merged[key] not in vocabulary
    ]
    if fatal:
        return None, fatal
    dobs = distinct(row.get("dob", "").split(";"))
    countries = {country: alpha3(country) for country in distinct(row.get("country", "").split(";"))}
    documents = {text: _document(text) for text in distinct(row.get("doc", "").split(";"))}
    kept = "the lookout is kept without it"
    problems = [(dob, f"dob is not 1970-03-12, 1970-03, 1970 or 1968/1972: {kept}") for dob in dobs if births.birth(dob) is None]
    problems += [(country, f"country is not in ISO 3166-1: {kept}") for country, code in countries.items() if code is None]
    problems += [(text, f"doc is not NUMBER or TYPE:NUMBER:ISSUER: {kept}") for text, read in documents.items() if read is None]
    return {
        "entry_id": row["id"],
        "source": source,
        "name": name,
        "aliases": distinct(row.get("aliases", "").split(";")),
        "weak_aliases": distinct(row.get("weak_aliases", "").split(";")),
        "dobs": [dob for dob in dobs if births.birth(dob)],
        "countries": distinct(countries.values()),
        "birthplaces": distinct(row.get("birthplace", "").split(";")),
        "documents": [document for document in documents.values() if document],
        **merged,
        **validity,
    }, problems


def _validity(row: Mapping[str, str]) -> tuple[dict[str, datetime | None], list[tuple[str, str]]]:
    validity: dict[str, datetime | None] = {}
    problems = []
    for key in ("valid_from", "valid_until"):
        try:
            validity[key] = _instant(row[key], end=key == "valid_until") if row.get(key) else None
        except ValueError:
            problems.append((row[key], f"{key} is not a date as 2026-12-31 or a time with offset as 2026-12-31T18:00Z"))
    return validity, problems


def _instant(text: str, *, end: bool) -> datetime:
    """The start of a day in UTC, or the end of it; a time with offset as it is. Raises ValueError for anything else."""
    if "T" not in text:
        day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return day + timedelta(days=1) if end else day
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


def _document(text: str) -> dict[str, str | None] | None:
    parts = text.split(":")
    kind, number, issuer = ("", parts[0], "") if len(parts) == 1 else (*parts, "", "")[:3]
    number = re.sub("[^A-Z0-9]", "", number.upper())
    code = alpha3(issuer) if issuer else None
    if len(parts) > 3 or not number or (kind and kind not in DOCUMENT_TYPES.categories) or (issuer and code is None):
        return None
    return {"type": kind or None, "number": number, "issuer": code}
