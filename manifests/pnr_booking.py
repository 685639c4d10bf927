"""One booking of a PNRGOV message while it is read, and who in it a segment speaks of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from manifests import pnr_elements
from manifests.edifact import Segment, value
from manifests.interchange import number
from manifests.names import fold_one

_PLACEHOLDERS = frozenset({"TBA", "TBN"})  # surname of a place in a group whose traveller is not known yet
_POUND = 0.45359237  # kilograms: the international avoirdupois pound


class Text(NamedTuple):
    """A value as sent, and the index of its segment."""

    text: str
    segment: int


NOTHING = Text("", 0)


@dataclass(eq=False)
class Person:
    """A traveller: TIF, then what documents and services say."""

    surname: str
    given: str
    type: str | None
    number: str  # that services refer to
    segment: int
    ref: Text | None = None
    frequent_flyer: str = ""
    checked_in_at: datetime | None = None
    facts: dict[str, Text] = field(default_factory=dict)  # columns of Travellers; the first that is sent counts
    documents: list[dict[str, Text]] = field(default_factory=list)

    def fact(self, name: str, text: str, segment: int) -> None:
        if text:
            self.facts.setdefault(name, Text(text, segment))


@dataclass(eq=False)
class Leg:
    """TVL: times local in ISO 8601, or as sent where they are no times."""

    segment: int
    marketing: str = ""
    operating: str = ""
    number: str = ""
    departure: str = ""
    arrival: str = ""
    departure_time: str = ""
    arrival_time: str = ""
    operating_number: str = ""
    status: str = ""
    sequence: int = 0

    def flown_as(self) -> tuple[str, str]:
        """Operating carrier and number; those of the codeshare where only half of them is known."""
        if self.operating and self.operating_number:
            return self.operating, self.operating_number
        return self.marketing or self.operating, self.number

    def is_flight(self, flight: "Leg") -> bool:
        return (self.departure, self.arrival, self.departure_time[:10]) == (
            flight.departure,
            flight.arrival,
            flight.departure_time[:10],
        )


class Service(NamedTuple):
    """A special service, or a contact sent as other service information."""

    code: str
    text: str
    sent: list[tuple[str, str]]  # per traveller: seat (SEAT), number of the traveller
    person: Person | None  # in whose part it stands
    leg: Leg | None
    segment: int


@dataclass(eq=False)
class Money:
    """A ticket and its fare."""

    number: str
    person: Person | None
    issued_at: datetime | None = None
    refundable: bool | None = None
    base: float | None = None
    total: float | None = None
    currency: str = ""


@dataclass(eq=False)
class Transaction:
    """One entry of the history: what was done to which kinds of element."""

    number: int
    at: datetime | None = None
    done: dict[tuple[str, str], None] = field(default_factory=dict)  # (action, element), in the order sent
    _action: str = "changed"

    def begin(self, action: str) -> None:
        self._action = action

    def touch(self, element: str) -> None:
        self.done[self._action, element] = None


class Contact(NamedTuple):
    kind: str
    use: str
    value: Text
    person: Person | None


@dataclass(eq=False)
class Booking:
    """The parts of one PNR, in the order sent."""

    segment: int
    locator: Text = NOTHING
    booked_at: Text = NOTHING
    changed_at: datetime | None = None
    agency: Text | None = None
    office: str = ""
    channel: str = ""
    group: str = ""
    unnamed: int = 0
    excess: int | None = None
    people: list[Person] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    payers: list[Text] = field(default_factory=list)
    payments: list[tuple[list[str], Person | None, int]] = field(default_factory=list)  # FOP C641
    tickets: list[Money] = field(default_factory=list)
    seats: list[tuple[str, Person | None, Leg | None, bool]] = field(default_factory=list)
    bags: list[tuple[int | None, int | None, Person | None, Leg, bool]] = field(default_factory=list)
    history: list[Transaction] = field(default_factory=list)
    splits: list[tuple[str, str, int | None]] = field(default_factory=list)
    _infants: list[Person] = field(default_factory=list)
    _by_number: dict[str, Person] = field(default_factory=dict)
    _by_name: dict[tuple[str, str, str], Person] = field(default_factory=dict)  # infant or "", surname, given

    def add(self, segment: Segment, at: int, index: int) -> Person | None:
        """The traveller in element `at` of a TIF; None for a place that has no name yet."""
        surname, given = pnr_elements.family_name(value(segment, 1)), pnr_elements.bare_name(value(segment, at))
        if surname.upper() in _PLACEHOLDERS:
            self.unnamed += 1
            return None
        kind = pnr_elements.PASSENGERS.get(value(segment, at, 1).upper())
        return self._enter(Person(surname, given, kind, value(segment, at, 2), index))

    def _enter(self, person: Person) -> Person:
        self.people.append(person)
        if person.number:
            self._by_number.setdefault(person.number, person)
        infant = "infant" if person.type == "infant" else ""
        if infant:
            self._infants.append(person)
        self._by_name.setdefault((infant, *_key(person.surname, person.given)), person)
        return person

    def person(self, number: str) -> Person | None:
        """The traveller that a number refers to."""
        return self._by_number.get(number) if number else None

    def named(self, segment: Segment) -> Person | None:
        """The traveller whom a TIF of a check-in names."""
        key = _key(pnr_elements.family_name(value(segment, 1)), pnr_elements.bare_name(value(segment, 2)))
        return self._by_name.get(("", *key)) or self._by_name.get(("infant", *key))

    def infant(self, surname: str, given: str, index: int) -> Person:
        """The infant of that name, without one the only infant; entered where the booking has no such infant."""
        if not surname and len(self._infants) == 1:
            return self._infants[0]
        found = self._by_name.get(("infant", *_key(surname, given)))
        return found or self._enter(Person(surname, given, "infant", "", index))

    def meant(self, service: Service) -> Person | None:
        """Whom a service is for: by number, by the part that it stands in, else the only traveller there is."""
        by_number = next(filter(None, (self.person(at) for _, at in service.sent)), None)
        only = self.people[0] if len(self.people) == 1 else None
        return by_number or service.person or only

    def by_name(self, surname: str, given: str) -> Person | None:
        """The traveller of a document's name; the booking may leave middle names out."""
        first = "".join(given.split()[:1])
        return self._by_name.get(("", *_key(surname, given))) or self._by_name.get(("", *_key(surname, first)))

    def contact(self, kind: str, use: str, text: Text, person: Person | None) -> None:
        if text.text:
            self.contacts.append(Contact(kind, use, text, person))

    def organisation(self, segment: Segment, index: int) -> None:
        """ORG of the booking: carrier and place, IATA number and office of the agency, place, …, type of originator."""
        self.office = (value(segment, 2, 1) or value(segment, 3) or value(segment, 1, 1)).upper()
        self.channel = value(segment, 5).upper()
        agency = value(segment, 2) or value(segment, 2, 1)
        # A: the carrier's own office has a number too, but is no agency.
        self.agency = Text("" if self.channel == "A" else agency, index)

    def bag(self, segment: Segment, person: Person | None, leg: Leg, pounds: bool) -> None:
        """TBD: pieces, weight and unit; HP and MP are head and member of a pool."""
        weight = number(value(segment, 2, 1))
        if weight is not None and pounds:
            weight = round(weight * _POUND)
        self.bags.append((number(value(segment, 2)), weight, person, leg, value(segment, 3).upper() in ("HP", "MP")))

    def held(self) -> Iterator[Leg]:
        """The legs that are not cancelled."""
        return (leg for leg in self.legs if leg.status not in pnr_elements.NOT_HELD)


def _key(surname: str, given: str) -> tuple[str, str]:
    """Names as they are compared: carriers run given names together, and lines break within them."""
    return fold_one(surname).replace(" ", ""), fold_one(given).replace(" ", "")
