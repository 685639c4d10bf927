"""UN/EDIFACT PAXLST (D:02B and D:05B as airlines send it) → Manifest, and the header that a CUSRES answer repeats.

One message is one flight (see itinerary). Travellers are NAD groups: FL passengers, FM crew, DDU and DDT passengers
and crew in transit; in a crew list (BGM 250) FL and DDU are crew too. Per traveller are read: ATT+2 sex, DTM+329
birth, LOC+180 place of birth, MEA+CT and MEA+WT bags, NAT nationality (the first), RFF+AVF record locator, RFF+ABO
unique passenger reference, RFF+AEA redress number (the government agency reference number of the WCO/IATA/ICAO guide),
and per document DOC type and number, DTM+36 expiry, LOC+91 issuer. A traveller without RFF+ABO gets its position in the
message as reference: P0003 is the third NAD. Other qualifiers are passed over.

Longer than most modules: header and travellers share segments (LOC, DTM, RFF) whose meaning depends on what came
before, so that one reader must see them all.
"""

import re
from dataclasses import dataclass
from typing import Any

from manifests import interchange
from manifests.edifact import Segment, Tokens, value
from manifests.errors import InputError
from manifests.fields import shown
from manifests.frames import Manifest
from manifests.interchange import Interchange, Message, number
from manifests.itinerary import Itinerary, Journey
from manifests.normalise import MOST_TRAVELLERS, normalise
from manifests.raw import MANIFEST_PATHS, Columns, Fault, Paths, Raw, paths_within

_ROLES = {"FL": "passenger", "FM": "crew", "DDU": "transit_passenger", "DDT": "transit_crew"}
_CREW_LIST_ROLES = {"FL": "crew", "FM": "crew", "DDU": "transit_crew", "DDT": "transit_crew"}
_CREW_LIST = "250"  # BGM 1001
_OTHER_PARTIES = frozenset({"MS", "MR", "CA"})  # message sender and recipient, carrier: nobody who travels
_TOTALS = {"42": ("passengers", "passenger", "transit_passenger"), "41": ("crew", "crew", "transit_crew")}  # CNT 6069
_TRAVELLER_REFERENCES = {"AVF": "record_locator", "ABO": "ref", "AEA": "redress"}  # RFF 1153
_WEIGHT = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
_MOST_OTHERS = 100  # NAD of parties that do not travel
_POUND = 0.45359237  # kilograms: the international avoirdupois pound

_TRAVELLER = (
    *("flight", "ref", "role", "surname", "given", "sex", "dob", "nationality", "birthplace", "redress"),
    *("record_locator", "bags", "bag_weight"),
)
_DOCUMENT = ("traveller", "type", "number", "issuer", "expiry")
_JOURNEY = ("carrier", "number", "departure", "departure_time", "arrival", "arrival_time")


@dataclass(frozen=True)
class Header:
    """What one message says of itself, as sent."""

    reference: str  # UNH 0062
    access_reference: str  # UNH 0068
    version: str  # D
    release: str  # 02B
    document: str  # BGM 1001: 745 passenger list, 250 crew list
    function: str  # BGM, the element after: C, CP, XR …
    transaction: str  # RFF+TN
    flight_reference: str  # RFF+AF, else of TDT: UA0989


@dataclass(frozen=True)
class Paxlst:
    """An interchange as read: `headers[i]` belongs to row i of `manifest.flights`, `references[i]` to traveller i."""

    manifest: Manifest
    interchange: Interchange
    headers: tuple[Header, ...]
    # Record locator and passenger reference as sent; "" where there is none, or one that another traveller had before.
    references: tuple[tuple[str, str], ...]


def read(message: bytes) -> Paxlst:
    """Read every PAXLST message of an interchange.

    What cannot be read is a fault that names segment and byte; the rest is kept. Raises InputError where the bytes
    hold no PAXLST at all, or more than any flight can.
    """
    envelope = interchange.read(message)
    messages = [found for found in envelope.messages if found.kind == "PAXLST"]
    if not messages:
        kinds = ", ".join(sorted({found.kind or "unnamed" for found in envelope.messages}))
        raise InputError(f"message: EDIFACT of the kind {kinds[:60]}: send PAXLST (UNH+…+PAXLST:D:02B:UN:IATA)")
    reading = _Reading(envelope)
    for found in envelope.messages:
        reading.message(found)
    raw = reading.raw
    paths = Paths(raw, MANIFEST_PATHS if len(messages) == 1 else paths_within("messages[{f}]"))

    def where(frame: str, row: int, column: str) -> str:
        at = reading.places.get((frame, row, column), reading.places.get((frame, row, "")))
        return paths(frame, row, column) + ("" if at is None else f" ({envelope.tokens.place(at)})")

    manifest = normalise(raw, where)
    kept = (sent if read else "" for sent, read in zip(raw.travellers["ref"], manifest.travellers["ref"].to_list(), strict=True))
    references = tuple(zip(raw.travellers["record_locator"], kept, strict=True))
    return Paxlst(manifest, envelope, tuple(reading.headers), references)


class _Reading:
    """The raw columns of all messages read so far, and the segment of each value (column "": that of its row)."""

    def __init__(self, envelope: Interchange) -> None:
        self._segments = envelope.tokens.segments
        self._tokens: Tokens = envelope.tokens
        self.raw = Raw(
            flights={name: [] for name in _JOURNEY},
            travellers={name: [] for name in _TRAVELLER},
            documents={name: [] for name in _DOCUMENT},
            legs={name: [] for name in ("flight", "booking", "sequence", *_JOURNEY)},
            faults=list(envelope.faults),
            prepared=envelope.prepared,
        )
        self.places: dict[tuple[str, int, str], int] = {}
        self.headers: list[Header] = []
        self._start()

    def _start(self) -> None:
        """Forget the message before."""
        self._itinerary = Itinerary()
        self._facts: dict[str, str] = {}
        self._totals: list[tuple[int, str, str]] = []
        self._roles = _ROLES
        self._first = len(self.raw.travellers["ref"])
        self._parties = 0
        self._header = True  # until the first NAD of a traveller
        self._traveller = False  # the segments now belong to the last traveller
        self._document = False  # … to its last document

    def _fault(self, index: int, found: str, problem: str, traveller: int | None = None) -> None:
        self.raw.faults.append(Fault(self._tokens.place(index), shown(found), problem, traveller))

    def message(self, found: Message) -> None:
        """Read one message; any but a PAXLST is a fault."""
        if found.kind != "PAXLST":
            self._fault(found.first, found.kind, "not a PAXLST, not read: send it by itself")
            return
        self._start()
        header = {"BGM": self._bgm, "TDT": self._tdt, "LOC": self._loc, "DTM": self._dtm, "RFF": self._rff, "CNT": self._cnt}
        travellers = {"NAD": self._nad, "ATT": self._att, "MEA": self._mea, "NAT": self._nat, "DOC": self._doc}
        readers = header | travellers
        for index in range(found.first + 1, found.end):
            segment = self._segments[index]
            if reader := readers.get(segment[0][0]):
                reader(index, segment)
        self._close(found)

    # The header, and what stands in it and in travellers.

    def _bgm(self, index: int, segment: Segment) -> None:
        self._facts["document"], self._facts["function"] = value(segment, 1), value(segment, 2)
        if value(segment, 1) == _CREW_LIST:
            self._roles = _CREW_LIST_ROLES

    def _tdt(self, index: int, segment: Segment) -> None:
        if self._header:
            self._itinerary.tdt(index, segment)
        else:
            self._fault(
                index, value(segment, 2), "stands after the first traveller, not read: send the flight before the travellers"
            )

    def _loc(self, index: int, segment: Segment) -> None:
        if self._header:
            self._itinerary.loc(index, segment)
        elif self._traveller:
            match value(segment, 1):
                case "91":
                    self._of_document("issuer", index, value(segment, 2))
                case "180":
                    # LOC+180+:::HARTFORD+:::USA or LOC+180+USA:::HARTFORD: names (3224, 3222, 3232) before their codes.
                    parts = [value(segment, at, part) for at in (2, 3, 4) for part in (3, 0)]
                    self._of_traveller("birthplace", index, ", ".join(filter(None, parts)))

    def _dtm(self, index: int, segment: Segment) -> None:
        if self._header:
            self._itinerary.dtm(index, segment)
        elif self._traveller:
            match value(segment, 1):
                case "329":
                    self._of_traveller("dob", index, value(segment, 1, 1))
                case "36":
                    self._of_document("expiry", index, value(segment, 1, 1))

    def _rff(self, index: int, segment: Segment) -> None:
        qualifier, reference = value(segment, 1), value(segment, 1, 1)
        if self._header:
            if qualifier in ("TN", "AF"):
                self._facts[qualifier] = reference
        elif self._traveller and qualifier in _TRAVELLER_REFERENCES:
            self._of_traveller(_TRAVELLER_REFERENCES[qualifier], index, reference)

    def _cnt(self, index: int, segment: Segment) -> None:
        # Seen in the field: CNT+41+8 for CNT+41:8.
        self._totals.append((index, value(segment, 1), value(segment, 1, 1) or value(segment, 2)))

    # Travellers.

    def _nad(self, index: int, segment: Segment) -> None:
        self._parties += 1
        if self._parties > MOST_TRAVELLERS + _MOST_OTHERS:
            raise InputError(f"{self._tokens.place(index)}: more travellers than any flight has: send one flight per message")
        party = value(segment, 1).upper()
        role = self._roles.get(party)
        self._traveller, self._document = role is not None, False
        if role is None:
            if party not in _OTHER_PARTIES:
                self._fault(index, party, "not a known party, nobody is read from it: send FL, FM, DDU or DDT for travellers")
            return
        self._header = False
        given = " ".join(name for at in range(1, 5) if (name := value(segment, 4, at)))
        names = {"flight": len(self.headers), "role": role, "surname": value(segment, 4), "given": given}
        self._append("travellers", _TRAVELLER, names, index)

    def _att(self, index: int, segment: Segment) -> None:
        if self._traveller and value(segment, 1) == "2":
            self._of_traveller("sex", index, value(segment, 3))

    def _mea(self, index: int, segment: Segment) -> None:
        if not self._traveller:
            return
        unit, measured = value(segment, 3), value(segment, 3, 1)
        match value(segment, 1):
            case "CT":
                self._of_traveller("bags", index, measured)
            case "WT":
                if _WEIGHT.fullmatch(measured):
                    measured = str(round(float(measured) * (_POUND if unit == "LBR" else 1)))
                self._of_traveller("bag_weight", index, measured)

    def _nat(self, index: int, segment: Segment) -> None:
        if self._traveller and not self.raw.travellers["nationality"][-1]:
            self._of_traveller("nationality", index, value(segment, 2))

    def _doc(self, index: int, segment: Segment) -> None:
        if self._traveller:
            self._document = True
            row = {"traveller": len(self.raw.travellers["ref"]) - 1, "type": value(segment, 1), "number": value(segment, 2)}
            self._append("documents", _DOCUMENT, row, index)

    def _append(self, frame: str, names: tuple[str, ...], row: dict[str, Any], index: int) -> None:
        columns: Columns = getattr(self.raw, frame)
        for name in names:
            columns[name].append(row.get(name, ""))
        self.places[frame, len(columns[names[0]]) - 1, ""] = index

    def _of_traveller(self, name: str, index: int, text: str) -> None:
        column = self.raw.travellers[name]
        column[-1] = text
        self.places["travellers", len(column) - 1, name] = index

    def _of_document(self, name: str, index: int, text: str) -> None:
        if not self._document:
            traveller = len(self.raw.travellers["ref"]) - 1
            self._fault(index, text, f"{name} of a document, but no DOC before it: send DOC first", traveller)
            return
        column = self.raw.documents[name]
        column[-1] = text
        self.places["documents", len(column) - 1, name] = index

    # The end of a message.

    def _close(self, found: Message) -> None:
        self._check_totals()
        travellers = len(self.raw.travellers["ref"])
        if not found.complete:
            last = travellers - 1 if travellers > self._first else None
            problem = "the message has no UNT after it, what follows is missing: send the message whole"
            self._fault(found.end - 1, self._tokens.tag(found.end - 1), problem, last)
        self._number_references()
        if (index := self._itinerary.repeated()) is not None:
            self._fault(index, value(self._segments[index], 1), "sent twice, the first is used: send one flight per message")
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
                document=self._facts.get("document", ""),
                function=self._facts.get("function", ""),
                transaction=self._facts.get("TN", ""),
                flight_reference=self._facts.get("AF") or self._itinerary.designator(),
            )
        )

    def _journey(self, frame: str, journey: Journey) -> None:
        columns: Columns = getattr(self.raw, frame)
        row = len(columns["carrier"])
        for name in _JOURNEY:
            sent = journey.get(name)
            columns[name].append(sent.text if sent else "")
            if sent:
                self.places[frame, row, name] = sent.segment

    def _check_totals(self) -> None:
        roles = self.raw.travellers["role"][self._first :]
        for index, qualifier, sent in self._totals:
            if qualifier in _TOTALS:
                name, *kinds = _TOTALS[qualifier]
                own, transit = (roles.count(kind) for kind in kinds)
                if number(sent) not in (own, own + transit):
                    self._fault(index, sent, f"there are {own + transit} {name}: send that count, or those that are missing")

    def _number_references(self) -> None:
        references = self.raw.travellers["ref"]
        used = set(references[self._first :])
        for row in range(self._first, len(references)):
            if not references[row]:
                reference = f"P{row - self._first + 1:04}"
                while reference in used:
                    reference += "X"
                references[row] = reference
