from pathlib import Path

import pytest

from manifests.errors import InputError
from manifests.reader import read_file
from tests.manifests import pnrs
from tests.manifests.messages import interchange, passenger, paxlst


def test_each_accepted_format_is_recognised(tmp_path: Path) -> None:
    message = interchange(paxlst(passenger("DOE")))
    (tmp_path / "a").write_bytes(b"\r\nQU XXX\r\n" + message)
    read = read_file(tmp_path / "a")
    assert read.paxlst is not None
    assert read.manifest.travellers["surname"].to_list() == ["DOE"]
    json = read_file(b' \n{"flights":[{"carrier":"AC","travellers":[{"surname":"ROE"}]}]}')
    assert json.paxlst is None
    assert json.manifest.travellers["surname"].to_list() == ["ROE"]


def test_edifact_is_routed_by_the_type_of_its_messages() -> None:
    push = pnrs.interchange(pnrs.pnrgov(pnrs.booking(pnrs.traveller("ROE", "JANE"))))
    for wrapped in (push, b"QU XXX\r\n" + push.replace(b"PNRGOV", b"PNR\r\nGOV")):
        read = read_file(wrapped)
        assert read.paxlst is None
        assert read.pnr is not None
        assert read.manifest.travellers["surname"].to_list() == ["ROE"]
    both = read_file(interchange(paxlst(kind="PNRGOV"), paxlst(passenger("DOE"))))
    assert both.pnr is None
    assert both.manifest.travellers["surname"].to_list() == ["DOE"]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04...", "a ZIP archive"),
        (b"<?xml version='1.0'?>", "XML or HTML"),
        (b"surname,given\nDOE,JANE\n", "begins with 'surname,given DOE,JANE'"),
        ("nom,prénom\n".encode() * 9, "begins with 'nom,prénom"),
        (bytes(range(256)), "256 bytes of binary data"),
        (interchange(paxlst(kind="CUSRES")), "EDIFACT of the kind CUSRES"),
    ],
)
def test_anything_else_is_refused_with_what_it_is_and_what_to_send(message: bytes, found: str) -> None:
    with pytest.raises(InputError, match=r"send .*PAXLST") as raised:
        read_file(message)
    assert found in str(raised.value)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_file(path)
