"""The travellers of a PAXLST message and their documents: what is kept of each NAD group, and where it stands.

Travellers are NAD groups: FL passengers, FM crew, DDU and DDT passengers and crew in transit; in a crew list (BGM 250,
336) FL and DDU are crew too. ELEMENTS are kept, from the WCO/IATA/ICAO guide, all else is passed over: addresses,
contacts and free text may tell of religion or health. A traveller without RFF+ABO gets its position in the message as
reference: P0003 is the third NAD.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from manifests.edifact import Segment, Tokens, value
from manifests.errors import InputError
from manifests.normalise import MOST_ROWS, MOST_TRAVELLERS
from manifests.raw import Raw

_ROLES = {"FL": "passenger", "FM": "crew", "DDU": "transit_passenger", "DDT": "transit_crew"}
_CREW_ROLES = {"FL": "crew", "FM": "crew", "DDU": "transit_crew", "DDT": "transit_crew"}
_OTHER_PARTIES = frozenset({"MS", "MR", "CA", "BA"})  # message sender and recipient, carrier, booking agent: nobody who travels
MOST_OTHERS = 100  # NAD of parties that do not travel
_TOO_MANY = "more travellers than any flight has: send one flight per message"
_LONGEST_PARTY = 3  # characters of NAD 3035

# What is kept by segment and qualifier: the column, and the element and component in which it stands.
ELEMENTS: dict[str, dict[str, tuple[str, int, int]]] = {
    "ATT": {"2": ("sex", 3, 0)},
    "DTM": {"329": ("dob", 1, 1), "36": ("expiry", 1, 1)},
    "MEA": {"CT": ("bags", 3, 1), "WT": ("bag_weight", 3, 1)},
    "FTX": {"BAG": ("bag_tags", 4, 0)},
    "LOC": {
        "22": ("clearance", 2, 0),
        "91": ("issuer", 2, 0),
        "174": ("residence", 2, 0),
        "178": ("embarkation", 2, 0),
        "179": ("debarkation", 2, 0),
        "180": ("birthplace", 2, 3),
    },
    "NAT": {"": ("nationality", 2, 0), "2": ("nationality", 2, 0)},
    # AEA is the redress number: the government agency reference number of the guide.
    "RFF": {"AVF": ("record_locator", 1, 1), "ABO": ("ref", 1, 1), "AEA": ("redress", 1, 1)},
}
_OF_DOCUMENT = frozenset({"expiry", "issuer"})
_PLACES = {column: (tag, qualifier) for tag, of in ELEMENTS.items() for qualifier, (column, _, _) in of.items()}
_ELSEWHERE = frozenset({"CNT", "TDT"})  # of the message, not of its travellers
_PASSED_OVER = frozenset({"COM", "EMP", "GEI", "CPI", "QTY", "ICD"})  # of the guide and not kept; counted by tag

_TRAVELLER = (
    *("flight", "ref", "role", "surname", "given", "sex", "dob", "nationality", "birthplace", "residence"),
    *("embarkation", "debarkation", "clearance", "redress", "record_locator", "bags", "bag_tags", "bag_weight"),
)
_DOCUMENT = ("traveller", "type", "number", "issuer", "expiry")

_WEIGHT = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
_POUND = 0.45359237  # kilograms: the international avoirdupois pound
_COUNT = re.compile(r"[0-9]{1,3}")
_TAG = re.compile(r"[A-Za-z0-9]{0,3}[ -]?[0-9]{4,12}")  # carrier and number; anything else in a free text may tell anything
_NO_TAG = "?"

Report = Callable[[int, str, str, int | None], None]  # (segment, value, problem, traveller)
Row = dict[str, Any]


class Travellers:
    """The rows of all messages read so far, in `raw`."""

    def __init__(self, tokens: Tokens, raw: Raw, fault: Report, passed_over: Counter[str]) -> None:
        self._segments = tokens.segments
        self._tags = tokens.segments.tags
        self._place = tokens.place
        self._raw = raw
        self._fault = fault
        self._passed_over = passed_over
        self._starts: dict[str, list[int]] = {"travellers": [], "documents": []}
        raw.travellers = {name: [] for name in _TRAVELLER}
        raw.documents = {name: [] for name in _DOCUMENT}

    @property
    def count(self) -> int:
        """Travellers so far."""
        return len(self._starts["travellers"])

    def clearances(self, first: int) -> list[str]:
        """Where the travellers from row `first` on are examined, of those that say so."""
        return [airport for airport in self._raw.travellers["clearance"][first:] if airport]

    def begins(self, index: int) -> bool:
        """Whether a traveller begins with the segment."""
        return self._tags[index] == "NAD" and value(self._segments[index], 1).upper() in _ROLES

    def other(self, index: int, segment: Segment) -> None:
        """A party that does not travel; one that is not known is a fault."""
        party = value(segment, 1).upper()
        if party not in _OTHER_PARTIES:
            problem = "not a known party, nobody is read from it: send FL, FM, DDU or DDT for travellers"
            self._fault(index, party if len(party) <= _LONGEST_PARTY else "", problem, None)

    def segment_of(self, frame: str, row: int, column: str) -> int:
        """The segment of a value, or that with which its traveller or document begins."""
        start, tags = self._starts[frame][row], self._tags
        tag, qualifier = _PLACES.get(column, ("", ""))
        at = start + 1
        while at < len(tags) and tags[at] not in ("NAD", "UNT") and (frame == "travellers" or tags[at] != "DOC"):
            if tags[at] == tag and value(self._segments[at], 1) == qualifier:
                return at
            at += 1
        return start

    def read(self, indices: range, flight: int, crew: bool) -> Iterator[int]:
        """Read the travellers among these segments; gives the indices of those that belong to no traveller's group."""
        segments, tags, first, parties = self._segments, self._tags, self.count, 0
        roles = _CREW_ROLES if crew else _ROLES
        travellers: list[Row] = []
        documents: list[Row] = []
        traveller: Row | None = None  # the segments now belong to it
        document: Row | None = None  # … and to it
        for index in indices:
            tag = tags[index]
            if (kept := ELEMENTS.get(tag)) and traveller is not None:
                segment = segments[index]
                found = kept.get(value(segment, 1))
                if found is None:
                    self._passed_over[tag] += 1
                    continue
                column, element, component = found
                text = value(segment, element, component)
                row = traveller
                if column in _OF_DOCUMENT:
                    if document is None:
                        problem = f"{column} of a document, but no DOC before it: send DOC first"
                        self._fault(index, text, problem, first + len(travellers) - 1)
                        continue
                    row = document
                if special := _SPECIAL.get(column):
                    text = special(segment)
                if text:
                    before = row.setdefault(column, text)
                    if before != text:
                        self._again(index, column, row, text, first + len(travellers) - 1)
            elif tag == "DOC" and traveller is not None:
                segment = segments[index]
                document = {"traveller": first + len(travellers) - 1, "type": value(segment, 1), "number": value(segment, 2)}
                documents.append(document)
                if len(documents) > MOST_ROWS:
                    raise InputError(f"{self._place(index)}: more documents than any flight has: send one flight per message")
                self._starts["documents"].append(index)
            elif tag == "NAD":
                parties += 1
                if parties > MOST_TRAVELLERS + MOST_OTHERS:
                    raise InputError(f"{self._place(index)}: {_TOO_MANY}")
                traveller, document = self._party(index, flight, roles), None
                if traveller is not None:
                    travellers.append(traveller)
            elif tag in _ELSEWHERE:
                yield index
            elif traveller is not None:
                self._passed_over[tag if tag in _PASSED_OVER else "other"] += 1
        _number(travellers)
        for columns, rows in ((self._raw.travellers, travellers), (self._raw.documents, documents)):
            for name, values in columns.items():
                values += [row.get(name, "") for row in rows]

    def _party(self, index: int, flight: int, roles: dict[str, str]) -> Row | None:
        """The traveller that NAD names; None where it is nobody who travels."""
        segment = self._segments[index]
        if (role := roles.get(value(segment, 1).upper())) is None:
            self.other(index, segment)
            return None
        self._starts["travellers"].append(index)
        name = segment[4] if len(segment) > 4 else [""]
        return {"flight": flight, "role": role, "surname": name[0].strip(), "given": " ".join(" ".join(name[1:5]).split())}

    def _again(self, index: int, column: str, row: Row, text: Any, traveller: int) -> None:
        """A second value: more tags of bags, or one that has no place."""
        if column == "bag_tags":
            row[column] += text
        else:
            self._fault(index, text, f"{column} sent before, the first is used: send it once", traveller)


def _number(travellers: list[Row]) -> None:
    """Positions where there is no reference."""
    used = {row.get("ref", "") for row in travellers}
    for position, row in enumerate(travellers, start=1):
        if "ref" not in row:
            reference = f"P{position:04}"
            while reference in used:
                reference += "X"
            row["ref"] = reference


def _bags(segment: Segment) -> str:
    """MEA+CT++:2; seen in the field: MEA+CT++2."""
    return value(segment, 3, 1) or value(segment, 3)


def _weight(segment: Segment) -> str:
    """Kilograms of MEA+WT++KGM:23 or LBR:50; without a unit they are kilograms."""
    unit, weight = value(segment, 3), value(segment, 3, 1)
    if not weight:
        unit, weight = "", unit
    return str(round(float(weight) * (_POUND if unit == "LBR" else 1))) if _WEIGHT.fullmatch(weight) else weight


def _bag_tags(segment: Segment) -> list[str]:
    """FTX+BAG+++AC123456:3, a tag and how many follow it; seen in the field: several tags. What is no tag is not repeated."""
    texts = [text.strip() for text in segment[4]] if len(segment) > 4 else []
    if len(texts) == 2 and _COUNT.fullmatch(texts[1]) and _TAG.fullmatch(texts[0]):
        return [":".join(texts)]
    return [text if _TAG.fullmatch(text) else _NO_TAG for text in texts if text]


def _birthplace(segment: Segment) -> str:
    """LOC+180+:::HARTFORD+:::USA or LOC+180+USA:::HARTFORD: names (3224, 3222, 3232) before their codes."""
    return ", ".join(filter(None, (value(segment, at, part) for at in (2, 3, 4) for part in (3, 0))))


_SPECIAL: dict[str, Callable[[Segment], Any]] = {
    "bags": _bags,
    "bag_weight": _weight,
    "bag_tags": _bag_tags,
    "birthplace": _birthplace,
}
