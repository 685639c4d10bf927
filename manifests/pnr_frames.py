"""What a PNR holds beyond the frames of a Manifest, as frames beside them; every element here is a PNR element.

`booking` and `traveller` are row numbers of the Manifest's Bookings and Travellers; a null traveller means: of the whole
booking. Codes are upper case, times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl

from manifests.frames import Manifest
from manifests.raw import Columns
from manifests.sensitive import KINDS

PASSENGER_TYPES = pl.Enum(["adult", "child", "infant", "unaccompanied_minor"])
CONTACT_KINDS = pl.Enum(["phone", "email", "address"])
CONTACT_USES = pl.Enum(["traveller", "payer", "agency", "destination", "residence"])
CHANGED_ELEMENTS = pl.Enum(["itinerary", "name", "service", "other"])
CHANGE_ACTIONS = pl.Enum(["added", "cancelled", "changed"])


class Details(dy.Schema):
    """One row per booking, in the order of Bookings."""

    booking = dy.UInt32(primary_key=True)
    office = dy.String(nullable=True)  # the agency's own office id, or the carrier's place of sale: LON, DJE
    channel = dy.String(nullable=True)  # originator type of ORG: A airline, T travel agent, N, E
    group = dy.String(nullable=True)  # name of a group booking
    unnamed = dy.UInt32()  # places of a group whose traveller is not known yet (TBA)
    excess_bags = dy.Int32(nullable=True)  # pieces paid for


class Passengers(dy.Schema):
    """One row per traveller, in the order of Travellers: as booked, where a document says otherwise."""

    traveller = dy.UInt32(primary_key=True)
    type = dy.Enum(PASSENGER_TYPES.categories, nullable=True)
    surname = dy.String(nullable=True)
    given = dy.String(nullable=True)  # without the title
    frequent_flyer = dy.String(nullable=True)  # carrier and number
    checked_in_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")  # on the first leg that says so


class Contacts(dy.Schema):
    booking = dy.UInt32()
    traveller = dy.UInt32(nullable=True)
    kind = dy.Enum(CONTACT_KINDS.categories)
    use = dy.Enum(CONTACT_USES.categories)
    value = dy.String()  # digits; lower case; parts divided by ", "


class Tickets(dy.Schema):
    booking = dy.UInt32()
    traveller = dy.UInt32(nullable=True)
    number = dy.String(nullable=True)  # null: a ticket not issued yet
    issued_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    refundable = dy.Bool(nullable=True)
    base = dy.Float64(nullable=True)  # in `currency`
    total = dy.Float64(nullable=True)
    currency = dy.String(nullable=True)  # ISO 4217


class Payments(dy.Schema):
    booking = dy.UInt32()
    traveller = dy.UInt32(nullable=True)
    form = dy.Enum(["cash", "card", "account", "voucher", "other"])
    amount = dy.Float64(nullable=True)
    vendor = dy.String(nullable=True)  # VI, AX
    card = dy.String(nullable=True)  # keyed digest; null where the number is masked, which half the world's cards share


class Seats(dy.Schema):
    booking = dy.UInt32()
    traveller = dy.UInt32(nullable=True)
    sequence = dy.UInt32(nullable=True)  # of the leg
    seat = dy.String()
    assigned = dy.Bool()  # at check-in; else asked for


class Bags(dy.Schema):
    booking = dy.UInt32()
    traveller = dy.UInt32(nullable=True)
    sequence = dy.UInt32(nullable=True)  # of the leg
    pieces = dy.Int32(nullable=True)
    weight = dy.Int32(nullable=True)  # kilograms
    pooled = dy.Bool()  # counted together with another traveller's


class Changes(dy.Schema):
    """The history of a booking: one row per transaction, action and kind of element."""

    booking = dy.UInt32()
    transaction = dy.UInt32()  # in the order sent
    at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    action = dy.Enum(CHANGE_ACTIONS.categories)
    element = dy.Enum(CHANGED_ELEMENTS.categories)


class Splits(dy.Schema):
    """Record locators that travellers of the booking were divided into, or came from."""

    booking = dy.UInt32()
    carrier = dy.String(nullable=True)
    record_locator = dy.String()
    travellers = dy.Int32(nullable=True)


class Versions(dy.Schema):
    """How new each booking is, one row per booking: see pushes.in_force."""

    booking = dy.UInt32(primary_key=True)
    prepared_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")  # of the interchange
    changed_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")  # latest transaction in the booking
    reference = dy.String()  # of the interchange and message
    whole = dy.Bool()  # the push held every booking of the flight


SCHEMAS: Mapping[str, type[dy.Schema]] = {
    "details": Details,
    "passengers": Passengers,
    "contacts": Contacts,
    "tickets": Tickets,
    "payments": Payments,
    "seats": Seats,
    "bags": Bags,
    "changes": Changes,
    "splits": Splits,
    "versions": Versions,
}


@dataclass(frozen=True)
class Pnr:
    """The bookings of one or more flights. `dropped` counts the elements that were left out, by sensitive.KINDS."""

    manifest: Manifest
    details: pl.DataFrame
    passengers: pl.DataFrame
    contacts: pl.DataFrame
    tickets: pl.DataFrame
    payments: pl.DataFrame
    seats: pl.DataFrame
    bags: pl.DataFrame
    changes: pl.DataFrame
    splits: pl.DataFrame
    versions: pl.DataFrame
    dropped: Mapping[str, int]


@cache
def dtypes(name: str) -> pl.Schema:
    """The columns of one of SCHEMAS."""
    return SCHEMAS[name].create_empty().schema


def columns() -> dict[str, Columns]:
    """Empty columns of every frame."""
    return {name: {column: [] for column in dtypes(name)} for name in SCHEMAS}


def build(manifest: Manifest, found: Mapping[str, Columns], dropped: Mapping[str, int]) -> Pnr:
    """A Pnr from columns by frame."""
    frames = {name: pl.DataFrame(found[name], schema=dtypes(name)) for name in SCHEMAS}
    return Pnr(manifest, **frames, dropped={kind: dropped.get(kind, 0) for kind in KINDS})


def check(pnr: Pnr) -> None:
    """Check every frame against its contract: for offline seams and tests. Raises dataframely's ValidationError."""
    for name, schema in SCHEMAS.items():
        schema.validate(getattr(pnr, name))
