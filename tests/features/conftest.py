"""One flight from Paris to Toronto with one traveller; a test changes what it is about."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from features.base import HISTORY_COLUMNS
from features.derive import derive
from features.history import HISTORY
from manifests.frames import DTYPES, Manifest, build, check

DEFAULTS: dict[str, dict[str, Any]] = {
    "flights": {
        "flight": 0,
        "carrier": "AC",
        "number": "881",
        "departure": "CDG",
        "arrival": "YYZ",
        "departure_time": datetime(2026, 6, 15, 13, 0),
        "arrival_time": datetime(2026, 6, 15, 15, 0),
        "departure_at": datetime(2026, 6, 15, 11, 0, tzinfo=UTC),
        "arrival_at": datetime(2026, 6, 15, 19, 0, tzinfo=UTC),
    },
    "travellers": {
        "flight": 0,
        "ref": "R1",
        "role": "passenger",
        "surname": "MARTIN",
        "given": "ANNE",
        "sex": "F",
        "dob": date(1990, 6, 15),
        "nationality": "FRA",
        "record_locator": "ABC123",
        "bags": 1,
        "bag_weight": 18,
        "booking": 0,
    },
    "documents": {"traveller": 0, "type": "P", "number": "12AB34567", "issuer": "FRA", "expiry": date(2030, 6, 15)},
    "bookings": {
        "flight": 0,
        "record_locator": "ABC123",
        "booked_at": datetime(2026, 5, 15, 11, 0, tzinfo=UTC),
        "payment": "card",
        "payer": "MARTIN/ANNE MS",
        "card": "c1",
        "agency": "AG1",
        "phone": "33123456789",
        "email": "anne@example.org",
        "address": "1 RUE A",
        "changes": 0,
    },
    "legs": {"flight": 0, "booking": 0, "carrier": "AC", "number": "881"},
}
# Lyon to Paris, Paris to Toronto, and two weeks later back to Paris.
LEGS: list[dict[str, Any]] = [
    {
        "departure": "LYS",
        "arrival": "CDG",
        "departure_at": datetime(2026, 6, 15, 6, 0, tzinfo=UTC),
        "arrival_at": datetime(2026, 6, 15, 7, 0, tzinfo=UTC),
    },
    {
        "departure": "CDG",
        "arrival": "YYZ",
        "departure_at": datetime(2026, 6, 15, 11, 0, tzinfo=UTC),
        "arrival_at": datetime(2026, 6, 15, 19, 0, tzinfo=UTC),
    },
    {
        "departure": "YYZ",
        "arrival": "CDG",
        "departure_at": datetime(2026, 6, 29, 19, 0, tzinfo=UTC),
        "arrival_at": datetime(2026, 6, 30, 2, 0, tzinfo=UTC),
    },
]


def make_flight(**changes: list[dict[str, Any]]) -> Manifest:
    """The flight with changes: `travellers=[{"bags": 0}, {}]` has two travellers, the first without bags."""
    frames = {}
    for name, defaults in DEFAULTS.items():
        rows = changes.get(name, LEGS if name == "legs" else [{}])
        numbered = [
            {"traveller" if name == "travellers" else "booking" if name == "bookings" else "sequence": i}
            for i in range(len(rows))
        ]
        if name in {"flights", "documents"}:
            numbered = [{} for _ in rows]
        full = [{**defaults, **number, **row} for number, row in zip(numbered, rows, strict=True)]
        schema = DTYPES[name]
        frames[name] = pl.DataFrame({column: [row.get(column) for row in full] for column in schema}, schema=schema, strict=False)
    manifest = build(**frames)
    check(manifest)
    return manifest


def no_history(manifest: Manifest, **values: float | None) -> pl.DataFrame:
    """History of people never seen before: zeros, but for the values given."""
    columns = {name: values.get(name, 0.0) for name in HISTORY_COLUMNS}
    rows = manifest.travellers.height
    return pl.DataFrame(
        {"traveller": manifest.travellers["traveller"], **{name: [value] * rows for name, value in columns.items()}},
        schema=HISTORY,
    )


@pytest.fixture(scope="session")
def flight() -> Callable[..., Manifest]:
    return make_flight


@pytest.fixture(scope="session")
def first() -> Callable[..., dict[str, Any]]:
    """The features of the first traveller of a changed flight."""

    def features(
        history: dict[str, float | None] | None = None, lost: list[int] | None = None, **changes: list[dict[str, Any]]
    ) -> dict[str, Any]:
        manifest = make_flight(**changes)
        reported = None if lost is None else pl.Series(lost, dtype=pl.UInt32)
        return derive(manifest, no_history(manifest, **(history or {})), reported).row(0, named=True)

    return features
