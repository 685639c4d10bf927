"""PAXLST messages written by the tests: invented people on an invented flight."""

from collections.abc import Sequence

from manifests import edifact

FLIGHT = (
    ("TDT", "20", "AC0872", "", "", "AC"),
    ("LOC", "125", "FRA"),
    ("DTM", ("189", "2601151400", "201")),
    ("LOC", "87", "YYZ"),
    ("DTM", ("232", "2601151630", "201")),
)

Line = Sequence[str | Sequence[str]]


def passenger(surname: str, given: str = "ANNA", ref: str = "", party: str = "FL") -> list[Line]:
    """One passenger with a passport."""
    reference: list[Line] = [("RFF", ("ABO", ref))] if ref else []
    return [
        ("NAD", party, "", "", (surname, given)),
        ("ATT", "2", "", "F"),
        ("DTM", ("329", "780706")),
        ("NAT", "2", "DEU"),
        *reference,
        ("DOC", "P", "C01X00T47"),
        ("DTM", ("36", "310101")),
        ("LOC", "91", "DEU"),
    ]


def paxlst(
    *travellers: Sequence[Line], flight: Sequence[Line] = FLIGHT, header: Sequence[Line] = (("BGM", "745"),), kind: str = "PAXLST"
) -> list[Line]:
    """The segments of one message, with a right UNT."""
    body = [*header, *flight, *(line for traveller in travellers for line in traveller)]
    return [("UNH", "M1", (kind, "D", "02B", "UN", "IATA")), *body, ("UNT", str(len(body) + 2), "M1")]


def interchange(*messages: Sequence[Line]) -> bytes:
    """An interchange of messages, without groups, with a right UNZ."""
    unb = ("UNB", ("UNOA", "4"), ("AIRCO", "ZZ"), ("BORDER", "ZZ"), ("260115", "1030"), "REF1", "", "APIS")
    unz = ("UNZ", str(len(messages)), "REF1")
    return edifact.write([unb, *(line for message in messages for line in message), unz])
