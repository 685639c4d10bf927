"""PNR and API of one traveller: who of a flight's bookings is who of its passenger list, and where the two disagree.

Travellers are joined by keys, the surest first, each only where it names one traveller on both sides: record locator with
document, with full name, with surname and first given name; then the document, the name and date of birth; last the
locator of a booking that has one traveller left on both sides, which is how a changed name shows. Names are compared as
folded letters without blanks, because bookings run them together. Linear in the travellers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from manifests.frames import DTYPES, Manifest
from manifests.names import fold
from manifests.pseudonyms import flight_identities

# One row per traveller of the API, in order. Null: the PNR or the API says nothing of it, or nobody was joined.
DISAGREEMENTS: dict[str, pl.DataType] = {
    "traveller": pl.UInt32(),
    "pnr_traveller": pl.UInt32(),
    "name_differs": pl.Boolean(),
    "dob_differs": pl.Boolean(),
    "nationality_differs": pl.Boolean(),
    "document_differs": pl.Boolean(),
}

_Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Joined:
    """`manifest`: the API's, with the PNR's bookings and legs of those who were joined. `disagreements`: DISAGREEMENTS.
    `not_listed`: travellers of the PNR on these flights of whom the API says nothing, by their row in it."""

    manifest: Manifest
    disagreements: pl.DataFrame
    not_listed: pl.Series


@dataclass(frozen=True)
class _Traveller:
    flight: str
    locator: str | None
    surname: str
    given: str
    first: str
    tokens: frozenset[str]
    dob: str | None
    nationality: str | None
    documents: frozenset[str]  # travel documents: issuers are often left out of a PNR

    def keys(self) -> Iterator[list[_Key]]:
        """By descending certainty, the keys that name this traveller; a key with an unknown part names nobody."""
        named = self.surname or None
        yield [(self.flight, self.locator, number) for number in sorted(self.documents)]
        yield [(self.flight, self.locator, named, self.given)]
        yield [(self.flight, self.locator, named, self.first)]
        yield [(self.flight, number) for number in sorted(self.documents)]
        yield [(self.flight, named, self.given, self.dob)]
        yield [(self.flight, self.locator)]


def join(api: Manifest, pnr: Manifest) -> Joined:
    """Join the bookings in force (see pushes) to the passenger lists of the same flights. Pure."""
    listed, booked = _travellers(api), _travellers(pnr)
    pairs = _pairs(listed, booked)
    flights = set(flight_identities(api))
    taken = set(pairs.values())
    not_listed = [row for row, traveller in booked.items() if row not in taken and traveller.flight in flights]
    rows = [(row, *_compared(traveller, pairs.get(row), booked)) for row, traveller in listed.items()]
    disagreements = pl.DataFrame(rows, schema=DISAGREEMENTS, orient="row")
    return Joined(_enriched(api, pnr, pairs), disagreements, pl.Series("traveller", not_listed, pl.UInt32))


def _travellers(manifest: Manifest) -> dict[int, _Traveller]:
    flights = dict(zip(manifest.flights["flight"].to_list(), flight_identities(manifest), strict=True))
    papers: dict[int, set[str]] = {}
    for traveller, kind, number in manifest.documents.select("traveller", "type", "number").iter_rows():
        if number and kind != "V":
            papers.setdefault(traveller, set()).add(number)
    frame = manifest.travellers
    surnames, givens = fold(frame["surname"]).to_list(), fold(frame["given"]).to_list()
    columns = ("traveller", "flight", "record_locator", "dob", "nationality")
    found = {}
    for (row, flight, locator, dob, nationality), surname, given in zip(
        frame.select(columns).iter_rows(), surnames, givens, strict=True
    ):
        found[row] = _Traveller(
            flight=flights[flight],
            locator=locator,
            surname=surname.replace(" ", ""),
            given=given.replace(" ", ""),
            first="".join(given.split()[:1]),
            tokens=frozenset((*surname.split(), *given.split())),
            dob=str(dob) if dob else None,
            nationality=nationality,
            documents=frozenset(papers.get(row, ())),
        )
    return found


def _pairs(listed: Mapping[int, _Traveller], booked: Mapping[int, _Traveller]) -> dict[int, int]:
    """Row of the API → row of the PNR."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    sides = [{row: list(person.keys()) for row, person in side.items()} for side in (listed, booked)]
    for rank in range(6):
        free = [
            _holders({row: keys[rank] for row, keys in side.items() if row not in done})
            for side, done in zip(sides, (pairs.keys(), taken), strict=True)
        ]
        for key, rows in free[0].items():
            others = free[1].get(key, [])
            if len(rows) == len(others) == 1 and rows[0] not in pairs and others[0] not in taken:
                pairs[rows[0]] = others[0]
                taken.add(others[0])
    return pairs


def _holders(keys: Mapping[int, list[_Key]]) -> dict[_Key, list[int]]:
    found: dict[_Key, list[int]] = {}
    for row, own in keys.items():
        for key in own:
            if None not in key:
                found.setdefault(key, []).append(row)
    return found


def _compared(
    traveller: _Traveller, at: int | None, booked: Mapping[int, _Traveller]
) -> tuple[int | None, bool | None, bool | None, bool | None, bool | None]:
    """PNR row, and whether name, date of birth, nationality and document differ."""
    if at is None:
        return None, None, None, None, None
    other = booked[at]
    return (
        at,
        _names_differ(traveller, other),
        None if traveller.dob is None or other.dob is None else traveller.dob != other.dob,
        None if traveller.nationality is None or other.nationality is None else traveller.nationality != other.nationality,
        traveller.documents.isdisjoint(other.documents) if traveller.documents and other.documents else None,
    )


def _names_differ(one: _Traveller, other: _Traveller) -> bool | None:
    """False where one holds all names of the other, or the letters are the same without blanks."""
    if not one.tokens or not other.tokens:
        return None
    if one.surname + one.given == other.surname + other.given or one.tokens <= other.tokens or other.tokens <= one.tokens:
        return False
    shorter, longer = sorted((one.given, other.given), key=len)
    return not (one.surname == other.surname and bool(shorter) and longer.startswith(shorter))


def _enriched(api: Manifest, pnr: Manifest, pairs: Mapping[int, int]) -> Manifest:
    """The API's frames with the bookings of those joined, where the API came without one."""
    of_pnr = dict(pnr.travellers.select("traveller", "booking").iter_rows())
    locators = dict(pnr.bookings.select("booking", "record_locator").iter_rows())
    next_row = (api.bookings["booking"].to_list() or [-1])[-1] + 1
    numbers: dict[tuple[int, int], int] = {}  # (flight of the API, booking of the PNR) → new booking
    columns: dict[str, list[object]] = {"booking": [], "record_locator": []}
    for row, flight, booking, locator in api.travellers.select("traveller", "flight", "booking", "record_locator").iter_rows():
        theirs = of_pnr.get(pairs[row]) if row in pairs else None
        if booking is None and theirs is not None:
            booking = numbers.setdefault((flight, theirs), next_row + len(numbers))
        columns["booking"].append(booking)
        columns["record_locator"].append(locator or (locators[theirs] if theirs is not None else None))
    travellers = api.travellers.with_columns(
        pl.Series(name, values, DTYPES["travellers"][name]) for name, values in columns.items()
    )
    keys = pl.DataFrame(
        [(flight, theirs, own) for (flight, theirs), own in numbers.items()],
        schema={"_flight": pl.UInt32, "booking": pl.UInt32, "_booking": pl.UInt32},
        orient="row",
    )
    added = {}
    for name in ("bookings", "legs"):
        frame: pl.DataFrame = getattr(pnr, name)
        own = keys.join(frame, on="booking", maintain_order="left_right").with_columns(flight="_flight", booking="_booking")
        added[name] = pl.concat([getattr(api, name), own.select(DTYPES[name].names())])
    return Manifest(api.flights, travellers, api.documents, added["bookings"], added["legs"], api.faults)
