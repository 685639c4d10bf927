"""PNR and API of one traveller, joined, and where they disagree."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import frames, paxlst, pnrgov
from manifests.frames import Manifest
from manifests.joining import DISAGREEMENTS, Joined, join
from tests.manifests import messages, pnrs
from tests.manifests.messages import Line


def api(*people: list[Line]) -> Manifest:
    return paxlst.read(messages.interchange(messages.paxlst(*people))).manifest


def person(surname: str = "DOE", given: str = "JANE", locator: str = "ABC123", number: str = "C01X00T47") -> list[Line]:
    lines = [("RFF", ("AVF", locator))] if locator else []
    passenger = [("DOC", "P", number) if line[0] == "DOC" else line for line in messages.passenger(surname, given)]
    return [*passenger[:4], *lines, *passenger[4:]]


def booked(surname: str = "DOE", given: str = "JANE", document: str = "C01X00T47", **fields: Any) -> list[Line]:
    lines: list[Line] = [pnrs.docs(document, surname, given, "1", **fields)] if document else []
    return [pnrs.traveller(surname, given), *lines]


def pnr(*bookings: list[Line], flight: Line = pnrs.FLIGHT) -> Manifest:
    return pnrgov.read(pnrs.interchange(pnrs.pnrgov(*bookings, flight=flight))).manifest


def differences(joined: Joined) -> dict[str, Any]:
    return joined.disagreements.drop("traveller").row(0, named=True)


def test_a_traveller_gets_the_booking_with_its_legs() -> None:
    legs: list[Line] = [("TVL", ("150126", "0900", "150126", "1020"), "VIE", "FRA", "AC", "9146"), pnrs.FLIGHT]
    joined = join(api(person()), pnr(pnrs.booking(*booked(), *legs)))
    frames.check(joined.manifest)
    assert joined.manifest.travellers.select("record_locator", "booking", "law").row(0) == ("ABC123", 0, "API")
    assert joined.manifest.bookings["record_locator"].to_list() == ["ABC123"]
    assert joined.manifest.legs.filter(pl.col("booking") == 0)["departure"].to_list() == ["VIE", "FRA"]
    assert differences(joined) == {
        "pnr_traveller": 0,
        "name_differs": False,
        "dob_differs": False,
        "nationality_differs": False,
        "document_differs": False,
    }
    assert joined.not_listed.is_empty()


@pytest.mark.parametrize(
    ("listed", "held", "differs"),
    [
        ({}, {"document": "OTHER1"}, "document_differs"),
        ({}, {"born": "07JUL78"}, "dob_differs"),
        ({"surname": "ROE"}, {}, "name_differs"),
        ({"surname": "ROE", "number": "N2"}, {"document": ""}, "name_differs"),
    ],
)
def test_each_disagreement_is_a_column(listed: dict[str, Any], held: dict[str, Any], differs: str) -> None:
    found = differences(join(api(person(**listed)), pnr(pnrs.booking(*booked(**held)))))
    assert found.pop("pnr_traveller") == 0
    assert [name for name, value in found.items() if value] == [differs]


def test_nationality_differs() -> None:
    held = pnrs.booking(pnrs.traveller("DOE", "JANE"), pnrs.ssr("DOCS", "/P/DEU/C01X00T47/FRA/06JUL78/F//DOE/JANE", "1"))
    assert differences(join(api(person()), pnr(held)))["nationality_differs"]


def test_what_one_side_does_not_say_is_no_disagreement() -> None:
    found = differences(join(api(person()), pnr(pnrs.booking(*booked(document="")))))
    assert found == {
        "pnr_traveller": 0,
        "name_differs": False,
        "dob_differs": None,
        "nationality_differs": None,
        "document_differs": None,
    }
    nobody = differences(join(api(person()), pnr(pnrs.booking(*booked("ROE", "R", "N9"), locator="ZZZ999"))))
    assert set(nobody.values()) == {None}


@pytest.mark.parametrize("given", ["JANEMARIE", "JANE MARIE", "JANE", "JANEMRS"])
def test_names_run_together_or_left_out_are_the_same(given: str) -> None:
    held = pnrs.booking(pnrs.traveller("DOE", given), pnrs.traveller("ROE", "RICHARD", "2"))
    found = differences(join(api(person(given="JANE MARIE")), pnr(held)))
    assert (found["pnr_traveller"], found["name_differs"]) == (0, False)


def test_without_a_locator_document_or_name_and_birth_join() -> None:
    both = pnr(pnrs.booking(*booked()))
    assert differences(join(api(person(locator="")), both))["pnr_traveller"] == 0
    assert differences(join(api(person(locator="", number="N2")), both))["pnr_traveller"] == 0
    assert join(api(person(locator="")), both).manifest.travellers["record_locator"].to_list() == ["ABC123"]


def test_whom_nothing_tells_apart_is_not_joined() -> None:
    twins = pnrs.booking(pnrs.traveller("DOE", "JANE"), pnrs.traveller("DOE", "JANE", "2"))
    joined = join(api(person()), pnr(twins))
    assert differences(joined)["pnr_traveller"] is None
    assert joined.not_listed.to_list() == [0, 1]


def test_another_flight_is_another_journey() -> None:
    tomorrow: Line = ("TVL", ("160126", "1400", "160126", "1630"), "FRA", "YYZ", "AC", "872")
    joined = join(api(person()), pnr(pnrs.booking(*booked()), flight=tomorrow))
    assert differences(joined)["pnr_traveller"] is None
    assert joined.not_listed.is_empty()
    assert joined.manifest.bookings.is_empty()


def test_a_booking_that_came_with_the_api_stays() -> None:
    first = join(api(person()), pnr(pnrs.booking(*booked()))).manifest
    again = join(first, pnr(pnrs.booking(*booked(), ("FOP", "CA")))).manifest
    assert again.bookings["payment"].to_list() == [None]


names = st.sampled_from(["JANE", "JOAN", "MAX", "JANE MARIE", "毛"])
numbers = st.sampled_from(["N1", "N2", "N3", ""])
locators = st.sampled_from(["ABC123", "DEF456"])
people = st.lists(st.tuples(names, numbers, locators), max_size=6)


@settings(deadline=None)
@given(people, people)
def test_nobody_is_joined_twice_and_nobody_is_lost(listed: list[tuple[str, str, str]], held: list[tuple[str, str, str]]) -> None:
    passengers = api(*(person(given=name, number=number or "X", locator=locator) for name, number, locator in listed))
    of_locator: dict[str, list[Line]] = {}
    for at, (name, number, locator) in enumerate(held):
        lines = [pnrs.docs(number, "DOE", name, str(at))] if number else []
        of_locator.setdefault(locator, []).extend([pnrs.traveller("DOE", name, str(at)), *lines])
    bookings = pnr(*(pnrs.booking(*lines, locator=locator) for locator, lines in of_locator.items()))
    joined = join(passengers, bookings)
    frames.check(joined.manifest)
    assert joined.disagreements.schema == DISAGREEMENTS
    taken = joined.disagreements["pnr_traveller"].drop_nulls().to_list()
    assert len(taken) == len(set(taken))
    assert sorted([*taken, *joined.not_listed]) == list(range(bookings.travellers.height))
    assert joined.manifest.travellers.drop("booking", "record_locator").equals(
        passengers.travellers.drop("booking", "record_locator")
    )
