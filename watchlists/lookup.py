"""Looking a person up in a snapshot by name or entry id, as an analyst does: the best lookouts with evidence and facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from manifests.errors import InputError
from manifests.frames import DTYPES
from watchlists import births, countries, queries
from watchlists.files import FLOOR
from watchlists.match import match_queries
from watchlists.snapshot import Snapshot

_NO_PRIOR: Final = {"default": 1.0}  # the probability that it gives is not shown


@dataclass(frozen=True)
class Found:
    """`lookout`: a row of LOOKOUTS. A lookout found by its id has neither log_odds nor evidence."""

    lookout: Mapping[str, Any]
    log_odds: float | None
    matched_name: str | None
    evidence: list[dict[str, Any]]


def search(
    snapshot: Snapshot, text: str, at: datetime, *, dob: str | None = None, nationality: str | None = None, limit: int = 10
) -> list[Found]:
    """The lookout with `text` as entry id, in force or not; else those in force at `at` whose name matches best.

    Raises InputError where `dob` is no date or `nationality` no country.
    """
    born, country = births.read(dob or "") or births.worded(dob or ""), countries.nationality(nationality or "")
    faults = []
    if dob and born is None:
        faults.append(f"--dob {dob}: is not a date: give 1970-03-12, 1970-03, 1970 or 1968/1972")
    if nationality and country is None:
        faults.append(f"--nationality {nationality}: is not a country: give an ISO 3166-1 code")
    if faults:
        raise InputError(faults)
    entries = snapshot.entries
    by_id = entries.filter(pl.col("entry_id") == text.strip()).drop("entry")
    if by_id.height:
        return [Found(lookout, None, None, []) for lookout in by_id.iter_rows(named=True)]
    column = {name: pl.Series([value], dtype=pl.String) for name, value in (("name", text), ("dob", born), ("of", country))}
    asked = queries.of_columns(snapshot.frequencies, pl.Series([""]), column["name"], column["dob"], column["of"])
    nothing = pl.DataFrame(
        schema={"row": pl.UInt32, **{name: DTYPES["documents"][name] for name in ("type", "number", "issuer")}}
    )
    matches = match_queries(snapshot, asked, pl.Series([0], dtype=pl.UInt32), nothing, _NO_PRIOR, FLOOR, at).head(limit)
    known = matches.select("entry").join(entries, on="entry", how="left", maintain_order="left").drop("entry")
    return [
        Found(lookout, match["log_odds"], match["lookout_name"], match["evidence"])
        for lookout, match in zip(known.iter_rows(named=True), matches.iter_rows(named=True), strict=True)
    ]
