"""Earlier trips of the same person, as seen by this system (the fold itself is features.history)."""

import polars as pl

from features.feature import feature

FAMILY = "history"


@feature(
    FAMILY,
    "number",
    en="earlier trips in 365 days",
    fr="voyages antérieurs en 365 jours",
    en_sentence="Flights of the last 365 days with a traveller of the same name and date of birth.",
    fr_sentence="Vols des 365 derniers jours avec une personne du même nom et de la même date de naissance.",
    range=(0, 64),
    missing="The traveller has no name or no date of birth.",
)
def earlier_trips_365d(trips_365d: pl.Expr) -> pl.Expr:
    return trips_365d


@feature(
    FAMILY,
    "number",
    en="earlier trips in 30 days",
    fr="voyages antérieurs en 30 jours",
    en_sentence="Flights of the last 30 days with a traveller of the same name and date of birth.",
    fr_sentence="Vols des 30 derniers jours avec une personne du même nom et de la même date de naissance.",
    range=(0, 64),
    missing="The traveller has no name or no date of birth.",
)
def earlier_trips_30d(trips_30d: pl.Expr) -> pl.Expr:
    return trips_30d


@feature(
    FAMILY,
    "number",
    en="time since the last trip",
    fr="temps écoulé depuis le dernier voyage",
    en_sentence="Days since the latest earlier flight of a traveller with the same name and date of birth.",
    fr_sentence="Jours depuis le dernier vol d'une personne du même nom et de la même date de naissance.",
    unit="days",
    range=(0, 365),
    missing="No earlier trip in 365 days, or the traveller has no name or no date of birth.",
)
def days_since_last_trip(last_trip_days: pl.Expr) -> pl.Expr:
    return last_trip_days
