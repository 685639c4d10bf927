"""The travel document as presented. A visa is not a travel document here: `documents_sent` counts it, the rest looks past it."""

import polars as pl

from features.feature import feature

FAMILY = "document"


@feature(
    FAMILY,
    "flag",
    en="no travel document in the message",
    fr="aucun document de voyage dans le message",
    en_sentence="The message holds no passport or other travel document of the traveller.",
    fr_sentence="Le message ne contient ni passeport ni autre document de voyage de la personne.",
    missing="Never.",
)
def document_missing(travel_documents: pl.Expr) -> pl.Expr:
    return travel_documents == 0


@feature(
    FAMILY,
    "number",
    en="documents sent",
    fr="documents transmis",
    en_sentence="Documents of the traveller in the message, visas included.",
    fr_sentence="Documents de la personne dans le message, visas compris.",
    range=(0, None),
    missing="Never.",
)
def documents_sent(documents: pl.Expr) -> pl.Expr:
    return documents


@feature(
    FAMILY,
    "number",
    en="remaining validity of the travel document",
    fr="validité restante du document de voyage",
    en_sentence="Days from the day of travel to the expiry of the first travel document; below 0 it has expired.",
    fr_sentence="Jours entre la date du voyage et l'expiration du premier document de voyage; en dessous de 0 il est expiré.",
    unit="days",
    missing="No travel document was sent, or its expiry or the day of travel is unknown.",
)
def document_validity_days(expiry_day: pl.Expr, travel_day: pl.Expr) -> pl.Expr:
    return expiry_day - travel_day


@feature(
    FAMILY,
    "number",
    en="States that issued the traveller's documents",
    fr="États émetteurs des documents de la personne",
    en_sentence="Different issuing States among the traveller's travel documents.",
    fr_sentence="États émetteurs différents parmi les documents de voyage de la personne.",
    range=(1, None),
    missing="No travel document with a known issuer was sent.",
)
def document_issuers(issuers: pl.Expr) -> pl.Expr:
    return issuers


@feature(
    FAMILY,
    "flag",
    en="travel document issued by another State than that of nationality",
    fr="document de voyage émis par un autre État que celui de la nationalité",
    en_sentence="The first travel document's issuer differs from the nationality given: a refugee travel document does too.",
    fr_sentence="L'émetteur du premier document de voyage diffère de la nationalité : c'est aussi le cas d'un titre de réfugié.",
    missing="The issuer or the nationality is unknown.",
    protected="nationality",
    model=False,
)
def issuer_not_nationality(document_issuer: pl.Expr, traveller_nationality: pl.Expr) -> pl.Expr:
    return document_issuer != traveller_nationality


@feature(
    FAMILY,
    "code",
    en="type of travel document",
    fr="type de document de voyage",
    en_sentence="Type of the first travel document: P passport, I and C identity cards, and so on (ICAO 9303).",
    fr_sentence="Type du premier document de voyage : P passeport, I et C cartes d'identité, etc. (OACI 9303).",
    missing="No travel document was sent, or its type is unknown.",
    model=False,
)
def document_type(first_document_type: pl.Expr) -> pl.Expr:
    return first_document_type


@feature(
    FAMILY,
    "number",
    en="other travellers on the flight with the same document number",
    fr="autres voyageurs du vol avec le même numéro de document",
    en_sentence="Others on this flight who present a document of the same issuer and number.",
    fr_sentence="Autres personnes de ce vol qui présentent un document du même émetteur et du même numéro.",
    range=(0, None),
    missing="No document with a number was sent.",
)
def document_others_on_flight(same_document_on_flight: pl.Expr) -> pl.Expr:
    return same_document_on_flight


@feature(
    FAMILY,
    "number",
    en="other persons who used the same document in 365 days",
    fr="autres personnes ayant utilisé le même document en 365 jours",
    en_sentence="Persons of another name or date of birth who travelled on one of the documents in the last 365 days.",
    fr_sentence="Personnes d'un autre nom ou d'une autre naissance ayant voyagé avec un de ces documents depuis 365 jours.",
    range=(0, 64),
    missing="The traveller has no document with a number, or no name or no date of birth.",
)
def document_other_persons_365d(document_persons_365d: pl.Expr) -> pl.Expr:
    return document_persons_365d


@feature(
    FAMILY,
    "flag",
    en="a document reported lost or stolen",
    fr="un document déclaré perdu ou volé",
    en_sentence="A document is on the list of those lost or stolen. Confirm with the issuer: it may have been found again.",
    fr_sentence="Un des documents est sur la liste des perdus ou volés. Confirmer auprès de l'émetteur : il a pu être retrouvé.",
    missing="There is no list of lost and stolen documents.",
    source="lost and stolen travel documents (INTERPOL SLTD; ICAO Annex 9 ch. 3)",
    model=False,  # what is simulated for training has no such list
)
def document_lost_or_stolen(lost_document: pl.Expr) -> pl.Expr:
    return lost_document == 1
