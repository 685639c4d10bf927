"""UN/EDIFACT PNRGOV (10.1 to 13.1 and later) → Pnr: the bookings that a carrier pushes to a State before departure.

One message is one flight: the header's TVL. Each SRC begins a booking, whose parts follow in this order, all optional:
RCI, SSR, DAT, IFT, ORG, ADD, EBD; travellers (TIF with FTI, IFT, REF, SSR, and tickets TKT with MON, PTK, DAT, FOP); legs
(TVL with RPI, SSR and check-in: DAT, TRI, TIF, SSD, TBD); divided bookings (EQN, RCI); history (ABI, DAT, SAC and what it was
done to). What a segment means depends on the part it stands in, so one reader must see them all; what it says is read
in pnr_booking. Special services and remarks that are not in the allow-list are counted and not read (see sensitive).
"""

from datetime import UTC, datetime

from manifests import interchange, pnr_elements, pnr_frames, sensitive
from manifests.dates import instant
from manifests.edifact import Segment, value
from manifests.errors import InputError
from manifests.fields import shown
from manifests.interchange import Interchange, Message, number
from manifests.normalise import MOST_ROWS, MOST_TRAVELLERS, normalise
from manifests.pnr_booking import Booking, Leg, Money, Person, Service, Text, Transaction
from manifests.pnr_columns import PnrColumns
from manifests.pnr_frames import Pnr
from manifests.raw import MANIFEST_PATHS, Fault, Paths, paths_within

_AIR = frozenset({"", "1", "22", "141"})  # MSG 4025: anything else in a booking is a hotel, a car, …
_WHOLE = "22"  # MSG 1225: push of every booking of the flight
_CONTACT, _PAYER = "28", "43"  # IFT 4451: other service information, payer
_CHANGED, _ISSUED, _CHECKED_IN = "700", "710", "2"  # DAT 2005
_POUNDS = "701"  # TBD 6411; 700 is kilograms
_ACTIONS = {"A": "added", "X": "cancelled"}  # SAC; any other is a change


def read(message: bytes, card_key: bytes | None = None) -> Pnr:
    """Read every PNRGOV message of an interchange.

    Of a card only a digest under `card_key` is kept (see pseudonyms.card_digest), and nothing without a key. What cannot be
    read is a fault that names segment and byte; the rest is kept. Raises InputError where the bytes hold no PNRGOV.
    """
    return of(interchange.read(message), card_key)


def of(envelope: Interchange, card_key: bytes | None = None) -> Pnr:
    """As `read`, of an interchange whose envelope is read already."""
    messages = [found for found in envelope.messages if found.kind == "PNRGOV"]
    if not messages:
        raise InputError("message: EDIFACT without a PNRGOV message: send PNRGOV (UNH+…+PNRGOV:11:1:IA)")
    reading = _Reading(envelope, card_key)
    for found in envelope.messages:
        reading.message(found)
    columns = reading.columns
    paths = Paths(columns.raw, MANIFEST_PATHS if len(messages) == 1 else paths_within("messages[{f}]"))

    def where(frame: str, row: int, column: str) -> str:
        at = columns.places.get((frame, row, column), columns.places.get((frame, row, "")))
        return paths(frame, row, column) + ("" if at is None else f" ({envelope.tokens.place(at)})")

    manifest = normalise(columns.raw, where)
    return pnr_frames.build(manifest, columns.found, columns.raw.dropped)


class _Reading:
    """One pass over the segments of each message: what stands where."""

    def __init__(self, envelope: Interchange, card_key: bytes | None) -> None:
        self._tokens = envelope.tokens
        self._segments = envelope.tokens.segments
        self._prepared = _prepared(envelope)
        self._reference = envelope.reference
        self.columns = PnrColumns(envelope.faults, envelope.prepared, envelope.tokens.place, card_key)
        self._start()

    def _start(self) -> None:
        """Forget the message before."""
        self._flight = Leg(0)
        self._whole = True
        self._expected: tuple[int, str] | None = None
        self._bookings = self._people = self._rows = 0
        self._begin(None)

    def _begin(self, booking: Booking | None) -> None:
        """Where the segments now belong: the booking, and none of its parts yet."""
        self._booking = booking
        self._person: Person | None = None  # the last TIF, of a check-in too
        self._leg: Leg | None = None
        self._ticket: Money | None = None
        self._checked_in_at: datetime | None = None
        self._split: int | None = None  # travellers of the EQN that waits for its RCI
        self._history: Transaction | None = None
        self._other = False  # within a hotel or the like

    def _fault(self, index: int, found: str, problem: str) -> None:
        self.columns.raw.faults.append(Fault(self._tokens.place(index), shown(found), problem))

    def message(self, found: Message) -> None:
        """Read one message; any but a PNRGOV is a fault."""
        if found.kind != "PNRGOV":
            self._fault(found.first, found.kind, "not a PNRGOV, not read: send it by itself")
            return
        self._start()
        reference = f"{self._reference} {found.reference}"
        for index in range(found.first + 1, found.end):
            segment = self._segments[index]
            if segment[0][0] == "SRC":
                self._close()
                self._source(index)
            elif self._booking is None:
                self._header(index, segment)
            elif self._history is not None or segment[0][0] == "ABI":
                self._of_history(self._booking, index, segment)
            elif not self._of_booking(self._booking, index, segment) and not self._other:
                self._of_part(self._booking, index, segment)
        self._close()
        if not found.complete:
            problem = "the message has no UNT after it, what follows is missing: send the message whole"
            self._fault(found.end - 1, "", problem)
        # Seen in the field: the travellers are counted in place of the bookings.
        if self._expected and number(self._expected[1]) not in (self._bookings, self._people):
            self._fault(*self._expected, f"there are {self._bookings} bookings (SRC): send that count, or those that are missing")
        self.columns.end_message(self._flight, reference, self._prepared, self._whole)

    def _source(self, index: int) -> None:
        self._bookings += 1
        self._row(index)
        self._begin(Booking(index))

    def _close(self) -> None:
        if self._booking is not None:
            self.columns.booking(self._booking)

    def _row(self, index: int) -> None:
        """Every row that a segment makes is counted, so that no message makes more than any flight has."""
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise InputError(f"{self._tokens.place(index)}: more of it than any flight has: send one flight per message")

    def _header(self, index: int, segment: Segment) -> None:
        match segment[0][0]:
            case "MSG":
                self._whole = value(segment, 1, 1) in ("", _WHOLE)
            case "TVL":
                self._flight = _leg(index, segment)
            case "EQN":
                self._expected = (index, value(segment, 1))

    def _of_booking(self, booking: Booking, index: int, segment: Segment) -> bool:
        """What begins a part of a booking, or is read alike in every part. False for any other segment."""
        match segment[0][0]:
            case "MSG":
                self._other = value(segment, 1) not in _AIR
            case "TVL":
                self._tvl(booking, index, segment)
            case "RCI":
                self._rci(booking, index, segment)
            case "EQN":
                self._split = number(value(segment, 1)) or -1
            case "SSR":
                self._ssr(booking, index, segment)
            case "IFT":
                self._ift(booking, index, segment)
            case "LTS":
                self.columns.raw.dropped[sensitive.REMARK] += 1
            case _:
                return False
        return True

    def _tvl(self, booking: Booking, index: int, segment: Segment) -> None:
        if self._other:
            return
        leg = _leg(index, segment)
        if self._leg is not None and not leg.departure and not leg.arrival:
            self._leg.operating_number = leg.number  # the operating carrier's own number, after its codeshare
            return
        self._row(index)
        self._leg, self._person, self._ticket, self._checked_in_at = leg, None, None, None
        leg.sequence = len(booking.legs)
        booking.legs.append(leg)

    def _rci(self, booking: Booking, index: int, segment: Segment) -> None:
        carrier, locator = value(segment, 1), value(segment, 1, 1)
        if self._split is not None:
            self._row(index)
            booking.splits.append((carrier.upper(), locator.upper(), None if self._split < 0 else self._split))
            self._split = None
        elif self._leg is None and not booking.locator.text:
            # Company, locator, type, date, time; seen in the field: without the type.
            created = [value(segment, 1, at) for at in range(2, 5)]
            if len(created[0]) == 6:
                created.insert(0, "")
            booking.locator = Text(locator, index)
            if any(created[1:3]):
                booking.booked_at = Text(pnr_elements.moment(created[1], created[2]), index)

    def _ssr(self, booking: Booking, index: int, segment: Segment) -> None:
        code = value(segment, 1).upper()
        if not sensitive.kept_service(code):
            self.columns.raw.dropped[sensitive.SERVICE] += 1
            return
        if value(segment, 1, 1).upper() in pnr_elements.NOT_HELD:
            return
        text = "".join(segment[1][8:]).strip()
        sent = [(value(segment, at), value(segment, at, 2)) for at in range(2, len(segment))]
        self._row(index)
        booking.services.append(Service(code, text, sent, self._person, self._leg, index))
        for _ in sent[1:]:
            self._row(index)

    def _ift(self, booking: Booking, index: int, segment: Segment) -> None:
        subject, text = value(segment, 1, 1), value(segment, 2)
        if subject == _PAYER:
            self._row(index)
            booking.payers.append(Text(pnr_elements.payer(text), index))
            booking.contact("address", "payer", Text(value(segment, 3), index), self._person)
            booking.contact("phone", "payer", Text(pnr_elements.phone(value(segment, 4)), index), self._person)
        elif subject == _CONTACT and (code := sensitive.contact_code(text)):
            self._row(index)
            booking.services.append(Service(code, text.lstrip()[4:].strip(), [], self._person, None, index))
        else:
            self.columns.raw.dropped[sensitive.REMARK] += 1

    def _of_part(self, booking: Booking, index: int, segment: Segment) -> None:
        """What is read by the part of the booking that it stands in."""
        tag, leg, person = segment[0][0], self._leg, self._person
        match tag:
            case "TIF" if leg is None:
                self._tif(booking, index, segment)
            case "TRI":
                self._person = booking.person(value(segment, 2, 3))
            case "TIF":
                self._person = found = booking.person(value(segment, 2, 2)) or booking.named(segment)
                if found is not None:
                    found.checked_in_at = found.checked_in_at or self._checked_in_at
            case "ORG" if leg is None and not booking.agency:
                booking.organisation(segment, index)
            case "ADD":
                self._add(booking, index, segment)
            case "EBD":
                booking.excess = number(value(segment, 2)) if booking.excess is None else booking.excess
            case "FTI" if person:
                person.frequent_flyer = value(segment, 1).upper() + value(segment, 1, 1).upper()
            case "REF" if person and leg is None:
                person.ref = Text(value(segment, 1, 1) or value(segment, 1), index)
            case "RPI" if leg:
                leg.status = value(segment, 2).upper()
            case "DAT":
                self._dat(booking, segment)
            case "SSD" if leg:
                self._row(index)
                booking.seats.append((value(segment, 1).upper(), person, leg, True))
            case "TBD" if leg:
                self._row(index)
                booking.bag(segment, person, leg, value(segment, 2, 2) == _POUNDS)
            case "TKT" | "MON" | "PTK" | "FOP":
                self._money(booking, index, segment)

    def _tif(self, booking: Booking, index: int, segment: Segment) -> None:
        if value(segment, 1, 1).upper() == "G":
            booking.group, self._person, self._ticket = value(segment, 1), None, None
            return
        for at in range(2, max(3, len(segment))):
            self._people += 1
            if self._people > MOST_TRAVELLERS:
                raise InputError(f"{self._tokens.place(index)}: more travellers than any flight has: send one flight per message")
            self._person = booking.add(segment, at, index)
        self._ticket = None

    def _add(self, booking: Booking, index: int, segment: Segment) -> None:
        # Purpose, street, city, part of the State by name and by code, State, postcode, telephone; some put the postcode last.
        parts = [value(segment, 2, at) for at in range(1, 8)]
        if told := pnr_elements.phone(parts[6]):
            parts.pop()
        use = "payer" if booking.payers and self._ticket else "traveller"
        self._row(index)
        booking.contact("address", use, Text(", ".join(filter(None, parts)), index), self._person)
        booking.contact("phone", use, Text(told, index), self._person)

    def _dat(self, booking: Booking, segment: Segment) -> None:
        for at in range(1, len(segment)):
            kind, moment = value(segment, at), _instant(value(segment, at, 1), value(segment, at, 2))
            if self._leg is not None:
                if kind == _CHECKED_IN:
                    self._checked_in_at = moment
            elif kind == _ISSUED and self._ticket is not None:
                self._ticket.issued_at = moment
            elif kind == _CHANGED and booking.changed_at is None:
                booking.changed_at = moment

    def _money(self, booking: Booking, index: int, segment: Segment) -> None:
        tag = segment[0][0]
        if tag == "TKT":
            self._row(index)
            self._ticket = Money(pnr_elements.ticket(value(segment, 1)), self._person)
            booking.tickets.append(self._ticket)
        elif tag == "FOP":
            for at in range(1, len(segment)):
                self._row(index)
                booking.payments.append((segment[at], self._person, index))
        elif tag == "PTK" and self._ticket is not None:
            self._ticket.refundable = value(segment, 1).upper() != "NR" if value(segment, 1) else None
        elif tag == "MON" and self._ticket is not None:
            for at in range(1, len(segment)):
                sum_, currency = pnr_elements.amount(value(segment, at, 1)), value(segment, at, 2).upper()
                if value(segment, at).upper() == "T":
                    self._ticket.total, self._ticket.currency = sum_, currency or self._ticket.currency
                elif value(segment, at).upper() == "B":
                    self._ticket.base, self._ticket.currency = sum_, self._ticket.currency or currency

    def _of_history(self, booking: Booking, index: int, segment: Segment) -> None:
        """Only what was done to which kind of element is read: what a booking held earlier is nobody's business."""
        tag = segment[0][0]
        if tag == "ABI":
            self._row(index)
            self._history = Transaction(len(booking.history))
            booking.history.append(self._history)
            return
        assert self._history is not None
        match tag:
            case "DAT":
                self._history.at = _instant(value(segment, 1, 1), value(segment, 1, 2))
            case "SAC":
                self._history.begin(_ACTIONS.get(value(segment, 3).upper() or value(segment, 1).upper(), "changed"))
            case "TVL":
                self._history.touch("itinerary")
            case "TIF":
                self._history.touch("name")
            case "SSR":
                self._history.touch("service")
                if not sensitive.kept_service(value(segment, 1).upper()):
                    self.columns.raw.dropped[sensitive.SERVICE] += 1
            case "IFT" | "LTS":
                self._history.touch("other")
                self.columns.raw.dropped[sensitive.REMARK] += 1


def _leg(index: int, segment: Segment) -> Leg:
    dates = [value(segment, 1, at) for at in range(4)]
    if len(dates[2]) in (3, 4) and not dates[3]:
        dates[2:] = ["", dates[2]]  # seen in the field: the time of arrival in the place of its date
    arrival_day = dates[2] or dates[0]
    return Leg(
        index,
        marketing=value(segment, 4).upper(),
        operating=value(segment, 4, 1).upper(),
        number=value(segment, 5).upper(),
        departure=value(segment, 2).upper(),
        arrival=value(segment, 3).upper(),
        departure_time=pnr_elements.moment(dates[0], dates[1]) if dates[1] else dates[0],
        arrival_time=pnr_elements.moment(arrival_day, dates[3]) if dates[3] else "",
    )


def _instant(date: str, time: str) -> datetime | None:
    """A moment in UTC; None where it is none, or has no time of day."""
    try:
        return instant(pnr_elements.moment(date, time)).replace(tzinfo=UTC) if time else None
    except ValueError:
        return None


def _prepared(envelope: Interchange) -> datetime | None:
    """UNB YYMMDD:HHMM."""
    unb = envelope.tokens.segments[0]
    try:
        return instant(value(unb, 4) + value(unb, 4, 1)).replace(tzinfo=UTC)
    except ValueError:
        return None
