"""Who travels: protected grounds and the role. Never in the model; in a scenario only as design and law allow."""

import polars as pl

from features.feature import feature

FAMILY = "traveller"


@feature(
    FAMILY,
    "number",
    en="age",
    fr="âge",
    en_sentence="Completed years on the local day of departure.",
    fr_sentence="Années révolues le jour local du départ.",
    unit="years",
    range=(0, 130),
    missing="The date of birth or the day of travel is unknown.",
    protected="age",
    model=False,
)
def age_years(age: pl.Expr) -> pl.Expr:
    return age


@feature(
    FAMILY,
    "code",
    en="nationality",
    fr="nationalité",
    en_sentence="Nationality as the carrier sent it, ISO 3166-1 alpha-3.",
    fr_sentence="Nationalité transmise par le transporteur, ISO 3166-1 alpha-3.",
    missing="Not sent or not readable.",
    protected="nationality",
    model=False,
)
def nationality(traveller_nationality: pl.Expr) -> pl.Expr:
    return traveller_nationality


@feature(
    FAMILY,
    "code",
    en="sex",
    fr="sexe",
    en_sentence="Sex as the document states it: M, F or X.",
    fr_sentence="Sexe indiqué au document : M, F ou X.",
    missing="Not sent or not readable.",
    protected="sex",
    model=False,
)
def sex(traveller_sex: pl.Expr) -> pl.Expr:
    return traveller_sex


@feature(
    FAMILY,
    "code",
    en="role",
    fr="rôle",
    en_sentence="Role on the flight: passenger, crew, transit_passenger or transit_crew.",
    fr_sentence="Rôle sur le vol : passenger (passager), crew (équipage), transit_passenger ou transit_crew (en transit).",
    missing="Not sent or not readable.",
    model=False,
)
def role(traveller_role: pl.Expr) -> pl.Expr:
    return traveller_role
