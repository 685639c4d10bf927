"""The envelope of an EDIFACT interchange: UNB … UNG … UNH … UNT … UNE … UNZ, with its counts and references checked.

A wrong count or reference is a fault; what the envelope holds is read all the same.
"""

from dataclasses import dataclass
from datetime import date

from manifests import edifact
from manifests.edifact import LONGEST_SEGMENT, Segment, Tokens, value
from manifests.errors import InputError
from manifests.fields import shown
from manifests.raw import Fault, limit_faults

MOST_MESSAGES = 200
_COUNT_DIGITS = 9
_TELETYPE_END = "NNNN"
_SEND_WHOLE = "the message is cut off: send it whole"


@dataclass(frozen=True)
class Message:
    """One message: its segments are those from index `first` (UNH) up to, but without, `end` (UNT or what follows)."""

    kind: str  # PAXLST
    version: str  # D
    release: str  # 02B
    reference: str  # UNH 0062
    access_reference: str  # UNH 0068
    first: int
    end: int
    complete: bool  # UNT came


@dataclass(frozen=True)
class Interchange:
    """Who sent what to whom, as in UNB and the first UNG: composites keep their components."""

    syntax: tuple[str, ...]  # UNOA, 4
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    prepared: date | None
    reference: str
    application: str  # UNB 0026
    group_sender: tuple[str, ...]
    group_recipient: tuple[str, ...]
    messages: tuple[Message, ...]
    tokens: Tokens
    faults: tuple[Fault, ...]


def read(message: bytes) -> Interchange:
    """The interchange in `message`. Raises InputError where there is no message in it, or none can be told."""
    tokens = edifact.read(message)
    return _Walk(tokens).interchange()


class _Walk:
    """One pass over the segments of an interchange."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._messages: list[Message] = []
        self._faults = [Fault(tokens.place_of(byte), "", problem) for byte, problem in tokens.problems]
        self._open: int | None = None  # UNH that waits for its UNT
        self._group: int | None = None  # UNG that waits for its UNE
        self._groups = 0
        self._in_group = 0
        self._stray = False
        self._end = len(tokens.segments)

    def interchange(self) -> Interchange:
        segments = self._tokens.segments
        if not segments:
            raise InputError(f"segment 1 (UNB), byte 0: no terminator {self._tokens.delimiters.terminator!r}: {_SEND_WHOLE}")
        steps = {"UNG": self._ung, "UNH": self._unh, "UNT": self._unt, "UNE": self._une}
        closed = False
        for index in segments.too_long():
            self._fault(index, "", f"longer than {LONGEST_SEGMENT:,} characters, not read: end each segment with its terminator")
        for index, tag in enumerate(segments.tags):
            if tag == "UNZ":
                self._unz(index)
                self._end, closed = index + 1, True
                break
            if tag in steps:
                steps[tag](index)
            elif self._open is None and index and not self._stray:
                self._stray = True
                self._fault(index, "", "stands outside UNH … UNT and is not read: send segments within a message")
        self._close(self._end)
        self._trailer(closed)
        if not self._messages:
            nothing = "message: no message (UNH … UNT) in the interchange: send a PAXLST or PNRGOV"
            raise InputError([nothing, *map(_worded, self._faults)])
        unb = segments[0]
        ung = segments[segments.tags.index("UNG")] if self._groups else []
        return Interchange(
            syntax=_composite(unb, 1),
            sender=_composite(unb, 2),
            recipient=_composite(unb, 3),
            prepared=_day(value(unb, 4)),
            reference=value(unb, 5),
            application=value(unb, 7),
            group_sender=_composite(ung, 2),
            group_recipient=_composite(ung, 3),
            messages=tuple(self._messages),
            tokens=self._tokens,
            faults=tuple(self._faults),
        )

    def _fault(self, index: int, found: str, problem: str) -> None:
        limit_faults(self._faults)
        self._faults.append(Fault(self._tokens.place(index), shown(found), problem))

    def _ung(self, index: int) -> None:
        self._group, self._in_group = index, 0
        self._groups += 1

    def _unh(self, index: int) -> None:
        if self._open is not None:
            self._fault(index, "UNH", "the message before has no UNT: end each message with UNT")
            self._close(index)
        if len(self._messages) == MOST_MESSAGES:
            raise InputError(
                f"{self._tokens.place(index)}: more than {MOST_MESSAGES} messages: send fewer flights per interchange"
            )
        self._open = index
        self._in_group += 1

    def _close(self, end: int, complete: bool = False) -> None:
        """The message from the open UNH up to `end`."""
        if self._open is None:
            return
        unh = self._tokens.segments[self._open]
        kind, version, release = (value(unh, 2, component).upper() for component in range(3))
        self._messages.append(Message(kind, version, release, value(unh, 1), value(unh, 3), self._open, end, complete))
        self._open = None

    def _unt(self, index: int) -> None:
        if self._open is None:
            self._fault(index, "UNT", "no UNH before it: begin each message with UNH")
            return
        self._count(index, index - self._open + 1, "segments from UNH to UNT")
        self._same_reference(index, self._open, 1, "UNH")
        self._close(index, complete=True)

    def _une(self, index: int) -> None:
        if self._group is None:
            self._fault(index, "UNE", "no UNG before it: begin each group with UNG")
            return
        self._count(index, self._in_group, "messages in the group")
        self._same_reference(index, self._group, 5, "UNG")
        self._group = None

    def _unz(self, index: int) -> None:
        messages = len(self._messages) + (self._open is not None)
        self._count(
            index, self._groups or messages, "groups in the interchange" if self._groups else "messages in the interchange"
        )
        self._same_reference(index, 0, 5, "UNB")

    def _count(self, index: int, counted: int, what: str) -> None:
        sent = value(self._tokens.segments[index], 1)
        if number(sent) != counted:
            self._fault(index, sent, f"there are {counted} {what}: send that count, or the part that is missing")

    def _same_reference(self, index: int, opening: int, element: int, tag: str) -> None:
        sent, opened = value(self._tokens.segments[index], 2), value(self._tokens.segments[opening], element)
        if sent.replace(" ", "") != opened.replace(" ", ""):
            self._fault(index, sent, f"{tag} has the reference {shown(opened)}: send the same in both")

    def _trailer(self, closed: bool) -> None:
        tokens = self._tokens
        if not closed:
            left = f", {len(tokens.tail)} characters without terminator" if tokens.tail else ""
            self._faults.append(Fault(tokens.end, "", f"no UNZ{left}: {_SEND_WHOLE}"))
        elif self._end < len(tokens.segments):
            self._fault(self._end, "", "text after UNZ is not read: send each interchange alone")
        elif tokens.tail and tokens.tail != _TELETYPE_END:
            problem = f"{len(tokens.tail)} characters after UNZ are not read: leave them out"
            self._faults.append(Fault(tokens.end, "", problem))


def number(text: str) -> int | None:
    """A count as sent, with or without leading zeros; None where it is not a number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS else None


def _composite(segment: Segment, element: int) -> tuple[str, ...]:
    return tuple(part.strip() for part in segment[element]) if len(segment) > element else ()


def _day(text: str) -> date | None:
    """The day of preparation, YYMMDD (of this century) or CCYYMMDD; None where it is neither."""
    digits = f"20{text}" if len(text) == 6 else text
    if number(digits) is None or len(digits) != 8:
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _worded(fault: Fault) -> str:
    return ": ".join(part for part in (fault.where, fault.value, fault.problem) if part)
