"""The edge: what is read, what is a fault, and that a bad value never costs more than itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import frames
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.normalise import MOST_TRAVELLERS, normalise
from manifests.raw import MANIFEST_PATHS, Paths, Raw

FLIGHT = {
    "carrier": "AC",
    "number": "0872",
    "departure": "FRA",
    "arrival": "YYZ",
    "departure_time": "2026-01-15T14:00",
    "arrival_time": "2026-01-15T16:30",
}
PERSON = {"ref": "PAX1", "surname": "DOE", "given": "JANE"}


def columns(rows: list[dict[str, Any]], **keys: int) -> dict[str, list[Any]]:
    names = [*keys, *dict.fromkeys(name for row in rows for name in row if name not in keys)]
    return {name: [row.get(name, keys.get(name)) for row in rows] for name in names}


def manifest(
    travellers: list[dict[str, Any]] | None = None,
    documents: list[dict[str, Any]] | None = None,
    bookings: list[dict[str, Any]] | None = None,
    flight: dict[str, str] | None = None,
) -> Manifest:
    raw = Raw(
        flights=columns([FLIGHT | (flight or {})]),
        travellers=columns([PERSON | {"ref": f"PAX{at}"} | row for at, row in enumerate(travellers or [])], flight=0),
        documents=columns(documents or [], traveller=0),
        bookings=columns(bookings or [], flight=0),
    )
    read = normalise(raw, Paths(raw, MANIFEST_PATHS))
    frames.check(read)
    return read


def fault(read: Manifest) -> dict[str, Any]:
    assert read.faults.height == 1, read.faults.to_dicts()
    return read.faults.row(0, named=True)


def test_a_flight_gets_its_zones_and_plain_number() -> None:
    read = manifest()
    assert read.faults.is_empty()
    assert read.flights.row(0, named=True) == {
        "flight": 0,
        "carrier": "AC",
        "number": "872",
        "departure": "FRA",
        "arrival": "YYZ",
        "departure_time": datetime(2026, 1, 15, 14),
        "arrival_time": datetime(2026, 1, 15, 16, 30),
        "departure_at": datetime(2026, 1, 15, 13, tzinfo=UTC),
        "arrival_at": datetime(2026, 1, 15, 21, 30, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("departure", "EDDF", "FRA"),
        ("departure", " fra ", "FRA"),
        ("number", "AC0872", "872"),
        ("number", "872a", "872A"),
        ("carrier", "ac", "AC"),
        ("carrier", "ACA", "ACA"),
        ("carrier", "3K", "3K"),
    ],
)
def test_flight_values_that_are_read(field: str, sent: str, kept: str) -> None:
    read = manifest(flight={field: sent})
    assert read.faults.is_empty()
    assert read.flights[field][0] == kept


@pytest.mark.parametrize(
    ("field", "sent", "problem"),
    [
        ("departure", "LON", "not a known airport"),
        ("departure", "", "not given: send the IATA code of the last foreign airport"),
        ("number", "0000", "not a flight number"),
        ("number", "12345", "not a flight number"),
        ("carrier", "99", "not a carrier designator"),
        ("carrier", " ", "not given: send the designator"),
        ("departure_time", "2026-02-30T10:00", "not a time"),
        ("arrival_time", "2026-01-15T07:00", "not after the departure"),
    ],
)
def test_flight_values_that_are_faults(field: str, sent: str, problem: str) -> None:
    read = manifest([{}], flight={field: sent})
    found = fault(read)
    assert found["where"] == f"flight.{field}"
    assert found["value"] == sent.strip()
    assert problem in found["problem"]
    assert found["field"] == f"flight.{field}"
    assert found["traveller"] is None
    assert read.flights[field][0] is None
    assert read.travellers["surname"].to_list() == ["DOE"]


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("surname", "  van   der\tBerg ", "van der Berg"),
        ("surname", "O\u202eMal\u200bley\x00", "OMalley"),
        ("surname", "Łukasz-Øre", "Łukasz-Øre"),
        ("surname", "毛泽东", "毛泽东"),
        ("surname", "Πέτρος", "Πέτρος"),
        ("role", "", "passenger"),
        ("role", "  ", "passenger"),
        ("role", "CREW", "crew"),
        ("sex", "f", "F"),
        ("sex", "U", "X"),
        ("sex", "<", "X"),
        ("dob", "", None),
        ("dob", "780706", date(1978, 7, 6)),
        ("nationality", "CA", "CAN"),
        ("nationality", "can", "CAN"),
        ("nationality", "D", "DEU"),
        ("nationality", "GBN", "GBN"),
        ("nationality", "XXA", "XXA"),
        ("nationality", "UNK", "UNK"),
        ("nationality", "RKS", "RKS"),
        ("nationality", "EUE", "EUE"),
        ("record_locator", " ab c1 ", "AB C1"),
        ("bags", -1, None),
        ("bag_tags", [], None),
        ("residence", "DE", "DEU"),
        ("clearance", "CYYZ", "YYZ"),
        ("bags", "2", 2),
        ("bag_weight", 31, 31),
    ],
)
def test_traveller_values_that_are_read(field: str, sent: object, kept: object) -> None:
    read = manifest([{field: sent}])
    assert read.faults.is_empty(), read.faults.to_dicts()
    assert read.travellers[field][0] == kept


def test_bag_tags_and_those_that_follow_them() -> None:
    read = manifest([{"bag_tags": ["ac 123456:2", "0014-99", "AC999999:2"]}, {"bag_tags": ["AC12345:99", "AC12345:2"]}])
    assert read.travellers["bag_tags"][0].to_list() == ["AC123456", "AC123457", "001499", "AC999999", "AC1000000"]
    assert read.travellers["bag_tags"][1].len() == 99
    assert "more than 99 bags of one traveller, the first are kept" in fault(read)["problem"]


@pytest.mark.parametrize(
    ("field", "sent", "problem"),
    [
        ("role", "pasenger", "did you mean passenger?"),
        ("sex", "W", "send one of M, F, X"),
        ("dob", "2019-02-30", "not a date"),
        ("dob", "2027-01-01", "after the day of travel"),
        ("nationality", "Germany", "did you mean DEU?"),
        ("nationality", "ZZZ", "not a country code"),
        ("surname", "X" * 201, "longer than 200 characters"),
        ("bag_tags", ["AC1"], "not a bag tag"),
        ("bag_tags", ["AC12345:100"], "not a bag tag"),
        ("residence", "GERMANY", "not a country code (did you mean DEU?)"),
        ("embarkation", "LON", "not a known airport"),
        ("bags", "two", "not a whole number"),
        ("bags", -7, "not a whole number"),
        ("bag_weight", 10**12, "not a whole number"),
        ("ref", "", "not given: send the carrier's unique passenger reference"),
    ],
)
def test_traveller_values_that_are_faults(field: str, sent: object, problem: str) -> None:
    read = manifest([{}, {field: sent}, {}])
    found = fault(read)
    assert found["where"] == f"travellers[1].{field}"
    assert problem in found["problem"]
    assert len(found["value"]) <= 61
    assert (found["traveller"], found["field"]) == (1, field)
    assert read.travellers[field][1] is None
    assert read.travellers["given"].to_list() == ["JANE"] * 3


def test_one_name_is_enough_but_none_is_a_fault() -> None:
    assert manifest([{"surname": ""}, {"given": None}]).faults.is_empty()
    found = fault(manifest([{"surname": " ", "given": "\u200b"}]))
    assert found["where"] == "travellers[0].surname"
    assert "no name" in found["problem"]


def test_the_second_of_one_reference_is_a_fault() -> None:
    read = manifest([{"ref": "A"}, {"ref": "B"}, {"ref": "A"}])
    assert fault(read)["where"] == "travellers[2].ref"
    assert read.travellers["ref"].to_list() == ["A", "B", None]


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("type", "p", "P"),
        ("type", "PD", "P"),
        ("type", "P<", "P"),
        ("type", "IP", "I"),
        ("type", "T", "O"),
        ("number", "ab-123 456/7", "AB1234567"),
        ("number", "\uff21\uff11\uff12", "A12"),
        ("issuer", "DE", "DEU"),
        ("issuer", "UNO", "UNO"),
        ("expiry", "610218", date(2061, 2, 18)),
    ],
)
def test_document_values_that_are_read(field: str, sent: str, kept: object) -> None:
    read = manifest([{}], [{"number": "X1", field: sent}])
    assert read.faults.is_empty(), read.faults.to_dicts()
    assert read.documents[field][0] == kept


@pytest.mark.parametrize(
    ("field", "sent", "problem"),
    [
        ("type", "PASSPORT", "P passport"),
        ("number", "АВ123456", "other than A-Z and 0-9"),  # Cyrillic А and В
        ("number", "", "not given: send the number"),
        ("issuer", "XYZ", "not a country code"),
        ("expiry", "20301301", "no such day"),
    ],
)
def test_document_values_that_are_faults(field: str, sent: str, problem: str) -> None:
    read = manifest([{}, {}], [{"number": "X1"}, {"traveller": 1, "number": "X2"}, {"traveller": 1, "number": "X3", field: sent}])
    found = fault(read)
    assert found["where"] == f"travellers[1].documents[1].{field}"
    assert problem in found["problem"]
    assert (found["traveller"], found["field"]) == (1, f"document.{field}")
    assert read.documents[field][2] is None


def test_bookings_join_by_record_locator_within_the_flight() -> None:
    booking = {
        "record_locator": "abc123",
        "booked_at": "2026-01-02T09:30Z",
        "payment": "CARD",
        "phone": "+1 (514) 555-0100",
        "email": "A@Example.org",
        "changes": 2,
    }
    read = manifest([{"record_locator": "ABC123"}, {"record_locator": "NONE"}, {}], bookings=[booking])
    assert read.faults.is_empty()
    assert read.travellers["booking"].to_list() == [0, None, None]
    row = read.bookings.row(0, named=True)
    assert row["booked_at"] == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
    assert (row["payment"], row["phone"], row["email"], row["changes"]) == ("card", "15145550100", "a@example.org", 2)


@pytest.mark.parametrize(
    ("field", "sent", "problem"),
    [
        ("payment", "crad", "did you mean card?"),
        ("booked_at", "2026-01-15T13:01Z", "after the departure"),
        ("booked_at", "yesterday", "send UTC"),
        ("phone", "n/a", "too few digits"),
        ("email", "nobody", "not an e-mail address"),
        ("changes", "x", "not a whole number"),
    ],
)
def test_booking_values_that_are_faults(field: str, sent: str, problem: str) -> None:
    read = manifest([{"record_locator": "L"}], bookings=[{"record_locator": "L", field: sent}])
    found = fault(read)
    assert found["where"] == f"bookings[0].{field}"
    assert found["field"] == f"booking.{field}"
    assert problem in found["problem"]
    assert read.bookings[field][0] is None


@pytest.mark.parametrize("sent", ["0049 30 123456", "+49 (30) 12-34-56", "٠٠٤٩٣٠١٢٣٤٥٦"])
def test_phones_are_digits_with_country_code(sent: str) -> None:
    read = manifest([{"record_locator": "L"}], bookings=[{"record_locator": "L", "phone": sent}])
    assert read.bookings["phone"].to_list() == ["4930123456"]


def test_a_booking_sent_twice_or_of_nobody_is_a_fault() -> None:
    read = manifest(
        [{"record_locator": "L"}], bookings=[{"record_locator": "L"}, {"record_locator": "L"}, {"record_locator": "M"}]
    )
    assert read.faults["where"].to_list() == ["bookings[1].record_locator", "bookings[2].record_locator"]
    assert "sent before" in read.faults["problem"][0]
    assert "no traveller" in read.faults["problem"][1]
    assert read.travellers["booking"].to_list() == [0]


def test_all_faults_at_once_and_the_rest_is_kept() -> None:
    read = manifest([{"dob": "x", "sex": "y", "nationality": "q"}, {"dob": "1980-01-01"}])
    assert sorted(read.faults["field"]) == ["dob", "nationality", "sex"]
    assert read.travellers["dob"].to_list() == [None, date(1980, 1, 1)]
    assert read.travellers["surname"].to_list() == ["DOE", "DOE"]


def test_faults_stand_by_flight_and_then_by_traveller() -> None:
    read = manifest([{"dob": "x", "sex": "y"}, {"role": "z"}], [{"number": "#"}], flight={"number": "none"})
    assert read.faults["field"].to_list() == ["flight.number", "sex", "dob", "document.number", "role"]


def test_more_travellers_than_any_flight_has_is_refused() -> None:
    with pytest.raises(InputError, match=r"travellers: 5,001 rows in one flight, at most 5,000"):
        manifest([{}] * (MOST_TRAVELLERS + 1))


def test_an_empty_message_gives_empty_frames_of_the_contract() -> None:
    read = normalise(Raw(), lambda frame, row, column: column)
    for name, schema in frames.DTYPES.items():
        assert getattr(read, name).schema == schema
        assert getattr(read, name).is_empty()


anything = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["1978-07-06", "FRA", "DEU", "P", "M", "card", "X1"]))


@settings(deadline=None)  # the first example loads the code lists
@given(
    st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(["ref", "surname", "sex", "dob", "nationality", "bags"], anything)))
)
def test_whatever_is_sent_the_contract_holds_and_each_loss_has_its_fault(rows: list[dict[str, str | None]]) -> None:
    read = manifest(rows)
    lost = {(fault["traveller"], fault["field"]) for fault in read.faults.to_dicts()}
    for row, sent in enumerate(rows):
        for field, value in sent.items():
            if field not in ("surname", "ref") and value and value.strip():
                assert (read.travellers[field][row] is None) == ((row, field) in lost)
