"""UN/EDIFACT PAXLST (D:02B and D:05B as airlines send it) → Manifest, and the header that a CUSRES answer repeats.

One message is one flight (see itinerary) and has one function (see functions). Who travels and what is kept of them: see
travellers. What cannot be read is a fault; what is not on the list of elements kept is counted and never repeated.

Longer than most modules: header, flight and totals of a message share segments, and one reader must see them all.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from manifests import interchange
from manifests.edifact import value
from manifests.errors import InputError
from manifests.fields import shown
from manifests.frames import Manifest, concat, split
from manifests.functions import CREW, DOCUMENTS, SCREENED, Function, function_of
from manifests.interchange import Interchange, Message, number
from manifests.itinerary import Itinerary, Journey
from manifests.normalise import normalise
from manifests.raw import MANIFEST_PATHS, Columns, Fault, Paths, Raw, limit_faults, paths_within
from manifests.travellers import MOST_OTHERS, Travellers

_TOTALS = {"42": ("passengers", "passenger", "transit_passenger"), "41": ("crew", "crew", "transit_crew")}  # CNT 6069
_JOURNEY = ("carrier", "number", "departure", "departure_time", "arrival", "arrival_time")
_LONGEST_CODE = 6  # characters; what is longer is no code, and nobody knows what it tells


@dataclass(frozen=True)
class Header:
    """What one message says of itself, as sent."""

    reference: str  # UNH 0062
    access_reference: str  # UNH 0068
    version: str  # D
    release: str  # 02B
    document: str  # BGM 1001: 745 passenger list, 250 crew list
    identifier: str  # BGM 1004: C, CP, XR, CLOB …
    function: Function
    transaction: str  # RFF+TN
    flight_reference: str  # RFF+AF, else of TDT: UA0989
    segment: int  # of BGM, or of UNH where there is none


@dataclass(frozen=True)
class Paxlst:
    """An interchange as read: `headers[i]` belongs to row i of `manifest.flights`, `references[i]` to traveller i."""

    manifest: Manifest
    interchange: Interchange
    headers: tuple[Header, ...]
    # Record locator and passenger reference as sent; "" where there is none, or one that another traveller had before.
    references: tuple[tuple[str, str], ...]
    passed_over: Mapping[str, int]  # segments that are not kept, by tag


def read(message: bytes) -> Paxlst:
    """Read every PAXLST message of an interchange, whatever its function.

    What cannot be read is a fault that names segment and byte; the rest is kept. Raises InputError where the bytes
    hold no PAXLST at all, or more than any flight can.
    """
    envelope = interchange.read(message)
    messages = [found for found in envelope.messages if found.kind == "PAXLST"]
    if not messages:
        kinds = ", ".join(sorted({_code(found.kind) or "unnamed" for found in envelope.messages}))
        raise InputError(f"message: EDIFACT of the kind {kinds[:60]}: send PAXLST (UNH+…+PAXLST:D:02B:UN:IATA)")
    reading = _Reading(envelope)
    for found in envelope.messages:
        reading.message(found)
    raw = reading.raw
    paths = Paths(raw, MANIFEST_PATHS if len(messages) == 1 else paths_within("messages[{f}]"))

    def where(frame: str, row: int, column: str) -> str:
        at = reading.segment_of(frame, row, column)
        return paths(frame, row, column) + ("" if at is None else f" ({envelope.tokens.place(at)})")

    manifest = normalise(raw, where)
    kept = (sent if read else "" for sent, read in zip(raw.travellers["ref"], manifest.travellers["ref"].to_list(), strict=True))
    references = tuple(zip(raw.travellers["record_locator"], kept, strict=True))
    return Paxlst(manifest, envelope, tuple(reading.headers), references, reading.passed_over)


def to_screen(sent: Paxlst) -> Paxlst:
    """The messages that list people to screen; each of the others is a fault, and nobody in it is screened as on a new list.

    Raises InputError where there are no such messages.
    """
    others = [row for row, header in enumerate(sent.headers) if header.function not in SCREENED]
    if not others:
        return sent
    place = sent.interchange.tokens.place
    faults = [
        (
            f"messages[{row}] ({place(header.segment)})",
            _code(f"{header.document}+{header.identifier}".rstrip("+"), 10),
            f"{header.function.replace('_', ' ')}, not a list: nobody in it was screened and earlier answers stand: "
            "send those to screen in BGM 745 or 250",
        )
        for row in others
        for header in [sent.headers[row]]
    ]
    kept = [row for row in range(len(sent.headers)) if row not in set(others)]
    if not kept:
        raise InputError([": ".join(fault) for fault in faults])
    parts = split(sent.manifest)
    manifest = concat([parts[row] for row in kept])
    told = pl.DataFrame(faults, ["where", "value", "problem"], orient="row")
    # A fault of the whole interchange stands in every part.
    whole = pl.concat([told, manifest.faults.unique(maintain_order=True)], how="diagonal_relaxed")
    of_flight = sent.manifest.travellers["flight"].to_list()
    return Paxlst(
        Manifest(
            **{name: getattr(manifest, name) for name in ("flights", "travellers", "documents", "bookings", "legs")},
            faults=whole.cast(manifest.faults.schema),
        ),
        sent.interchange,
        tuple(sent.headers[row] for row in kept),
        tuple(reference for reference, flight in zip(sent.references, of_flight, strict=True) if flight in set(kept)),
        sent.passed_over,
    )


def _code(text: str, longest: int = _LONGEST_CODE) -> str:
    return shown(text) if len(text) <= longest else ""


class _Reading:
    """The raw columns of all messages read so far, and the segments at which their rows and values stand."""

    def __init__(self, envelope: Interchange) -> None:
        self._tokens = envelope.tokens
        self.raw = Raw(
            flights={name: [] for name in _JOURNEY},
            legs={name: [] for name in ("flight", "booking", "sequence", *_JOURNEY)},
            faults=list(envelope.faults),
            prepared=envelope.prepared,
        )
        self.passed_over: Counter[str] = Counter()
        self.headers: list[Header] = []
        self._travellers = Travellers(envelope.tokens, self.raw, self._fault, self.passed_over)
        self._places: dict[tuple[str, int, str], int] = {}
        self._start()

    def _start(self) -> None:
        """Forget the message before."""
        self._itinerary = Itinerary()
        self._facts: dict[str, str] = {}
        self._bgm_at: int | None = None
        self._totals: dict[str, tuple[int, str]] = {}
        self._others = 0

    def segment_of(self, frame: str, row: int, column: str) -> int | None:
        """The segment of a value, or that with which its row begins."""
        if frame in ("travellers", "documents"):
            return self._travellers.segment_of(frame, row, column)
        return self._places.get((frame, row, column))

    def _fault(self, index: int, found: str, problem: str, traveller: int | None = None) -> None:
        limit_faults(self.raw.faults)
        self.raw.faults.append(Fault(self._tokens.place(index), shown(found), problem, traveller))

    def message(self, found: Message) -> None:
        """Read one message; any but a PAXLST is a fault."""
        if found.kind != "PAXLST":
            self._fault(found.first, _code(found.kind), "not a PAXLST, not read: send it by itself")
            return
        self._start()
        tags = self._tokens.segments.tags
        at = found.first + 1
        while at < found.end and not self._travellers.begins(at):
            self._header(at, tags[at])
            at += 1
        document = self._facts.get("document", "")
        first = self._travellers.count
        for index in self._travellers.read(range(at, found.end), len(self.headers), document in CREW):
            self._header_too_late(index, tags[index])
        self._close(found, first)

    def _header(self, index: int, tag: str) -> None:
        if tag not in ("BGM", "NAD", "TDT", "LOC", "DTM", "RFF", "CNT"):
            return
        segment = self._tokens.segments[index]
        match tag:
            case "BGM":
                self._bgm_at = index
                self._facts |= {"document": value(segment, 1), "identifier": value(segment, 2), "code": value(segment, 3)}
            case "NAD":
                self._others += 1
                if self._others > MOST_OTHERS:
                    raise InputError(f"{self._tokens.place(index)}: more than {MOST_OTHERS} parties: send one flight per message")
                self._travellers.other(index, segment)
            case "TDT":
                self._itinerary.tdt(index, segment)
            case "LOC":
                self._itinerary.loc(index, segment)
            case "DTM":
                self._itinerary.dtm(index, segment)
            case "RFF" if value(segment, 1) in ("TN", "AF"):
                self._facts[value(segment, 1)] = value(segment, 1, 1)
            case "CNT":
                # Seen in the field: CNT+41+8 for CNT+41:8.
                self._totals[value(segment, 1)[:2]] = index, value(segment, 1, 1) or value(segment, 2)

    def _header_too_late(self, index: int, tag: str) -> None:
        """CNT stands after the travellers; a flight there belongs to nobody knows whom."""
        match tag:
            case "CNT":
                self._header(index, tag)
            case "TDT":
                sent = value(self._tokens.segments[index], 2)
                self._fault(index, sent, "stands after the first traveller, not read: send the flight before the travellers")

    def _close(self, found: Message, first: int) -> None:
        """The end of a message whose travellers begin with row `first`."""
        facts = self._facts
        document, identifier = facts.get("document", ""), facts.get("identifier", "")
        function = function_of(document, identifier, facts.get("code", ""))
        if self._bgm_at is None:
            self._fault(found.first, "", "no BGM after it, read as a passenger list: send BGM 745 or 250")
        elif document not in DOCUMENTS:
            problem = "not a document that is known here, read as a passenger list: send 745 passengers or 250 crew"
            self._fault(self._bgm_at, _code(document), problem)
        self._check_totals(first, whole=function is Function.LIST)
        travellers = self._travellers.count
        if not found.complete:
            last = travellers - 1 if travellers > first else None
            self._fault(
                found.end - 1, "", "the message has no UNT after it, what follows is missing: send the message whole", last
            )
        self._itinerary.settle(self._travellers.clearances(first))
        for at, sent, problem in self._itinerary.faults():
            self._fault(at, sent, problem)
        flight = len(self.headers)
        self._journey("flights", self._itinerary.flight())
        for order, leg in self._itinerary.legs():
            for name, key in (("flight", flight), ("booking", None), ("sequence", order)):
                self.raw.legs[name].append(key)
            self._journey("legs", leg)
        self.headers.append(
            Header(
                reference=found.reference,
                access_reference=found.access_reference,
                version=found.version,
                release=found.release,
                document=document,
                identifier=identifier,
                function=function,
                transaction=facts.get("TN", ""),
                flight_reference=facts.get("AF") or self._itinerary.designator(),
                segment=found.first if self._bgm_at is None else self._bgm_at,
            )
        )

    def _journey(self, frame: str, journey: Journey) -> None:
        columns: Columns = getattr(self.raw, frame)
        row = len(columns["carrier"])
        for name in _JOURNEY:
            sent = journey.get(name)
            columns[name].append(sent.text if sent else "")
            if sent:
                self._places[frame, row, name] = sent.segment

    def _check_totals(self, first: int, whole: bool) -> None:
        """A list must have as many as it says; a change of one may give the total of the flight."""
        roles = self.raw.travellers["role"][first:]
        for qualifier, (index, sent) in self._totals.items():
            if qualifier in _TOTALS:
                name, *kinds = _TOTALS[qualifier]
                own, transit = (roles.count(kind) for kind in kinds)
                count = number(sent)
                if count not in (own, own + transit) and (whole or count is None or count < own):
                    self._fault(index, sent, f"there are {own + transit} {name}: send that count, or those that are missing")
