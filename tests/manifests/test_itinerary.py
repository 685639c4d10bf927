import pytest

from manifests.edifact import read
from manifests.itinerary import Itinerary


def itinerary(text: str) -> Itinerary:
    built = Itinerary()
    readers = {"TDT": built.tdt, "LOC": built.loc, "DTM": built.dtm}
    for index, segment in enumerate(read(f"UNB+UNOA'{text}".encode()).segments):
        if segment[0][0] in readers:
            readers[segment[0][0]](index, segment)
    return built


def sent(journey: dict[str, tuple[str, int]]) -> dict[str, str]:
    return {name: text for name, (text, _) in journey.items()}


def test_the_flight_is_the_leg_from_125_to_87() -> None:
    built = itinerary(
        "TDT+20+QQ877'LOC+92+MIA'DTM+189:2601151000:201'LOC+92+JFK'DTM+232:2601151300:201'"
        "TDT+20+0827+++QQ'LOC+125+JFK'DTM+189:260115200000:202'LOC+87+CDG'DTM+232:2601160630:201'LOC+92+NCE'"
    )
    assert sent(built.flight()) == {
        "carrier": "QQ",
        "number": "0827",
        "departure": "JFK",
        "departure_time": "2601152000",
        "arrival": "CDG",
        "arrival_time": "2601160630",
    }
    assert [(order, sent(leg)["departure"], sent(leg)["arrival"]) for order, leg in built.legs()] == [
        (0, "MIA", "JFK"),
        (2, "CDG", "NCE"),
    ]
    assert built.faults() == []


def test_designators() -> None:
    for text, carrier, number in (
        ("UA0989+++UA", "UA", "0989"),
        ("UAL989", "UAL", "989"),
        ("U21234", "U2", "1234"),
        ("3K 12A", "3K", "12A"),
        ("LH9470+++UA", "UA", "9470"),  # the operating carrier is the one of C040
        ("*", "", "*"),
    ):
        flight = sent(itinerary(f"TDT+20+{text}'LOC+125+FRA'LOC+87+YYZ'").flight())
        assert (flight["carrier"], flight["number"]) == (carrier, number)


def test_ends_in_separate_groups_and_missing_ends() -> None:
    built = itinerary("TDT+20+AA1'LOC+125+FRA'TDT+20+AA2'LOC+87+YYZ'")
    flight = sent(built.flight())
    assert (flight["number"], flight["departure"], flight["arrival"]) == ("1", "FRA", "YYZ")
    assert sent(itinerary("TDT+20+AA1'LOC+92+FRA'LOC+92+YYZ'").flight()) == {"carrier": "AA", "number": "1"}
    assert itinerary("LOC+125+FRA'DTM+189:x'").flight() == {}


def test_a_second_flight_is_told() -> None:
    assert itinerary("TDT+20+AA1'LOC+125+FRA'LOC+87+YYZ'TDT+20+AA2'LOC+125+YYZ'LOC+87+JFK'").faults()[0][0] == 5


PROGRESSIVE = "TDT+20+XZ877'LOC+92+BCN'LOC+92+IAD'TDT+20+XZ877'LOC+92+IAD'LOC+92+SFO'LOC+92+LAX'"


@pytest.mark.parametrize(
    ("segments", "clearances", "taken"),
    [
        (PROGRESSIVE, ["SFO", "SFO", "IAD"], "IAD-SFO"),  # where most are examined
        (PROGRESSIVE, [], "BCN-IAD"),  # the leg into the country of the last stop
        (PROGRESSIVE, ["CDG"], "BCN-IAD"),
        ("TDT+20+AA1'LOC+92+FRA'LOC+92+QQQ'", [], "FRA-QQQ"),  # the only leg
        ("TDT+20+AA1'LOC+92+FRA'LOC+92+MUC'LOC+92+BER'", [], None),  # enters no country
    ],
)
def test_where_no_loc_names_the_flight_it_is_taken_from_the_legs(segments: str, clearances: list[str], taken: str | None) -> None:
    built = itinerary(segments)
    built.settle(clearances)
    flight = sent(built.flight())
    assert (f"{flight['departure']}-{flight['arrival']}" if "departure" in flight else None) == taken
    assert [text for _, text, _ in built.faults()] == ([taken] if taken else [])
    assert len(built.legs()) == segments.count("LOC") - segments.count("TDT") - bool(taken)


def test_a_flight_that_is_named_is_not_taken() -> None:
    built = itinerary("TDT+20+AA1'LOC+125+FRA'LOC+87+YYZ'TDT+20+AA1'LOC+92+YYZ'LOC+130+YUL'LOC+9+CDG'")
    built.settle(["YUL"])
    assert sent(built.flight())["arrival"] == "YYZ"
    assert [sent(leg)["arrival"] for _, leg in built.legs()] == ["YUL"]
    assert built.faults() == []
