"""Each feature: what makes it say yes (or a number), what makes it say no, and what makes it unknown."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from features.catalogue import CATALOGUE

Changes = dict[str, Any]
FLIGHT, RETURN = 1, 2
T = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)


def legs(*legs: tuple[str, str, float, float], **more: list[Any]) -> Changes:
    """Legs as (from, to, departure and arrival in hours after the flight's departure)."""
    rows = [
        {"departure": a, "arrival": b, "departure_at": T + timedelta(hours=d), "arrival_at": T + timedelta(hours=e)}
        for a, b, d, e in legs
    ]
    for column, values in more.items():
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    return {"legs": rows}


ONE_LEG = legs(("CDG", "YYZ", 0, 8))
VIA_LONDON = legs(("LHR", "CDG", -3, -2), ("CDG", "YYZ", 0, 8))
NO_BOOKING: Changes = {"travellers": [{"booking": None}], "bookings": [], "legs": []}
NO_ITINERARY: Changes = {"legs": []}
NOT_THIS_FLIGHT = legs(("FRA", "YUL", 0, 8))
NO_TIMES: Changes = {"legs": [{"departure": "LYS", "arrival": "CDG"}, {"departure": "CDG", "arrival": "YYZ"}]}
NO_PERSON_AIRPORT: Changes = {"flights": [{"departure": None, "arrival": None}]}
CHILD, ADULT = {"dob": date(2016, 1, 1)}, {"dob": date(1980, 1, 1)}


def history(column: str) -> tuple[Changes, Changes, Changes]:
    return {"history": {column: 3.0}}, {"history": {column: 0.0}}, {"history": {column: None}}


def counts(column: str) -> tuple[Changes, Any, Changes, Any, Changes]:
    some, none, unknown = history(column)
    return some, 3.0, none, 0.0, unknown


# feature: (changes, value), (changes, another value), changes that make it null; None where it never is.
CASES: dict[str, tuple[Changes, Any, Changes, Any, Changes | None]] = {
    "booked_before_departure_hours": (
        {"bookings": [{"booked_at": T - timedelta(hours=30)}]},
        30.0,
        {},
        744.0,
        {"bookings": [{"booked_at": T + timedelta(hours=1)}]},
    ),
    "booking_changes": ({"bookings": [{"changes": 4}]}, 4.0, {}, 0.0, {"bookings": [{"changes": None}]}),
    "record_locator_missing": ({"travellers": [{"record_locator": None}]}, True, {}, False, None),
    "payment_form": ({"bookings": [{"payment": "cash"}]}, "cash", {}, "card", {"bookings": [{"payment": None}]}),
    "paid_cash": ({"bookings": [{"payment": "cash"}]}, True, {}, False, {"bookings": [{"payment": None}]}),
    "payer_not_travelling": ({"bookings": [{"payer": "DURAND/ANNE"}]}, True, {}, False, {"bookings": [{"payer": None}]}),
    "card_other_bookings_30d": counts("card_bookings_30d"),
    "one_way": (ONE_LEG, True, {}, False, NOT_THIS_FLIGHT),
    "stay_days": ({}, 14.0, legs(("CDG", "YYZ", 0, 8), ("YYZ", "LHR", 32, 40)), 1.0, ONE_LEG),
    "journey_legs": ({}, 2.0, ONE_LEG, 1.0, NO_TIMES),
    "longest_layover_hours": ({}, 4.0, legs(("LYS", "CDG", -20, -19), ("CDG", "YYZ", 0, 8)), 19.0, ONE_LEG),
    "shortest_layover_hours": (
        legs(("NCE", "LYS", -9, -8), ("LYS", "CDG", -7, -6), ("CDG", "YYZ", 0, 8)),
        1.0,
        {},
        4.0,
        ONE_LEG,
    ),
    "detour_ratio": (VIA_LONDON, pytest.approx(1.11, abs=0.01), ONE_LEG, 1.0, NO_ITINERARY),
    "carrier_changes": (
        legs(("LYS", "CDG", -3, -2), ("CDG", "YYZ", 0, 8), carrier=["AF", "AC"]),
        1.0,
        {},
        0.0,
        legs(("LYS", "CDG", -3, -2), ("CDG", "YYZ", 0, 8), carrier=[None, "AC"]),
    ),
    "flight_km": ({}, pytest.approx(6020, abs=5), {"flights": [{"arrival": "CDG"}]}, 0.0, NO_PERSON_AIRPORT),
    "departure_airport": ({}, "CDG", {"flights": [{"departure": "LHR"}]}, "LHR", NO_PERSON_AIRPORT),
    "arrival_airport": ({}, "YYZ", {"flights": [{"arrival": "YUL"}]}, "YUL", NO_PERSON_AIRPORT),
    "departure_country": ({}, "FRA", {"flights": [{"departure": "LHR"}]}, "GBR", NO_PERSON_AIRPORT),
    "journey_origin_country": ({}, "FRA", legs(("LHR", "CDG", -3, -2), ("CDG", "YYZ", 0, 8)), "GBR", NOT_THIS_FLIGHT),
    "connection_airport": ({}, "CDG", legs(("ORY", "CDG", -3, -2), ("CDG", "YYZ", 0, 8)), "CDG", ONE_LEG),
    "checked_bags": ({"travellers": [{"bags": 0}]}, 0.0, {}, 1.0, {"travellers": [{"bags": None}]}),
    "checked_bag_weight": ({}, 18.0, {"travellers": [{"bag_weight": 0}]}, 0.0, {"travellers": [{"bag_weight": None}]}),
    "party_bags_each": (
        {"travellers": [{"bags": 3}, {"bags": 0}]},
        1.5,
        {"travellers": [{"bags": 0}]},
        0.0,
        {"travellers": [{}, {"bags": None}]},
    ),
    "bags_pooled": (
        {"travellers": [{"bags": 0}, {"bags": 2}]},
        True,
        {"travellers": [{"bags": 0}, {"bags": 1}]},
        False,
        {"travellers": [{"bags": 0}, {"bags": None}]},
    ),
    "document_missing": ({"documents": [{"type": "V"}]}, True, {}, False, None),
    "documents_sent": ({"documents": []}, 0.0, {"documents": [{}, {"type": "V", "number": "V1"}]}, 2.0, None),
    "document_validity_days": (
        {"documents": [{"type": "V", "expiry": date(2026, 7, 1)}, {"expiry": date(2026, 6, 20)}]},
        5.0,
        {"documents": [{"expiry": date(2026, 6, 14)}]},
        -1.0,
        {"documents": [{"expiry": None}]},
    ),
    "document_issuers": ({"documents": [{}, {"issuer": "ITA"}]}, 2.0, {}, 1.0, {"documents": [{"issuer": None}]}),
    "issuer_not_nationality": ({"documents": [{"issuer": "ITA"}]}, True, {}, False, {"travellers": [{"nationality": None}]}),
    "document_type": ({"documents": [{"type": "V"}, {"type": "I"}]}, "I", {}, "P", {"documents": []}),
    "document_others_on_flight": (
        {"travellers": [{}, {"surname": "X"}], "documents": [{}, {"traveller": 1}]},
        1.0,
        {"travellers": [{}, {}], "documents": [{}, {"traveller": 1, "issuer": "ITA"}]},
        0.0,
        {"documents": [{"number": None}]},
    ),
    "document_other_persons_365d": counts("document_persons_365d"),
    "document_lost_or_stolen": ({"lost": [0]}, True, {"lost": [1]}, False, {}),
    "contact_missing": ({"bookings": [{"phone": None, "email": None}]}, True, {"bookings": [{"phone": None}]}, False, NO_BOOKING),
    "booked_by_agency": ({}, True, {"bookings": [{"agency": None}]}, False, NO_BOOKING),
    "phone_other_bookings_30d": counts("phone_bookings_30d"),
    "email_other_bookings_30d": counts("email_bookings_30d"),
    "address_other_bookings_30d": counts("address_bookings_30d"),
    "agency_other_bookings_7d": counts("agency_bookings_7d"),
    "agency_other_bookings_30d": counts("agency_bookings_30d"),
    "party_size": (
        {"travellers": [{}, {}, {"booking": None, "record_locator": "OTHER1"}]},
        2.0,
        {},
        1.0,
        {**NO_BOOKING, "travellers": [{"booking": None, "record_locator": None}]},
    ),
    "party_surnames": ({"travellers": [{}, {"surname": "DURAND"}]}, 2.0, {"travellers": [{}, {"surname": "Martín"}]}, 1.0,
                       {"travellers": [{}, {"surname": None}]}),
    "linked_bookings_on_flight": (
        {"travellers": [{}, {"booking": 1}], "bookings": [{}, {"card": "c2", "email": "b@example.org", "address": "2 B"}]},
        1.0,
        {},
        0.0,
        {"bookings": [{"phone": None, "email": None, "card": None, "address": None}]},
    ),
    "earlier_companions_365d": counts("companions_365d"),
    "earlier_trips_365d": counts("trips_365d"),
    "earlier_trips_30d": counts("trips_30d"),
    "days_since_last_trip": counts("last_trip_days"),
    "child_without_adult": (
        {"travellers": [CHILD, CHILD]},
        True,
        {"travellers": [CHILD, ADULT, {"dob": None}]},
        False,
        {"travellers": [CHILD, {"dob": None}]},
    ),
    "unrelated_children": (
        {"travellers": [ADULT, {**CHILD, "surname": "DURAND"}, {**CHILD, "surname": "PETIT"}, CHILD]},
        2.0,
        {"travellers": [ADULT, CHILD]},
        0.0,
        {"travellers": [CHILD, CHILD]},
    ),
    "journey_end_border_km": (
        legs(("CDG", "YYZ", 0, 8), ("YYZ", "YQG", 12, 13)),
        pytest.approx(10, abs=3),
        legs(("CDG", "YYZ", 0, 8), ("YYZ", "YEG", 12, 16)),
        pytest.approx(490, abs=30),
        legs(("CDG", "YYZ", 0, 8), ("YYZ", "BUF", 12, 16)),
    ),
    "arrival_border_km": ({}, pytest.approx(75, abs=10), {"flights": [{"arrival": "YUL"}]}, pytest.approx(56, abs=10),
                          {"flights": [{"arrival": "JFK"}]}),
    "onward_hours": (legs(("CDG", "YYZ", 0, 8), ("YYZ", "YQG", 12, 13)), 4.0, {}, 336.0, ONE_LEG),
    "onward_country": (legs(("CDG", "YYZ", 0, 8), ("YYZ", "YQG", 12, 13)), "CAN", {}, "FRA", ONE_LEG),
    "age_years": ({}, 36.0, {"travellers": [{"dob": date(1990, 6, 16)}]}, 35.0, {"travellers": [{"dob": None}]}),
    "nationality": ({}, "FRA", {"travellers": [{"nationality": "DEU"}]}, "DEU", {"travellers": [{"nationality": None}]}),
    "sex": ({}, "F", {"travellers": [{"sex": "X"}]}, "X", {"travellers": [{"sex": None}]}),
    "role": ({}, "passenger", {"travellers": [{"role": "crew"}]}, "crew", {"travellers": [{"role": None}]}),
}  # fmt: skip


def test_every_feature_has_its_cases() -> None:
    assert list(CASES) == [feature.id for feature in CATALOGUE]


@pytest.mark.parametrize("name", CASES)
def test_feature(name: str, first: Callable[..., dict[str, Any]]) -> None:
    positive, value, negative, other, missing = CASES[name]
    assert first(**positive)[name] == value
    assert first(**negative)[name] == other
    if missing is not None:
        assert first(**missing)[name] is None


def test_a_way_home_is_no_one_way_trip(first: Callable[..., dict[str, Any]]) -> None:
    home = legs(("YYZ", "CDG", -400, -392), ("CDG", "YYZ", 0, 8))
    assert first(**home)["one_way"] is False
    assert first(**home)["journey_legs"] == 1.0


def test_a_stop_over_a_day_begins_a_new_journey(first: Callable[..., dict[str, Any]]) -> None:
    features = first(**legs(("JFK", "CDG", -40, -30), ("CDG", "YYZ", 0, 8)))
    assert features["journey_legs"] == 1.0
    assert features["journey_origin_country"] == "FRA"


def test_of_two_legs_between_the_same_airports_the_one_in_time_is_the_flight(first: Callable[..., dict[str, Any]]) -> None:
    twice = legs(("CDG", "YYZ", -800, -792), ("YYZ", "CDG", -500, -492), ("CDG", "YYZ", 0, 8), ("YYZ", "CDG", 56, 64))
    assert first(**twice)["stay_days"] == 2.0


def test_an_unknown_airport_makes_the_way_back_unknown_unless_it_is_seen(first: Callable[..., dict[str, Any]]) -> None:
    assert first(**legs(("CDG", "YYZ", 0, 8), ("YYZ", "ZZZ", 40, 44)))["one_way"] is None
    assert first(**legs(("CDG", "YYZ", 0, 8), ("YYZ", "ZZZ", 40, 44), ("YYZ", "CDG", 90, 98)))["one_way"] is False


def test_travellers_without_record_are_not_one_party(first: Callable[..., dict[str, Any]]) -> None:
    alone = {"booking": None, "record_locator": None, "dob": date(2016, 1, 1)}
    features = first(travellers=[alone, {**alone, "dob": date(1980, 1, 1)}], bookings=[], legs=[])
    assert features["party_size"] is None
    assert features["child_without_adult"] is None  # whose company is not known is not said to be alone


def test_a_leap_day_birthday_counts_from_the_first_of_march(first: Callable[..., dict[str, Any]]) -> None:
    born = [{"dob": date(2008, 2, 29)}]
    assert first(travellers=born, flights=[{"departure_time": datetime(2026, 2, 28, 13, 0)}])["age_years"] == 17.0
    assert first(travellers=born, flights=[{"departure_time": datetime(2026, 3, 1, 13, 0)}])["age_years"] == 18.0
