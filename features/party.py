"""With whom: those of one booking on this flight, else those of one record locator, are a party."""

import polars as pl

from features.feature import feature

FAMILY = "party"


@feature(
    FAMILY,
    "number",
    en="travellers in the party",
    fr="voyageurs du groupe",
    en_sentence="Travellers of this flight on the same booking or record locator.",
    fr_sentence="Voyageurs de ce vol ayant la même réservation ou le même code de réservation.",
    range=(1, None),
    missing="The traveller has neither a booking nor a record locator.",
)
def party_size(party_travellers: pl.Expr) -> pl.Expr:
    return party_travellers


@feature(
    FAMILY,
    "number",
    en="surnames in the party",
    fr="noms de famille dans le groupe",
    en_sentence="Different surnames among the travellers of the party.",
    fr_sentence="Noms de famille différents parmi les voyageurs du groupe.",
    range=(1, None),
    missing="The party is unknown, or the surname of one of its travellers.",
    model=False,  # compares names, and customs of family names differ between cultures
)
def party_surnames(party_surname_count: pl.Expr) -> pl.Expr:
    return party_surname_count


@feature(
    FAMILY,
    "number",
    en="other bookings on the flight with the same contact or card",
    fr="autres réservations du vol avec le même contact ou la même carte",
    en_sentence="Other bookings on this flight with the same telephone, e-mail, address or card token (the largest number).",
    fr_sentence="Autres réservations de ce vol avec le même téléphone, courriel, adresse ou carte (le plus grand nombre).",
    range=(0, None),
    missing="No booking was sent, or it holds none of these.",
)
def linked_bookings_on_flight(linked_bookings: pl.Expr) -> pl.Expr:
    return linked_bookings


@feature(
    FAMILY,
    "number",
    en="companions of earlier trips who are not on this one",
    fr="compagnons de voyages antérieurs absents de celui-ci",
    en_sentence="Different persons who shared a booking with the traveller in the last 365 days and are not in the party now.",
    fr_sentence="Personnes ayant partagé une réservation avec la personne depuis 365 jours et absentes du groupe actuel.",
    range=(0, 64),
    missing="The traveller has no name or no date of birth.",
)
def earlier_companions_365d(companions_365d: pl.Expr) -> pl.Expr:
    return companions_365d
