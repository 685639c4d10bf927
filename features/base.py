"""The base frame: everything the features read, joined to one row per traveller.

Row numbers are positions, so every join is a gather in numpy: the dozens of Polars joins and group-bys would cost
more than the features themselves. Instants are hours since 1970-01-01 UTC, days are days since then, truth is 1 or 0;
unknown is null throughout.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from features import itinerary, papers, party_counts
from features.numbers import NAN, Floats, age, days, gather, hours, numbers, pick, positions, present, texts
from features.places import airports
from manifests.frames import Manifest

_TRAVELLER = ("age", "bags", "bag_weight", "has_record_locator", "traveller_nationality", "traveller_sex", "traveller_role")
_FLIGHT = (
    "departure_at",
    "travel_day",
    "flight_distance",
    "flight_border_km",
    "flight_departure",
    "flight_arrival",
    "flight_departure_country",
)
_BOOKING = (
    "booked_at",
    "changes",
    "payment",
    "has_phone",
    "has_email",
    "has_agency",
    "payer_travels",
    "linked_bookings",
)
_LISTS = ("lost_document",)
_HISTORY = ("document_persons_365d", "trips_365d", "trips_30d", "last_trip_days")
_HISTORY_OF_PNR = (
    "companions_365d",
    "card_bookings_30d",
    "phone_bookings_30d",
    "email_bookings_30d",
    "address_bookings_30d",
    "agency_bookings_7d",
    "agency_bookings_30d",
)
HISTORY_COLUMNS = (*_HISTORY, *_HISTORY_OF_PNR)

# Columns of the base frame and the law they stand under. Who is of one party, the record locator says as well as the
# booking, so the party counts as advance passenger information.
COLUMNS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys((*_TRAVELLER, *_FLIGHT, *_LISTS, *papers.NUMBERS, *papers.CODES, *party_counts.COLUMNS), "API")
    | dict.fromkeys((*_BOOKING, *itinerary.NUMBERS, *itinerary.CODES), "PNR")
    | dict.fromkeys(_HISTORY, "history")
    | dict.fromkeys(_HISTORY_OF_PNR, "history of PNR")
)


def base(manifest: Manifest, history: pl.DataFrame, lost: pl.Series | None = None) -> pl.DataFrame:
    """COLUMNS after `traveller`, one row per traveller in order. `history` is HISTORY (features.history), in the same order;
    `lost`: see `derive`."""
    travellers, flights, bookings = manifest.travellers, manifest.flights, manifest.bookings
    flight = positions(flights["flight"], travellers["flight"])
    booking = positions(bookings["booking"], travellers["booking"])
    places = airports()

    departure, arrival = texts(flights["departure"]), texts(flights["arrival"])
    start, end = places.rows(departure), places.rows(arrival)
    departure_at = hours(flights["departure_at"])
    travel_day = gather(days(flights["departure_time"]), flight)
    traveller_age = age(travellers["dob"], travel_day)
    names = party_counts.names(manifest)
    document = papers.papers(manifest, flight)
    journey = itinerary.itineraries(manifest, places, start, end, departure_at, hours(flights["arrival_at"]))

    of_booking: dict[str, Floats] = {
        "booked_at": hours(bookings["booked_at"]),
        "changes": numbers(bookings["changes"]),
        "has_phone": _there(bookings["phone"]),
        "has_email": _there(bookings["email"]),
        "has_agency": _there(bookings["agency"]),
        "payer_travels": party_counts.payer_travels(booking, names),
        "linked_bookings": party_counts.linked_bookings(manifest, positions(flights["flight"], bookings["flight"])),
        **journey.numbers,
    }
    values: dict[str, Floats] = {
        "age": traveller_age,
        "bags": numbers(travellers["bags"]),
        "bag_weight": numbers(travellers["bag_weight"]),
        "has_record_locator": _there(travellers["record_locator"]),
        "lost_document": _among(travellers["traveller"], lost),
        "departure_at": gather(departure_at, flight),
        "travel_day": travel_day,
        "flight_distance": gather(places.distance_km(start, end), flight),
        "flight_border_km": gather(places.border_km[end], flight),
        **document.numbers,
        **party_counts.party_counts(manifest, flight, booking, traveller_age, names.surname),
        **{name: gather(column, booking) for name, column in of_booking.items()},
    }
    codes: dict[str, list[str | None]] = {
        "flight_departure": pick(departure, flight),
        "flight_arrival": pick(arrival, flight),
        "flight_departure_country": pick(places.countries(start), flight),
        "payment": pick(texts(bookings["payment"]), booking),
        **document.codes,
        **{name: pick(column, booking) for name, column in journey.codes.items()},
    }
    return pl.DataFrame(
        [
            travellers["traveller"],
            *(pl.Series(name, column, pl.Float64, nan_to_null=True) for name, column in values.items()),
            *(pl.Series(name, column, pl.String) for name, column in codes.items()),
            travellers["nationality"].alias("traveller_nationality"),
            pl.Series("traveller_sex", texts(travellers["sex"]), pl.String),
            pl.Series("traveller_role", texts(travellers["role"]), pl.String),
            *(history[name] for name in HISTORY_COLUMNS),
        ]
    )


def _among(travellers: pl.Series, some: pl.Series | None) -> Floats:
    """1 for those among `some`, 0 for the others; NaN for all where that is not known."""
    if some is None:
        return np.full(len(travellers), NAN)
    return np.isin(travellers.to_numpy(), some.to_numpy()).astype(np.float64)


def _there(series: pl.Series) -> Floats:
    return present(texts(series)).astype(np.float64)
