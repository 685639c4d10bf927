"""When and how the booking was made."""

import polars as pl

from features.feature import feature

FAMILY = "booking"


@feature(
    FAMILY,
    "number",
    en="time between booking and departure",
    fr="délai entre la réservation et le départ",
    en_sentence="Hours between the making of the booking and the scheduled departure of the flight.",
    fr_sentence="Heures entre la création de la réservation et le départ prévu du vol.",
    unit="hours",
    range=(0, 8784),
    missing="No booking was sent, or its date or the departure time is unknown, or it is dated after departure.",
)
def booked_before_departure_hours(departure_at: pl.Expr, booked_at: pl.Expr) -> pl.Expr:
    hours = departure_at - booked_at
    return pl.when(hours >= 0).then(hours)


@feature(
    FAMILY,
    "number",
    en="changes to the booking",
    fr="modifications de la réservation",
    en_sentence="How often the itinerary or the names of the booking were changed.",
    fr_sentence="Nombre de modifications de l'itinéraire ou des noms de la réservation.",
    range=(0, None),
    missing="No booking was sent, or its history was not.",
)
def booking_changes(changes: pl.Expr) -> pl.Expr:
    return changes


@feature(
    FAMILY,
    "flag",
    en="without a record locator",
    fr="sans code de réservation",
    en_sentence="The message gives no record locator for the traveller.",
    fr_sentence="Le message ne donne aucun code de réservation pour la personne.",
    missing="Never.",
    source="IRPR s. 269: the record locator is a prescribed element",
)
def record_locator_missing(has_record_locator: pl.Expr) -> pl.Expr:
    return has_record_locator == 0
