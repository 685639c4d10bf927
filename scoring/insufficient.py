"""Which fields are at fault, so that a traveller cannot be cleared and the carrier is asked to correct them."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import polars as pl

from manifests.frames import DTYPES, Manifest
from scoring.policy import InsufficientWhen

Value = TypeVar("Value")
_MISSING = "was not given and is needed to screen: send it, with this traveller again"
_BOOKED = "only a booking (PNR) was sent, on which nobody is cleared: send the passenger information at check-in (PAXLST)"
Fault = tuple[int, str, bool]  # row of the traveller, field, whether it was sent (and could not be read)


def at_fault(when: InsufficientWhen, manifest: Manifest) -> list[Fault]:
    """Travellers with their fields at fault, each once, in the order of the travellers and then of the policy.

    A field that was sent and could not be read is null in its frame: it is told as unreadable, not as missing. Whatever
    the policy says, a traveller with neither a name nor a document number cannot be screened, and one of whom only a
    booking was sent (PNR) is not cleared: `api`, and nothing else, is at fault.
    """
    ids: list[int] = manifest.travellers["traveller"].to_list()
    sent = set(_unreadable(when, manifest, ids))
    absent = {field: _missing(field, manifest, ids) for field in {"name", "document.number", *when.missing}}
    nobody = absent["name"] & absent["document.number"]
    found = {(row, field): (row, field) in sent for field in when.missing for row in absent[field]}
    found.update({(row, "name"): False for row in nobody})
    found.update(dict.fromkeys(sent, True))
    booked = {row for row, law in enumerate(manifest.travellers["law"].to_list()) if law == "PNR"}
    order = ["api", *when.missing, *when.unreadable, "name"]
    faults = [(row, field, was_sent) for (row, field), was_sent in found.items() if row not in booked]
    faults += [(row, "api", False) for row in booked]
    return sorted(faults, key=lambda fault: (fault[0], order.index(fault[1])))


def faults_of(when: InsufficientWhen, manifest: Manifest) -> pl.DataFrame:
    """The faults of the manifest and, after them, what the policy asks of each traveller and was not sent: all that the
    carrier must correct. What cannot be read, what the flight lacks and who has no name is told by the reader already.
    """
    rows = [
        (row, field)
        for row, field, sent in at_fault(when, manifest)
        if not sent and field != "name" and not field.startswith("flight.")
    ]
    ids = manifest.travellers["traveller"].to_list()
    missing = pl.DataFrame(
        {
            "where": [f"travellers[{row}].{field.replace('document.', 'documents[0].')}" for row, field in rows],
            "value": [""] * len(rows),
            "problem": [_BOOKED if field == "api" else _MISSING for _, field in rows],
            "traveller": [ids[row] for row, _ in rows],
            "field": [field for _, field in rows],
        },
        schema=DTYPES["faults"],
    )
    return pl.concat([manifest.faults, missing])


def _missing(field: str, manifest: Manifest, ids: list[int]) -> set[int]:
    """Rows of the travellers without this field. Of several documents one that has it is enough."""
    frame, _, column = field.rpartition(".")
    travellers = manifest.travellers
    if field == "name":
        names = zip(travellers["surname"].to_list(), travellers["given"].to_list(), strict=True)
        return _rows(names, lambda name: not any(part and any(map(str.isalpha, part)) for part in name))
    if frame == "document":
        documents = zip(manifest.documents["traveller"].to_list(), manifest.documents[column].to_list(), strict=True)
        given = {traveller for traveller, value in documents if not _blank(value)}
        return _rows(ids, lambda traveller: traveller not in given)
    if frame == "flight":
        flights = zip(manifest.flights["flight"].to_list(), manifest.flights[column].to_list(), strict=True)
        lacking = {flight for flight, value in flights if _blank(value)}
        return _rows(travellers["flight"].to_list(), lambda flight: flight in lacking) if lacking else set()
    return _rows(travellers[column].to_list(), _blank)


def _rows(values: Iterable[Value], chosen: Callable[[Value], bool]) -> set[int]:
    return {row for row, value in enumerate(values) if chosen(value)}


def _blank(value: object) -> bool:
    return value is None or value == ""


def _unreadable(when: InsufficientWhen, manifest: Manifest, ids: list[int]) -> Iterator[tuple[int, str]]:
    rows = {traveller: row for row, traveller in enumerate(ids)}
    for traveller, field in zip(manifest.faults["traveller"].to_list(), manifest.faults["field"].to_list(), strict=True):
        if traveller in rows and field in when.unreadable:
            yield rows[traveller], field
