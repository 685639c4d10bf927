"""The closed vocabularies that every room shares, as `pl.Enum`.

Cast with `strict=False`: the nulls that appear are values outside the vocabulary and become field faults.
"""

import polars as pl

# The law that an element stands under: API and PNR differ in who may read it, for what, and how long it is kept.
LAWS = pl.Enum(["API", "PNR"])
ROLES = pl.Enum(["passenger", "crew", "transit_passenger", "transit_crew"])
SEXES = pl.Enum(["M", "F", "X"])
# ICAO 9303 document codes as carriers send them; O is any other document.
DOCUMENT_TYPES = pl.Enum(["P", "V", "I", "A", "C", "F", "G", "M", "O"])
PAYMENTS = pl.Enum(["cash", "card", "account", "voucher", "other"])

# What the engine can tell a carrier. DO_NOT_BOARD is not in it: no frame of the pipeline can hold that value.
ENGINE_DIRECTIVES = pl.Enum(["BOARD", "HOLD", "INSUFFICIENT_DATA", "NOT_SCREENED"])
# What can be in force after an officer's decision.
DIRECTIVES = pl.Enum([*ENGINE_DIRECTIVES.categories, "DO_NOT_BOARD"])
ENTRY_AUTHORISATIONS = pl.Enum(["FOUND", "NOT_FOUND", "NOT_REQUIRED", "NOT_CHECKED"])

LOOKOUT_ACTIONS = pl.Enum(["stop_before_boarding", "examine_on_arrival", "arrest_on_arrival", "notify_owner"])
REFERRAL_KINDS = pl.Enum(["PRE_BOARDING", "ON_ARRIVAL"])
LANES = pl.Enum(["enforcement", "protection"])
DISPOSITIONS = pl.Enum(
    [
        "not_this_person",
        "nothing_found",
        "examine_on_arrival",
        "documents_not_in_order",
        "hold",
        "release",
        "do_not_board",
        "protection",
    ]
)
CATEGORIES = pl.Enum(
    [
        "smuggling_facilitation",
        "improper_documentation",
        "trafficking_protection",
        "national_security",
        "warrant_or_removal_order",
        "southbound_transit",
        "war_crimes",
        "organised_crime",
        "sanctions",
    ]
)
# Why personal data is read; recorded with every read.
PURPOSES = pl.Enum(["interdiction", "examination", "protection", "oversight"])
# Where an artefact's truth comes from: outside the demo policy only `operational` ones act.
ORIGINS = pl.Enum(["simulated", "example", "operational"])
# What a pseudonym stands for; also the keys of the travel history.
PSEUDONYM_KINDS = pl.Enum(["person", "document", "phone", "email", "card", "address", "agency"])
