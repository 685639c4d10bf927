"""What a reader hands to the normaliser: raw columns, and how to name a place in the message it read."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from manifests.errors import InputError

MOST_FAULTS = 100_000

Columns = dict[str, list[Any]]
Where = Callable[[str, int, str], str]  # (frame, row, column) → place in the message


@dataclass(frozen=True)
class Fault:
    """One row of the Faults frame."""

    where: str
    value: str
    problem: str
    traveller: int | None = None
    field: str | None = None


def limit_faults(faults: Sequence[Fault]) -> None:
    """Before another is added. Raises InputError where there are MOST_FAULTS already."""
    if len(faults) >= MOST_FAULTS:
        raise InputError(f"message: more than {MOST_FAULTS:,} faults: mend the first of them and send it again")


@dataclass
class Raw:
    """What a reader found: by frame, columns of equal length; a column that is absent was not given.

    flights: carrier, number, departure, arrival, departure_time, arrival_time. travellers: flight (row of flights:
    int), ref, role, surname, given, sex, dob, nationality, birthplace, residence, embarkation, debarkation, clearance, redress,
    record_locator, bags, bag_weight (int or text), bag_tags (list of texts: a tag, or one and how many follow it: AC123456:3).
    documents: traveller (row: int), type, number, issuer, expiry. bookings: flight (int), record_locator, booked_at,
    payment, payer, card (digest), agency, phone, email, address, changes (int or text). legs: flight (int), booking
    (row: int or None), sequence (int), carrier … arrival_time as in flights. All else is text; "" and None are: not
    given. The first column of each frame must be there. `faults` are those the reader found itself. `prepared` is
    the day of the message, which places two-digit years where a flight has no departure time. `law` (LAWS) is that of
    the travellers and documents. `dropped` counts what was left out, by sensitive.KINDS.
    """

    flights: Columns = field(default_factory=dict)
    travellers: Columns = field(default_factory=dict)
    documents: Columns = field(default_factory=dict)
    bookings: Columns = field(default_factory=dict)
    legs: Columns = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    prepared: date | None = None
    law: str = "API"
    dropped: Counter[str] = field(default_factory=Counter)


class Paths:
    """Names a place by a template per frame: {f} is the row of the flight, {t} and {b} the traveller's and the booking's

    row within the flight, {d} the document's within its traveller, {l} the leg's sequence. Frames: those of Raw, and
    `own_legs` for legs without a booking.
    """

    def __init__(self, raw: Raw, templates: Mapping[str, str]) -> None:
        self._raw = raw
        self._templates = templates
        self._positions: dict[str, list[int]] = {}

    def __call__(self, frame: str, row: int, column: str) -> str:
        raw, at = self._raw, {}
        template = self._templates[frame]
        if frame == "documents":
            at["d"] = self._within("documents", "traveller", row)
            frame, row = "travellers", raw.documents["traveller"][row]
        if frame == "legs":
            at["l"] = raw.legs["sequence"][row]
            if (booking := raw.legs["booking"][row]) is None:
                template = self._templates["own_legs"]
                frame, row = "flights", raw.legs["flight"][row]
            else:
                frame, row = "bookings", booking
        if frame in ("travellers", "bookings"):
            at[frame[0]] = self._within(frame, "flight", row)
            row = getattr(raw, frame)["flight"][row]
        return f"{template.format(f=row, **at)}.{column}"

    def _within(self, frame: str, parent: str, row: int) -> int:
        """The position of a row among those of the same parent; counted once, at the first fault."""
        if frame not in self._positions:
            seen: dict[int, int] = {}
            counted = []
            for key in getattr(self._raw, frame)[parent]:
                counted.append(seen.get(key, 0))
                seen[key] = counted[-1] + 1
            self._positions[frame] = counted
        return self._positions[frame][row]


MANIFEST_PATHS = {
    "flights": "flight",
    "travellers": "travellers[{t}]",
    "documents": "travellers[{t}].documents[{d}]",
    "bookings": "bookings[{b}]",
    "legs": "bookings[{b}].legs[{l}]",
    "own_legs": "legs[{l}]",
}


def paths_within(prefix: str) -> dict[str, str]:
    """MANIFEST_PATHS under a prefix such as "flights[{f}]", which then stands for the flight itself."""
    return {frame: prefix if frame == "flights" else f"{prefix}.{template}" for frame, template in MANIFEST_PATHS.items()}
