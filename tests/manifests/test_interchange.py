from datetime import date

import pytest

from manifests import interchange
from manifests.errors import InputError

UNB = "UNB+UNOA:4+AIRCO:ZZ+BORDER+260115:1030+REF1++APIS'"
ONE = "UNH+1+PAXLST:D:02B:UN:IATA+CAR'BGM+745'UNT+3+1'"


def problems(message: str) -> list[tuple[str, str]]:
    return [(fault.where.split(",")[0], fault.problem) for fault in interchange.read(message.encode()).faults]


def test_an_envelope_with_a_group() -> None:
    read = interchange.read(f"{UNB}UNG+PAXLST+AIR CO+GOV:ZZ+260115:1030+7+UN+D:02B'{ONE}UNE+1+7'UNZ+1+REF1'".encode())
    assert read.faults == ()
    assert (read.sender, read.recipient, read.reference, read.application) == (("AIRCO", "ZZ"), ("BORDER",), "REF1", "APIS")
    assert (read.group_sender, read.group_recipient) == (("AIR CO",), ("GOV", "ZZ"))
    assert read.prepared == date(2026, 1, 15)
    (message,) = read.messages
    assert (message.kind, message.version, message.release, message.reference) == ("PAXLST", "D", "02B", "1")
    assert (message.access_reference, message.complete) == ("CAR", True)
    assert [segment[0][0] for segment in read.tokens.segments[message.first : message.end]] == ["UNH", "BGM"]


@pytest.mark.parametrize(
    ("message", "where", "problem"),
    [
        (f"{UNB}UNH+1+PAXLST'UNT+9+1'UNZ+1+REF1'", "segment 3 (UNT)", "there are 2 segments from UNH to UNT"),
        (f"{UNB}UNH+1+PAXLST'UNT+two+1'UNZ+1+REF1'", "segment 3 (UNT)", "there are 2 segments from UNH to UNT"),
        (f"{UNB}UNH+1+PAXLST'UNT+2+2'UNZ+1+REF1'", "segment 3 (UNT)", "UNH has the reference 1"),
        (f"{UNB}{ONE}UNZ+2+REF1'", "segment 5 (UNZ)", "there are 1 messages in the interchange"),
        (f"{UNB}{ONE}UNZ+1+OTHER'", "segment 5 (UNZ)", "UNB has the reference REF1"),
        (f"{UNB}{ONE}UNE+1+7'UNZ+1+REF1'", "segment 5 (UNE)", "no UNG before it"),
        (f"{UNB}UNT+1+1'{ONE}UNZ+1+REF1'", "segment 2 (UNT)", "no UNH before it"),
        (f"{UNB}DTM+1'DTM+2'{ONE}UNZ+1+REF1'", "segment 2 (DTM)", "stands outside UNH … UNT"),
        (f"{UNB}UNH+1+PAXLST'{ONE}UNZ+2+REF1'", "segment 3 (UNH)", "the message before has no UNT"),
        (f"{UNB}{ONE}", "after segment 4", "no UNZ"),
        (f"{UNB}{ONE}UNZ+1+REF1'13Nov09", "after segment 5", "7 characters after UNZ are not read"),
        (f"{UNB}{ONE}UNZ+1+REF1'{UNB}{ONE}UNZ+1+REF1'", "segment 6 (UNB)", "text after UNZ is not read"),
    ],
)
def test_each_wrong_part_is_one_fault(message: str, where: str, problem: str) -> None:
    ((found, said),) = problems(message)
    assert found == where
    assert problem in said


def test_blanks_in_a_reference_do_not_count() -> None:
    assert problems(f"{UNB}UNH+1402111800+PAXLST'UNT+2+140211180 0'UNZ+1+REF1'") == []


def test_nothing_to_read_is_an_error_with_what_was_found() -> None:
    with pytest.raises(InputError, match="no message") as raised:
        interchange.read(f"{UNB}UNT+1+1'".encode())
    assert any("no UNH before it" in fault for fault in raised.value.faults)
    with pytest.raises(InputError, match="no terminator"):
        interchange.read(b"UNB+UNOA:4+A")
    with pytest.raises(InputError) as raised:
        interchange.read(UNB.encode())
    assert raised.value.faults[1] == "after segment 1, byte 50: no UNZ: the message is cut off: send it whole"


def test_too_many_messages_are_refused() -> None:
    with pytest.raises(InputError, match="more than 200 messages: send fewer flights"):
        interchange.read(f"{UNB}{ONE * 201}UNZ+201+REF1'".encode())
    assert len(interchange.read(f"{UNB}{ONE * 200}UNZ+200+REF1'".encode()).messages) == 200
