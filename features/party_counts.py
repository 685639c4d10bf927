"""Base columns of the party: those of one booking on the flight or, without one, of one record locator.

Surnames are compared folded and never leave this module.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from features.numbers import NAN, Floats, Rows, distinct, group, known, numbers
from manifests.frames import Manifest
from manifests.names import fold

COLUMNS = (
    "party_travellers",
    "party_bags",
    "party_bags_most",
    "party_adults",
    "party_children",
    "party_ages_unknown",
    "party_children_same_surname",
    "party_surname_count",
)
_LINKS = ("phone", "email", "card", "address")


def parties(manifest: Manifest, flight: Rows, booking: Rows) -> tuple[Rows, int, npt.NDArray[np.bool_]]:
    """Party number of each traveller, how many parties there are, and whether the traveller's is known.

    Who has neither a booking nor a record locator is a party of one, and unknown.
    """
    has_booking = booking >= 0
    locator = manifest.travellers["record_locator"]
    has_locator = locator.is_not_null().to_numpy()
    known_party = has_booking | has_locator
    own = np.arange(len(flight), dtype=np.uint64)
    identity = np.where(has_booking, booking.astype(np.uint64), np.where(has_locator, locator.hash().to_numpy(), own))
    kind = np.where(has_booking, 0, np.where(has_locator, 1, 2))
    number, count = group(kind, flight, identity)
    return number, count, known_party


def party_counts(manifest: Manifest, flight: Rows, booking: Rows, age: Floats) -> dict[str, Floats]:
    """COLUMNS, one value per traveller."""
    party, count, known_party = parties(manifest, flight, booking)
    surname = manifest.travellers["surname"]
    folded = fold(surname).hash().to_numpy()
    named = surname.is_not_null().to_numpy()
    bags = numbers(manifest.travellers["bags"])
    child, adult = age < 18, age >= 18

    most = np.full(count, NAN)
    np.fmax.at(most, party, bags)
    # Below two pieces the bags that are not known could still make two.
    most[(np.bincount(party[np.isnan(bags)], minlength=count) > 0) & ~(most >= 2)] = NAN
    surnames = distinct(party, folded, count)
    surnames[np.bincount(party[~named], minlength=count) > 0] = NAN
    family, families = group(party, folded)
    per_party = {
        "party_travellers": np.bincount(party, minlength=count).astype(np.float64),
        "party_bags": np.bincount(party, weights=bags, minlength=count),
        "party_bags_most": most,
        "party_adults": np.bincount(party[adult], minlength=count).astype(np.float64),
        "party_children": np.bincount(party[child], minlength=count).astype(np.float64),
        "party_ages_unknown": np.bincount(party[np.isnan(age)], minlength=count).astype(np.float64),
        "party_surname_count": surnames,
    }
    values = {name: np.where(known_party, column[party], NAN) for name, column in per_party.items()}
    same = np.bincount(family[child], minlength=families)[family].astype(np.float64)
    values["party_children_same_surname"] = np.where(named, same, NAN)
    return values


def payer_travels(manifest: Manifest, booking: Rows) -> Floats:
    """Per booking: 1 when a traveller has the payer's surname and first given name, 0 when none has, NaN when unknown."""
    bookings = manifest.bookings
    out = np.full(bookings.height, NAN)
    payer = bookings["payer"]
    if payer.null_count() == len(payer):
        return out
    parts = pl.DataFrame({"payer": payer}).select(
        surname=pl.col("payer").str.extract(r"^([^/]*)"), given=pl.col("payer").str.extract(r"/\s*(\S+)")
    )
    payer_name = _first_names(parts["surname"], parts["given"])
    travellers = manifest.travellers
    name = _first_names(travellers["surname"], travellers["given"])
    rows = np.flatnonzero((booking >= 0) & (travellers["surname"].is_not_null() & travellers["given"].is_not_null()).to_numpy())
    agrees = name.to_numpy()[rows] == payer_name.to_numpy()[booking[rows]]
    np.fmax.at(out, booking[rows], agrees.astype(np.float64))
    out[payer.is_null().to_numpy()] = NAN
    return out


def _first_names(surname: pl.Series, given: pl.Series) -> pl.Series:
    first = fold(given).str.extract(r"^(\S+)").fill_null("")
    return pl.select(pl.concat_str(fold(surname), first, separator="/")).to_series().hash()


def linked_bookings(manifest: Manifest, flight_of_booking: Rows) -> Floats:
    """Per booking: the most other bookings on the flight with the same telephone, e-mail, card or address; NaN without any."""
    out = np.full(manifest.bookings.height, NAN)
    for name in _LINKS:
        column = manifest.bookings[name]
        rows = np.flatnonzero(known(column))
        if len(rows):
            number, groups = group(flight_of_booking[rows], column.hash().to_numpy()[rows])
            np.fmax.at(out, rows, np.bincount(number, minlength=groups)[number] - 1.0)
    return out
