"""Protobuf requests ↔ Manifest: the columns that a departure control system sends, and the same written back."""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from forepost.screening.v1 import screening_pb2 as pb
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.normalise import normalise
from manifests.raw import MANIFEST_PATHS, Columns, Fault, Paths, Raw
from manifests.written import as_text

_FLIGHT = ("carrier", "number", "departure", "arrival", "departure_time", "arrival_time")
_TRAVELLER = ("ref", "role", "surname", "given", "sex", "dob", "nationality", "birthplace", "redress", "record_locator")
_BAGS = ("bags", "bag_weight")
_DOCUMENT = ("type", "number", "issuer", "expiry")
_BOOKING = ("record_locator", "booked_at", "payment", "payer", "agency", "phone", "email", "address")
_SINGLE_PATHS = {
    "flights": "flight",
    "travellers": "traveller",
    "documents": "traveller.documents[{d}]",
    "bookings": "booking",
    "legs": "booking.legs[{l}]",
}
_CARD_DIGEST = 16  # bytes


def manifest_of(request: pb.ScreenTravellerRequest | pb.ScreenManifestRequest, card_key: bytes) -> Manifest:
    """The Manifest of one flight. Of a card only a digest under `card_key` is kept: see `card_digest`.

    A booking of a ScreenTravellerRequest without record locator is that of its traveller. Raises InputError, naming
    every column at fault, when the columns of a ScreenManifestRequest differ in length, and when it is larger than
    any flight can be.
    """
    if isinstance(request, pb.ScreenTravellerRequest):
        raw = _single(request)
        _add_bookings(raw, [request.booking] if request.HasField("booking") else [], card_key)
        if raw.bookings["record_locator"] == [""]:
            raw.bookings["record_locator"] = raw.travellers["record_locator"]
        return normalise(raw, Paths(raw, _SINGLE_PATHS))
    raw = _columns(request)
    _add_bookings(raw, request.bookings, card_key)
    return normalise(raw, Paths(raw, MANIFEST_PATHS))


def card_digest(card: str, key: bytes) -> str | None:
    """Keyed HMAC-SHA256 of a card number or token, 16 bytes in hexadecimal; blanks and hyphens do not count."""
    bare = "".join(card.split()).replace("-", "")
    return hmac.digest(key, bare.encode(), "sha256")[:_CARD_DIGEST].hex() if bare else None


def _flight(flight: pb.Flight) -> Columns:
    return {name: [getattr(flight, name)] for name in _FLIGHT}


def _single(request: pb.ScreenTravellerRequest) -> Raw:
    traveller = request.traveller
    travellers: Columns = {"flight": [0], **{name: [getattr(traveller, name)] for name in _TRAVELLER}}
    travellers["bags"] = [traveller.bags if traveller.HasField("bags") else None]
    travellers["bag_weight"] = [traveller.bag_weight if traveller.HasField("bag_weight") else None]
    documents: Columns = {"traveller": [0] * len(traveller.documents)}
    for name in _DOCUMENT:
        documents[name] = [getattr(document, name) for document in traveller.documents]
    return Raw(flights=_flight(request.flight), travellers=travellers, documents=documents)


def _columns(request: pb.ScreenManifestRequest) -> Raw:
    sent, documents = request.travellers, request.documents
    unequal = [
        *_unequal(sent, "travellers", "ref", (*_TRAVELLER[1:], *_BAGS)),
        *_unequal(documents, "documents", "traveller", _DOCUMENT),
    ]
    if unequal:
        raise InputError(unequal)
    height = len(sent.ref)
    raw = Raw(flights=_flight(request.flight))
    raw.travellers = {"flight": [0] * height, **{name: list(getattr(sent, name)) for name in (*_TRAVELLER, *_BAGS)}}
    raw.documents = {name: list(getattr(documents, name)) for name in ("traveller", *_DOCUMENT)}
    if max(raw.documents["traveller"], default=0) >= height:
        _drop_strays(raw, height)
    return raw


def _unequal(columns: pb.TravellerColumns | pb.DocumentColumns, group: str, key: str, names: Iterable[str]) -> list[str]:
    """Each column is empty or as long as the key column; else nobody can tell which row a value belongs to."""
    height = len(getattr(columns, key))
    return [
        f"{group}.{name}: {length} values, but {group}.{key} has {height}: send one value per row ('' or -1: not given), or none"
        for name in names
        if (length := len(getattr(columns, name))) not in (0, height)
    ]


def _drop_strays(raw: Raw, height: int) -> None:
    kept = []
    for row, traveller in enumerate(raw.documents["traveller"]):
        if traveller < height:
            kept.append(row)
        else:
            problem = f"there are {height} travellers: send the row of the document's traveller, from 0"
            raw.faults.append(Fault(f"documents.traveller[{row}]", str(traveller), problem))
    raw.documents = {name: [column[row] for row in kept] for name, column in raw.documents.items() if column}


def _add_bookings(raw: Raw, bookings: Sequence[pb.Booking], card_key: bytes) -> None:
    raw.bookings = {"flight": [0] * len(bookings)}
    for name in _BOOKING:
        raw.bookings[name] = [getattr(booking, name) for booking in bookings]
    raw.bookings["changes"] = [booking.changes if booking.HasField("changes") else None for booking in bookings]
    raw.bookings["card"] = [card_digest(booking.card, card_key) for booking in bookings]
    legs = [(row, sequence, leg) for row, booking in enumerate(bookings) for sequence, leg in enumerate(booking.legs)]
    raw.legs = {"flight": [0] * len(legs), "booking": [row for row, _, _ in legs], "sequence": [at for _, at, _ in legs]}
    for name in _FLIGHT:
        raw.legs[name] = [getattr(leg, name) for _, _, leg in legs]


def requests_of(manifest: Manifest) -> list[pb.ScreenManifestRequest]:
    """One request per flight, in the order of the flights; `request_id` is left to the caller.

    The inverse of `manifest_of`, but that a booking's card is the digest, which goes out as the carrier's token. Faults,
    legs without a booking and what PAXLST alone has (residence, a traveller's airports, bag tags) have no place in a request.
    """
    frames = _Written(manifest)
    return [
        pb.ScreenManifestRequest(
            flight=frames.flight(flight),
            travellers=frames.travellers(flight),
            documents=frames.documents(flight),
            bookings=[frames.booking(row) for row in frames.bookings_of(flight)],
        )
        for flight in range(manifest.flights.height)
    ]


def traveller_requests_of(manifest: Manifest) -> list[pb.ScreenTravellerRequest]:
    """One request per traveller, in the order of the travellers, with its flight and booking; otherwise as `requests_of`."""
    frames = _Written(manifest)
    return [frames.traveller(row) for row in range(manifest.travellers.height)]


class _Written:
    """The frames as columns of strings, null as "" (numbers: None), with the rows of each flight and traveller."""

    def __init__(self, manifest: Manifest) -> None:
        self._flights = _strings(manifest.flights)
        self._travellers = _strings(manifest.travellers)
        self._documents = _strings(manifest.documents)
        self._bookings = _strings(manifest.bookings)
        self._legs = _strings(manifest.legs)
        self._travellers_of = _rows_by(self._travellers["flight"])
        self._documents_of = _rows_by(self._documents["traveller"])
        self._bookings_of = _rows_by(self._bookings["flight"])
        self._legs_of = _rows_by(self._legs["booking"])

    def bookings_of(self, flight: int) -> list[int]:
        return self._bookings_of.get(flight, [])

    def flight(self, row: int) -> pb.Flight:
        return pb.Flight(**_values(self._flights, _FLIGHT, row))

    def travellers(self, flight: int) -> pb.TravellerColumns:
        rows, columns = self._travellers_of.get(flight, []), self._travellers
        sent: dict[str, Any] = {name: [columns[name][row] for row in rows] for name in _TRAVELLER}
        for name in _BAGS:
            sent[name] = [-1 if (count := columns[name][row]) is None else count for row in rows]
        return pb.TravellerColumns(**sent)

    def documents(self, flight: int) -> pb.DocumentColumns:
        pairs = [
            (at, row)
            for at, traveller in enumerate(self._travellers_of.get(flight, []))
            for row in self._documents_of.get(traveller, [])
        ]
        columns = {name: [self._documents[name][row] for _, row in pairs] for name in _DOCUMENT}
        return pb.DocumentColumns(traveller=[at for at, _ in pairs], **columns)

    def booking(self, row: int) -> pb.Booking:
        columns = self._bookings
        legs = [pb.Leg(**_values(self._legs, _FLIGHT, leg)) for leg in self._legs_of.get(row, [])]
        return pb.Booking(**_values(columns, (*_BOOKING, "card"), row), changes=columns["changes"][row], legs=legs)

    def traveller(self, row: int) -> pb.ScreenTravellerRequest:
        columns = self._travellers
        documents = [pb.Document(**_values(self._documents, _DOCUMENT, at)) for at in self._documents_of.get(row, [])]
        traveller = pb.Traveller(**_values(columns, (*_TRAVELLER, *_BAGS), row), documents=documents)
        booking = columns["booking"][row]
        return pb.ScreenTravellerRequest(
            flight=self.flight(columns["flight"][row]),
            traveller=traveller,
            booking=None if booking is None else self.booking(booking),
        )


def _strings(frame: pl.DataFrame) -> Columns:
    """Columns as the wire has them: text, "" for null; numbers as they are."""
    return as_text(frame).with_columns(pl.col(pl.String).fill_null("")).to_dict(as_series=False)


def _rows_by(keys: Iterable[int | None]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, key in enumerate(keys):
        if key is not None:
            rows.setdefault(key, []).append(row)
    return rows


def _values(columns: Columns, names: Iterable[str], row: int) -> dict[str, Any]:
    return {name: columns[name][row] for name in names}
