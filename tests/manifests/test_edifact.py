import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import edifact
from manifests.edifact import MOST_BYTES, MOST_SEGMENTS, Delimiters
from manifests.errors import InputError

UNB = "UNB+UNOA:4+A+B+260115:1030+R'"

values = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)
delimiters = st.permutations(list(":+.?'*~!|$;")).map(lambda marks: Delimiters(*marks[:5]))


@given(st.lists(st.lists(st.lists(values, min_size=1, max_size=3), min_size=1, max_size=4), max_size=5), delimiters)
def test_what_is_written_is_read_again(elements: list[list[list[str]]], marks: Delimiters) -> None:
    segments = [[["UNB"], ["UNOA", "4"]], *([["XXX"], *row, ["end"]] for row in elements)]
    tokens = edifact.read(edifact.write(segments, marks))
    assert tokens.delimiters == marks
    trimmed = [[_trim(element) for element in segment] for segment in segments]
    assert tokens.segments == trimmed


def _trim(element: list[str]) -> list[str]:
    while len(element) > 1 and not element[-1]:
        element = element[:-1]
    return element


@pytest.mark.parametrize(
    "message",
    [
        f"{UNB}NAD+FL+++DOE:JANE'",  # no UNA
        f"UNA:+.? '{UNB}NAD+FL+++DOE:JANE'",
        f"UNA:+.? ' {UNB} NAD+FL+++DOE:JANE'",
        f"UNA:+.?'{UNB}NAD+FL+++DOE:JANE'",  # UNA without its reserved character
        f"UNA:+.? '\r\n{UNB}\r\nNAD+FL+++DO\r\nE:JANE'\r\n",
        f"\x01QU YOWXXAC\r\n.LUNAXX 1512\r\n\x02UNA:+.? '{UNB}NAD+FL+++DOE:JANE'\x03",
        f"\ufeffUNA:+.? '{UNB}NAD+FL+++DOE:JANE'",
        "UNA:+.? \nUNB+UNOA:4+A+B+260115:1030+R\r\nNAD+FL+++DOE:JANE\r\n",
        "UNA*|.! ~UNB|UNOA*4|A|B|260115*1030|R~NAD|FL|||DOE*JANE~",
        "UNB +UNOA:4+A+B+260115:1030+R'nad+FL+++DOE:JANE'",
    ],
)
def test_wrappings_and_delimiters_seen_in_the_field(message: str) -> None:
    tokens = edifact.read(message.encode())
    assert [segment[0][0] for segment in tokens.segments] == ["UNB", "NAD"]
    assert tokens.segments[1][1:] == [["FL"], [""], [""], ["DOE", "JANE"]]
    assert tokens.tail == ""


def test_released_characters_are_values() -> None:
    tokens = edifact.read(f"{UNB}FTX+a?+b:c?:d??+e?'f?g'".encode())
    assert tokens.segments[1] == [["FTX"], ["a+b", "c:d?"], ["e'f?g"]]


def test_places_count_segments_and_bytes() -> None:
    message = f"head\r\nUNA:+.? '\r\n{UNB}\r\nNAD+FL+++Ж?+ü:J'\r\n  'DTM+329:x'".encode()
    tokens = edifact.read(message)
    assert tokens.place(0) == f"segment 1 (UNB), byte {message.index(b'UNB')}"
    assert tokens.place(2) == f"segment 3 (DTM), byte {message.index(b'DTM')}"


def test_the_character_set_is_utf8_or_the_one_named() -> None:
    assert edifact.read("UNB+UNOE:4'NAD+Иванов'".encode("iso8859-5")).segments[1][1] == ["Иванов"]
    assert edifact.read("UNB+UNOA:4'NAD+Müller'".encode("latin-1")).segments[1][1] == ["Müller"]
    assert edifact.read("UNB+UNOA:4'NAD+Иванов'".encode()).segments[1][1] == ["Иванов"]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\x00\xff\xfe\x01" * 50, "no UNB segment"),
        ("UNB+UNOA:4'".encode("utf-16"), "no UNB segment"),
        (b"UNA::.? 'UNB:UNOA'", "does not name distinct delimiters"),
        (b"UNA:+.++'UNB+UNOA'", "does not name distinct delimiters"),
        (b"UNB*UNOA:4*A$", "send a UNA with the delimiters in use"),
        (b"UNB+" + b"X" * MOST_BYTES, "bytes: at most"),
        (b"UNB+UNOA'" + b"A'" * MOST_SEGMENTS, "segments: at most"),
    ],
)
def test_what_is_no_interchange(message: bytes, problem: str) -> None:
    with pytest.raises(InputError, match="send") as raised:
        edifact.read(message)
    assert problem in str(raised.value)


def test_the_last_segment_without_terminator_is_the_tail() -> None:
    assert edifact.read(f"{UNB}NAD+FL".encode()).tail == "NAD+FL"
    assert edifact.read(f"{UNB}NAD+?'FL".encode()).tail == "NAD+'FL"
