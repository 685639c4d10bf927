"""The frames between wire and engine, and their contracts.

A `Manifest` holds one or more flights: its frames refer to each other by row numbers (`flight`, `traveller`,
`booking`: UInt32, unique and ascending from 0 within the Manifest). `concat` renumbers, so that many single
check-ins run through the pipeline as one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import dataframely as dy
import polars as pl

from manifests.vocabulary import DOCUMENT_TYPES, LAWS, PAYMENTS, ROLES, SEXES


class Flights(dy.Schema):
    """The leg that reaches the destination State, one row per flight."""

    flight = dy.UInt32(primary_key=True)
    carrier = dy.String(nullable=True)  # operating carrier designator, upper case
    number = dy.String(nullable=True)  # without leading zeros: 872
    departure = dy.String(nullable=True)  # IATA airport
    arrival = dy.String(nullable=True)
    departure_time = dy.Datetime(nullable=True, time_unit="us")  # local to the airport
    arrival_time = dy.Datetime(nullable=True, time_unit="us")
    departure_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    arrival_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")


class Travellers(dy.Schema):
    """One row per traveller: API elements, but those of a PNR (its names, DOCS and DOCO) where `law` says so."""

    traveller = dy.UInt32(primary_key=True)
    flight = dy.UInt32()
    ref = dy.String(nullable=True)  # the carrier's unique passenger reference
    role = dy.Enum(ROLES.categories, nullable=True)
    surname = dy.String(nullable=True)  # as sent, white space folded
    given = dy.String(nullable=True)
    sex = dy.Enum(SEXES.categories, nullable=True)
    dob = dy.Date(nullable=True)
    nationality = dy.String(nullable=True)  # ISO 3166-1 alpha-3
    birthplace = dy.String(nullable=True)  # as sent, white space folded
    residence = dy.String(nullable=True)  # alpha-3
    embarkation = dy.String(nullable=True)  # IATA airport where this traveller's journey begins
    debarkation = dy.String(nullable=True)  # … where it ends
    clearance = dy.String(nullable=True)  # … where the traveller is examined
    redress = dy.String(nullable=True)  # redress number: upper case, A-Z and 0-9 only
    record_locator = dy.String(nullable=True)
    bags = dy.Int32(nullable=True)  # pieces
    bag_tags = dy.List(dy.String(), nullable=True)  # one per piece, upper case, A-Z and 0-9 only
    bag_weight = dy.Int32(nullable=True)  # kilograms
    booking = dy.UInt32(nullable=True)  # row of Bookings, where PNR elements came
    law = dy.Enum(LAWS.categories, nullable=True)  # of all elements of the row but `booking`; null is API


class Documents(dy.Schema):
    """One row per travel document, in the order sent: API elements, or those of a PNR, as `law` says."""

    traveller = dy.UInt32()
    type = dy.Enum(DOCUMENT_TYPES.categories, nullable=True)
    number = dy.String(nullable=True)  # upper case, A-Z and 0-9 only
    issuer = dy.String(nullable=True)  # alpha-3
    expiry = dy.Date(nullable=True)
    law = dy.Enum(LAWS.categories, nullable=True)  # null is API


class Bookings(dy.Schema):
    """PNR elements, one row per booking."""

    booking = dy.UInt32(primary_key=True)
    flight = dy.UInt32()
    record_locator = dy.String(nullable=True)
    booked_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    payment = dy.Enum(PAYMENTS.categories, nullable=True)
    payer = dy.String(nullable=True)  # SURNAME/GIVEN
    card = dy.String(nullable=True)  # keyed digest, made at intake: never a card number
    agency = dy.String(nullable=True)
    phone = dy.String(nullable=True)  # digits only, with country code where given
    email = dy.String(nullable=True)  # lower case
    address = dy.String(nullable=True)
    changes = dy.Int32(nullable=True)


class Legs(dy.Schema):
    """Itinerary legs in travel order: of a booking (PNR) or, with a null booking, of the whole flight's message (API)."""

    flight = dy.UInt32()
    booking = dy.UInt32(nullable=True)
    sequence = dy.UInt32()
    carrier = dy.String(nullable=True)
    number = dy.String(nullable=True)
    departure = dy.String(nullable=True)
    arrival = dy.String(nullable=True)
    departure_time = dy.Datetime(nullable=True, time_unit="us")  # local
    arrival_time = dy.Datetime(nullable=True, time_unit="us")
    departure_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    arrival_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")


class Faults(dy.Schema):
    """What could not be read, one row per fault; the value in question is null in its frame."""

    where = dy.String()  # travellers[12].documents[0].expiry or segment 31 (DTM)
    value = dy.String()
    problem = dy.String()  # what is wrong and how to mend it
    traveller = dy.UInt32(nullable=True)  # the traveller it belongs to
    field = dy.String(nullable=True)  # Travellers column, or document.<column>, or booking.<column>, flight.<column>


@dataclass(frozen=True)
class Manifest:
    """Travellers of one or more flights with their documents, bookings and itineraries, and what was wrong."""

    flights: pl.DataFrame
    travellers: pl.DataFrame
    documents: pl.DataFrame
    bookings: pl.DataFrame
    legs: pl.DataFrame
    faults: pl.DataFrame


SCHEMAS: dict[str, type[dy.Schema]] = {
    "flights": Flights,
    "travellers": Travellers,
    "documents": Documents,
    "bookings": Bookings,
    "legs": Legs,
    "faults": Faults,
}


DTYPES: dict[str, pl.Schema] = {name: schema.create_empty().schema for name, schema in SCHEMAS.items()}


def build(**frames: pl.DataFrame) -> Manifest:
    """A Manifest from frames by name; absent ones are empty, absent columns null; columns ordered and cast strictly."""
    return Manifest(**{name: _conform(frames.get(name), dtypes) for name, dtypes in DTYPES.items()})


def _conform(frame: pl.DataFrame | None, dtypes: pl.Schema) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema=dtypes)
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name) for name, dtype in dtypes.items()
    )


def check(manifest: Manifest) -> None:
    """Check every frame against its contract: for offline seams and tests. Raises dataframely's ValidationError."""
    for name, schema in SCHEMAS.items():
        schema.validate(getattr(manifest, name))


def concat(manifests: Sequence[Manifest]) -> Manifest:
    """One Manifest of several, row numbers shifted to stay unique. The order of travellers is kept."""
    if len(manifests) == 1:
        return manifests[0]
    shifted: dict[str, list[pl.DataFrame]] = {field.name: [] for field in fields(Manifest)}
    flight = traveller = booking = 0
    for manifest in manifests:
        offsets = {"flight": flight, "traveller": traveller, "booking": booking}
        for name, frames in shifted.items():
            frame: pl.DataFrame = getattr(manifest, name)
            frames.append(
                frame.with_columns(pl.col(key) + pl.lit(by, pl.UInt32) for key, by in offsets.items() if key in frame.columns)
            )
        flight += manifest.flights.height
        traveller += manifest.travellers.height
        booking += manifest.bookings.height
    return Manifest(**{name: pl.concat(frames) for name, frames in shifted.items()})


def split(manifest: Manifest) -> list[Manifest]:
    """One Manifest per flight, each numbered from 0, order kept; faults go with their traveller's flight, others to every one."""
    if manifest.flights.height == 1:
        return [manifest]
    parts = []
    for flight in manifest.flights["flight"]:
        kept = {
            "flight": pl.Series("flight", [flight], pl.UInt32),
            "traveller": manifest.travellers.filter(pl.col("flight") == flight)["traveller"],
            "booking": manifest.bookings.filter(pl.col("flight") == flight)["booking"],
        }
        parts.append(Manifest(**{name: _renumber(getattr(manifest, name), kept) for name in SCHEMAS}))
    return parts


def _renumber(frame: pl.DataFrame, kept: dict[str, pl.Series]) -> pl.DataFrame:
    """The rows of `frame` that belong to the kept row numbers, renumbered from 0; a null reference belongs to all."""
    for key, rows in kept.items():
        if key in frame.columns:
            numbers = pl.Series(range(rows.len()), dtype=pl.UInt32)
            frame = frame.filter(pl.col(key).is_null() | pl.col(key).is_in(rows.implode())).with_columns(
                pl.col(key).replace_strict(rows, numbers, return_dtype=pl.UInt32)
            )
    return frame
