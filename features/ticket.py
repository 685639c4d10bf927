"""What the itinerary says about the way back."""

import polars as pl

from features.feature import feature

FAMILY = "ticket"


@feature(
    FAMILY,
    "flag",
    en="no way back in the itinerary",
    fr="aucun retour dans l'itinéraire",
    en_sentence="No later leg returns to the country where the journey began, and the flight is not itself the way back.",
    fr_sentence="Aucun segment ultérieur ne revient au pays où le trajet a commencé, et le vol n'est pas lui-même le retour.",
    missing="The booking's itinerary was not sent, does not hold the flight, or has an unknown airport or time.",
)
def one_way(way_back: pl.Expr) -> pl.Expr:
    return way_back == 0


@feature(
    FAMILY,
    "number",
    en="booked stay",
    fr="séjour réservé",
    en_sentence="Days from arrival to the next leg of the itinerary that leaves the country of arrival.",
    fr_sentence="Jours entre l'arrivée et le prochain segment de l'itinéraire qui quitte le pays d'arrivée.",
    unit="days",
    range=(0, None),
    missing="The itinerary was not sent or has no such leg, or a time is unknown.",
)
def stay_days(stay_hours: pl.Expr) -> pl.Expr:
    return stay_hours / 24
