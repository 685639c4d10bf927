"""Frames come back as they went in; damage is noticed."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from manifests.vocabulary import LANES
from store.blob import pack, unpack
from store.errors import StoreError

FRAMES = {
    "mixed": pl.DataFrame(
        {
            "f": [0.1, -0.0, None, float("nan"), float("inf"), 5e-324],
            "e": pl.Series(["protection", None, "enforcement"] * 2, dtype=LANES),
            "l": [[{"a": 1 / 3}], [], None] * 2,
            "d": [date(1900, 1, 1), None] * 3,
            "t": [datetime(2026, 1, 1, tzinfo=UTC), None] * 3,
            "b": [True, False, None] * 2,
        }
    ),
    "empty": pl.DataFrame(schema={"x": LANES, "y": pl.List(pl.Struct({"z": pl.String}))}),
    "without columns": pl.DataFrame(),
}


def test_frames_come_back() -> None:
    back = unpack(pack(FRAMES))
    assert list(back) == list(FRAMES)
    for name, frame in FRAMES.items():
        assert back[name].schema == frame.schema
        assert back[name].equals(frame)
    assert str(back["mixed"]["f"][1]) == "-0.0"


@pytest.mark.parametrize("damage", [lambda blob: blob[:-9], lambda blob: b"", lambda blob: blob[:40] + b"\0" + blob[41:]])
def test_damage_is_noticed(damage: object) -> None:
    with pytest.raises(StoreError, match="damaged"):
        unpack(damage(pack(FRAMES)))  # type: ignore[operator]
