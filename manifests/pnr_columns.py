"""Bookings as read → the raw columns that the normaliser takes, and the columns of the frames beside them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from manifests import pnr_elements, pnr_frames, pnr_services
from manifests.fields import LONGEST, printable
from manifests.pnr_booking import NOTHING, Booking, Leg, Person, Text
from manifests.protobuf import card_digest
from manifests.raw import Columns, Fault, Raw

_JOURNEY = ("carrier", "number", "departure", "departure_time", "arrival", "arrival_time")
_TRAVELLER = (
    *("flight", "ref", "surname", "given", "sex", "dob", "nationality", "birthplace", "redress", "record_locator"),
    *("bags", "bag_weight"),
)
_DOCUMENT = ("traveller", "type", "number", "issuer", "expiry")
_BOOKING = (
    *("flight", "record_locator", "booked_at", "payment", "payer", "card", "agency", "phone", "email", "address"),
    "changes",
)


class PnrColumns:
    """What all bookings gave so far. `places` is the segment of each value (column "": that of its row)."""

    def __init__(
        self, faults: Sequence[Fault], prepared: date | None, place: Callable[[int], str], card_key: bytes | None
    ) -> None:
        self.raw = Raw(
            flights={name: [] for name in _JOURNEY},
            travellers={name: [] for name in _TRAVELLER},
            documents={name: [] for name in _DOCUMENT},
            bookings={name: [] for name in _BOOKING},
            legs={name: [] for name in ("flight", "booking", "sequence", *_JOURNEY)},
            faults=list(faults),
            prepared=prepared,
            law="PNR",
        )
        self.found: dict[str, Columns] = pnr_frames.columns()
        self.places: dict[tuple[str, int, str], int] = {}
        self._place = place
        self._card_key = card_key
        self._message: list[Booking] = []

    def booking(self, booking: Booking) -> None:
        """One whole booking; its rows follow at the end of the message, when the flight is known."""
        for service in booking.services:
            pnr_services.read(booking, service, self._fault)
        self._message.append(booking)

    def _fault(self, index: int, problem: str) -> None:
        self.raw.faults.append(Fault(self._place(index), "", problem))

    def end_message(self, flight: Leg, reference: str, prepared: datetime | None, whole: bool) -> None:
        """The rows of a message's flight and bookings."""
        row = len(self.raw.flights["carrier"])
        first = len(self.raw.travellers["ref"])
        carrier = flight.operating or flight.marketing
        journey = self._journey(flight) | {"carrier": carrier, "number": flight.number}
        self._append(self.raw.flights, "flights", journey, flight.segment or None)
        for booking in self._message:
            self._booking(booking, row, flight)
            at = len(self.raw.bookings["flight"]) - 1
            versions = {"booking": at, "prepared_at": prepared, "changed_at": booking.changed_at}
            self._beside("versions", versions | {"reference": reference, "whole": whole})
        self._number_references(first)
        self._message = []

    def _booking(self, booking: Booking, flight: int, own: Leg) -> None:
        row = len(self.raw.bookings["flight"])
        rows: dict[int, int] = {}
        for person in booking.people:
            rows[id(person)] = len(self.raw.travellers["ref"])
            self._person(person, booking, flight)
        place = rows.get

        def of(person: Person | None) -> int | None:
            return None if person is None else place(id(person))

        self._bags(booking, row, own, of)
        self._raw_booking(booking, row, flight, of)
        for held in booking.held():
            carrier, number = held.flown_as()
            journey = self._journey(held) | {"carrier": carrier, "number": number}
            keys = {"flight": flight, "booking": row, "sequence": held.sequence}
            self._append(self.raw.legs, "legs", keys | journey, held.segment)
        for seat, holder, leg, assigned in booking.seats:
            sequence = None if leg is None else leg.sequence
            seats = {"booking": row, "traveller": of(holder), "sequence": sequence, "seat": seat[:8], "assigned": assigned}
            if seat.strip("X*"):  # XXX: no seat yet
                self._beside("seats", seats)
        self._money(booking, row, of)
        for carrier, locator, travellers in booking.splits:
            splits = {"booking": row, "carrier": carrier or None, "record_locator": locator, "travellers": travellers}
            if locator:
                self._beside("splits", splits)
        details = {"booking": row, "office": booking.office or None, "channel": booking.channel or None}
        details |= {"group": printable(booking.group)[:LONGEST] or None, "unnamed": booking.unnamed}
        self._beside("details", details | {"excess_bags": booking.excess})

    def _person(self, person: Person, booking: Booking, flight: int) -> None:
        row = len(self.raw.travellers["ref"])
        facts = {name: text for name, (text, _) in person.facts.items()}
        names = {"surname": person.surname, "given": person.given}
        values = names | facts | {"flight": flight, "record_locator": booking.locator.text}
        values["ref"] = person.ref.text if person.ref else ""
        self._append(self.raw.travellers, "travellers", values, person.segment)
        for name, (_, at) in person.facts.items():
            self.places["travellers", row, name] = at
        if person.ref:
            self.places["travellers", row, "ref"] = person.ref.segment
        for document in person.documents:
            texts: dict[str, Any] = {name: text for name, (text, _) in document.items()}
            self._append(self.raw.documents, "documents", texts | {"traveller": row}, document["number"].segment)
        passenger = {"traveller": row, "type": person.type, "frequent_flyer": person.frequent_flyer[:LONGEST] or None}
        passenger |= {name: printable(text)[:LONGEST] or None for name, text in names.items()}
        self._beside("passengers", passenger | {"checked_in_at": person.checked_in_at})

    def _raw_booking(self, booking: Booking, row: int, flight: int, of: Callable[[Person | None], int | None]) -> None:
        forms = [pnr_elements.FORMS.get(_part(form, 0).upper(), "other") for form, _, _ in booking.payments]
        cards = [self._card(form) for form, _, _ in booking.payments]
        sent: dict[str, Text] = {"record_locator": booking.locator, "booked_at": booking.booked_at}
        sent["payer"] = booking.payers[0] if booking.payers else NOTHING
        sent["agency"] = booking.agency or NOTHING
        for kind in ("phone", "email", "address"):
            own = (contact.value for contact in booking.contacts if contact.kind == kind and contact.use == "traveller")
            sent[kind] = next(own, NOTHING)
        values: dict[str, Any] = {name: text for name, (text, _) in sent.items()}
        values |= {"flight": flight, "payment": forms[0] if forms else "", "card": next(filter(None, cards), None)}
        values["changes"] = self._history(booking, row) if booking.history else None
        self._append(self.raw.bookings, "bookings", values, booking.segment)
        for name, (text, at) in sent.items():
            if text:
                self.places["bookings", row, name] = at
        for contact in booking.contacts:
            told = _canonical(contact.kind, contact.value.text)
            columns = {"booking": row, "traveller": of(contact.person), "kind": contact.kind, "use": contact.use, "value": told}
            if told:
                self._beside("contacts", columns)

    def _history(self, booking: Booking, row: int) -> int:
        """How often itinerary or names were changed: transactions after the one that made the booking."""
        made = booking.booked_at.text
        changed = 0
        for transaction in booking.history:
            for action, element in transaction.done:
                columns = {"booking": row, "transaction": transaction.number, "at": transaction.at}
                self._beside("changes", columns | {"action": action, "element": element})
            at = transaction.at.isoformat()[:16] if transaction.at else ""
            touched = any(element in ("itinerary", "name") for _, element in transaction.done)
            changed += touched and not (at and made and at <= made)
        return changed

    def _bags(self, booking: Booking, row: int, own: Leg, of: Callable[[Person | None], int | None]) -> None:
        """Bags per leg; a traveller's are those of the flight, else of the first leg that has any."""
        counted: dict[int, tuple[int | None, int | None, bool, int]] = {}
        for pieces, weight, person, leg, pooled in booking.bags:
            traveller = of(person)
            columns = {"booking": row, "traveller": traveller, "sequence": leg.sequence, "pieces": pieces, "weight": weight}
            self._beside("bags", columns | {"pooled": pooled})
            on_flight = leg.is_flight(own)
            if traveller is not None and (traveller not in counted or (on_flight and not counted[traveller][2])):
                counted[traveller] = (pieces, weight, on_flight, leg.segment)
        for traveller, (pieces, weight, _, segment) in counted.items():
            for name, count in (("bags", pieces), ("bag_weight", weight)):
                self.raw.travellers[name][traveller] = count
                self.places["travellers", traveller, name] = segment

    def _money(self, booking: Booking, row: int, of: Callable[[Person | None], int | None]) -> None:
        told: dict[str, set[int | None]] = {}
        for ticket in booking.tickets:
            traveller = of(ticket.person)
            holders = told.setdefault(ticket.number, set()) if ticket.number else set()
            if traveller in holders or (holders and traveller is None):
                continue  # the same ticket again: TKT, and TKNE for the traveller and for each leg
            holders.add(traveller)
            columns: dict[str, Any] = {"booking": row, "traveller": traveller, "number": ticket.number or None}
            columns["issued_at"] = ticket.issued_at
            columns |= {"refundable": ticket.refundable, "base": ticket.base, "total": ticket.total}
            self._beside("tickets", columns | {"currency": ticket.currency[:3] or None})
        for form, person, _ in booking.payments:
            paid = pnr_elements.FORMS.get(_part(form, 0).upper(), "other")
            columns = {"booking": row, "traveller": of(person), "form": paid, "card": self._card(form)}
            columns |= {"amount": pnr_elements.amount(_part(form, 2)), "vendor": _part(form, 3).upper()[:2] or None}
            self._beside("payments", columns)

    def _card(self, form: list[str]) -> str | None:
        """C641: form, indicator, amount, vendor, account number, expiry."""
        number = pnr_elements.card_number(_part(form, 4))
        return card_digest(number, self._card_key) if number and self._card_key else None

    @staticmethod
    def _journey(leg: Leg) -> dict[str, Any]:
        return {name: getattr(leg, name) for name in ("departure", "departure_time", "arrival", "arrival_time")}

    def _append(self, columns: Columns, frame: str, row: dict[str, Any], index: int | None) -> None:
        for name, column in columns.items():
            column.append(row.get(name, ""))
        if index is not None:
            self.places[frame, len(next(iter(columns.values()))) - 1, ""] = index

    def _beside(self, frame: str, row: dict[str, Any]) -> None:
        for name, column in self.found[frame].items():
            column.append(row.get(name))

    def _number_references(self, first: int) -> None:
        """Who has no unique reference gets the position in the message: P0003 is the third traveller."""
        references = self.raw.travellers["ref"]
        used = set(references[first:])
        for row in range(first, len(references)):
            if not references[row]:
                reference = f"P{row - first + 1:04}"
                while reference in used:
                    reference += "X"
                references[row] = reference


def _part(composite: list[str], at: int) -> str:
    return composite[at].strip() if at < len(composite) else ""


def _canonical(kind: str, text: str) -> str:
    if kind == "phone":
        return "".join(character for character in text if character.isdigit()).removeprefix("00")
    shown = printable(text)[:LONGEST]
    return shown.lower() if kind == "email" else shown
