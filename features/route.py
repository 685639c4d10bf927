"""The way to the destination: legs no more than 24 hours apart are one journey (ICAO: a longer stop is a stopover)."""

import polars as pl

from features.feature import feature

FAMILY = "route"
NO_ITINERARY = "The booking's itinerary was not sent, does not hold the flight, or has an unknown airport or time."


@feature(
    FAMILY,
    "number",
    en="legs of the journey",
    fr="segments du trajet",
    en_sentence="Legs flown from the start of the journey to the arrival of this flight.",
    fr_sentence="Segments parcourus du début du trajet à l'arrivée de ce vol.",
    range=(1, None),
    missing=NO_ITINERARY,
)
def journey_legs(inbound_legs: pl.Expr) -> pl.Expr:
    return inbound_legs


@feature(
    FAMILY,
    "number",
    en="longest layover",
    fr="plus longue escale",
    en_sentence="Longest time between two legs of the journey up to this flight.",
    fr_sentence="Plus longue durée entre deux segments du trajet jusqu'à ce vol.",
    unit="hours",
    range=(0, 24),
    missing=NO_ITINERARY + " A journey of one leg has none either.",
)
def longest_layover_hours(layover_max: pl.Expr) -> pl.Expr:
    return layover_max


@feature(
    FAMILY,
    "number",
    en="shortest layover",
    fr="plus courte escale",
    en_sentence="Shortest time between two legs of the journey up to this flight.",
    fr_sentence="Plus courte durée entre deux segments du trajet jusqu'à ce vol.",
    unit="hours",
    range=(0, 24),
    missing=NO_ITINERARY + " A journey of one leg has none either.",
)
def shortest_layover_hours(layover_min: pl.Expr) -> pl.Expr:
    return layover_min


@feature(
    FAMILY,
    "number",
    en="detour of the journey",
    fr="détour du trajet",
    en_sentence="Great-circle length of the legs flown, divided by the great-circle distance from origin to destination.",
    fr_sentence="Longueur orthodromique des segments parcourus, divisée par la distance directe de l'origine à la destination.",
    unit="times the direct distance",
    range=(1, None),
    missing=NO_ITINERARY + " Also when origin and destination are less than 50 km apart.",
)
def detour_ratio(inbound_km: pl.Expr, direct_km: pl.Expr) -> pl.Expr:
    return pl.when(direct_km >= 50).then(inbound_km / direct_km)


@feature(
    FAMILY,
    "number",
    en="changes of carrier on the journey",
    fr="changements de transporteur pendant le trajet",
    en_sentence="How often the carrier changes between the legs of the journey up to this flight.",
    fr_sentence="Nombre de changements de transporteur entre les segments du trajet jusqu'à ce vol.",
    range=(0, None),
    missing=NO_ITINERARY + " Also when a leg's carrier is unknown.",
)
def carrier_changes(inbound_carrier_changes: pl.Expr) -> pl.Expr:
    return inbound_carrier_changes


@feature(
    FAMILY,
    "number",
    en="length of the flight",
    fr="longueur du vol",
    en_sentence="Great-circle distance between the airports of this flight.",
    fr_sentence="Distance orthodromique entre les aéroports de ce vol.",
    unit="km",
    range=(0, 20040),
    missing="An airport of the flight is unknown.",
)
def flight_km(flight_distance: pl.Expr) -> pl.Expr:
    return flight_distance


@feature(
    FAMILY,
    "code",
    en="airport of departure",
    fr="aéroport de départ",
    en_sentence="Airport where this flight departs, IATA code.",
    fr_sentence="Aéroport de départ de ce vol, code IATA.",
    missing="The airport is unknown.",
    protected="proxy: national or ethnic origin",
    model=False,
)
def departure_airport(flight_departure: pl.Expr) -> pl.Expr:
    return flight_departure


@feature(
    FAMILY,
    "code",
    en="airport of arrival",
    fr="aéroport d'arrivée",
    en_sentence="Airport where this flight arrives, IATA code.",
    fr_sentence="Aéroport d'arrivée de ce vol, code IATA.",
    missing="The airport is unknown.",
    model=False,
)
def arrival_airport(flight_arrival: pl.Expr) -> pl.Expr:
    return flight_arrival


@feature(
    FAMILY,
    "code",
    en="country of departure",
    fr="pays de départ",
    en_sentence="Country where this flight departs, ISO 3166-1 alpha-3.",
    fr_sentence="Pays de départ de ce vol, ISO 3166-1 alpha-3.",
    missing="The airport is unknown.",
    protected="proxy: national or ethnic origin",
    model=False,
)
def departure_country(flight_departure_country: pl.Expr) -> pl.Expr:
    return flight_departure_country


@feature(
    FAMILY,
    "code",
    en="country where the journey began",
    fr="pays où le trajet a commencé",
    en_sentence="Country of the first airport of the journey, ISO 3166-1 alpha-3.",
    fr_sentence="Pays du premier aéroport du trajet, ISO 3166-1 alpha-3.",
    missing=NO_ITINERARY,
    protected="proxy: national or ethnic origin",
    model=False,
)
def journey_origin_country(origin_country: pl.Expr) -> pl.Expr:
    return origin_country


@feature(
    FAMILY,
    "code",
    en="airport of connection",
    fr="aéroport de correspondance",
    en_sentence="Airport where the traveller connected to this flight, IATA code.",
    fr_sentence="Aéroport de correspondance vers ce vol, code IATA.",
    missing=NO_ITINERARY + " Also when the journey begins with this flight.",
    model=False,
)
def connection_airport(flight_departure: pl.Expr, inbound_legs: pl.Expr) -> pl.Expr:
    return pl.when(inbound_legs > 1).then(flight_departure)
