"""What a special service says of a traveller or booking: documents, infants, children, seats, tickets, contacts."""

from collections.abc import Callable

from manifests import pnr_elements
from manifests.names import fold_one
from manifests.pnr_booking import Booking, Money, Person, Service, Text

_CHILD_TYPES = {"CHLD": "child", "UMNR": "unaccompanied_minor"}
_FEW_DOCUMENTS = 10  # of one traveller that are looked through for the same one again
_Report = Callable[[int, str], None]  # segment, problem


def read(booking: Booking, service: Service, report: _Report) -> None:
    """Enter what a service says into its booking. A fault repeats nothing of the text: it may hold anything."""
    person, text, index = booking.meant(service), service.text, service.segment
    match service.code:
        case "DOCS":
            _docs(booking, service, report)
        case "DOCO" | "FOID" | "CHLD" | "UMNR":
            if person is None:
                _nobody(service, report)
            else:
                _personal(person, service)
        case "DOCA":
            kind, address = pnr_elements.doca(text)
            if kind == "B" and person:
                person.fact("birthplace", address, index)
            elif kind in ("D", "R"):
                booking.contact("address", "destination" if kind == "D" else "residence", Text(address, index), person)
        case "INFT":
            surname, given, born = pnr_elements.infant(text)
            if surname or given:
                booking.infant(surname, pnr_elements.bare_name(given), index).fact("dob", born, index)
        case "SEAT":
            for seat, number in service.sent:
                if seat:
                    booking.seats.append((seat.upper(), booking.person(number) or service.person, service.leg, False))
        case "TKNE" | "TKNA" | "TKNM":
            if ticket := pnr_elements.ticket(text):
                booking.tickets.append(Money(ticket, person))
        case _:
            _contact(booking, service, person, report)


def _nobody(service: Service, report: _Report) -> None:
    report(service.segment, f"{service.code} of nobody in particular, not read: send the traveller's number with it")


def _personal(person: Person, service: Service) -> None:
    text, index = service.text, service.segment
    match service.code:
        case "DOCO":
            visa = pnr_elements.doco(text)
            person.fact("birthplace", visa.birthplace, index)
            if visa.kind == "R":
                person.fact("redress", visa.number, index)
            elif visa.kind == "V" and visa.number:
                _document(person, index, type="V", number=visa.number, issuer=visa.issuer)
        case "FOID":
            kind, number = pnr_elements.identification(text)
            if number and not person.documents:
                _document(person, index, type=kind, number=number)
        case _:
            person.type = _CHILD_TYPES[service.code]
            person.fact("dob", pnr_elements.born(text), index)


def _docs(booking: Booking, service: Service, report: _Report) -> None:
    docs, index = pnr_elements.docs(service.text), service.segment
    surname, given = pnr_elements.family_name(docs.surname), docs.given
    if docs.infant:
        person: Person | None = booking.infant(surname, given, index)
    else:
        person = booking.meant(service) or booking.by_name(surname, given)
    if person is None:
        _nobody(service, report)
        return
    # A document's name counts for more than the booking's, unless lines broke within it.
    if surname and given and not _same(person, surname, given):
        person.fact("surname", surname, index)
        person.fact("given", given, index)
    for name in ("sex", "dob", "nationality"):
        person.fact(name, getattr(docs, name), index)
    if docs.number:
        _document(person, index, type=docs.type, number=docs.number, issuer=docs.issuer, expiry=docs.expiry)


def _document(person: Person, index: int, **fields: str) -> None:
    document = {name: Text(text, index) for name, text in fields.items()}
    known = [(held["type"].text, held["number"].text) for held in person.documents[:_FEW_DOCUMENTS]]
    if (fields["type"], fields["number"]) not in known:
        person.documents.append(document)


def _same(person: Person, surname: str, given: str) -> bool:
    """The same letters, wherever blanks stand."""
    return fold_one(person.surname + person.given).replace(" ", "") == fold_one(surname + given).replace(" ", "")


def _contact(booking: Booking, service: Service, person: Person | None, report: _Report) -> None:
    """Of the text only what reads as a number or an address is kept."""
    use, index = "agency" if service.code == "CTCT" else "traveller", service.segment
    email, phone = pnr_elements.email(service.text), pnr_elements.phone(service.text)
    if service.code == "CTCA":
        booking.contact("address", use, Text(service.text.strip("/ "), index), person)
    elif email:
        booking.contact("email", use, Text(email, index), person)
    elif phone:
        booking.contact("phone", use, Text(phone, index), person)
    elif service.code != "CTCR":  # CTCR alone: the traveller was asked and gave none
        report(index, f"{service.code} without a telephone number or e-mail address, not read: send one")
