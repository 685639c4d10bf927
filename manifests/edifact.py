"""UN/EDIFACT syntax (ISO 9735): bytes ↔ segments, with the delimiters of the message's own UNA or the default ones.

Reading is linear in the length. Transport wrapping is tolerated: text before UNA or UNB, line ends anywhere.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from manifests.errors import InputError

Segment = list[list[str]]  # elements of components; [0][0] is the tag

MOST_BYTES = 50_000_000
MOST_SEGMENTS = 200_000  # some 15,000 travellers; bounds time and memory, which are far more per segment than per byte
MOST_ELEMENTS = 2_000_000

_UNA = re.compile(r"UNA([^A-Za-z0-9]{4,12})$")
_START = re.compile(r"UNB *[^A-Za-z0-9 ]")
_TAG = re.compile("[A-Z]{3}")
_CHARSET = re.compile(rb"UNB *[^A-Za-z0-9 ]UNO([C-K])")
# ISO 9735 syntax identifiers that name an 8-bit character set; used where a message is not UTF-8.
_PARTS = {b"C": 1, b"D": 2, b"E": 5, b"F": 7, b"G": 3, b"H": 4, b"I": 6, b"J": 8, b"K": 9}  # of ISO 8859
_MARKS = " \r\n\t\x00\x01\x02\x03\x04\x17\x1a"  # blanks and transmission controls that transports put around segments
# While delimiters are split, a released character stands as a lone surrogate, which no decoder yields.
_RELEASED = ("\ud800", "\ud801", "\ud802", "\ud803")


@dataclass(frozen=True)
class Delimiters:
    """The service characters of UNA; an empty release means that there is none."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"

    @property
    def released(self) -> tuple[str, ...]:
        """What the release character may stand before."""
        return (self.release, self.element, self.component, self.terminator)


@dataclass(frozen=True)
class Tokens:
    """Segments in order from UNB on, numbered from 1. `tail` is what follows the last terminator, stripped."""

    segments: list[Segment]
    tail: str
    delimiters: Delimiters
    charset: str
    _pieces: list[str]
    _before: int

    @cached_property
    def _offsets(self) -> list[int]:
        """Byte at which each segment begins. Only faults ask for it."""
        raw = {ord(mark): "??" for mark in _RELEASED}
        sizes = [len(piece.translate(raw).encode(self.charset, "replace")) + 1 for piece in self._pieces]
        starts = accumulate(sizes, initial=self._before)
        return [
            start + len(piece) - len(piece.lstrip(_MARKS))
            for start, piece in zip(starts, self._pieces, strict=False)
            if _bare(piece)
        ]

    def place(self, index: int) -> str:
        """Names the segment at `index`: "segment 31 (DTM), byte 812", bytes from 0."""
        return f"segment {index + 1} ({self.tag(index) or '?'}), byte {self._offsets[index]}"

    def tag(self, index: int) -> str:
        """The tag of the segment at `index` as faults repeat it: "" for what is no tag, which may be any text."""
        tag = self.segments[index][0][0]
        return tag if _TAG.fullmatch(tag) else ""

    @property
    def end(self) -> str:
        """Names the place after the last segment."""
        return f"after segment {len(self.segments)}"


def read(message: bytes) -> Tokens:
    """The segments of one interchange. Raises InputError where none can be told: empty, too large, no UNB, bad UNA."""
    if not message.strip():
        raise InputError("message: empty: send a PAXLST or PNRGOV interchange")
    if len(message) > MOST_BYTES:
        raise InputError(f"message: {len(message):,} bytes: at most {MOST_BYTES:,} are read: send one flight per interchange")
    text, charset = _decode(message)
    start = _START.search(text)
    if start is None:
        raise InputError("message: no UNB segment in it: send an EDIFACT interchange (UNB … UNZ)")
    delimiters = _delimiters(text, start)
    body = text[start.start() :]
    if delimiters.release and delimiters.release in body:
        for mark, character in zip(_RELEASED, delimiters.released, strict=True):
            body = body.replace(delimiters.release + character, mark)
    element, component = delimiters.element, delimiters.component
    for what, most, count in (
        ("segments", MOST_SEGMENTS, body.count(delimiters.terminator)),
        ("elements", MOST_ELEMENTS, body.count(element) + body.count(component)),
    ):
        if count > most:
            raise InputError(f"message: {count:,} {what}: at most {most:,} are read: send one flight per interchange")
    *pieces, tail = body.split(delimiters.terminator)
    segments = [[part.split(component) for part in bare.split(element)] for bare in map(_bare, pieces) if bare]
    if len(body) != len(text) - start.start():
        tail = _restore([*segments, [[tail]]], delimiters)[-1][0][0]
    for segment in segments:
        segment[0][0] = segment[0][0].strip().upper()
    before = len(text[: start.start()].encode(charset, "replace"))
    return Tokens(segments, tail.strip(_MARKS), delimiters, charset, pieces, before)


def _decode(message: bytes) -> tuple[str, str]:
    try:
        return message.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        named = _CHARSET.search(message)
        charset = f"iso8859-{_PARTS[named[1]] if named else 1}"
        return message.decode(charset, "replace"), charset


def _delimiters(text: str, start: re.Match[str]) -> Delimiters:
    found = _UNA.search(text, max(0, start.start() - 16), start.start())
    service = found[1] if found else ""
    if found is None:
        delimiters = Delimiters()
    else:
        if len(service.strip()) == 5 and " " not in service[3:5]:
            service = f"{service[:4]} {service[4]}"  # seen in the field: the reserved character is left out
        delimiters = Delimiters(service[0], service[1], service[2], service[3].strip(), service[5:6] or " ")
    special = [delimiters.component, delimiters.element, delimiters.terminator, *delimiters.release]
    if len(set(special)) < len(special) or any(character.isalnum() or character == " " for character in special):
        raise InputError(
            f"UNA: {service[:6]!r} does not name distinct delimiters: send UNA:+.? ' or the ones that the message uses"
        )
    if (used := start[0][-1]) != delimiters.element:
        raise InputError(
            f"UNB: {used!r} follows it, but elements are divided by {delimiters.element!r}: send a UNA with the delimiters in use"
        )
    return delimiters


def _bare(piece: str) -> str:
    """A segment without the line ends and controls that transports put in and around it."""
    return piece.replace("\r", "").replace("\n", "").lstrip(_MARKS)


def _restore(segments: list[Segment], delimiters: Delimiters) -> list[Segment]:
    """Put released characters back in place of their marks."""
    marks = {ord(mark): character for mark, character in zip(_RELEASED, delimiters.released, strict=True)}
    for segment in segments:
        for element in segment:
            for at, component in enumerate(element):
                if not component.isascii():
                    element[at] = component.translate(marks)
    return segments


def value(segment: Segment, element: int, component: int = 0) -> str:
    """One component, stripped; "" where it is not there."""
    try:
        return segment[element][component].strip()
    except IndexError:
        return ""


def write(
    segments: Iterable[Sequence[str | Sequence[str]]], delimiters: Delimiters = Delimiters(), charset: str = "utf-8"
) -> bytes:
    """An interchange, one segment per line, UNA first; service characters in values are released.

    A segment is its tag and its elements, each a string or components; empty ones at the end are left out, and so are
    characters that do not print or are not in `charset`.
    """
    d = delimiters
    lines = [f"UNA{d.component}{d.element}{d.decimal}{d.release or ' '} {d.terminator}"]
    for segment in segments:
        elements = [_element([part] if isinstance(part, str) else part, d) for part in segment]
        while not elements[-1]:
            elements.pop()
        lines.append(d.element.join(elements) + d.terminator)
    return ("\n".join(lines) + "\n").encode(charset, "ignore")


def _element(components: Sequence[str], d: Delimiters) -> str:
    written = [_released(component, d) for component in components]
    while written and not written[-1]:
        written.pop()
    return d.component.join(written)


def _released(component: str, d: Delimiters) -> str:
    return "".join(d.release + c if c in d.released else c for c in component if c.isprintable())
