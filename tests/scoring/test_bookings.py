"""Travellers of whom a booking alone is known: looked at, and neither cleared nor held."""

from types import SimpleNamespace

import polars as pl

from manifests.frames import DTYPES
from rules import pack as packs
from scoring import bookings
from scoring.insufficient import at_fault, faults_of
from tests.scoring.test_pipeline import PACK

BOOKED = {"law": "PNR"}


def test_nobody_is_cleared_on_a_booking(make: SimpleNamespace) -> None:
    people = make.manifest(BOOKED, {})
    decided = make.decisions(people, under=make.policy())
    assert decided["directive"].to_list() == ["INSUFFICIENT_DATA", "BOARD"]
    (fault,) = faults_of(make.policy().insufficient_when, people).to_dicts()
    assert (fault["where"], fault["field"], fault["traveller"]) == ("travellers[0].api", "api", 0)
    assert "send the passenger information at check-in" in fault["problem"]


def test_of_a_booking_only_the_api_is_asked_for(make: SimpleNamespace) -> None:
    people = make.manifest({**BOOKED, "dob": None, "document": {}}, faults=[(0, "dob")])
    assert at_fault(make.policy().insufficient_when, people) == [(0, "api", False)]


def test_nobody_is_held_on_a_booking_and_an_officer_is_told(make: SimpleNamespace) -> None:
    stopped = {"action": "stop_before_boarding"}
    rows = [{**stopped, "traveller": 0}, {**stopped, "traveller": 1}]
    decided = make.decisions(make.manifest(BOOKED, {}), under=make.policy(hold=make.hold), match=rows)
    assert decided["directive"].to_list() == ["INSUFFICIENT_DATA", "HOLD"]
    assert decided["kind"].to_list() == ["PRE_BOARDING", "PRE_BOARDING"]


def test_neither_model_nor_lot_choose_from_bookings(make: SimpleNamespace) -> None:
    people = make.manifest(BOOKED, {}, BOOKED, {})
    decided = make.decisions(people, under=make.policy(), risk=(9.0, 9.0, -9.0, -9.0), draw=[0.9, 0.9, 0.0, 0.0])
    assert decided["kind"].to_list() == [None, "ON_ARRIVAL", None, "ON_ARRIVAL"]
    assert decided["inclusion"].to_list()[2] == 0


def test_where_pnr_is_limited_a_booking_is_held_against_nothing_else(make: SimpleNamespace) -> None:
    people = make.manifest(BOOKED, {})
    categories = ["warrant_or_removal_order", "national_security"]
    found = make.matches(*({"traveller": row, "category": category} for row in (0, 1) for category in categories))
    kept = bookings.lawful_matches(people, found).select("traveller", pl.col("category").cast(pl.String)).rows()
    assert kept == [(0, categories[1]), (1, categories[0]), (1, categories[1])]
    pack = packs.parse(PACK.replace("ORIGIN", "operational").replace("border_control", "terrorism", 1).encode(), "test")
    hits = make.hits(*({"traveller": row, "scenario": scenario.id} for row in (0, 1) for scenario in pack.scenarios))
    lawful = bookings.lawful_hits(people, hits, pack).select("traveller", "scenario").rows()
    assert lawful == [(0, "heavy-and-expiring"), (1, "heavy-and-expiring"), (1, "child-alone")]
    lost = pl.DataFrame({"traveller": [0, 1]}, schema={"traveller": pl.UInt32})
    assert bookings.lawful_lost(people, lost)["traveller"].to_list() == [1]


def test_rows_without_a_law_are_api(make: SimpleNamespace) -> None:
    people = make.manifest({})
    assert people.travellers["law"].to_list() == [None]
    assert people.travellers.schema == DTYPES["travellers"]
    assert bookings.booked_only(people).tolist() == [False]
