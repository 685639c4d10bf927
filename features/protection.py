"""Signs that someone may need protection. They open a case of the protection lane and never enter the model or a score."""

import polars as pl

from features.feature import feature

FAMILY = "protection"


@feature(
    FAMILY,
    "flag",
    en="child without an adult on the record",
    fr="enfant sans adulte dans le dossier",
    en_sentence="The traveller is under 18 on the day of travel, and nobody on the same record is an adult.",
    fr_sentence="La personne a moins de 18 ans le jour du voyage et aucun adulte ne figure au même dossier.",
    missing="The traveller's age is unknown, or nobody is known to be an adult and someone's age or the party is unknown.",
    protected="age",
    model=False,
)
def child_without_adult(age: pl.Expr, party_adults: pl.Expr, party_ages_unknown: pl.Expr) -> pl.Expr:
    alone = pl.when((party_adults > 0) | (party_ages_unknown == 0)).then(party_adults == 0)
    return (age < 18) & alone


@feature(
    FAMILY,
    "number",
    en="children of another surname in the adult's party",
    fr="enfants d'un autre nom de famille dans le groupe de l'adulte",
    en_sentence="For an adult: travellers under 18 on the same record of another surname; that is common among parents.",
    fr_sentence="Pour un adulte : personnes de moins de 18 ans du même dossier d'un autre nom; c'est fréquent chez les parents.",
    range=(0, None),
    missing="The traveller is no adult or of unknown age, has no surname, or the party is unknown.",
    protected="age",
    model=False,
)
def unrelated_children(age: pl.Expr, party_children: pl.Expr, party_children_same_surname: pl.Expr) -> pl.Expr:
    return pl.when(age >= 18).then(party_children - party_children_same_surname)
