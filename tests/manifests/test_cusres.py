from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from manifests import cusres, edifact, interchange, paxlst
from manifests.errors import InputError
from manifests.frames import DTYPES
from manifests.vocabulary import DIRECTIVES
from tests.manifests.messages import interchange as sent
from tests.manifests.messages import passenger
from tests.manifests.messages import paxlst as message

GOLDEN = Path(__file__).parent / "golden"
CODES = {"BOARD": "0Z", "HOLD": "2Z", "DO_NOT_BOARD": "1Z", "INSUFFICIENT_DATA": "4Z", "NOT_SCREENED": "5Z"}
NOW = datetime(2026, 1, 15, 10, 31, tzinfo=UTC)


def answers(*directives: str) -> pl.DataFrame:
    return pl.DataFrame({"traveller": range(len(directives)), "directive": directives}).cast(
        {"traveller": pl.UInt32, "directive": DIRECTIVES}
    )


@pytest.mark.parametrize(
    ("name", "directives"),
    [("own_delimiters", ("BOARD", "DO_NOT_BOARD")), ("several_messages", ("BOARD", "HOLD", "INSUFFICIENT_DATA", "NOT_SCREENED"))],
)
def test_golden_answers(name: str, directives: tuple[str, ...]) -> None:
    asked = paxlst.read((GOLDEN / f"{name}.edi").read_bytes())
    written = cusres.write(asked, answers(*directives), CODES, NOW)
    assert written.decode() == (GOLDEN / f"{name}.cusres").read_text("utf-8")


@pytest.mark.parametrize("name", ["own_delimiters", "several_messages", "faulty"])
def test_the_envelope_of_an_answer_is_right(name: str) -> None:
    asked = paxlst.read((GOLDEN / f"{name}.edi").read_bytes())
    answer = interchange.read(cusres.write(asked, answers(), CODES, NOW))
    assert answer.faults == ()
    assert (answer.sender, answer.recipient) == (asked.interchange.recipient, asked.interchange.sender)
    assert [message.kind for message in answer.messages] == ["CUSRES"] * len(asked.headers)


def groups(data: bytes) -> list[list[list[list[str]]]]:
    """The ERP groups of an answer."""
    found: list[list[list[list[str]]]] = []
    for segment in edifact.read(data).segments:
        if segment[0][0] == "ERP":
            found.append([])
        elif segment[0][0] == "UNT":
            break
        elif found:
            found[-1].append(segment)
    return found


def test_references_go_back_released_as_they_came() -> None:
    asked = paxlst.read(sent(message(passenger("A", ref="a+b:c'?"), passenger("B", ref="ü 7"))))
    first, second = groups(cusres.write(asked, answers("BOARD", "HOLD"), CODES, NOW))
    assert first == [[["RFF"], ["ABO", "a+b:c'?"]], [["ERC"], ["0Z"]], [["FTX"], ["AAP"], [""], [""], ["OK TO BOARD"]]]
    assert second[0] == [["RFF"], ["ABO", "ü 7"]]
    assert second[1] == [["ERC"], ["2Z"]]


def test_who_has_no_answer_is_not_screened() -> None:
    asked = paxlst.read(sent(message(passenger("A", ref="1"), passenger("B", ref="2"))))
    codes = [
        segment[1][0]
        for group in groups(cusres.write(asked, answers("BOARD"), CODES, NOW))
        for segment in group
        if segment[0] == ["ERC"]
    ]
    assert codes == ["0Z", "5Z"]


def test_a_reference_sent_twice_is_answered_once() -> None:
    asked = paxlst.read(sent(message(passenger("A", ref="1"), passenger("B", ref="1"))))
    first, second = groups(cusres.write(asked, answers("HOLD", "BOARD"), CODES, NOW))
    assert first[0] == [["RFF"], ["ABO", "1"]]
    assert second[0] == [["ERC"], ["0Z"]]


def test_real_messages_are_answered_whole(shared_data: Path) -> None:
    for file in sorted((shared_data / "messages" / "paxlst").iterdir()):
        asked = paxlst.read(file.read_bytes())
        answer = cusres.write(asked, answers(*["BOARD"] * asked.manifest.travellers.height), CODES, NOW)
        assert interchange.read(answer).faults == ()
        assert len(groups(answer)) == asked.manifest.travellers.height


def test_the_shape_is_that_of_the_samples(shared_data: Path) -> None:
    sample = edifact.read((shared_data / "messages" / "cusres" / "own_ok_single.edi").read_bytes()).segments
    asked = paxlst.read(
        sent(
            message(
                [*passenger("A", ref="PAX0001"), ("RFF", ("AVF", "TSTAAA"))], header=(("BGM", "745"), ("RFF", ("TN", "0000001")))
            )
        )
    )
    written = edifact.read(cusres.write(asked, answers("BOARD"), CODES, NOW)).segments
    assert [segment[0] for segment in written] == [segment[0] for segment in sample]
    assert [[len(element) for element in segment] for segment in written[3:]] == [
        [len(element) for element in segment] for segment in sample[3:]
    ]


def test_a_profile_that_could_misinform_is_refused() -> None:
    cusres.check_codes(CODES)
    for changed, problem in (
        ({"HOLD": "1Z"}, "codes.HOLD: 1Z: only DO_NOT_BOARD may use it"),
        ({"NOT_SCREENED": "0Z"}, "codes.NOT_SCREENED: 0Z: only BOARD may use it"),
        ({"DO_NOT_BOARD": "9Z", "HOLD": "9Z"}, "codes.HOLD: 9Z: only DO_NOT_BOARD may use it"),
        ({"DO_NOT_BOARD": "9Z", "HOLD": "1Z"}, "codes.HOLD: 1Z: means do not board"),
        ({"HOLD": ""}, "codes.HOLD: no code"),
        ({"REFUSE": "8Z"}, "codes.REFUSE: not a directive"),
    ):
        with pytest.raises(InputError) as raised:
            cusres.check_codes(CODES | changed)
        assert any(problem in fault for fault in raised.value.faults), raised.value.faults


def test_all_faults_of_a_profile_come_at_once() -> None:
    with pytest.raises(InputError) as raised:
        cusres.check_codes({"BOARD": "1Z", "DO_NOT_BOARD": "1Z"})
    assert len(raised.value.faults) == 5  # three missing, and each of the two stands on the other's code


def test_a_refused_profile_writes_nothing() -> None:
    asked = paxlst.read(sent(message(passenger("A"))))
    with pytest.raises(InputError):
        cusres.write(asked, answers("BOARD"), CODES | {"HOLD": "1Z"}, NOW)


def test_insufficient_data_names_the_fields_and_nobody_elses() -> None:
    asked = paxlst.read(sent(message(passenger("A"), passenger("B"))))
    faults = pl.DataFrame(
        {
            "where": ["x"] * 3,
            "value": [""] * 3,
            "problem": ["p"] * 3,
            "traveller": [1, 1, 0],
            "field": ["dob", "document.number", "sex"],
        },
        schema=DTYPES["faults"],
    )
    first, second = groups(cusres.write(asked, answers("BOARD", "INSUFFICIENT_DATA"), CODES, NOW, faults))
    assert first[-1][-1] == ["OK TO BOARD"]
    assert second[-1][-1] == ["INSUFFICIENT DATA - CORRECT AND SEND AGAIN", "DOB, DOCUMENT NUMBER"]
