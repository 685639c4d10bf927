"""PNRGOV: bookings of invented people, the real-format messages of shared data, and hostile bytes."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manifests import frames, pnr_frames, pnrgov
from manifests.errors import InputError
from manifests.pnr_frames import Pnr
from manifests.protobuf import card_digest
from manifests.written import as_text
from tests.manifests.pnrs import booking, docs, interchange, ssr, traveller
from tests.manifests.pnrs import pnrgov as message

GOLDEN = Path(__file__).parent / "golden"
KEY = b"a key for tests"
FAMILY = booking(
    ("DAT", ("700", "100126", "1015")),
    ("ORG", ("1A", "MUC"), ("12345678", "F31"), "LON", "", "T"),
    ("ADD", "", ("702", "45 HIGH STREET", "SLOUGH", "BERKSHIRE", "", "GB", "SL1AA", "00441753637285")),
    traveller("DOE", "JANEMRS"),
    ("FTI", ("AC", "123456", "", "", "ELITE")),
    ("REF", ("", "UPR1")),
    docs("C01X00T47", "DOE", "JANE", "1"),
    ssr("DOCO", "/BONN/V/V8675309/LONDON/22DEC25/CAN", "1"),
    ("IFT", ("4", "28", "", "YY"), "CTCE JANE..DOE//MAIL.EXAMPLE"),
    ("TKT", ("0142120234533", "T", "1")),
    ("MON", ("B", "2888.00", "CAD"), ("T", "2957.94", "CAD")),
    ("PTK", "NR", "", ("020126", "1010"), "AC", "014", "LON"),
    ("DAT", ("710", "020126", "1200")),
    ("FOP", ("CC", "", "2957.94", "VI", "4111111111111111", "0228")),
    ("IFT", ("4", "43"), "RICHARD ROE", "2 MAIN STREET", "+1 613 555 0199"),
    traveller("DOE", "MAXMSTR", "2", "C"),
    ssr("CHLD", "01MAR16", "2"),
    traveller("DOE", "BABY", "3", "IN"),
    ssr("INFT", "DOE/BABY 10AUG25", "1"),
    docs("C01X00T99", "DOE", "BABY", "1", sex="FI", born="10AUG25"),
    ("TVL", ("150126", "0900", "150126", "1020"), "VIE", "FRA", ("AC", "LH"), ("9146", "B")),
    ("TVL", "", "", "", "", ("1237", "M")),
    ("RPI", "3", "HK"),
    ("TVL", ("150126", "1400", "150126", "1630"), "FRA", "YYZ", "AC", ("872", "B")),
    ("RPI", "3", "HK"),
    ("SSR", ("SEAT", "HK", "2", "AC", "", "", "FRA", "YYZ"), ("15A", "", "1"), ("15B", "", "2")),
    ("RCI", ("LH", "ZZZ999")),
    ("DAT", ("2", "150126", "1110")),
    ("TRI", "", ("108", "", "", "1")),
    ("TIF", "DOE", ("JANEMRS", "A", "1")),
    ("SSD", "14C", "", "", "", "Y"),
    ("TBD", "", ("2", "44", "701"), "HP", ("AC", "1234", "2")),
    ("TVL", ("160126", "1000", "160126", "1100"), "YYZ", "YUL", "AC", ("410", "B")),
    ("RPI", "3", "HX"),
    ("EQN", "1"),
    ("RCI", ("AC", "DEF456")),
    ("ABI", "1", ("", "F31"), "LON", "", "AC"),
    ("DAT", ("T", "020126", "0930")),
    ("SAC", "", "", "A"),
    ("TVL", ("150126", "1400"), "FRA", "YYZ", "AC", ("872", "B")),
    ("ABI", "1", ("", "F31"), "LON", "", "AC"),
    ("DAT", ("T", "090126", "0800")),
    ("SAC", "", "", "X"),
    ("TIF", "DOE", ("JOAN", "A", "1")),
)


def read(*bookings: Any, **how: Any) -> Pnr:
    pnr = pnrgov.read(interchange(message(*bookings, **how)), KEY)
    frames.check(pnr.manifest)
    pnr_frames.check(pnr)
    return pnr


def faults(pnr: Pnr) -> list[tuple[str, str]]:
    return [(row["where"], row["problem"]) for row in pnr.manifest.faults.to_dicts()]


def structure(pnr: Pnr) -> dict[str, Any]:
    """Every frame as text, as a reviewer reads it."""
    manifest = {name: getattr(pnr.manifest, name) for name in frames.SCHEMAS}
    beside = {name: getattr(pnr, name) for name in pnr_frames.SCHEMAS}
    told = {name: as_text(frame.drop("departure_at", "arrival_at", strict=False)).to_dicts() for name, frame in manifest.items()}
    return told | {name: as_text(frame).to_dicts() for name, frame in beside.items()} | {"dropped": dict(pnr.dropped)}


def test_a_family_with_everything() -> None:
    pnr = read(FAMILY)
    assert faults(pnr) == []
    expected = json.loads((GOLDEN / "pnr_family.json").read_text("utf-8"))
    assert json.loads(json.dumps(structure(pnr))) == expected


def test_all_that_a_pnr_says_of_a_traveller_is_pnr() -> None:
    pnr = read(FAMILY)
    assert set(pnr.manifest.travellers["law"]) == set(pnr.manifest.documents["law"]) == {"PNR"}


def test_a_card_becomes_a_token_at_once_and_without_a_key_is_not_kept() -> None:
    number = "4111111111111111"
    assert read(FAMILY).manifest.bookings["card"].to_list() == [card_digest(number, KEY)]
    unkeyed = pnrgov.read(interchange(message(FAMILY)))
    assert unkeyed.manifest.bookings["card"].to_list() == [None]
    assert number not in json.dumps(structure(unkeyed))
    masked = booking(traveller("DOE", "JANE"), ("FOP", ("CC", "", "", "VI", "XXXXXXXXXXXX1186", "0211")))
    assert read(masked).payments["card"].to_list() == [None]


def test_an_infant_that_only_a_service_names_travels_too() -> None:
    pnr = read(booking(traveller("DOE", "JANE"), ssr("INFT", "DOE/BABY 10AUG25", "1")))
    assert pnr.manifest.travellers["given"].to_list() == ["JANE", "BABY"]
    assert pnr.manifest.travellers["dob"].to_list() == [None, date(2025, 8, 10)]
    assert pnr.passengers["type"].to_list() == ["adult", "infant"]


def test_a_document_finds_its_traveller_by_number_part_name_or_because_there_is_one() -> None:
    two = (traveller("DOE", "JANE"), traveller("ROE", "RICHARD", "2"))
    by_number = read(booking(docs("N1", "ROE", "RICHARD", "2"), *two)).manifest.documents["traveller"].to_list()
    by_name = read(booking(docs("N1", "ROE", "RICHARD PAUL"), *two)).manifest.documents["traveller"].to_list()
    by_part = read(booking(*two, docs("N1", "XX", "YY"))).manifest.documents["traveller"].to_list()
    alone = read(booking(docs("N1", "XX", "YY"), two[0])).manifest.documents["traveller"].to_list()
    assert (by_number, by_name, by_part, alone) == ([1], [1], [1], [0])
    pnr = read(booking(docs("N1", "XX", "YY"), *two))
    ((where, problem),) = faults(pnr)
    assert where.startswith("segment 9 (SSR), byte ")
    assert "DOCS of nobody in particular" in problem


def test_the_name_of_the_document_counts_unless_lines_broke_in_it() -> None:
    booked = booking(traveller("DOELING", "JANEMARIE"), docs("N1", "DOE LING", "JANE MARIE", "1"))
    assert read(booked).manifest.travellers.select("surname", "given").row(0) == ("DOELING", "JANEMARIE")
    married = booking(traveller("DOE", "JANE"), docs("N1", "ROE", "JANE MARIE", "1"))
    pnr = read(married)
    assert pnr.manifest.travellers.select("surname", "given").row(0) == ("ROE", "JANE MARIE")
    assert pnr.passengers.select("surname", "given").row(0) == ("DOE", "JANE")


def test_several_travellers_of_one_segment_groups_and_places_without_a_name() -> None:
    group = booking(
        ("TIF", ("ACME TEAM", "G")),
        ("TIF", "DOE", ("JANEMRS", "A", "1"), ("JOHNMR", "A", "2")),
        traveller("TBA", "C", "3"),
        traveller("TBA", "D", "4"),
    )
    pnr = read(group)
    assert pnr.manifest.travellers["given"].to_list() == ["JANE", "JOHN"]
    assert pnr.details.select("group", "unnamed").row(0) == ("ACME TEAM", 2)


@pytest.mark.parametrize("code", ["DOCO", "FOID", "CHLD", "UMNR"])
def test_a_service_of_nobody_in_particular_is_one_fault_and_no_contact(code: str) -> None:
    two = (traveller("DOE", "JANE"), traveller("ROE", "RICHARD", "2"))
    pnr = read(booking(ssr(code, "PP12345678"), *two))
    assert [problem.partition(",")[0] for _, problem in faults(pnr)] == [f"{code} of nobody in particular"]
    assert pnr.contacts.is_empty()


def test_documents_named_in_foid_and_the_redress_number_of_doco() -> None:
    pnr = read(booking(traveller("DOE", "JANE"), ssr("FOID", "PPX1234567"), ssr("DOCO", "//R/CTN 12345")))
    assert pnr.manifest.documents.select("type", "number").rows() == [("P", "X1234567")]
    assert pnr.manifest.travellers["redress"].to_list() == ["CTN12345"]


def test_the_making_of_a_booking_is_no_change_of_it() -> None:
    assert read(FAMILY).manifest.bookings["changes"].to_list() == [1]
    assert read(booking(traveller("DOE", "JANE"))).manifest.bookings["changes"].to_list() == [None]


def test_hotels_and_cars_are_no_legs() -> None:
    trip = booking(traveller("DOE", "JANE"), ("MSG", "8"), ("TVL", ("150126", "1500", "160126"), ("YYZ", "INN"), "", "VN", "6"))
    assert read(trip).manifest.legs.is_empty()


@pytest.mark.parametrize(
    ("dates", "leaves", "arrives"),
    [
        (("150126", "1400", "160126", "0630"), datetime(2026, 1, 15, 14), datetime(2026, 1, 16, 6, 30)),
        (("150126", "1400", "", "1630"), datetime(2026, 1, 15, 14), datetime(2026, 1, 15, 16, 30)),
        (("150126", "1400", "1630"), datetime(2026, 1, 15, 14), datetime(2026, 1, 15, 16, 30)),
        (("150126", "900"), datetime(2026, 1, 15, 9), None),
    ],
)
def test_times_of_a_leg(dates: tuple[str, ...], leaves: datetime, arrives: datetime | None) -> None:
    leg = read(booking(traveller("DOE", "JANE"), ("TVL", dates, "FRA", "YYZ", "AC", "872"))).manifest.legs
    assert leg.select("departure_time", "arrival_time").row(0) == (leaves, arrives)


def test_bad_values_are_faults_at_their_segment() -> None:
    lines = (traveller("DOE", "JANE"), ssr("DOCS", "/P/QQQ/N1/DEU/31FEB78/F/01JAN31/DOE/JANE", "1"))
    pnr = read(booking(*lines, booked=("310226", "0930")), booking(traveller("ROE", "RICHARD"), locator="DEF456"))
    assert [where.split(",")[0] for where, _ in faults(pnr)] == [
        "bookings[0].booked_at (segment 8 (RCI)",
        "travellers[0].dob (segment 10 (SSR)",
        "travellers[0].documents[0].issuer (segment 10 (SSR)",
    ]
    assert pnr.manifest.travellers.height == 2


def test_counts_kinds_and_cuts_are_checked() -> None:
    counted = message(FAMILY)
    counted[counted.index(("EQN", "1"))] = ("EQN", "7")
    assert ["there are 1 bookings (SRC)" in problem for _, problem in faults(pnrgov.read(interchange(counted)))] == [True]
    cut = interchange(message(FAMILY)).replace(b"UNT+", b"QQQ+")
    assert any("no UNT after it" in problem for _, problem in faults(pnrgov.read(cut)))
    with pytest.raises(InputError, match="without a PNRGOV message"):
        pnrgov.read(interchange(message()).replace(b"PNRGOV", b"CUSRES"))


def test_several_flights_in_one_interchange() -> None:
    other = ("TVL", ("160126", "1400", "160126", "1630"), "FRA", "YYZ", "AC", "872")
    pnr = pnrgov.read(interchange(message(FAMILY), message(FAMILY, flight=other)))
    frames.check(pnr.manifest)
    assert pnr.manifest.flights.height == 2
    assert pnr.manifest.bookings["flight"].to_list() == [0, 1]


def test_how_new_a_push_is() -> None:
    pnr = read(FAMILY, function="141")
    assert pnr.versions.row(0, named=True) == {
        "booking": 0,
        "prepared_at": datetime(2026, 1, 12, 14, tzinfo=UTC),
        "changed_at": datetime(2026, 1, 10, 10, 15, tzinfo=UTC),
        "reference": "REF1 M1",
        "whole": False,
    }


# File: travellers, documents, bookings, legs, tickets, payments, seats, bags, changes, splits; dropped services and remarks;
# first traveller; tags of the segments with a fault.
REAL: dict[str, tuple[tuple[int, ...], tuple[int, int], tuple[Any, ...], list[str]]] = {
    "gtas_2_pnrs_basic.edi": (
        (4, 3, 2, 4, 4, 4, 10, 0, 6, 1),
        (5, 5),
        ("38739393AN8739P", "SMITH JR", "MRJONATHON ROBERT", "M", date(1964, 7, 12), "GBR", "MFN4TI"),
        ["UNT"],
    ),
    "gtas_3_pnrs.edi": (
        (7, 4, 3, 8, 16, 2, 4, 0, 6, 0),
        (4, 7),
        ("43576", "VANDENBERG", "KEVINMICHAEL", "M", date(1980, 7, 4), "USA", "W9TEND"),
        [],
    ),
    "gtas_adult_and_infant.edi": (
        (2, 2, 1, 3, 1, 0, 0, 0, 0, 0),
        (3, 1),
        ("P0001", "TESTSURNAMEONE", "TESTNAMEONE", "F", date(1976, 5, 30), "COL", "XXXYET"),
        [],
    ),
    "gtas_bigMessagePnr.txt": (
        (7, 7, 1, 3, 7, 7, 7, 14, 0, 0),
        (0, 0),
        ("916040702", "HOLCOMBE", "LORELEI LISE", "F", date(1998, 8, 12), None, "86C92D"),
        ["UNT", "UNT", "UNZ"],
    ),
    "gtas_danglingMetaCharacter.txt": (
        (1, 1, 1, 3, 1, 1, 2, 3, 0, 0),
        (0, 1),
        ("614101984", "SERIO", "REUBEN JOAQUIN", "M", date(1994, 10, 20), "THA", "BGXFR4"),
        ["UNT", "UNT", "UNZ"],
    ),
    "gtas_pnr1.txt": (
        (2, 1, 1, 2, 2, 2, 5, 0, 4, 1),
        (5, 3),
        ("38739393AN8739P", "SMITH JR", "MRJONATHON ROBERT", "M", date(1964, 7, 12), "GBR", "MFN4TI"),
        ["UNT"],
    ),
    "gtas_pnr3.txt": (
        (4, 4, 1, 3, 4, 4, 5, 0, 0, 0),
        (0, 0),
        ("458464107", "DOOLIN", "PETER SEBASTIAN", "M", date(1949, 9, 21), "PAK", "52865E"),
        ["UNT", "UNT", "UNZ"],
    ),
    "gtas_pnrWithDoco.txt": (
        (1, 2, 1, 3, 1, 1, 2, 0, 0, 0),
        (0, 0),
        ("216151692", "ACKARY", "CHARLES MUHAMMAD", "M", date(1948, 12, 26), None, "06A9FD"),
        ["UNT", "UNT", "UNZ"],
    ),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_messages(shared_data: Path, name: str) -> None:
    data = (shared_data / "messages" / "pnrgov" / name).read_bytes()
    pnr = pnrgov.read(data, KEY)
    frames.check(pnr.manifest)
    pnr_frames.check(pnr)
    heights = tuple(getattr(pnr.manifest, frame).height for frame in ("travellers", "documents", "bookings", "legs"))
    heights += tuple(getattr(pnr, frame).height for frame in ("tickets", "payments", "seats", "bags", "changes", "splits"))
    dropped = (pnr.dropped["special_service"], pnr.dropped["remark"])
    columns = ("ref", "surname", "given", "sex", "dob", "nationality", "record_locator")
    tags = [where.split("(")[-1][:3] for where, _ in faults(pnr)]
    assert (heights, dropped, pnr.manifest.travellers.select(columns).row(0), tags) == REAL[name]
    for where, _ in faults(pnr):
        at = int(where.rstrip(")").rsplit(" ", 1)[1])
        assert data[at:].startswith(where.split("(")[-1][:3].encode())


def test_every_real_pnrgov_is_in_the_table(shared_data: Path) -> None:
    assert {file.name for file in (shared_data / "messages" / "pnrgov").iterdir()} == set(REAL)


WHOLE = interchange(message(FAMILY))
PIECES = """UNA:+.? ' UNB+ UNH+1+PNRGOV:11:1:IA' UNT+ UNZ SRC' RCI+AC:ABC:: TVL+150126:1400+FRA+YYZ+AC+872' TVL+++++9' TIF+DOE+
SSR+DOCS:HK:1:AC:::::/P/ SSR+DOCO SSR+INFT:HK:1:AC:::::A/B+::1' SSR+SEAT SSR+CHLD' ABI+1' SAC+++X' DAT+700: DAT+2: TBD++2: EQN+1'
ADD++700: FOP+CC:::VI: MON+T: TKT+ ORG+AC IFT+4:28+CTCE IFT+4:43+ MSG+8' TRI++1:::1' SSD+1A' PTK LTS RPI+1+HX' EBD FTI REF '
+ : ? ?' \x00 é 毛 311299 99999999999"""
pieces = st.sampled_from([*PIECES.split(), "\r\n", " "])
hostile = st.one_of(
    st.binary(max_size=200),
    st.lists(pieces, max_size=60).map(lambda parts: "".join(parts).encode()),
    st.lists(pieces, max_size=80).map(lambda parts: WHOLE[:160] + "".join(parts).encode("utf-8")),
    st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end]),
    st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3)).map(
        lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] + 1 :]
    ),
)


@settings(deadline=None)  # the first example loads the code lists
@given(hostile)
@example(b"UNB+IATA'UNH+1+PNRGOV'SRC'TIF+'TIF+A+'SSR+DOCS'SSR+INFT'UNT+3+1'")
@example(b"UNB+IATA'UNH+1+PNRGOV'SRC'ABI'TVL'SAC'TIF'DAT'UNT+3+1'")
@example(b"UNB+IATA'UNH+1+PNRGOV'SRC'SRC'RCI+A:B'RCI+A:B'TBD'TVL'TBD'FOP+'MON+'UNT+3+1'")
def test_hostile_bytes_give_faults_or_an_input_error(data: bytes) -> None:
    try:
        pnr = pnrgov.read(data, KEY)
    except InputError as error:
        problems = error.faults
    else:
        frames.check(pnr.manifest)
        pnr_frames.check(pnr)
        problems = pnr.manifest.faults["problem"].to_list() or ["none: send more"]
    assert problems
    assert all(": " in problem for problem in problems)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 2))
def test_a_cut_message_is_never_read_without_a_fault(end: int) -> None:
    try:
        pnr = pnrgov.read(WHOLE[:end])
    except InputError:
        return
    assert any("cut off" in problem for _, problem in faults(pnr))
    assert pnr.manifest.travellers["given"].to_list() in ([], ["JANE"], ["JANE", "MAX"], ["JANE", "MAX", "BABY"])


def test_more_than_any_flight_has_is_refused() -> None:
    for lines in ([traveller("A", "B")] * 5001, [("ABI", "1")] * 50_001):
        with pytest.raises(InputError, match="send one flight per message"):
            pnrgov.read(interchange(message(booking(*lines))))


@pytest.mark.parametrize("in_one", [False, True])
def test_work_grows_with_the_length_only(in_one: bool) -> None:
    """Calls are counted, not timed, everybody in one booking or in one each: four times the travellers, four times the calls."""

    def calls(count: int) -> int:
        people = [
            [
                traveller("DOE", f"JANE{at}", str(at)),
                docs(f"N{at}", "DOE", f"JANE{at}", str(at)),
                ssr("INFT", f"DOE/BABY{at} 10AUG25", str(at)),
                ssr("DOCS", "/P/QQ/1/QQ/99QQQ99/F//A/B", str(at)),
            ]
            for at in range(count)
        ]
        everybody = [line for person in people for line in person]
        bookings = [booking(*everybody)] if in_one else [booking(*own, locator=f"L{at}") for at, own in enumerate(people)]
        data = interchange(message(*bookings))
        seen = 0

        def count_call(_frame: object, event: str, _argument: object) -> None:
            nonlocal seen
            seen += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            pnr = pnrgov.read(data)
        finally:
            sys.setprofile(before)
        assert pnr.manifest.faults.height >= count
        return seen

    calls(1)
    assert calls(400) < 4.5 * calls(100)
