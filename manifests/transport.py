"""What an e-mail puts around an interchange: base64 or quoted-printable (RFC 2045). All else is text before or after it."""

import binascii
import quopri
import re

_ENCODED = re.compile(rb"^content-transfer-encoding:[ \t]*(base64|quoted-printable)\b", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_NEXT_PART = re.compile(rb"^--", re.MULTILINE)
_BEGIN = b"UNB"
_MAIL = 65_536  # bytes in which the first encoded part must begin


def unwrap(message: bytes) -> bytes:
    """The first encoded part of an e-mail that holds an interchange, decoded; else the message itself.

    Places in a decoded part are counted from its beginning.
    """
    header = _ENCODED.search(message, 0, _MAIL)
    while header:
        blank = _BLANK_LINE.search(message, header.end())
        if blank is None:
            break
        following = _NEXT_PART.search(message, blank.end())
        end = following.start() if following else len(message)
        part = _decoded(header[1].lower(), message[blank.end() : end])
        if _BEGIN in part:
            return part
        header = _ENCODED.search(message, end)
    return message


def _decoded(encoding: bytes, part: bytes) -> bytes:
    if encoding == b"quoted-printable":
        return quopri.decodestring(part)
    try:
        return binascii.a2b_base64(part)
    except binascii.Error:
        return b""
