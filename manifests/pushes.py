"""Pushes of bookings in order: a flight's PNRs come several times, and not always in the order in which they were made.

A push is as new as its interchange says (UNB), and within the same minute as the latest transaction of the booking
(DAT+700), then as its reference. When it arrives counts for nothing: whatever the order of arrival, the same bookings are
in force.
"""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from manifests import pseudonyms
from manifests.frames import Manifest

# One row per booking of a push. `push` is any number that names the push, `flight` and `carrier` and `record_locator` the
# booking across pushes; the other columns are those of pnr_frames.Versions.
PUSHED: dict[str, pl.DataType] = {
    "push": pl.Int64(),
    "booking": pl.UInt32(),
    "flight": pl.String(),
    "record_locator": pl.String(),
    "prepared_at": pl.Datetime("us", "UTC"),
    "changed_at": pl.Datetime("us", "UTC"),
    "reference": pl.String(),
    "whole": pl.Boolean(),
}
_Age = tuple[datetime, datetime, str, int]  # prepared, changed, reference, push
_NEVER = datetime.min.replace(tzinfo=UTC)


def pushed(push: int, manifest: Manifest, versions: pl.DataFrame) -> pl.DataFrame:
    """PUSHED of one push: its bookings by flight (operating carrier, number, airport and day of departure) and locator."""
    identities = pl.Series("flight", pseudonyms.flight_identities(manifest), pl.String)
    flights = pl.DataFrame([manifest.flights["flight"].alias("row"), identities])
    bookings = manifest.bookings.select("booking", "record_locator", row="flight")
    found = versions.join(bookings, on="booking").join(flights, on="row").with_columns(push=pl.lit(push, pl.Int64))
    return found.select(pl.col(name).cast(dtype) for name, dtype in PUSHED.items()).sort("booking")


def in_force(held: pl.DataFrame) -> pl.DataFrame:
    """The rows of PUSHED that hold now: of each booking the newest, and none that a newer push of the whole flight lacks.

    A booking without a locator replaces nothing and is replaced by the next push of the whole flight. Sorted by push and
    booking. Pure: the order of the rows in `held` does not matter.
    """
    ages = [_age(row) for row in held.iter_rows(named=True)]
    keys = list(zip(held["flight"].to_list(), held["record_locator"].to_list(), strict=True))
    order = sorted(range(held.height), key=ages.__getitem__)
    newest = {keys[row]: row for row in order}
    whole = {keys[row][0]: ages[row] for row in order if held["whole"][row]}
    kept = [
        row
        for row in order
        if (keys[row][1] is None or newest[keys[row]] == row) and not _replaced(ages[row], whole.get(keys[row][0]))
    ]
    return held[kept].sort("push", "booking")


def _age(row: dict[str, Any]) -> _Age:
    """Larger is newer; what has no date is older than anything that has."""
    moments = (row["prepared_at"] or _NEVER, row["changed_at"] or _NEVER)
    return (*moments, row["reference"], row["push"])


def _replaced(age: _Age, whole: _Age | None) -> bool:
    """Whether a newer push of the whole flight came. The bookings of one push differ in their latest transaction."""
    return whole is not None and age[3] != whole[3] and (age[0], age[2:]) < (whole[0], whole[2:])
