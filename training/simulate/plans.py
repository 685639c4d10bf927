"""Latent plans, their priors and what an examination would record. All figures are invented."""

from dataclasses import dataclass

import numpy as np
import polars as pl

# What a traveller is up to. The first is nearly everybody; a listed traveller otherwise behaves like an innocent one. The
# adult beside trafficked children is apart from both: neither innocent nor a finding, for an examination shows nothing.
PLANS = pl.Enum(
    [
        "innocent",
        "smuggled",
        "escort",
        "altered_document",
        "trafficking_victim",
        "trafficking_adult",
        "unaccompanied_child",
        "listed",
    ]
)
FINDING_PLANS = ("smuggled", "escort", "altered_document")
# What an officer records. Only the second and third are findings.
OUTCOMES = pl.Enum(
    [
        "nothing_found",
        "facilitation",
        "fraudulent_document",
        "protection",
        "refugee_claim",
        "unaccompanied_child",
        "lookout_identity",
    ]
)


@dataclass(frozen=True)
class State:
    plan: str
    prior: float  # of a party


STATES: dict[str, State] = {
    "tourist": State("innocent", 0.355),
    "visitor": State("innocent", 0.26),
    "business": State("innocent", 0.165),
    "student": State("innocent", 0.05),
    "settler": State("innocent", 0.05),
    "urgent": State("innocent", 0.05),
    "group": State("innocent", 0.03),
    "backpacker": State("innocent", 0.04),
    "smuggled_crude": State("smuggled", 0.00066),
    "smuggled_careful": State("smuggled", 0.00045),
    "smuggled_family": State("smuggled", 0.0002),
    "escort": State("escort", 0.00024),
    "altered_crude": State("altered_document", 0.0005),
    "altered_careful": State("altered_document", 0.00029),
    "victim": State("trafficking_victim", 0.00015),
    "victim_children": State("trafficking_victim", 0.00004),
    "child_alone": State("unaccompanied_child", 0.0006),
}
NAMES = list(STATES)


# Chance that an examination finds what is there, and that it wrongly records a finding where nothing is.
SENSITIVITY = {"smuggled": 0.85, "escort": 0.7, "altered_document": 0.8, "trafficking_victim": 0.6, "unaccompanied_child": 0.98}
SENSITIVITY_LISTED = 0.95
FALSE_FINDING = 1.5e-5
# Chance that an examined traveller makes a refugee claim instead: recorded as such, never a finding.
CLAIM = {"smuggled": 0.12, "altered_document": 0.1, "innocent": 0.0004}

PRIOR = np.array([state.prior for state in STATES.values()]) / sum(state.prior for state in STATES.values())
STATE_PLAN = np.array([PLANS.categories.to_list().index(state.plan) for state in STATES.values()], dtype=np.int64)
IS_FINDING = np.array([state.plan in FINDING_PLANS for state in STATES.values()])
