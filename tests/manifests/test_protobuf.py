"""Protobuf: what a carrier sends becomes frames, and frames go out as the same requests."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forepost.screening.v1 import screening_pb2 as pb
from manifests import frames
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.protobuf import card_digest, manifest_of, requests_of, traveller_requests_of

KEY = b"a key for tests"
FLIGHT = {
    "carrier": "AC",
    "number": "0872",
    "departure": "FRA",
    "arrival": "YYZ",
    "departure_time": "2026-01-15T14:00",
    "arrival_time": "2026-01-15T16:30",
}


def single(**traveller: Any) -> pb.ScreenTravellerRequest:
    return pb.ScreenTravellerRequest(
        flight=pb.Flight(**FLIGHT), traveller=pb.Traveller(**({"ref": "1", "surname": "DOE"} | traveller))
    )


def test_one_traveller_with_everything() -> None:
    request = single(
        given="JANE",
        sex="F",
        dob="1978-07-06",
        nationality="DE",
        birthplace=" Bad  Tölz",
        redress="ctn-12 345",
        documents=[pb.Document(type="P", number="c01 x00t47", issuer="D", expiry="2031-01-01")],
        record_locator="ABC123",
        bags=0,
    )
    request.booking.record_locator = "ABC123"
    request.booking.booked_at = "2026-01-02T09:30Z"
    request.booking.card = "4111 1111-1111 1111"
    request.booking.legs.add(carrier="AC", number="872", departure="FRA", arrival="YYZ", departure_time="2026-01-15T14:00")
    read = manifest_of(request, KEY)
    frames.check(read)
    assert read.faults.is_empty()
    assert read.travellers.row(0, named=True) == {
        "traveller": 0,
        "flight": 0,
        "ref": "1",
        "role": "passenger",
        "surname": "DOE",
        "given": "JANE",
        "sex": "F",
        "dob": date(1978, 7, 6),
        "nationality": "DEU",
        "birthplace": "Bad Tölz",
        "residence": None,
        "embarkation": None,
        "debarkation": None,
        "clearance": None,
        "redress": "CTN12345",
        "record_locator": "ABC123",
        "bags": 0,
        "bag_tags": None,
        "bag_weight": None,
        "booking": 0,
        "law": "API",
    }
    assert read.documents.rows() == [(0, "P", "C01X00T47", "DEU", date(2031, 1, 1), "API")]
    assert read.bookings["booked_at"][0] == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
    assert read.legs.select("flight", "booking", "sequence", "departure", "arrival").rows() == [(0, 0, 0, "FRA", "YYZ")]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"dob": "2019-02-30"}, "traveller.dob"),
        ({"documents": [{"number": "1"}, {"number": "2", "issuer": "Q"}]}, "traveller.documents[1].issuer"),
    ],
)
def test_faults_of_one_traveller_name_fields_of_the_request(change: dict[str, Any], where: str) -> None:
    read = manifest_of(single(**change), KEY)
    assert read.faults.select("where", "traveller").rows() == [(where, 0)]


def test_faults_of_the_booking_and_its_legs_name_fields_of_the_request() -> None:
    request = single(record_locator="L")
    request.booking.payment = "shells"
    request.booking.legs.add(carrier="AC", number="1", departure="FRA", arrival="YYZ")
    request.booking.legs.add(carrier="AC", number="1", departure="YYZ", arrival="QQQQ")
    read = manifest_of(request, KEY)
    assert read.faults["where"].to_list() == ["booking.payment", "booking.legs[1].arrival"]
    assert read.travellers["booking"].to_list() == [0]  # a booking without locator is its traveller's


def test_a_card_number_is_nowhere_in_the_frames() -> None:
    request = single(record_locator="L")
    request.booking.record_locator = "L"
    request.booking.card = "4111111111111111"
    read = manifest_of(request, KEY)
    for name in frames.SCHEMAS:
        assert "4111111111111111" not in getattr(read, name).write_json()
    digest = read.bookings["card"][0]
    assert digest == card_digest("4111 1111 1111-1111", KEY)
    assert len(bytes.fromhex(digest)) == 16
    assert digest != card_digest("4111111111111111", b"another key")
    assert card_digest(" ", KEY) is None


def columns(**changed: Any) -> pb.ScreenManifestRequest:
    travellers = {"ref": ["1", "2", "3"], "surname": ["A", "B", "C"], "dob": ["1980-01-01", "", "1982-01-01"]} | changed
    return pb.ScreenManifestRequest(flight=pb.Flight(**FLIGHT), travellers=pb.TravellerColumns(**travellers))


def test_a_column_is_empty_or_as_long_as_ref() -> None:
    read = manifest_of(columns(bags=[-1, 0, 2]), KEY)
    frames.check(read)
    assert read.travellers["bags"].to_list() == [None, 0, 2]
    assert read.travellers["given"].to_list() == [None] * 3
    assert read.travellers["dob"].to_list() == [date(1980, 1, 1), None, date(1982, 1, 1)]


def test_unequal_columns_are_refused_with_each_named() -> None:
    request = columns(surname=["A", "B"], bags=[1])
    request.documents.traveller.extend([0, 1])
    request.documents.number.append("X1")
    with pytest.raises(InputError) as raised:
        manifest_of(request, KEY)
    assert [fault.split(":")[0] for fault in raised.value.faults] == ["travellers.surname", "travellers.bags", "documents.number"]
    assert "2 values, but travellers.ref has 3" in raised.value.faults[0]


def test_a_document_of_nobody_is_a_fault_and_the_others_stay() -> None:
    request = columns()
    request.documents.traveller.extend([2, 7, 0])
    request.documents.number.extend(["X1", "X2", "X3"])
    read = manifest_of(request, KEY)
    assert read.faults.select("where", "value").rows() == [("documents.traveller[1]", "7")]
    assert read.documents.select("traveller", "number").rows() == [(2, "X1"), (0, "X3")]


def test_good_travellers_stay_beside_bad_ones() -> None:
    read = manifest_of(columns(sex=["M", "?", "F"], nationality=["CAN", "CAN", "??"]), KEY)
    assert read.faults["where"].to_list() == ["travellers[1].sex", "travellers[2].nationality"]
    assert read.travellers["sex"].to_list() == ["M", None, "F"]


def test_an_empty_request_is_a_flight_of_faults() -> None:
    for request in (pb.ScreenManifestRequest(), pb.ScreenTravellerRequest()):
        read = manifest_of(request, KEY)
        frames.check(read)
        assert {"flight.carrier", "flight.departure_time"} <= set(read.faults["where"])


# Values as carriers send them, good and bad alike.
words = st.one_of(st.just(""), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
dates_sent = st.one_of(
    st.dates().map(str), st.dates().map(lambda day: f"{day:%Y%m%d}"), st.sampled_from(["", "780706", "1978-02-30"])
)
times = st.one_of(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}"), words)
airports = st.one_of(st.sampled_from(["FRA", "EDDF", "YYZ", "DEL", "KTM", "LON"]), words)
countries = st.one_of(st.sampled_from(["DE", "DEU", "D", "GBN", "ZZZ"]), words)
locators = st.sampled_from(["", "ABC123", "abc124", "XYZ"])
legs = st.fixed_dictionaries(
    {
        "carrier": st.sampled_from(["AC", "ac", "3K", "ACA", "99", ""]),
        "number": st.sampled_from(["872", "0872", "AC0872", "12A", "0", ""]),
        "departure": airports,
        "arrival": airports,
        "departure_time": times,
        "arrival_time": times,
    }
)
travellers = st.fixed_dictionaries(
    {
        "ref": words,
        "role": st.sampled_from(["", "crew", "PASSENGER", "transit_crew"]),
        "surname": words,
        "given": words,
        "sex": st.sampled_from(["", "M", "f", "U", "?"]),
        "dob": dates_sent,
        "nationality": countries,
        "birthplace": words,
        "redress": st.sampled_from(["", "CTN-1", "ctn 22", "Ü?"]),
        "record_locator": locators,
        "bags": st.integers(-2, 1200),
        "bag_weight": st.integers(-2, 200_000),
    }
)
documents = st.fixed_dictionaries(
    {
        "traveller": st.integers(0, 6),
        "type": st.sampled_from(["", "P", "PD", "v", "PASSPORT"]),
        "number": words,
        "issuer": countries,
        "expiry": dates_sent,
    }
)
bookings = st.fixed_dictionaries(
    {
        "record_locator": locators,
        "booked_at": st.one_of(times, st.just("2026-01-02T09:30+05:30")),
        "payment": st.sampled_from(["", "card", "CASH", "shells"]),
        "payer": words,
        "card": words,
        "agency": words,
        "phone": st.sampled_from(["", "+1 514 555 0100", "0049 30 123456", "none"]),
        "email": st.sampled_from(["", "A@B.example", "nobody"]),
        "address": words,
        "changes": st.one_of(st.none(), st.integers(-2, 20_000)),
        "legs": st.lists(legs, max_size=2),
    }
)


def column_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


@st.composite
def requests(draw: st.DrawFn) -> pb.ScreenManifestRequest:
    return pb.ScreenManifestRequest(
        flight=pb.Flight(**draw(legs)),
        travellers=pb.TravellerColumns(**column_of(draw(st.lists(travellers, max_size=5)))),
        documents=pb.DocumentColumns(**column_of(draw(st.lists(documents, max_size=5)))),
        bookings=[
            pb.Booking(**{**row, "legs": [pb.Leg(**leg) for leg in row["legs"]]}) for row in draw(st.lists(bookings, max_size=3))
        ],
    )


def same(left: Manifest, right: Manifest) -> None:
    """Equal but for the faults, which are not sent, the card, of which the digest is sent, and the order of documents."""
    for name in ("flights", "travellers", "legs"):
        assert getattr(left, name).equals(getattr(right, name)), name
    assert left.documents.sort("traveller", maintain_order=True).equals(right.documents)
    assert left.bookings.drop("card").equals(right.bookings.drop("card"))
    assert right.bookings["card"].to_list() == [card and card_digest(card, KEY) for card in left.bookings["card"]]


@settings(deadline=None)  # the first example loads the code lists
@given(requests())
def test_what_is_read_goes_out_and_comes_back_the_same(request: pb.ScreenManifestRequest) -> None:
    read = manifest_of(request, KEY)
    frames.check(read)
    (again,) = requests_of(read)
    same(read, manifest_of(again, KEY))


@settings(deadline=None)
@given(requests())
def test_singles_carry_what_the_manifest_carries(request: pb.ScreenManifestRequest) -> None:
    read = manifest_of(request, KEY)
    singles = [manifest_of(single, KEY) for single in traveller_requests_of(read)]
    assert len(singles) == read.travellers.height
    if singles:
        whole = frames.concat(singles)
        frames.check(whole)
        assert whole.travellers.drop("flight", "booking").equals(read.travellers.drop("flight", "booking"))
        assert whole.documents.equals(read.documents.sort("traveller", maintain_order=True))
        assert whole.travellers["booking"].is_null().equals(read.travellers["booking"].is_null())


def test_each_flight_of_a_manifest_is_a_request() -> None:
    first, second = manifest_of(columns(), KEY), manifest_of(single(documents=[pb.Document(number="X1")]), KEY)
    sent = requests_of(frames.concat([first, second]))
    assert [len(request.travellers.ref) for request in sent] == [3, 1]
    assert list(sent[1].documents.traveller) == [0]
    same(second, manifest_of(sent[1], KEY))
