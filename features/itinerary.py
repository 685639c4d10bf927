"""Base columns of the itinerary, per booking, in numpy over the legs sorted by booking and order of travel.

A journey is a run of legs with at most 24 hours from one's arrival to the next one's departure (ICAO: a longer stop
is a stopover). Everything is unknown where the itinerary does not hold the flight, or where an airport or a time it
depends on is unknown: a journey that cannot be told from the next one is not guessed.
"""

from dataclasses import dataclass

import numpy as np

from features.numbers import NAN, Flags, Floats, Rows, codes, hours, positions, texts
from features.places import Airports
from manifests.frames import Manifest

NUMBERS = (
    "inbound_legs",
    "layover_max",
    "layover_min",
    "inbound_km",
    "direct_km",
    "inbound_carrier_changes",
    "way_back",
    "stay_hours",
    "next_leg_hours",
    "end_border_km",
)
CODES = ("origin_country", "next_leg_country")
STOPOVER_HOURS = 24.0


@dataclass(frozen=True)
class Itineraries:
    numbers: dict[str, Floats]  # NUMBERS, per booking
    codes: dict[str, list[str | None]]  # CODES, per booking


def itineraries(
    manifest: Manifest, places: Airports, start: Rows, end: Rows, departure_at: Floats, arrival_at: Floats
) -> Itineraries:
    """NUMBERS and CODES per booking. `start`, `end` (airport rows), `departure_at`, `arrival_at` (hours) are the flights'."""
    count = manifest.bookings.height
    flight = positions(manifest.flights["flight"], manifest.bookings["flight"])
    legs = manifest.legs
    booking = positions(manifest.bookings["booking"], legs["booking"])
    order = np.lexsort((legs["sequence"].to_numpy(), booking))
    order = order[np.searchsorted(booking[order], 0) :]
    if len(order) == 0:
        return Itineraries({name: np.full(count, NAN) for name in NUMBERS}, {name: [None] * count for name in CODES})
    booking = booking[order]
    leg_start = places.rows(texts(legs["departure"]))[order]
    leg_end = places.rows(texts(legs["arrival"]))[order]
    leaves, arrives = hours(legs["departure_at"])[order], hours(legs["arrival_at"])[order]

    # The leg that is the flight: same airports, and a day apart at most (a return ticket may hold the pair twice).
    of = flight[booking]
    apart = np.abs(leaves - departure_at[of])
    is_flight = (leg_start == start[of]) & (leg_end == end[of]) & (start[of] != places.unknown) & ~(apart > 24)
    at = np.full(count, -1, np.intp)
    candidates = np.flatnonzero(is_flight)[::-1]
    at[booking[candidates]] = candidates
    found = at >= 0

    # Journeys: `gap` hours before each leg, NaN where unknown; the first leg of a booking has none.
    index = np.arange(len(booking))
    first = np.ones(len(booking), np.bool_)
    first[1:] = booking[1:] != booking[:-1]
    gap = np.full(len(booking), NAN)
    gap[1:] = leaves[1:] - arrives[:-1]
    gap[first] = np.inf
    begins = ~(gap <= STOPOVER_HOURS) & ~np.isnan(gap)  # unknown gaps do not begin one: they make it unknown, below
    journey_start = np.maximum.accumulate(np.where(begins, index, 0))
    last_of_journey = np.append(begins[1:], True)
    journey_end = np.minimum.accumulate(np.where(last_of_journey, index, len(index))[::-1])[::-1]

    here = np.maximum(at, 0)
    s, e = journey_start[here], journey_end[here]
    unclear = np.append(0, np.cumsum(np.isnan(gap) | (gap < 0)))
    inbound_known = found & (unclear[here + 1] == unclear[s])
    onward_known = found & (unclear[e + 1] == unclear[here + 1])

    inbound: Flags = (index > s[booking]) & (index <= here[booking]) & inbound_known[booking]
    layover_max, layover_min = np.full(count, NAN), np.full(count, NAN)
    np.fmax.at(layover_max, booking[inbound], gap[inbound])
    np.fmin.at(layover_min, booking[inbound], gap[inbound])
    # Added up per booking, so that the last bit does not depend on the bookings beside it.
    length = places.distance_km(leg_start, leg_end)
    on_way: Flags = (index >= s[booking]) & (index <= here[booking])
    inbound_km = np.bincount(booking[on_way], weights=length[on_way], minlength=count)

    numbers = {
        "inbound_legs": np.where(inbound_known, here - s + 1.0, NAN),
        "layover_max": layover_max,
        "layover_min": layover_min,
        "inbound_km": np.where(inbound_known, inbound_km, NAN),
        "direct_km": np.where(inbound_known, places.distance_km(leg_start[s], leg_end[here]), NAN),
        "inbound_carrier_changes": np.where(inbound_known, _carrier_changes(codes(texts(legs["carrier"]))[order], s, here), NAN),
        "end_border_km": np.where(onward_known, places.border_km[leg_end[e]], NAN),
    }

    # What comes after the flight, and whether it leads home.
    country_from, country_to = places.country[leg_start], places.country[leg_end]
    home, destination = country_from[s][booking], country_to[here][booking]
    after, before = index > here[booking], index < s[booking]
    known_leg = (country_from >= 0) & (country_to >= 0)
    returns = _any(booking, after & (country_to == home) & (home >= 0), count)
    is_return = _any(booking, before & (country_from == destination) & (destination >= 0), count)
    all_known = ~_any(booking, ~known_leg, count)
    numbers["way_back"] = np.where(inbound_known & (returns | is_return), 1.0, np.where(inbound_known & all_known, 0.0, NAN))

    landed = np.where(np.isnan(arrives[here]), arrival_at[flight], arrives[here])
    leaving = np.full(count, np.inf)
    leaves_country = after & known_leg & (country_from == destination) & (country_to != destination)
    np.minimum.at(leaving, booking[leaves_country], index[leaves_country].astype(np.float64))
    has_leaving = np.isfinite(leaving) & found & all_known
    numbers["stay_hours"] = np.where(has_leaving, leaves[np.where(has_leaving, leaving, 0).astype(np.intp)] - landed, NAN)

    following = np.minimum(here + 1, len(index) - 1)
    has_next = found & (here + 1 < len(index)) & (booking[following] == np.arange(count))
    numbers["next_leg_hours"] = np.where(has_next, leaves[following] - landed, NAN)
    origins = np.where(inbound_known, leg_start[s], places.unknown)
    next_ends = np.where(has_next, leg_end[following], places.unknown)
    return Itineraries(numbers, {"origin_country": places.countries(origins), "next_leg_country": places.countries(next_ends)})


def _any(booking: Rows, flag: Flags, count: int) -> Flags:
    return np.bincount(booking[flag], minlength=count) > 0


def _carrier_changes(code: Rows, start: Rows, end: Rows) -> Floats:
    """Changes of carrier from leg `start` to leg `end`; NaN where a carrier of them is unknown."""
    changes = np.append(0, np.cumsum(np.append(0, code[1:] != code[:-1])))
    unknown = np.append(0, np.cumsum(code < 0))
    out: Floats = (changes[end + 1] - changes[start + 1]).astype(np.float64)
    out[unknown[end + 1] > unknown[start]] = NAN
    return out
