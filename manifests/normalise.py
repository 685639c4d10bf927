"""The one validator and normaliser at the edge: raw columns of strings in, the frames of a Manifest and its faults out.

Every reader (protobuf, PAXLST, JSON) fills a `Raw` and calls `normalise`. A value that cannot be read becomes null
and a fault that names its place, the value and the fix; the rest of its traveller is kept. One name only, no date of
birth and letters of any script are legitimate. Hand-written columns instead of Polars expressions: an expression
costs about 37 µs however few its rows are, a Series from a list 5 µs.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from manifests import dates, fields, sensitive
from manifests.codes import zones
from manifests.errors import InputError
from manifests.frames import DTYPES, Manifest
from manifests.raw import Columns, Fault, Raw, Where, limit_faults
from manifests.typed import frame_of

T = TypeVar("T")

MOST_TRAVELLERS = 5_000  # of one flight; no airliner is certified for more than 853 seats
MOST_ROWS = 50_000  # documents, bookings or legs of one flight
_MOST_BAGS = 999  # pieces
_MOST_WEIGHT = 99_999  # kilograms
_MOST_CHANGES = 9_999

_REQUIRED_OF_FLIGHT = {
    "carrier": "send the designator of the operating carrier, such as AC",
    "number": "send the flight number, such as 872",
    "departure": "send the IATA code of the last foreign airport (in PAXLST LOC+125)",
    "arrival": "send the IATA code of the first airport in the State of destination (in PAXLST LOC+87)",
    "departure_time": "send the local time of departure (in PAXLST DTM+189)",
}
# How the column `field` of the Faults frame names the frames other than travellers.
_FIELD_PREFIX = {"travellers": "", "flights": "flight.", "documents": "document.", "bookings": "booking.", "legs": "leg."}


class _Group:
    """One raw frame while it is read: its columns, and reports that turn a row and a problem into a fault."""

    def __init__(self, frame: str, raw: Raw, where: Where, faults: list[Fault]) -> None:
        self._frame = frame
        self._columns: Columns = getattr(raw, frame)
        self._where = where
        self._faults = faults
        self.height = len(next(iter(self._columns.values()), ()))

    def column(self, name: str) -> list[Any]:
        return self._columns.get(name) or [None] * self.height

    def report(self, name: str) -> fields.Report:
        def report(row: int, problem: str) -> None:
            limit_faults(self._faults)
            self._faults.append(
                Fault(
                    where=self._where(self._frame, row, name),
                    value=fields.shown(self.column(name)[row]),
                    problem=problem,
                    traveller=self._traveller(row),
                    field=_FIELD_PREFIX[self._frame] + name,
                )
            )

        return report

    def _traveller(self, row: int) -> int | None:
        if self._frame == "documents":
            traveller: int = self._columns["traveller"][row]
            return traveller
        return row if self._frame == "travellers" else None

    def read(self, name: str, reader: Callable[[fields.Column, fields.Report], list[T]]) -> list[T]:
        return reader(self.column(name), self.report(name))

    def read_if_sent(self, name: str, reader: Callable[[Any, fields.Report], list[T | None]]) -> list[T | None]:
        """Columns that few formats have cost nothing elsewhere."""
        return self.read(name, reader) if name in self._columns else [None] * self.height


def normalise(raw: Raw, where: Where) -> Manifest:
    """The Manifest of what a reader found; `where` names places in its message (see raw.Paths).

    Raises InputError when the message is larger than any flight can be.
    """
    _limit(raw)
    _drop_titles(raw)
    faults = list(raw.faults)
    groups = {frame: _Group(frame, raw, where, faults) for frame in _FIELD_PREFIX}
    flights = _flights(groups["flights"])
    travel = [raw.prepared if moment is None else moment.date() for moment in flights["departure_time"]]
    bookings = _bookings(groups["bookings"], flights["departure_at"])
    travellers = _travellers(groups["travellers"], travel, bookings)
    _unclaimed(groups["bookings"], bookings, travellers)
    documents = _documents(groups["documents"], [travel[row] for row in travellers["flight"]])
    legs = _legs(groups["legs"])
    return Manifest(
        flights=frame_of("flights", flights),
        travellers=frame_of("travellers", travellers | {"law": [raw.law] * groups["travellers"].height}),
        documents=frame_of("documents", documents | {"law": [raw.law] * groups["documents"].height}),
        bookings=frame_of("bookings", bookings),
        legs=frame_of("legs", legs),
        faults=frame_of("faults", _in_order(faults)),
    )


def _drop_titles(raw: Raw) -> None:
    """Before any value is read, so that no fault repeats what is left out."""
    for name in ("surname", "given"):
        if names := raw.travellers.get(name):
            raw.travellers[name], count = sensitive.untitled(names)
            raw.dropped[sensitive.TITLE] += count


def _in_order(faults: list[Fault]) -> Columns:
    """Faults of the message, its flights and bookings first, then traveller by traveller."""
    faults.sort(key=lambda fault: -1 if fault.traveller is None else fault.traveller)
    return {name: [getattr(fault, name) for fault in faults] for name in DTYPES["faults"]}


def _limit(raw: Raw) -> None:
    over = [
        f"{name}: {count:,} rows in one flight, at most {most:,} are read: send one flight per message"
        for name, most in (("travellers", MOST_TRAVELLERS), ("bookings", MOST_ROWS), ("legs", MOST_ROWS))
        for count in [max(Counter(getattr(raw, name).get("flight", ())).values(), default=0)]
        if count > most
    ]
    if (count := len(raw.documents.get("traveller", ()))) > (most := MOST_ROWS * max(1, len(raw.flights.get("carrier", ())))):
        over.append(f"documents: {count:,} rows, at most {most:,} are read: send one flight per message")
    if over:
        raise InputError(over)


def _flights(group: _Group) -> Columns:
    columns = _journeys(group)
    for name, fix in _REQUIRED_OF_FLIGHT.items():
        sent, report = group.column(name), group.report(name)
        for row, value in enumerate(sent):
            if not (value and value.strip()):
                report(row, f"not given: {fix}")
    return {"flight": list(range(group.height)), **columns}


def _journeys(group: _Group) -> Columns:
    """Carrier, number, airports and times of flights or legs; times local (datetime) and in UTC (microseconds)."""
    carriers = group.read("carrier", fields.carrier)
    columns: Columns = {
        "carrier": carriers,
        "number": fields.flight_number(group.column("number"), group.report("number"), carriers),
    }
    for end in ("departure", "arrival"):
        columns[end] = group.read(end, fields.airport)
        columns[f"{end}_time"] = fields.parsed(group.column(f"{end}_time"), group.report(f"{end}_time"), dates.local)
        columns[f"{end}_at"] = [
            None if code is None or moment is None else dates.microseconds(moment) - dates.utc_offset(moment, zones()[code])
            for code, moment in zip(columns[end], columns[f"{end}_time"], strict=True)
        ]
    for row, (left, reached) in enumerate(zip(columns["departure_at"], columns["arrival_at"], strict=True)):
        if left is not None and reached is not None and reached <= left:
            group.report("arrival_time")(row, "not after the departure, both taken to UTC: send local times of the airports")
            columns["arrival_time"][row] = columns["arrival_at"][row] = None
    return columns


def _travellers(group: _Group, travel: Sequence[date | None], bookings: Columns) -> Columns:
    flight = group.column("flight")
    days = [travel[row] for row in flight]
    surname, given = group.read("surname", fields.text), group.read("given", fields.text)
    for row, names in enumerate(zip(surname, given, strict=True)):
        if names == (None, None):
            group.report("surname")(row, "no name that can be read: send surname or given name as in the document")
    locator = group.read("record_locator", fields.upper)
    rows = {key: row for row, key in reversed(list(enumerate(zip(bookings["flight"], bookings["record_locator"], strict=True))))}
    return {
        "traveller": list(range(group.height)),
        "flight": flight,
        "ref": _references(group, flight),
        "role": group.read("role", fields.role),
        "surname": surname,
        "given": given,
        "sex": group.read("sex", fields.sex),
        "dob": fields.dated(group.column("dob"), days, group.report("dob"), dates.birth),
        "nationality": group.read("nationality", fields.country),
        "birthplace": group.read("birthplace", fields.text),
        "residence": group.read_if_sent("residence", fields.country),
        "embarkation": group.read_if_sent("embarkation", fields.airport),
        "debarkation": group.read_if_sent("debarkation", fields.airport),
        "clearance": group.read_if_sent("clearance", fields.airport),
        "redress": group.read("redress", fields.redress_number),
        "record_locator": locator,
        "bag_tags": group.read_if_sent("bag_tags", fields.bag_tags),
        "bags": fields.whole(group.column("bags"), group.report("bags"), _MOST_BAGS),
        "bag_weight": fields.whole(group.column("bag_weight"), group.report("bag_weight"), _MOST_WEIGHT),
        "booking": [None if key[1] is None else rows.get(key) for key in zip(flight, locator, strict=True)],
    }


def _references(group: _Group, flight: Sequence[int]) -> list[str | None]:
    report, sent = group.report("ref"), group.column("ref")
    references = group.read("ref", fields.text)
    seen: set[tuple[int, str]] = set()
    for row, (at, reference) in enumerate(zip(flight, references, strict=True)):
        if reference is None:
            if not (sent[row] and sent[row].strip()):
                report(row, "not given: send the carrier's unique passenger reference")
        elif (at, reference) in seen:
            report(row, "sent before on this flight: send a reference that is unique within the flight")
            references[row] = None
        else:
            seen.add((at, reference))
    return references


def _documents(group: _Group, travel: Sequence[date | None]) -> Columns:
    traveller = group.column("traveller")
    number = group.read("number", fields.document_number)
    for row, value in enumerate(group.column("number")):
        if not (value and value.strip()):
            group.report("number")(row, "not given: send the number of the document")
    return {
        "traveller": traveller,
        "type": group.read("type", fields.document_type),
        "number": number,
        "issuer": group.read("issuer", fields.country),
        "expiry": fields.dated(group.column("expiry"), [travel[row] for row in traveller], group.report("expiry"), dates.expiry),
    }


def _bookings(group: _Group, departure: Sequence[int | None]) -> Columns:
    flight = group.column("flight")
    locator = group.read("record_locator", fields.upper)
    booked = [None if moment is None else dates.microseconds(moment) for moment in _instants(group, "booked_at")]
    seen: set[tuple[int, str]] = set()
    for row, (at, key) in enumerate(zip(flight, locator, strict=True)):
        if key is None:
            continue
        if (at, key) in seen:
            group.report("record_locator")(row, "sent before on this flight, the first is used: send each booking once")
        seen.add((at, key))
    for row, (at, moment) in enumerate(zip(flight, booked, strict=True)):
        left = departure[at]
        if moment is not None and left is not None and moment > left:
            group.report("booked_at")(row, "after the departure: send the time of booking in UTC")
            booked[row] = None
    return {
        "booking": list(range(group.height)),
        "flight": flight,
        "record_locator": locator,
        "booked_at": booked,
        "payment": group.read("payment", fields.payment),
        "payer": group.read("payer", fields.text),
        "card": group.column("card"),
        "agency": group.read("agency", fields.upper),
        "phone": group.read("phone", fields.phone),
        "email": group.read("email", fields.email),
        "address": group.read("address", fields.text),
        "changes": fields.whole(group.column("changes"), group.report("changes"), _MOST_CHANGES),
    }


def _instants(group: _Group, name: str) -> list[datetime | None]:
    return fields.parsed(group.column(name), group.report(name), dates.instant)


def _unclaimed(group: _Group, bookings: Columns, travellers: Columns) -> None:
    """A booking that no traveller names is a fault: its PNR elements reach nobody."""
    claimed = set(zip(travellers["flight"], travellers["record_locator"], strict=True))
    for row, key in enumerate(zip(bookings["flight"], bookings["record_locator"], strict=True)):
        if key not in claimed or key[1] is None:
            group.report("record_locator")(row, "no traveller of this flight has this record locator: send the same on both")


def _legs(group: _Group) -> Columns:
    return {
        "flight": group.column("flight"),
        "booking": group.column("booking"),
        "sequence": group.column("sequence"),
        **_journeys(group),
    }
