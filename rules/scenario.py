"""Scenarios and packs as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from types import MappingProxyType

from features.catalogue import BY_ID
from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from rules.language import Condition, Match, leaves
from rules.program import Program

SOURCE_CLASSES = ("public_report", "oversight_review", "legislation", "intelligence_report", "operational_data", "research")
RELIABILITIES = ("confirmed", "probable", "possible")
# Why a scenario exists. Under SOR/2005-346 s. 4(1) booking data (PNR) may be read for the first two only.
PURPOSES = ("terrorism", "serious_transnational_crime", "border_control")
PNR_PURPOSES = PURPOSES[:2]

# Fields of MATCHES that a scenario may read, and the values a code can have where they are closed.
MATCH_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "category": "code",
        "action": "code",
        "source": "code",
        "authority": "code",
        "purpose": "code",
        "probability": "number",
        "log_odds": "number",
        "dob_agrees": "flag",
        "document_agrees": "flag",
        "weak": "flag",
    }
)
MATCH_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"category": tuple(CATEGORIES.categories), "action": tuple(LOOKOUT_ACTIONS.categories)}
)


@dataclass(frozen=True)
class Justification:
    """Why the scenario may act: required for each by NSIRA's review of air passenger targeting."""

    source_class: str
    source: str
    date: Date
    reliability: str
    necessity: str
    proportionality: str
    grounds: tuple[str, ...]  # protected grounds touched, proxies included
    author: str
    approver: str
    rights_reviewer: str | None
    review_by: Date


@dataclass(frozen=True)
class Scenario:
    id: str
    title_en: str
    title_fr: str
    description_en: str
    description_fr: str
    category: str  # CATEGORIES
    lane: str  # LANES
    kind: str  # REFERRAL_KINDS
    weight: float  # log-odds that a hit adds to the priority
    valid_from: Date
    valid_until: Date
    purpose: str  # PURPOSES
    when: Condition
    justification: Justification
    line: int

    def active(self, on: Date) -> bool:
        """Within its validity and not past the review of its justification: an expired scenario does not fire."""
        return self.valid_from <= on <= min(self.valid_until, self.justification.review_by)

    def features(self) -> tuple[str, ...]:
        """Features read, in the order written, each once."""
        return tuple(dict.fromkeys(leaf.feature for leaf in leaves(self.when) if not isinstance(leaf, Match)))

    def reads_pnr(self) -> bool:
        return any(BY_ID[name].pnr for name in self.features())


@dataclass(frozen=True)
class Pack:
    id: str
    version: str
    origin: str  # example | operational
    groups: Mapping[str, tuple[str, ...]]
    scenarios: tuple[Scenario, ...]
    program: Program  # one root per scenario
    match_program: Program  # over MATCHES, one root per match of the program
    hash: str  # SHA-256 over the canonical JSON of the content: comments and layout do not change it

    def by_id(self, id: str) -> Scenario:
        """Raises KeyError."""
        return {scenario.id: scenario for scenario in self.scenarios}[id]

    def expired(self, on: Date) -> tuple[str, ...]:
        """Scenarios that no longer fire on that day."""
        return tuple(s.id for s in self.scenarios if on > min(s.valid_until, s.justification.review_by))
