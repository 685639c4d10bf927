"""How the travel was paid, and by whom."""

import polars as pl

from features.feature import feature

FAMILY = "payment"


@feature(
    FAMILY,
    "code",
    en="form of payment",
    fr="mode de paiement",
    en_sentence="Form of payment of the booking: cash, card, account, voucher or other.",
    fr_sentence="Mode de paiement : cash (espèces), card (carte), account (compte), voucher (bon) ou other (autre).",
    missing="No booking was sent, or its form of payment is unknown.",
    model=False,
)
def payment_form(payment: pl.Expr) -> pl.Expr:
    return payment


@feature(
    FAMILY,
    "flag",
    en="paid in cash",
    fr="payé en espèces",
    en_sentence="The booking was paid in cash.",
    fr_sentence="La réservation a été payée en espèces.",
    missing="No booking was sent, or its form of payment is unknown.",
)
def paid_cash(payment: pl.Expr) -> pl.Expr:
    return payment == "cash"


@feature(
    FAMILY,
    "flag",
    en="paid by someone who is not travelling",
    fr="payé par une personne qui ne voyage pas",
    en_sentence="The payer named in the booking is none of its travellers on this flight.",
    fr_sentence="Le payeur nommé dans la réservation n'est aucun de ses voyageurs sur ce vol.",
    missing="No booking was sent, no payer is named, or no traveller of the booking has a name.",
    model=False,  # compares names, and name agreement differs between name cultures
)
def payer_not_travelling(payer_travels: pl.Expr) -> pl.Expr:
    return payer_travels == 0


@feature(
    FAMILY,
    "number",
    en="unrelated bookings paid with the same card in 30 days",
    fr="réservations sans lien payées avec la même carte en 30 jours",
    en_sentence="Other bookings of the last 30 days with the same card token and none of the same travellers.",
    fr_sentence="Autres réservations des 30 derniers jours avec le même jeton de carte et aucun des mêmes voyageurs.",
    range=(0, 64),
    missing="No booking or no card token was sent.",
)
def card_other_bookings_30d(card_bookings_30d: pl.Expr) -> pl.Expr:
    return card_bookings_30d
