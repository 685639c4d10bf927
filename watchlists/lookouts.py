"""The contract of a lookout list on its way into a snapshot, and what could not be taken in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from manifests.errors import InputError
from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS

DOCUMENT: Final = pl.Struct({"type": pl.String, "number": pl.String, "issuer": pl.String})
INSTANT: Final = pl.Datetime("us", "UTC")
# One row per lookout. `dobs` are births as `watchlists.births` writes them; `countries` and issuers are alpha-3;
# `birthplaces` stand as listed, white space folded. A lookout acts from valid_from until before valid_until.
LOOKOUTS: Final = pl.Schema(
    {
        "entry_id": pl.String(),
        "source": pl.String(),
        "name": pl.String(),
        "aliases": pl.List(pl.String),
        "weak_aliases": pl.List(pl.String),
        "dobs": pl.List(pl.String),
        "countries": pl.List(pl.String),
        "birthplaces": pl.List(pl.String),
        "documents": pl.List(DOCUMENT),
        "authority": pl.String(),
        "purpose": pl.String(),
        "category": CATEGORIES,
        "action": LOOKOUT_ACTIONS,
        "valid_from": INSTANT,
        "valid_until": INSTANT,
    }
)

# The list of the lookouts that officers make here: no file is imported as it.
MADE_HERE: Final = "officers"


class SnapshotError(InputError):
    """A list or a snapshot that cannot be used."""


@dataclass(frozen=True)
class Skipped:
    """A row of a list, or one value in a row that is kept, that could not be taken in, and how to mend it."""

    file: str
    line: int  # from 1; in XML the position of the individual
    value: str
    problem: str


@dataclass(frozen=True)
class Imported:
    """One list as read: its lookouts (LOOKOUTS), how many aliases they bring, and the rows or values left out."""

    source: str
    lookouts: pl.DataFrame
    skipped: tuple[Skipped, ...]

    @property
    def aliases(self) -> int:
        return int(self.lookouts.select((pl.col("aliases").list.len() + pl.col("weak_aliases").list.len()).sum()).item() or 0)


def frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """LOOKOUTS of plain rows."""
    return pl.DataFrame(list(rows), schema=LOOKOUTS)


def distinct(values: Iterable[str | None]) -> list[str]:
    """The values that are not blank, each once, in order, white space folded."""
    folded = (" ".join(value.split()) for value in values if value)
    return list(dict.fromkeys(value for value in folded if value))
