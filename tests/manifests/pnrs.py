"""PNRGOV messages written by the tests: invented people on an invented flight."""

from collections.abc import Sequence

from manifests import edifact
from tests.manifests.messages import Line

FLIGHT = ("TVL", ("150126", "1400", "150126", "1630"), "FRA", "YYZ", "AC", "872")


def ssr(code: str, text: str = "", *to: str, status: str = "HK") -> Line:
    """A special service with its text, for travellers by number."""
    return ("SSR", (code, status, "1", "AC", "", "", "", "", text), *(("", "", number) for number in to))


def docs(number: str, surname: str, given: str, *to: str, sex: str = "F", born: str = "06JUL78") -> Line:
    return ssr("DOCS", f"/P/DEU/{number}/DEU/{born}/{sex}/01JAN31/{surname}/{given}", *to)


def traveller(surname: str, given: str, number: str = "1", kind: str = "A") -> Line:
    return ("TIF", surname, (given, kind, number))


def booking(*lines: Line, locator: str = "ABC123", booked: tuple[str, str] = ("020126", "0930")) -> list[Line]:
    """One PNR, from SRC on."""
    return [("SRC",), ("RCI", ("AC", locator, "", *booked)), *lines]


def pnrgov(*bookings: Sequence[Line], flight: Line = FLIGHT, version: str = "11", function: str = "22") -> list[Line]:
    """The segments of one message, with right counts."""
    head: list[Line] = [("MSG", ("", function)), ("ORG", ("AC", "FRA")), flight, ("EQN", str(len(bookings)))]
    body = [*head, *(line for own in bookings for line in own)]
    return [("UNH", "M1", ("PNRGOV", version, "1", "IA")), *body, ("UNT", str(len(body) + 2), "M1")]


def interchange(*messages: Sequence[Line], prepared: tuple[str, str] = ("260112", "1400"), reference: str = "REF1") -> bytes:
    """An interchange of messages, with a right UNZ."""
    unb = ("UNB", ("IATA", "1"), "AC", "BORDER", prepared, reference)
    unz = ("UNZ", str(len(messages)), reference)
    return edifact.write([unb, *(line for message in messages for line in message), unz])
