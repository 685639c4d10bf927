"""Who can be reached how, and who else gave the same contact."""

import polars as pl

from features.feature import feature

FAMILY = "contact"


@feature(
    FAMILY,
    "flag",
    en="no telephone or e-mail in the booking",
    fr="ni téléphone ni courriel dans la réservation",
    en_sentence="The booking holds neither a telephone number nor an e-mail address.",
    fr_sentence="La réservation ne contient ni numéro de téléphone ni adresse de courriel.",
    missing="No booking was sent.",
)
def contact_missing(has_phone: pl.Expr, has_email: pl.Expr) -> pl.Expr:
    return (has_phone == 0) & (has_email == 0)


@feature(
    FAMILY,
    "flag",
    en="booked through an agency",
    fr="réservé par une agence",
    en_sentence="The booking names a travel agency.",
    fr_sentence="La réservation nomme une agence de voyages.",
    missing="No booking was sent.",
)
def booked_by_agency(has_agency: pl.Expr) -> pl.Expr:
    return has_agency == 1


@feature(
    FAMILY,
    "number",
    en="unrelated bookings with the same telephone in 30 days",
    fr="réservations sans lien avec le même téléphone en 30 jours",
    en_sentence="Other bookings of the last 30 days with the same telephone number and none of the same travellers.",
    fr_sentence="Autres réservations des 30 derniers jours avec le même numéro de téléphone et aucun des mêmes voyageurs.",
    range=(0, 64),
    missing="No booking or no telephone number was sent.",
)
def phone_other_bookings_30d(phone_bookings_30d: pl.Expr) -> pl.Expr:
    return phone_bookings_30d


@feature(
    FAMILY,
    "number",
    en="unrelated bookings with the same e-mail in 30 days",
    fr="réservations sans lien avec le même courriel en 30 jours",
    en_sentence="Other bookings of the last 30 days with the same e-mail address and none of the same travellers.",
    fr_sentence="Autres réservations des 30 derniers jours avec la même adresse de courriel et aucun des mêmes voyageurs.",
    range=(0, 64),
    missing="No booking or no e-mail address was sent.",
)
def email_other_bookings_30d(email_bookings_30d: pl.Expr) -> pl.Expr:
    return email_bookings_30d


@feature(
    FAMILY,
    "number",
    en="unrelated bookings with the same address in 30 days",
    fr="réservations sans lien avec la même adresse en 30 jours",
    en_sentence="Other bookings of the last 30 days with the same postal address and none of the same travellers.",
    fr_sentence="Autres réservations des 30 derniers jours avec la même adresse postale et aucun des mêmes voyageurs.",
    range=(0, 64),
    missing="No booking or no address was sent.",
)
def address_other_bookings_30d(address_bookings_30d: pl.Expr) -> pl.Expr:
    return address_bookings_30d


@feature(
    FAMILY,
    "number",
    en="other bookings of the agency in 7 days",
    fr="autres réservations de l'agence en 7 jours",
    en_sentence="Other bookings of the same agency on flights of the last 7 days, counted among its latest 64 travellers.",
    fr_sentence="Autres réservations de la même agence sur les vols des 7 derniers jours, parmi ses 64 derniers voyageurs.",
    range=(0, 64),
    missing="No booking or no agency was sent.",
)
def agency_other_bookings_7d(agency_bookings_7d: pl.Expr) -> pl.Expr:
    return agency_bookings_7d


@feature(
    FAMILY,
    "number",
    en="other bookings of the agency in 30 days",
    fr="autres réservations de l'agence en 30 jours",
    en_sentence="Other bookings of the same agency on flights of the last 30 days, counted among its latest 64 travellers.",
    fr_sentence="Autres réservations de la même agence sur les vols des 30 derniers jours, parmi ses 64 derniers voyageurs.",
    range=(0, 64),
    missing="No booking or no agency was sent.",
)
def agency_other_bookings_30d(agency_bookings_30d: pl.Expr) -> pl.Expr:
    return agency_bookings_30d
