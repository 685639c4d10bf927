"""Where the traveller goes on to after this flight."""

import polars as pl

from features.feature import feature

FAMILY = "onward"
NO_ITINERARY = "The booking's itinerary was not sent, does not hold the flight, or has an unknown airport or time."


@feature(
    FAMILY,
    "number",
    en="distance from the end of the journey to a land border crossing with the United States",
    fr="distance entre la fin du trajet et un poste frontalier terrestre avec les États-Unis",
    en_sentence="Great-circle distance from the journey's last airport, in Canada, to the nearest larger land port of entry.",
    fr_sentence="Distance orthodromique du dernier aéroport du trajet, au Canada, au plus proche grand point d'entrée terrestre.",
    unit="km",
    range=(0, None),
    missing=NO_ITINERARY + " Also when the journey ends outside Canada.",
)
def journey_end_border_km(end_border_km: pl.Expr) -> pl.Expr:
    return end_border_km


@feature(
    FAMILY,
    "number",
    en="distance from the airport of arrival to a land border crossing with the United States",
    fr="distance entre l'aéroport d'arrivée et un poste frontalier terrestre avec les États-Unis",
    en_sentence="Great-circle distance from the airport of arrival, in Canada, to the nearest larger land port of entry.",
    fr_sentence="Distance orthodromique de l'aéroport d'arrivée, au Canada, au plus proche grand point d'entrée terrestre.",
    unit="km",
    range=(0, None),
    missing="The airport of arrival is unknown or outside Canada.",
)
def arrival_border_km(flight_border_km: pl.Expr) -> pl.Expr:
    return flight_border_km


@feature(
    FAMILY,
    "number",
    en="time from arrival to the next leg",
    fr="temps entre l'arrivée et le segment suivant",
    en_sentence="Hours from the arrival of this flight to the next leg of the itinerary.",
    fr_sentence="Heures entre l'arrivée de ce vol et le segment suivant de l'itinéraire.",
    unit="hours",
    range=(0, None),
    missing=NO_ITINERARY + " Also when this flight is the last leg.",
)
def onward_hours(next_leg_hours: pl.Expr) -> pl.Expr:
    return next_leg_hours


@feature(
    FAMILY,
    "code",
    en="country of the next leg's arrival",
    fr="pays d'arrivée du segment suivant",
    en_sentence="Country where the leg after this flight arrives, ISO 3166-1 alpha-3.",
    fr_sentence="Pays d'arrivée du segment qui suit ce vol, ISO 3166-1 alpha-3.",
    missing=NO_ITINERARY + " Also when this flight is the last leg.",
    model=False,
)
def onward_country(next_leg_country: pl.Expr) -> pl.Expr:
    return next_leg_country
