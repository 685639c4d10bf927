"""Distances against published ones."""

import numpy as np
import pytest

from features.places import LAND_CROSSINGS, airports, haversine_km


def test_distance_on_a_quarter_of_the_globe_is_a_quarter_of_its_circumference() -> None:
    distance = haversine_km(np.array([0.0, 0.0]), np.array([0.0, 0.0]), np.array([90.0, 0.0]), np.array([0.0, 180.0]))
    assert distance == pytest.approx([10007.6, 20015.1], abs=0.1)


def test_airports_known_and_unknown() -> None:
    places = airports()
    rows = places.rows(["CDG", "ZZZ", None, "YYZ"])
    assert places.countries(rows) == ["FRA", None, None, "CAN"]
    assert np.isnan(places.distance_km(rows, rows)).tolist() == [False, True, True, False]
    assert places.distance_km(places.rows(["LHR"]), places.rows(["JFK"])) == pytest.approx([5540], abs=15)


def test_only_airports_in_canada_have_a_distance_to_the_border() -> None:
    places = airports()
    windsor, detroit, whitehorse = places.border_km[places.rows(["YQG", "DTW", "YXY"])]
    assert windsor < 15
    assert np.isnan(detroit)
    assert whitehorse > 1000
    assert all(41 < latitude < 50 and -125 < longitude < -67 for latitude, longitude in LAND_CROSSINGS)
