"""The feature table as a whole: shape, many flights at once, and nothing but unknown where nothing is known."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.base import HISTORY_COLUMNS
from features.catalogue import CATALOGUE
from features.derive import FEATURES, derive
from features.history import HISTORY
from features.matrix import matrix
from manifests.frames import Manifest, concat, split
from training.simulate.world import World


def no_history(manifest: Manifest) -> pl.DataFrame:
    columns = {name: [0.0] * manifest.travellers.height for name in HISTORY_COLUMNS}
    return pl.DataFrame({"traveller": manifest.travellers["traveller"], **columns}, schema=HISTORY)


def test_the_schema_is_as_promised_even_without_travellers(flight: Callable[..., Manifest]) -> None:
    nobody = flight(travellers=[], documents=[], bookings=[], legs=[])
    for manifest in (flight(), nobody):
        features = derive(manifest, no_history(manifest))
        assert dict(features.schema) == FEATURES
        assert features.height == manifest.travellers.height


def test_many_flights_at_once_give_what_each_gives_alone(flight: Callable[..., Manifest]) -> None:
    one = flight(travellers=[{}, {"bags": 0, "surname": "DURAND"}], documents=[{}, {"traveller": 1}])
    two = flight(
        flights=[{"departure": "LHR", "departure_at": None}],
        travellers=[{"booking": None, "record_locator": None}, {"booking": 0}],
        documents=[{"traveller": 1, "number": None}],
    )
    together = concat([one, two, one])
    alone = pl.concat([derive(manifest, no_history(manifest)) for manifest in (one, two, one)])
    assert derive(together, no_history(together)).drop("traveller").equals(alone.drop("traveller"))


def test_of_a_traveller_of_whom_nothing_is_known_only_absences_are_known(first: Callable[..., dict[str, Any]]) -> None:
    columns = ("ref", "role", "surname", "given", "sex", "dob", "nationality", "record_locator", "bags", "bag_weight", "booking")
    features = first(
        history=dict.fromkeys(HISTORY_COLUMNS),
        flights=[dict.fromkeys(("departure", "arrival", "departure_time", "departure_at", "arrival_time", "arrival_at"))],
        travellers=[dict.fromkeys(columns)],
        documents=[],
        bookings=[],
        legs=[],
    )
    assert {name for name, value in features.items() if value is not None} == {
        "traveller",
        "record_locator_missing",
        "document_missing",
        "documents_sent",
    }


def test_history_in_another_order_is_refused(flight: Callable[..., Manifest]) -> None:
    manifest = flight(travellers=[{}, {}])
    with pytest.raises(ValueError, match="in its order"):
        derive(manifest, no_history(manifest).reverse())


def test_the_matrix_holds_null_as_nan_and_flags_as_numbers(flight: Callable[..., Manifest]) -> None:
    manifest = flight(travellers=[{"bags": None}, {"bags": 2}])
    features = derive(manifest, no_history(manifest))
    values = matrix(features, ["checked_bags", "one_way", "flight_km"])
    assert values.dtype == np.float32
    assert values.flags.c_contiguous
    np.testing.assert_array_equal(values[:, :2], np.array([[np.nan, 0], [2, 0]], np.float32))
    assert matrix(features, [one.id for one in CATALOGUE if one.model]).shape == (2, sum(one.model for one in CATALOGUE))


def test_what_stands_beside_a_flight_changes_no_bit_of_it() -> None:
    day = next(iter(World(travellers=4000, seed=5, start=date(2026, 3, 1), days=2).run())).manifest
    history = no_history(day)
    whole = derive(day, history)
    for flight, part in zip(day.flights["flight"], split(day), strict=True):
        rows = day.travellers.filter(pl.col("flight") == flight)["traveller"]
        alone = derive(part, no_history(part))
        together = whole.filter(pl.col("traveller").is_in(rows.implode()))
        assert_frame_equal(alone.drop("traveller"), together.drop("traveller"), check_exact=True)
