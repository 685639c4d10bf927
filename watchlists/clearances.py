"""Clearances: matches of a person whom an officer has found not to be the listed one stay on record and act no more.

A clearance holds for one lookout as it stood, by a digest of what identifies the listed person, and for one full identity
of a traveller (name, date of birth and every document), by keyed pseudonyms: those are compared where the frame is made.
"""

import hashlib
from typing import Any, Final

import dataframely as dy
import numpy as np
import orjson
import polars as pl

from watchlists.match import Matches
from watchlists.snapshot import Snapshot

# What a traveller has been cleared of: the lookout, its digest when it was cleared, and the id of the clearance.
CLEARANCES: Final = pl.Schema(
    {
        "traveller": pl.UInt32(),
        "source": pl.String(),
        "entry_id": pl.String(),
        "lookout": pl.String(),
        "clearance": pl.String(),
    }
)
# Lists of the same texts in another order name the same person.
_IDENTIFYING: Final = ("name", "aliases", "weak_aliases", "dobs", "countries", "birthplaces")
_DIGITS: Final = 32  # hexadecimal, 128 bits


class ClearedMatches(Matches):
    """Matches, those that a clearance suppresses among them."""

    lookout = dy.String()  # digest of what identifies the listed person
    clearance = dy.String(nullable=True)  # id of the clearance that suppresses the match


CLEARED_MATCHES: Final = ClearedMatches.create_empty().schema


def with_clearances(snapshot: Snapshot, matches: pl.DataFrame, clearances: pl.DataFrame) -> pl.DataFrame:
    """MATCHES with `lookout` and `clearance`; `clearances`: CLEARANCES of the travellers.

    A clearance whose lookout is identified otherwise now than when it was made suppresses nothing.
    """
    keyed = matches.with_columns(pl.Series("lookout", digests(snapshot, matches["entry"]), pl.String))
    if clearances.is_empty():
        return keyed.with_columns(clearance=pl.lit(None, pl.String))
    on = ["traveller", "source", "entry_id", "lookout"]
    latest = clearances.sort("clearance", descending=True).unique(on, keep="first")
    return keyed.join(latest, on=on, how="left", maintain_order="left")


def digests(snapshot: Snapshot, entries: pl.Series) -> list[str]:
    """Of each matched lookout, what identifies the person: names, births, countries, birthplaces and documents."""
    found: dict[int, str] = {}
    wanted = np.unique(entries.to_numpy())
    for segment in snapshot.segments:
        rows = wanted[(wanted >= segment.first) & (wanted < segment.first + segment.entries.height)]
        if rows.size:
            texts = segment.entries[rows - segment.first].select(*_IDENTIFYING, "documents").rows()
            found |= zip(rows.tolist(), map(_digest, texts), strict=True)
    return [found[entry] for entry in entries.to_list()]


def _digest(identifying: tuple[Any, ...]) -> str:
    name, *lists = identifying
    canonical = [name, *(sorted(orjson.dumps(value).decode() for value in values or ()) for values in lists)]
    return hashlib.sha256(orjson.dumps(canonical)).hexdigest()[:_DIGITS]
