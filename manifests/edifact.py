"""UN/EDIFACT syntax (ISO 9735): bytes ↔ segments, with the delimiters that the message uses.

They are those of UNA; where it is missing or does not fit, those that are seen in UNB and before the next segment.
Transport wrapping is tolerated: text before UNA or UNB, line ends anywhere, an e-mail's encoding (see transport).
Reading takes time and memory in proportion to the length.

Longer than most modules: where a segment ends, where it stands and how it is written depend on the same delimiters.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

from manifests import transport
from manifests.errors import InputError

Segment = list[list[str]]  # elements of components; [0][0] is the tag

MOST_BYTES = 50_000_000
MOST_SEGMENTS = 4_000_000  # as many as MOST_BYTES of usual ones
LONGEST_SEGMENT = 20_000  # characters; five free texts of 512 are the most that a PAXLST has in one
_LOOKED_AT = 4096  # bytes: how far a transport's own header may reach
_SEND_UNA = "send UNA:+.? ' or one with the delimiters in use"
_UNA_REACH = 32  # characters between UNA and UNB, line ends and blanks included

# Line ends stand anywhere, even within a tag: teletype breaks lines after 69 characters.
_UNB = r"U[\r\n]*N[\r\n]*B[ \r\n]*([^A-Za-z0-9 \r\n])"
_START = re.compile(_UNB + r"[ \r\n]*(?:[A-Z][\r\n]*){4}([^A-Za-z0-9 \r\n])[ \r\n]*[0-9]")  # UNB+UNOA:4
_ANY_START = re.compile(_UNB)
_IN_BYTES = re.compile(rb"UNB *[^A-Za-z0-9 ]")
_TAG = re.compile("[A-Z]{3}")
_CHARSET = re.compile(rb"UNB *[^A-Za-z0-9 ]UNO([A-Z])")
# ISO 9735 syntax identifiers that name an 8-bit character set of ISO 8859; used where a message is not UTF-8.
_PARTS = {b"C": 1, b"D": 2, b"E": 5, b"F": 7, b"G": 3, b"H": 4, b"I": 6, b"J": 8, b"K": 9, b"L": 15}
_SWITCHING = b"X"  # UNOX: ISO 2022, character sets switched by escape sequences
_ISO_2022 = ("iso2022_jp_2", "iso2022_kr")
_LINE_ENDS = "\r\n"
_MARKS = " \r\n\t\x00\x01\x02\x03\x04\x17\x1a"  # blanks and transmission controls that transports put around segments
# While delimiters are split, a released character stands as a lone surrogate, which no decoder yields.
_RELEASED = ("\ud800", "\ud801", "\ud802", "\ud803", "\ud804")


@dataclass(frozen=True)
class Delimiters:
    """The service characters of UNA; an empty release or repetition means that there is none.

    Repeated elements are not divided: `repetition` stays in their text.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"
    repetition: str = ""

    @property
    def released(self) -> tuple[str, ...]:
        """What the release character may stand before."""
        return tuple(c for c in (self.release, self.element, self.component, self.terminator, self.repetition) if c)

    @property
    def distinct(self) -> bool:
        """Whether each can be told from the others and from letters, digits and blanks."""
        used = self.released
        return len(set(used)) == len(used) and not any(c.isalnum() or c == " " for c in used)


_SEPARATORS = Delimiters("\x1f", "\x1d", terminator="\x1c")  # the information separators of UNOB


class Segments(Sequence[Segment]):
    """Segments, divided each time one is asked for: kept divided they would take ten times the memory."""

    def __init__(self, pieces: list[str], delimiters: Delimiters) -> None:
        self._pieces = pieces
        self._element, self._component = delimiters.element, delimiters.component
        self._marks = _unmarking(delimiters)
        element = delimiters.element
        self.tags = [piece[:3].upper() if piece[3:4] == element else self._tag(piece) for piece in pieces]

    def _tag(self, piece: str) -> str:
        head = piece[:LONGEST_SEGMENT].partition(self._element)[0].partition(self._component)[0]
        return head.translate(self._marks).strip().upper()

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, at: int) -> Segment: ...
    @overload
    def __getitem__(self, at: slice) -> list[Segment]: ...
    def __getitem__(self, at: int | slice) -> Segment | list[Segment]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        piece, component = self._pieces[at], self._component
        if len(piece) > LONGEST_SEGMENT:
            return [[self.tags[at]]]
        segment = [part.split(component) for part in piece.split(self._element)]
        if not piece.isascii():
            segment = [[text.translate(self._marks) for text in element] for element in segment]
        segment[0][0] = self.tags[at]
        return segment

    def __iter__(self) -> Iterator[Segment]:
        return map(self.__getitem__, range(len(self)))

    def too_long(self) -> list[int]:
        """Segments over LONGEST_SEGMENT, of which only the tag is given."""
        return [at for at, piece in enumerate(self._pieces) if len(piece) > LONGEST_SEGMENT]


@dataclass(frozen=True)
class Tokens:
    """Segments in order from UNB on, numbered from 1. `tail` is what follows the last terminator, stripped.

    `problems` are those of UNA and of the character set, each with its byte.
    """

    segments: Segments
    tail: str
    delimiters: Delimiters
    charset: str
    problems: tuple[tuple[int, str], ...]
    _text: str  # as sent
    _start: int  # of UNB in it

    @cached_property
    def _offsets(self) -> list[int]:
        """Byte at which each segment begins, and that after the last. Only faults ask for it."""
        d, at, byte, offsets = self.delimiters, self._start, len(self._text[: self._start].encode(self.charset, "replace")), []
        for found in _released_or_end(d).finditer(self._text, at):
            if found[0] == d.terminator:
                piece = self._text[at : found.start()]
                bare = piece.lstrip(_MARKS)
                if bare:
                    offsets.append(byte + len(piece) - len(bare))
                byte += len(piece.encode(self.charset, "replace")) + len(d.terminator.encode(self.charset, "replace"))
                at = found.end()
        return [*offsets, byte]

    def place(self, index: int) -> str:
        """Names the segment at `index`: "segment 31 (DTM), byte 812", bytes from 0."""
        return f"segment {index + 1} ({self.tag(index) or '?'}), byte {self._offsets[index]}"

    def tag(self, index: int) -> str:
        """The tag of the segment at `index` as faults repeat it: "" for what is no tag, which may be any text."""
        tag = self.segments.tags[index]
        return tag if _TAG.fullmatch(tag) else ""

    def place_of(self, byte: int) -> str:
        """Names the segment that holds a byte, and the byte."""
        index = bisect_right(self._offsets, byte, hi=len(self.segments)) - 1
        return f"{self.place(index).partition(',')[0]}, byte {byte}" if index >= 0 else f"byte {byte}"

    @property
    def end(self) -> str:
        """Names the place after the last segment."""
        return f"after segment {len(self.segments)}, byte {self._offsets[-1]}"


def head(message: bytes) -> bytes:
    """The first bytes of a message, of an e-mail's decoded part, without line ends: enough to tell what it is."""
    return transport.unwrap(message)[:_LOOKED_AT].translate(None, _LINE_ENDS.encode())


def is_in(message: bytes) -> bool:
    """Whether an interchange seems to begin in the first bytes of a message."""
    return _IN_BYTES.search(head(message)) is not None


def read(message: bytes) -> Tokens:
    """The segments of one interchange. Raises InputError where none can be told: empty, too large, no UNB, no delimiters."""
    if not message.strip():
        raise InputError("message: empty: send a PAXLST or PNRGOV interchange")
    if len(message) > MOST_BYTES:
        raise InputError(f"message: {len(message):,} bytes: at most {MOST_BYTES:,} are read: send one flight per interchange")
    text, charset, wrong_letters = _decode(transport.unwrap(message))
    start = _START.search(text) or _ANY_START.search(text)
    if start is None:
        raise InputError(f"message: no UNB segment in its {len(message):,} bytes: send an EDIFACT interchange (UNB … UNZ)")
    delimiters, wrong_una = _delimiters(text, start)
    clean = text[start.start() :]
    for line_end in _LINE_ENDS.replace(delimiters.terminator, ""):
        clean = clean.replace(line_end, "")
    if delimiters.release and delimiters.release in clean:
        for mark, character in zip(_RELEASED, delimiters.released, strict=False):
            clean = clean.replace(delimiters.release + character, mark)
    if (count := clean.count(delimiters.terminator)) > MOST_SEGMENTS:
        raise InputError(f"message: {count:,} segments: at most {MOST_SEGMENTS:,} are read: send one flight per interchange")
    *pieces, tail = clean.split(delimiters.terminator)
    segments = Segments([bare for piece in pieces if (bare := piece.lstrip(_MARKS))], delimiters)
    problems = [wrong_letters] if wrong_letters else []
    if wrong_una:
        problems.append((len(text[: start.start()].encode(charset, "replace")), wrong_una))
    tail = tail.strip(_MARKS).translate(_unmarking(delimiters))
    return Tokens(segments, tail, delimiters, charset, tuple(problems), text, start.start())


def _released_or_end(delimiters: Delimiters) -> re.Pattern[str]:
    """A character that is released, whatever line ends a transport put before it, or a terminator that is not."""
    d, end = delimiters, re.escape(delimiters.terminator)
    between = f"[{_LINE_ENDS.replace(d.terminator, '')}]*"
    return re.compile(f"{re.escape(d.release)}{between}[{re.escape(''.join(d.released))}]|{end}" if d.release else end)


def _unmarking(delimiters: Delimiters) -> dict[int, str]:
    return {ord(mark): character for mark, character in zip(_RELEASED, delimiters.released, strict=False)}


def _decode(message: bytes) -> tuple[str, str, tuple[int, str] | None]:
    """Text, the character set in which it came, and a problem with it."""
    found = _CHARSET.search(message, 0, 2 * _LOOKED_AT)
    named = found[1] if found else b""
    if named == _SWITCHING and b"\x1b" in message:
        for charset in _ISO_2022:
            try:
                return message.decode(charset), charset, None
            except UnicodeDecodeError:
                pass
    try:
        return message.decode("utf-8"), "utf-8", None
    except UnicodeDecodeError as error:
        byte = error.start
    charset = f"iso8859-{_PARTS.get(named, 1)}"
    text = message.decode(charset, "replace")
    if "\ufffd" in text:
        problem = f"bytes that {charset.upper()} does not have: send the character set that UNB names, or UTF-8"
    elif named and named not in _PARTS:
        problem = f"bytes that UNO{named.decode()} does not have, read as ISO 8859-1: name the set in UNB (UNOC …), or send UTF-8"
    else:
        return text, charset, None
    return text, charset, (byte, problem)


def _delimiters(text: str, start: re.Match[str]) -> tuple[Delimiters, str]:
    """The delimiters, and what is wrong with UNA. Raises InputError where they cannot be told."""
    element = start[1]
    at = text.rfind("UNA", max(0, start.start() - _UNA_REACH), start.start())
    service = text[at + 3 : start.start()] if at >= 0 else ""
    for marks in _readings(service):
        named = Delimiters(marks[0], marks[1], marks[2], marks[3].strip(" "), marks[5], marks[4].strip(" "))
        if named.distinct and named.element == element:
            return named, ""
    sent = bool(service) and not (service[0].isalnum() or service[0] == " ")
    component = (start[2] if start.re is _START else None) or ":"
    terminator = _terminator(text, start)
    if terminator is None and (sent or element != Delimiters.element):
        raise InputError(f"UNB: {element!r} follows it, and no UNA names that: {_SEND_UNA}")
    used = Delimiters(component, element, terminator=terminator or Delimiters.terminator)
    if not used.distinct:
        used = Delimiters(component, element, release="", terminator=used.terminator)
    if not used.distinct:
        raise InputError(f"UNB: {element!r} follows it and cannot divide elements: {_SEND_UNA}")
    read_with = f"read with {used.component!r}, {used.element!r} and {used.terminator!r}: {_SEND_UNA}"
    if sent:
        return used, f"UNA does not name the delimiters of the message, {read_with}"
    return used, "" if used in (Delimiters(), _SEPARATORS) else f"no UNA before it, {read_with}"


def _readings(service: str) -> Iterator[str]:
    """What UNA may mean, six characters each: it may be broken by line ends, or lack its reserved fifth character."""
    bare = service.translate(dict.fromkeys(map(ord, _LINE_ENDS)))
    yield from (marks for marks in (bare[:6], f"{bare[:4]} {bare[4:5]}", service[:6]) if len(marks) == 6)


def _terminator(text: str, start: re.Match[str]) -> str | None:
    """What stands between UNB and the segment after it, UNG or UNH; a line end where that is all."""
    after = re.compile(rf"UN[GH] *{re.escape(start[1])}").search(text, start.end())
    if after is None:
        return None
    head = text[max(start.end(), after.start() - _UNA_REACH) : after.start()]
    last = head.rstrip(_MARKS)[-1:]
    if last and not last.isalnum() and last != start[1]:
        return last
    return next((line_end for line_end in _LINE_ENDS[::-1] if line_end in head), None)


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
    lines = [f"UNA{d.component}{d.element}{d.decimal}{d.release or ' '}{d.repetition or ' '}{d.terminator}"]
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
