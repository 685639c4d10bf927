"""PAXLST: golden messages of invented people, the real-format messages of shared data, and hostile bytes."""

import hashlib
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifests import frames, paxlst
from manifests.errors import InputError
from manifests.functions import Function
from manifests.json_format import to_json
from manifests.normalise import MOST_ROWS
from manifests.raw import MOST_FAULTS
from tests.manifests.messages import FLIGHT, interchange, passenger
from tests.manifests.messages import paxlst as message

GOLDEN = Path(__file__).parent / "golden"
DIGESTS = GOLDEN / "public_paxlst.json"


def faults(read: paxlst.Paxlst) -> list[tuple[str, str, str]]:
    return [(row["where"], row["value"], row["problem"]) for row in read.manifest.faults.to_dicts()]


@pytest.mark.parametrize("name", ["own_delimiters", "several_messages", "faulty"])
def test_golden_messages(name: str) -> None:
    read = paxlst.read((GOLDEN / f"{name}.edi").read_bytes())
    frames.check(read.manifest)
    assert to_json(read.manifest) == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def test_the_header_is_kept_for_the_answer() -> None:
    read = paxlst.read((GOLDEN / "own_delimiters.edi").read_bytes())
    assert read.headers == (
        paxlst.Header(
            reference="MSG0001",
            access_reference="AC0872/260115",
            version="D",
            release="02B",
            document="745",
            identifier="",
            function=Function.LIST,
            transaction="TRANS+01",
            flight_reference="AC0872",
            segment=3,
        ),
    )
    assert read.references == (("TSTAAA", "PAX*1"), ("", "P0002"))


def test_legs_around_the_flight_and_bags_are_read() -> None:
    read = paxlst.read((GOLDEN / "several_messages.edi").read_bytes())
    legs = read.manifest.legs.select("flight", "booking", "sequence", "carrier", "departure", "arrival").rows()
    assert legs == [(0, None, 0, "UA", "VIE", "FRA"), (0, None, 2, "LH", "YYZ", "YUL")]
    assert read.manifest.travellers["bag_weight"].to_list() == [None, 23, None, None]  # 50 pounds
    assert [header.document for header in read.headers] == ["745", "250"]


def test_in_a_crew_list_everybody_is_crew() -> None:
    crew = message(passenger("A", party="FL"), passenger("B", party="DDU"), header=(("BGM", "250"),))
    read = paxlst.read(interchange(crew))
    assert read.manifest.travellers["role"].to_list() == ["crew", "transit_crew"]


def test_totals_are_compared_with_or_without_transit() -> None:
    people = (passenger("A"), passenger("B", party="DDU"))
    for total, wrong in (("1", False), ("2", False), ("3", True)):
        read = paxlst.read(interchange(message(*people, [("CNT", ("42", total))])))
        assert bool(faults(read)) == wrong
    ((where, value, problem),) = faults(read)
    assert where.startswith("segment 23 (CNT), byte ")
    assert value == "3"
    assert "there are 2 passengers" in problem


def test_positions_stand_in_for_references_without_clashing() -> None:
    read = paxlst.read(interchange(message(passenger("A", ref="P0002"), passenger("B"), passenger("C"))))
    assert read.manifest.travellers["ref"].to_list() == ["P0002", "P0002X", "P0003"]


def test_a_reference_sent_twice_is_not_answered_under() -> None:
    read = paxlst.read(interchange(message(passenger("A", ref="1"), passenger("B", ref="1"))))
    assert read.references == (("", "1"), ("", ""))
    assert faults(read)[0][0].startswith("travellers[1].ref (segment 21 (RFF), byte ")


def test_other_messages_of_the_interchange_are_named_and_passed_over() -> None:
    read = paxlst.read(interchange(message(kind="CUSRES"), message(passenger("A"))))
    assert read.manifest.flights.height == len(read.headers) == 1
    assert faults(read)[0][1:] == ("CUSRES", "not a PAXLST, not read: send it by itself")
    with pytest.raises(InputError, match="EDIFACT of the kind PNRGOV: send PAXLST"):
        paxlst.read(interchange(message(kind="PNRGOV")))


def test_a_message_without_a_flight_keeps_its_travellers() -> None:
    read = paxlst.read(interchange(message(passenger("A"), flight=())))
    assert read.manifest.travellers["surname"].to_list() == ["A"]
    assert [where for where, _, _ in faults(read)] == [
        f"flight.{name}" for name in ("carrier", "number", "departure", "arrival", "departure_time")
    ]
    assert read.manifest.travellers["dob"][0] == date(1978, 7, 6)  # placed by the day of the interchange


def test_a_flight_after_the_travellers_or_sent_twice_is_a_fault() -> None:
    read = paxlst.read(interchange(message(passenger("A"), FLIGHT)))
    assert any("stands after the first traveller" in problem for _, _, problem in faults(read))
    read = paxlst.read(interchange(message(passenger("A"), flight=(*FLIGHT, *FLIGHT))))
    assert any("sent twice" in problem for _, _, problem in faults(read))


def test_places_bags_and_documents_of_a_traveller() -> None:
    extra = [
        *[("LOC", "22", "YYZ"), ("LOC", "174", "AT"), ("LOC", "178", "EDDF"), ("LOC", "179", "YUL")],
        *[("MEA", "CT", "", "2"), ("MEA", "WT", "", ("KGM", "31.4")), ("FTX", "BAG", "", "", ("AC 000999", "2"))],
        *[("FTX", "BAG", "", "", ("LH5001", "LH5009")), ("DOC", "V", "77"), ("DOC", "IP", "88"), ("LOC", "91", "CAN")],
    ]
    read = paxlst.read(interchange(message([*passenger("A"), *extra])))
    columns = ("residence", "embarkation", "debarkation", "clearance", "bags", "bag_weight", "bag_tags")
    tags = ["AC000999", "AC001000", "LH5001", "LH5009"]
    assert read.manifest.travellers.select(columns).rows() == [("AUT", "FRA", "YUL", "YYZ", 2, 31, tags)]
    assert read.manifest.documents.select("type", "issuer").rows() == [("P", "DEU"), ("V", None), ("I", "CAN")]
    assert faults(read) == []


def test_what_is_not_kept_is_counted_by_tag() -> None:
    extra = [("COM", ("A@B", "EM")), ("GEI", "4", "173"), ("ATT", "5", "", "TALL"), ("RFF", ("SEA", "12A")), ("ZZZ", "X")]
    read = paxlst.read(interchange(message([*passenger("A"), *extra])))
    assert read.passed_over == {"COM": 1, "GEI": 1, "ATT": 1, "RFF": 1, "other": 1}
    assert faults(read) == []


def test_a_change_may_give_the_total_of_the_flight() -> None:
    for header, count, wrong in ((("BGM", "745", "CP"), "180", 0), (("BGM", "745", "CP"), "0", 1), (("BGM", "745"), "180", 1)):
        read = paxlst.read(interchange(message(passenger("A"), [("CNT", ("42", count))], header=[header])))
        assert len(faults(read)) == wrong


def test_only_lists_are_screened_and_the_rest_is_told() -> None:
    close = message(passenger("A", ref="1"), passenger("B", ref="2"), header=[("BGM", "266", "CLOB")])
    lists = [message(passenger("C", ref="1")), message(passenger("D", ref="1"), header=[("BGM", "745", "CP")])]
    sent = paxlst.read(interchange(lists[0], close, lists[1]))
    assert [header.function for header in sent.headers] == [Function.LIST, Function.CLOSE_ON_BOARD, Function.CHANGES]
    screened = paxlst.to_screen(sent)
    frames.check(screened.manifest)
    assert screened.manifest.travellers.select("flight", "surname", "ref").rows() == [(0, "C", "1"), (1, "D", "1")]
    assert screened.manifest.documents["traveller"].to_list() == [0, 1]
    assert screened.references == (("", "1"), ("", "1"))
    assert [header.function for header in screened.headers] == [Function.LIST, Function.CHANGES]
    [(where, value, problem)] = faults(screened)
    assert where.startswith("messages[1] (segment 19 (BGM), byte ")
    assert value == "266+CLOB"
    assert "nobody in it was screened" in problem
    assert paxlst.to_screen(paxlst.read(interchange(*lists))).manifest.travellers.height == 2


def test_a_message_without_any_list_is_refused() -> None:
    sent = paxlst.read(interchange(message(passenger("A"), header=[("BGM", "266", "XF")])))
    with pytest.raises(InputError, match=r"segment 3 \(BGM\), byte .*: 266\+XF: flight cancel, not a list: nobody in it was"):
        paxlst.to_screen(sent)


def test_more_people_than_any_flight_has_are_refused() -> None:
    for party in ("FL", "ZZ"):
        with pytest.raises(InputError, match="send one flight per message"):
            paxlst.read(interchange(message([("NAD", party, "", "", "A")] * 5200)))


@pytest.mark.parametrize(
    ("lines", "limit"),
    [
        ([("TDT", "20", "AC1")] * 201, "more than 200 flights and stops"),
        ([("TDT", "20", "AC1"), *[("LOC", "92", "FRA")] * 200], "more than 200 flights and stops"),
        ([*FLIGHT, *[("NAD", "MS")] * 101], "more than 100 parties"),
        ([*passenger("A"), *[("DOC", "P", "1")] * MOST_ROWS], "more documents than any flight has"),
        ([*passenger("A"), *[("ATT", "2", "", "X")] * MOST_FAULTS, ("ATT", "2", "", "M")], "more than 100,000 faults"),
        ([("UNT", "1", "1")] * (MOST_FAULTS + 1), "more than 100,000 faults"),
    ],
)
def test_more_than_any_message_has_is_refused_with_the_limit(lines: list[Any], limit: str) -> None:
    with pytest.raises(InputError, match=limit) as raised:
        paxlst.read(interchange(message(lines, flight=())))
    assert "send" in str(raised.value)


REAL: dict[str, dict[str, Any]] = {
    "gtas_Test1_crew.txt": {
        "roles": {"crew": 8},
        "flight": ("UA", "989", "FRA", "IAD", datetime(2017, 1, 27, 17, 25), datetime(2017, 1, 28, 7, 10)),
        "first": ("P0001", "Steur", "Andrea Pat", "F", date(1978, 7, 6), "GBR", None),
        "document": ("P", "123456789", "GBR", date(2061, 2, 18)),
        "faults": [
            ("segment 109 (UNT)", "0000152", "there are 107 segments"),
            ("segment 110 (UNE)", "1402010600", "UNG has the reference 1403010600"),
            ("segment 111 (UNZ)", "1402010600", "UNB has the reference 1403010600"),
        ],
    },
    "gtas_Test3_large.txt": {
        "roles": {"passenger": 260},
        "flight": ("UA", "989", "FRA", "IAD", datetime(2017, 1, 27, 17, 25), datetime(2017, 1, 28, 7, 10)),
        "first": ("P0001", "Kuchel", "Rachel Pat", "F", date(1977, 10, 19), "USA", None),
        "document": ("P", "12345678", "USA", date(2019, 12, 18)),
        "faults": [
            ("segment 852 (NAD)", "", "bytes that UNOA does not have"),
            ("segment 3133 (UNT)", "099", "there are 3131 segments"),
            ("segment 3132 (CNT)", "206", "there are 0 crew"),
        ],
    },
    "gtas_airline2_altdelims.edi": {
        "roles": {"passenger": 10},
        "flight": ("TN", "506", "BRE", "YEU", datetime(2014, 5, 11, 13, 40), datetime(2014, 5, 11, 17, 0)),
        "first": ("P0001", "BETTON", "DAVID", "M", date(1954, 10, 16), "USA", "QXGYLO"),
        "document": ("P", "178556534", "USA", date(2018, 2, 21)),
        "faults": [
            ("segment 113 (UNT)", "121", "there are 111 segments"),
            ("segment 112 (CNT)", "136", "there are 10 passengers"),
        ],
    },
    "gtas_multileg.txt": {
        "roles": {"passenger": 2},
        "flight": ("QQ", "827", "JFK", "CDG", datetime(2008, 8, 10, 20, 0), datetime(2008, 8, 11, 6, 30)),
        "first": ("UUI34T543", "BARRETT", "TODD", "M", date(1968, 2, 23), "FRA", "GJIO3RT"),
        "document": ("P", "YY3478621G", "FRA", date(2008, 12, 30)),
        "faults": [("after segment 50", "", "7 characters after UNZ are not read")],
    },
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_messages(shared_data: Path, name: str) -> None:
    data = (shared_data / "messages" / "paxlst" / name).read_bytes()
    read, expected = paxlst.read(data), REAL[name]
    frames.check(read.manifest)
    flight = ("carrier", "number", "departure", "arrival", "departure_time", "arrival_time")
    assert read.manifest.flights.select(flight).rows() == [expected["flight"]]
    travellers = read.manifest.travellers
    assert dict(travellers["role"].cast(str).value_counts().rows()) == expected["roles"]
    columns = ("ref", "surname", "given", "sex", "dob", "nationality", "record_locator")
    assert travellers.select(columns).row(0) == expected["first"]
    assert read.manifest.documents.height == travellers.height
    assert read.manifest.documents.select("type", "number", "issuer", "expiry").row(0) == expected["document"]
    found = faults(read)
    assert len(found) == len(expected["faults"])
    for (where, value, problem), (place, sent, said) in zip(found, expected["faults"], strict=True):
        assert (where.split(",")[0], value) == (place, sent)
        assert said in problem
        if "(" in place and not said.startswith("bytes"):
            tag = place.split("(")[1][:3].encode()
            assert data[int(where.rsplit(" ", 1)[1]) :].startswith(tag)


def digests(read: paxlst.Paxlst) -> dict[str, str]:
    """Rows and SHA-256 of each frame as JSON: what the public messages say is not ours to keep a copy of."""
    return {
        name: f"{frame.height} rows {hashlib.sha256(frame.write_json().encode()).hexdigest()}"
        for name in frames.SCHEMAS
        for frame in [getattr(read.manifest, name)]
    }


def test_every_real_paxlst_is_read_as_before(shared_data: Path) -> None:
    """`python -m tests.manifests.test_paxlst FOLDER` writes the digests anew."""
    files = sorted((shared_data / "messages" / "paxlst").iterdir())
    assert {file.name for file in files} == set(REAL)
    assert {file.name: digests(paxlst.read(file.read_bytes())) for file in files} == json.loads(DIGESTS.read_text("utf-8"))


def test_places_of_travellers_in_real_messages(shared_data: Path) -> None:
    read = paxlst.read((shared_data / "messages" / "paxlst" / "gtas_Test1_crew.txt").read_bytes())
    places = read.manifest.travellers.select("residence", "embarkation", "debarkation", "clearance").unique().rows()
    assert places == [("GBR", "FRA", "IAD", "IAD")]
    assert read.headers[0].function is Function.LIST


WHOLE = interchange(message(passenger("DOE", ref="1"), passenger("ROE", ref="2"), [("CNT", ("42", "2"))]))
PIECES = """UNA:+.? ' UNB+ UNG UNH+1+PAXLST:D:02B UNT+ UNZ UNE NAD+FL+++ DOC+P+ DTM+329: DTM+36: LOC+91+ LOC+125+ LOC+87 TDT+20+
RFF+ABO: CNT+42: MEA+WT++LBR: NAT+2+ ATT+2++ ' + : ? ?' \x00 é 毛 260229 99999999999"""
pieces = st.sampled_from([*PIECES.split(), "\r\n", " "])
hostile = st.one_of(
    st.binary(max_size=200),
    st.lists(pieces, max_size=60).map(lambda parts: "".join(parts).encode()),
    st.lists(pieces, max_size=60).map(lambda parts: WHOLE[:200] + "".join(parts).encode("utf-8")),
    st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end]),
    st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3)).map(
        lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] + 1 :]
    ),
)


@settings(deadline=None)  # the first example loads the code lists
@given(hostile)
@example(b"UNA:+.? 'UNB")
@example(b"UNB+UNOA'UNH+1+PAXLST'NAD+FL'UNT+3+1'")
def test_hostile_bytes_give_faults_or_an_input_error(data: bytes) -> None:
    try:
        read = paxlst.read(data)
    except InputError as error:
        problems = error.faults
    else:
        frames.check(read.manifest)
        assert len(read.headers) == read.manifest.flights.height
        assert len(read.references) == read.manifest.travellers.height
        problems = read.manifest.faults["problem"].to_list() or ["none: send more"]
    assert problems
    assert all(": " in problem for problem in problems)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 2))
def test_a_cut_message_is_never_read_without_a_fault(end: int) -> None:
    try:
        read = paxlst.read(WHOLE[:end])
    except InputError:
        return
    assert any("cut off" in problem for _, _, problem in faults(read))
    assert read.manifest.travellers["surname"].to_list() in ([], ["DOE"], ["DOE", "ROE"])


def test_work_grows_with_the_length_only() -> None:
    """Calls are counted, not timed, with faults in every traveller: four times the travellers, four times the calls."""

    def calls(count: int) -> int:
        data = interchange(message(*[[*passenger("A", ref="1"), ("DTM", ("329", "x?"))]] * count))
        seen = 0

        def count_call(_frame: object, event: str, _argument: object) -> None:
            nonlocal seen
            seen += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            read = paxlst.read(data)
        finally:
            sys.setprofile(before)
        assert read.manifest.faults.height >= count
        return seen

    calls(1)
    assert calls(400) < 4.5 * calls(100)


if __name__ == "__main__":
    found = {file.name: digests(paxlst.read(file.read_bytes())) for file in sorted(Path(sys.argv[1]).iterdir())}
    DIGESTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
