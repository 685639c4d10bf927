"""Base columns of the party: those of one booking on the flight or, without one, of one record locator.

Surnames are compared folded and never leave this module.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.numbers import NAN, Flags, Floats, Rows, codes, distinct, group, numbers, texts
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


@dataclass(frozen=True)
class Names:
    """Folded names as numbers: equal numbers, equal names. -1 where unknown."""

    surname: Rows  # per traveller
    full: Rows  # per traveller: surname and first given name
    payer: Rows  # per booking, as `full`


def names(manifest: Manifest) -> Names:
    """Names of travellers and payers, folded together in one call."""
    travellers, bookings = manifest.travellers, manifest.bookings
    payers = [payer.partition("/") if payer and "/" in payer else (None, "", None) for payer in texts(bookings["payer"])]
    columns = (
        texts(travellers["surname"]),
        texts(travellers["given"]),
        [surname for surname, _, _ in payers],
        [given for _, _, given in payers],
    )
    folded = _folded([text or "" for column in columns for text in column])
    count = travellers.height
    surname, given = folded[:count], folded[count : 2 * count]
    of_payers = folded[2 * count :]
    full = [_first(*name) for name in zip(surname, given, strict=True)]
    full += [_first(*name) for name in zip(of_payers[: bookings.height], of_payers[bookings.height :], strict=True)]
    numbered = codes(full)
    return Names(codes([name or None for name in surname]), numbered[:count], numbered[count:])


def _folded(names: list[str]) -> list[str]:
    """`fold` of each name. Carriers send most of them as it would give them, and those cost no call."""
    others = [name for name in names if not _is_folded(name)]
    if not others:
        return names
    known = dict(zip(others, fold(pl.Series(others, dtype=pl.String)).to_list(), strict=True))
    return [known.get(name, name) for name in names]


def _is_folded(name: str) -> bool:
    letters = name.replace(" ", "")
    return not name or (letters.isascii() and letters.isalpha() and letters.isupper() and name == " ".join(name.split()))


def _first(surname: str, given: str) -> tuple[str, str] | None:
    return (surname, given.partition(" ")[0]) if surname and given else None


def parties(manifest: Manifest, flight: Rows, booking: Rows) -> tuple[Rows, int, Flags]:
    """Party number of each traveller, how many parties there are, and whether the traveller's is known.

    Who has neither a booking nor a record locator is a party of one, and unknown.
    """
    has_booking = booking >= 0
    locator = codes(texts(manifest.travellers["record_locator"]))
    has_locator = locator >= 0
    alone = np.arange(len(flight))
    identity = np.where(has_booking, booking, np.where(has_locator, locator, alone))
    kind = np.where(has_booking, 0, np.where(has_locator, 1, 2))
    number, count = group(kind, flight, identity)
    return number, count, has_booking | has_locator


def party_counts(manifest: Manifest, flight: Rows, booking: Rows, age: Floats, surname: Rows) -> dict[str, Floats]:
    """COLUMNS, one value per traveller; `surname` as in Names."""
    party, count, known_party = parties(manifest, flight, booking)
    bags = numbers(manifest.travellers["bags"])
    child = age < 18

    def number_of(members: Flags) -> Floats:
        return np.bincount(party[members], minlength=count).astype(np.float64)

    most = np.full(count, NAN)
    np.fmax.at(most, party, bags)
    # Below two pieces the bags that are not known could still make two.
    most[(number_of(np.isnan(bags)) > 0) & ~(most >= 2)] = NAN
    family, families = group(party, surname)
    per_party = {
        "party_travellers": np.bincount(party, minlength=count).astype(np.float64),
        "party_bags": np.bincount(party, weights=bags, minlength=count),
        "party_bags_most": most,
        "party_adults": number_of(age >= 18),
        "party_children": number_of(child),
        "party_ages_unknown": number_of(np.isnan(age)),
        "party_surname_count": np.where(number_of(surname < 0) > 0, NAN, distinct(party, surname, count)),
    }
    values = {name: np.where(known_party, column[party], NAN) for name, column in per_party.items()}
    same = np.bincount(family[child], minlength=families)[family].astype(np.float64)
    values["party_children_same_surname"] = np.where(surname >= 0, same, NAN)
    return values


def payer_travels(booking: Rows, found: Names) -> Floats:
    """Per booking: 1 when a traveller has the payer's surname and first given name, 0 when none has, NaN when unknown.

    `booking` is the position of each traveller's booking.
    """
    out = np.full(len(found.payer), NAN)
    named = np.flatnonzero((booking >= 0) & (found.full >= 0))
    np.fmax.at(out, booking[named], (found.full[named] == found.payer[booking[named]]).astype(np.float64))
    out[found.payer < 0] = NAN
    return out


def linked_bookings(manifest: Manifest, flight_of_booking: Rows) -> Floats:
    """Per booking: the most other bookings on the flight with the same telephone, e-mail, card or address; NaN without any."""
    out = np.full(manifest.bookings.height, NAN)
    for name in _LINKS:
        value = codes(texts(manifest.bookings[name]))
        rows = np.flatnonzero(value >= 0)
        number, groups = group(flight_of_booking[rows], value[rows])
        np.fmax.at(out, rows, np.bincount(number, minlength=groups)[number] - 1.0)
    return out
