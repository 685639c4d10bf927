import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import edifact
from manifests.edifact import LONGEST_SEGMENT, MOST_BYTES, MOST_SEGMENTS, Delimiters
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
    assert list(tokens.segments) == trimmed


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
        (b"UNA::.? 'UNB:UNOA'", "no UNA names that"),
        (b"UNA:+.++'UNB+UNOA'", "no UNA names that"),
        (b"UNB*UNOA:4*A$", "no UNA names that"),
        (b"UNB:UNOA:4:A'UNH:1'", "cannot divide elements"),
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


def test_delimiters_are_those_seen_where_una_does_not_name_them() -> None:
    for message, told in (
        (UNB.replace("'", '"') + 'UNH+1"NAD+FL"', "no UNA before it"),
        ("UNA|*.? ~" + UNB + "UNH+1'NAD+FL'", "UNA does not name the delimiters of the message"),
        ("UNA:+.\r\n" + UNB + "UNG+1'NAD+FL'", "UNA does not name the delimiters of the message"),
        (UNB.translate({39: "\n"}) + "UNH+1\r\nNAD+FL\r\n", "no UNA before it"),
    ):
        tokens = edifact.read(message.encode())
        assert tokens.segments[2] == [["NAD"], ["FL"]]
        [(byte, problem)] = tokens.problems
        assert message.encode()[byte:].startswith(b"UNB")
        assert problem.startswith(told)
    separators = (UNB + "UNH+1'NAD+FL'").translate({43: "\x1d", 58: "\x1f", 39: "\x1c"})
    assert edifact.read(separators.encode()).problems == ()


def test_a_repetition_character_is_part_of_the_text_and_may_be_released() -> None:
    tokens = edifact.read(f"UNA:+.?*'{UNB}NAD+a*b?*c'".encode())
    assert tokens.delimiters.repetition == "*"
    assert tokens.segments[1] == [["NAD"], ["a*b*c"]]
    assert edifact.read(f"UNA:+.? '{UNB}NAD+a?*b'".encode()).segments[1] == [["NAD"], ["a?*b"]]


def test_bytes_outside_the_character_set_are_told() -> None:
    message = UNB.encode() + b"NAD+M\xfcller'"
    tokens = edifact.read(message)
    [(byte, problem)] = tokens.problems
    assert byte == message.index(b"\xfc")
    assert "UNOA does not have, read as ISO 8859-1" in problem
    assert tokens.place_of(byte) == f"segment 2 (NAD), byte {byte}"
    assert edifact.read(message.replace(b"UNOA", b"UNOC")).problems == ()
    [(_, problem)] = edifact.read(message.replace(b"UNOA", b"UNOF").replace(b"\xfc", b"\xff")).problems
    assert "ISO8859-7 does not have" in problem


@pytest.mark.parametrize(
    ("identifier", "charset", "name"),
    [
        *[("UNOC", "iso8859-1", "Müller"), ("UNOD", "iso8859-2", "Dvořák"), ("UNOE", "iso8859-5", "Иванов")],
        *[("UNOF", "iso8859-7", "Παπαδόπουλος"), ("UNOG", "iso8859-3", "Ħal"), ("UNOH", "iso8859-4", "Ķirsis")],
        *[("UNOI", "iso8859-6", "محمد"), ("UNOJ", "iso8859-8", "כהן"), ("UNOK", "iso8859-9", "Şahin")],
        *[("UNOL", "iso8859-15", "Œuvre"), ("UNOW", "utf-8", "山田"), ("UNOX", "iso2022_jp", "山田"), ("UNOY", "utf-8", "毛")],
    ],
)
def test_the_character_sets_of_iso_9735(identifier: str, charset: str, name: str) -> None:
    message = f"UNB+{identifier}:4+A'NAD+{name}'DTM+1'".encode(charset)
    tokens = edifact.read(message)
    assert tokens.segments[1][1] == [name]
    assert tokens.problems == ()
    assert tokens.place(2) == f"segment 3 (DTM), byte {message.index(b'DTM')}"


def test_segments_that_no_message_has_are_not_divided() -> None:
    tokens = edifact.read(f"{UNB}FTX+{'a:' * LONGEST_SEGMENT}'NAD+FL'".encode())
    assert tokens.segments.too_long() == [1]
    assert tokens.segments[1] == [["FTX"]]
    assert tokens.segments[2] == [["NAD"], ["FL"]]


def test_what_is_no_tag_is_not_repeated() -> None:
    tokens = edifact.read(f"{UNB}SOMETHING SAID'".encode())
    assert tokens.place(1) == f"segment 2 (?), byte {len(UNB)}"


def test_an_interchange_is_known_by_its_beginning() -> None:
    assert edifact.is_in(UNB.encode())
    assert edifact.is_in(f"QU YOWXXAC\r\n.LUNAXX 151200\r\n{UNB[:1]}\r\n{UNB[1:]}".encode())
    assert not edifact.is_in(b"x" * 5000 + UNB.encode())
    assert not edifact.is_in(b"surname,given\nUNBEKANNT,ANNA\n")
