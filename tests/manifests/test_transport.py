import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.transport import unwrap

EDI = b"UNA:+.? 'UNB+UNOA:4+A+B+260115:1030+R'NAD+FL+++DOE=JANE'UNZ+0+R'"


@pytest.mark.parametrize("name", [b"Content-Transfer-Encoding", b"content-transfer-encoding"])
def test_an_encoded_mail_is_decoded(name: bytes) -> None:
    for encoding, encoded in ((b"base64", base64.encodebytes(EDI)), (b"Quoted-Printable", quopri.encodestring(EDI))):
        assert unwrap(b"From: a@b\r\n" + name + b": " + encoding + b"\r\n\r\n" + encoded).strip() == EDI


def test_the_part_that_holds_an_interchange_is_taken() -> None:
    part = b"Content-Transfer-Encoding: base64\r\n\r\n"
    parts = [base64.encodebytes(text) for text in (b"Dear all", EDI, b"UNB of another")]
    message = b"Content-Type: multipart/mixed\r\n\r\n" + b"".join(b"--b\r\n" + part + text for text in parts) + b"--b--"
    assert unwrap(message) == EDI


@pytest.mark.parametrize(
    "message",
    [
        EDI,
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + EDI,
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: base64\r\n\r\nA",
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"no interchange"),
        b"X" * 70_000 + b"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(EDI),
    ],
)
def test_anything_else_is_left_as_it_is(message: bytes) -> None:
    assert unwrap(message) == message


@given(st.lists(st.sampled_from([b"Content-Transfer-Encoding: base64\n", b"\n", b"--", b"QUJD", b"=", b"UNB"]), max_size=30))
def test_whatever_is_sent_is_read_without_an_exception(pieces: list[bytes]) -> None:
    assert isinstance(unwrap(b"".join(pieces)), bytes)
