"""What a PAXLST asks for: a list to screen, a change of one, or news of the flight."""

from enum import StrEnum

PASSENGER_LIST, CREW_LIST, FLIGHT_STATUS, MASTER_CREW_LIST, GATE_PASS = "745", "250", "266", "336", "655"  # BGM 1001
CREW = frozenset({CREW_LIST, MASTER_CREW_LIST})
DOCUMENTS = frozenset({PASSENGER_LIST, CREW_LIST, FLIGHT_STATUS, MASTER_CREW_LIST, GATE_PASS})


class Function(StrEnum):
    """The function of a message: of BGM 1001 (document), 1004 (identifier) and 1225 (function)."""

    LIST = "list"
    ADDITIONS = "additions"
    CHANGES = "changes"
    CANCELLATIONS = "cancellations"  # of those in it: cancelled or reduced reservations, deletions
    FLIGHT_CHANGE = "flight_change"
    FLIGHT_CANCEL = "flight_cancel"
    CLOSE = "close"
    CLOSE_ON_BOARD = "close_on_board"  # those in it are on board
    CLOSE_NOT_ON_BOARD = "close_not_on_board"  # those in it are not
    GATE_PASS = "gate_pass"  # those in it do not travel
    UNKNOWN = "unknown"


SCREENED = frozenset({Function.LIST, Function.ADDITIONS, Function.CHANGES})

# BGM 1004, from the WCO/IATA/ICAO guide: changes of passenger and crew lists, states of flights, crew changes of flights
# with passengers, with cargo and of their domestic continuance, master crew lists.
_IDENTIFIERS = {
    "CP": Function.CHANGES,
    "XR": Function.CANCELLATIONS,
    "RP": Function.CANCELLATIONS,
    "CL": Function.CLOSE,
    "CLOB": Function.CLOSE_ON_BOARD,
    "CLNB": Function.CLOSE_NOT_ON_BOARD,
    "XF": Function.FLIGHT_CANCEL,
    "CF": Function.FLIGHT_CHANGE,
}
_CREW_CHANGES = dict.fromkeys(("CC", "BC", "EC", "FC"), Function.CHANGES)
_MASTER_CREW = {"G": Function.ADDITIONS, "H": Function.CANCELLATIONS, "I": Function.CHANGES}
# UN/EDIFACT 1225: cancellation, addition, deletion, change. Original, replacement and others are lists.
_CODES = {
    "1": Function.CANCELLATIONS,
    "2": Function.ADDITIONS,
    "3": Function.CANCELLATIONS,
    "4": Function.CHANGES,
}


def function_of(document: str, identifier: str, code: str) -> Function:
    """The function that BGM gives; a document that is not known is a list, so that those in it are answered."""
    if document == GATE_PASS:
        return Function.GATE_PASS
    identifiers = _IDENTIFIERS
    if document == CREW_LIST:
        identifiers = identifiers | _CREW_CHANGES
    elif document == MASTER_CREW_LIST:
        identifiers = identifiers | _MASTER_CREW
    if named := identifiers.get(identifier.upper()):
        return named
    if document == FLIGHT_STATUS:
        return Function.UNKNOWN
    return _CODES.get(code, Function.LIST)
