"""Small lists made here: a handful of lookouts in a snapshot, and travellers to match against them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from manifests.frames import DTYPES
from scoring.policy import load
from watchlists import snapshot
from watchlists.lookouts import Imported, frame
from watchlists.match import match
from watchlists.snapshot import Snapshot

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
PRIOR = {"default": 10.0}


def lookout(entry_id: str, name: str, **values: Any) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "source": "test",
        "name": name,
        "aliases": [],
        "weak_aliases": [],
        "dobs": [],
        "countries": [],
        "birthplaces": [],
        "documents": [],
        "authority": "Test authority",
        "purpose": "test",
        "category": "sanctions",
        "action": "examine_on_arrival",
        "valid_from": None,
        "valid_until": None,
        **values,
    }


def travellers(*people: tuple[Any, ...]) -> pl.DataFrame:
    """Travellers of (surname, given[, dob[, nationality[, birthplace]]])."""
    columns = ("surname", "given", "dob", "nationality", "birthplace")
    rows = [{"traveller": row, "flight": 0, **dict(zip(columns, person, strict=False))} for row, person in enumerate(people)]
    return pl.DataFrame(rows, schema=DTYPES["travellers"])


def documents(*rows: tuple[int, str | None, str, str | None]) -> pl.DataFrame:
    columns = ("traveller", "type", "number", "issuer")
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], schema=DTYPES["documents"])


Build = Callable[..., Snapshot]
Match = Callable[..., pl.DataFrame]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A snapshot of lookouts; each call has its own folder."""
    made = iter(range(1000))

    def make(*lookouts: dict[str, Any]) -> Snapshot:
        return snapshot.replace(tmp_path / f"snapshot{next(made)}", [Imported("test", frame(lookouts), ())])

    return make


def matches(opened: Snapshot, people: pl.DataFrame, papers: pl.DataFrame | None = None, floor: float = -20.0) -> pl.DataFrame:
    return match(opened, people, documents() if papers is None else papers, PRIOR, floor, AT)


LIST = 4_000  # lookouts, about as many as the public lists that matching was measured on


def alerts(opened: Snapshot, people: pl.DataFrame) -> list[tuple[int, str]]:
    """Traveller and entry_id of the matches that the standard policy lets act, were the list's other lookouts, up to LIST, like
    none of them. Log-odds by themselves are no alert: their scale may move while the same travellers are referred."""
    policy = load("standard")
    prior = {"default": policy.prior_per_million["default"] * sum(opened.sources.values()) / LIST}
    found = match(opened, people, documents(), prior, policy.match_floor, AT)
    acting = found.filter(pl.col("probability") > policy.lookout_bounds.examine_on_arrival)
    return acting.select("traveller", "entry_id").sort("traveller", "entry_id").rows()
