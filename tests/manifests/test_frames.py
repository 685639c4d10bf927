from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from manifests import frames


def flight_of(number: str, travellers: int) -> frames.Manifest:
    return frames.build(
        flights=pl.DataFrame({"flight": [0], "number": [number], "departure_at": [datetime(2026, 1, 15, tzinfo=UTC)]}),
        travellers=pl.DataFrame(
            {
                "traveller": range(travellers),
                "flight": [0] * travellers,
                "surname": [f"{number}-{row}" for row in range(travellers)],
                "dob": [date(1980, 1, 1)] * travellers,
                "booking": [0] * travellers,
            },
            schema_overrides={"surname": pl.String, "dob": pl.Date},
        ),
        documents=pl.DataFrame({"traveller": range(travellers), "number": [f"D{number}{row}" for row in range(travellers)]}),
        bookings=pl.DataFrame({"booking": [0], "flight": [0], "agency": [f"A{number}"]}),
        legs=pl.DataFrame({"flight": [0, 0], "booking": [0, None], "sequence": [0, 0]}),
        faults=pl.DataFrame({"where": ["w"], "value": ["v"], "problem": ["p"], "traveller": [0 if travellers else None]}),
    )


@settings(deadline=None)  # the first example is slow on a busy machine
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_split_undoes_concat(sizes: list[int]) -> None:
    parts = [flight_of(str(number), size) for number, size in enumerate(sizes)]
    whole = frames.concat(parts)
    frames.check(whole)
    assert whole.travellers["surname"].to_list() == [name for part in parts for name in part.travellers["surname"]]
    for before, after in zip(parts, frames.split(whole), strict=True):
        for name in ("flights", "travellers", "documents", "bookings", "legs"):
            assert_frame_equal(getattr(before, name), getattr(after, name))


def test_build_refuses_values_outside_the_vocabulary() -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError):
        frames.build(travellers=pl.DataFrame({"traveller": [0], "flight": [0], "sex": ["Q"]}))
