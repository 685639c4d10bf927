"""What the traveller checks in."""

import polars as pl

from features.feature import feature

FAMILY = "baggage"


@feature(
    FAMILY,
    "number",
    en="checked bags",
    fr="bagages enregistrés",
    en_sentence="Bags that the traveller has checked in.",
    fr_sentence="Bagages que la personne a enregistrés.",
    unit="bags",
    range=(0, None),
    missing="The carrier did not send it.",
)
def checked_bags(bags: pl.Expr) -> pl.Expr:
    return bags


@feature(
    FAMILY,
    "number",
    en="weight of the checked bags",
    fr="poids des bagages enregistrés",
    en_sentence="Weight of the traveller's checked bags together.",
    fr_sentence="Poids total des bagages enregistrés de la personne.",
    unit="kg",
    range=(0, None),
    missing="The carrier did not send it.",
)
def checked_bag_weight(bag_weight: pl.Expr) -> pl.Expr:
    return bag_weight


@feature(
    FAMILY,
    "number",
    en="checked bags per traveller of the party",
    fr="bagages enregistrés par voyageur du groupe",
    en_sentence="Checked bags of all who travel on the same record, divided by their number.",
    fr_sentence="Bagages enregistrés de tous les voyageurs du même dossier, divisés par leur nombre.",
    unit="bags",
    range=(0, None),
    missing="The party is unknown, or the bags of one of its travellers.",
)
def party_bags_each(party_bags: pl.Expr, party_travellers: pl.Expr) -> pl.Expr:
    return party_bags / party_travellers


@feature(
    FAMILY,
    "flag",
    en="bags of the party under another traveller",
    fr="bagages du groupe au nom d'un autre voyageur",
    en_sentence="The traveller has no bag, and someone on the same record has two or more.",
    fr_sentence="La personne n'a aucun bagage et une autre du même dossier en a deux ou plus.",
    missing="The traveller's bags are unknown, or the party's where it matters.",
)
def bags_pooled(bags: pl.Expr, party_bags_most: pl.Expr) -> pl.Expr:
    return (bags == 0) & (party_bags_most >= 2)
