"""The grounds on which a referral can rest: matches that act under the policy, lost documents, and scenario hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.frames import Manifest
from manifests.names import fold_one
from scoring import reasons
from scoring.people import People
from scoring.policy import Policy
from scoring.reasons import Reason
from watchlists.score import NAME_COUNTS

Floats = NDArray[np.float64]
Texts = Mapping[str, tuple[str, str]]  # English and French by id

# Kinds of referral by urgency: where several grounds meet in one case, the earlier place wins.
NONE, ON_ARRIVAL, PRE_BOARDING = range(3)
KIND_URGENCY = {"ON_ARRIVAL": ON_ARRIVAL, "PRE_BOARDING": PRE_BOARDING}
ACTION_URGENCY = {
    "stop_before_boarding": PRE_BOARDING,
    "examine_on_arrival": ON_ARRIVAL,
    "arrest_on_arrival": ON_ARRIVAL,  # the carrier sees BOARD
    "notify_owner": NONE,  # told to the owner, no work for officers
}


def rounded(log_odds: Floats) -> Floats:
    """Log-odds as decisions are taken on them: to 1e-6."""
    return np.round(log_odds, 6)


def logit(probability: Floats | float) -> Floats:
    """Log-odds of a probability, rounded; ±infinity at 1 and 0."""
    with np.errstate(divide="ignore"):
        return rounded(np.log(probability) - np.log1p(-np.asarray(probability, np.float64)))


@dataclass(frozen=True)
class Ground:
    """One reason to refer: the traveller's row, the urgency of the referral and what it adds to the priority.

    `holds`: a match that makes a HOLD; `protection`: a scenario of that lane.
    """

    row: int
    urgency: int
    holds: bool
    protection: bool
    weight: float
    values: Mapping[str, Any]


def acting_matches(policy: Policy, manifest: Manifest, matches: pl.DataFrame, people: People) -> list[Ground]:
    """The matches over the policy's bound for the lookout's action.

    A weak alias confirms and never triggers: it acts only beside an agreeing document. For a child only the exact person
    (name and date of birth equal) or the exact document acts. HOLD: action stop_before_boarding, a list the policy names,
    probability over its bound, a name that counts as one (NAME_COUNTS), and an agreeing date of birth or document.
    """
    bounds = {action: float(logit(bound)) for action, bound in policy.lookout_bounds}
    hold_bound = logit(policy.hold.probability)
    odds = logit(matches["probability"].to_numpy())
    over = np.flatnonzero(odds > min(bounds.values()))
    rows = people.rows(matches["traveller"])
    grounds = []
    for at, values in zip(over.tolist(), _dicts(matches[over]), strict=True):
        row, action = rows[at], values["action"]
        weak, document = values["weak"] is not False, values["document_agrees"] is True
        person = values["dob_agrees"] is True and not weak
        if odds[at] <= bounds[action] or (weak and not document):
            continue
        if people.minor[row] and not document and not (person and _same_name(manifest, row, values["lookout_name"])):
            continue
        named = action == "stop_before_boarding" and values["source"] in policy.hold.lists
        sure = odds[at] > hold_bound and values["name_log_odds"] >= NAME_COUNTS and not weak
        holds = named and sure and (person or document)
        grounds.append(Ground(row, ACTION_URGENCY[action], bool(holds), False, 0.0, values))
    return grounds


def _dicts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows by column name: for the few that act."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.rows()]


def _same_name(manifest: Manifest, row: int, lookout_name: str) -> bool:
    """Whether traveller and lookout have the same name, letter by letter after folding, in whatever order of its parts."""
    name = f"{manifest.travellers['surname'][row] or ''} {manifest.travellers['given'][row] or ''}"
    parts = sorted(fold_one(name).split())
    return bool(parts) and parts == sorted(fold_one(lookout_name).split())


def acting_hits(hits: pl.DataFrame, people: People) -> list[Ground]:
    """Scenario hits that refer: all but those of the enforcement lane on children."""
    rows = people.rows(hits["traveller"])
    grounds = []
    for row, values in zip(rows, _dicts(hits), strict=True):
        protection = values["lane"] == "protection"
        if protection or not people.minor[row]:
            weight = round(values["weight"], 6)
            grounds.append(Ground(row, KIND_URGENCY[values["kind"]], False, protection, weight, values))
    return grounds


def acting_lost(lost: pl.DataFrame | None, people: People) -> list[Ground]:
    """Documents reported lost or stolen: asked about before boarding, while the issuer can still be reached and the document
    seen. A report is about a document, not a person: it holds nobody, adds nothing, and counts for a child as well."""
    if lost is None:
        return []
    rows = people.rows(lost["traveller"])
    return [Ground(row, PRE_BOARDING, False, False, 0.0, values) for row, values in zip(rows, _dicts(lost), strict=True)]


def match_reason(ground: Ground, held: bool) -> Reason:
    """`held`: the traveller is held."""
    values = ground.values
    return reasons.lookout(
        values["entry_id"], values["source"], values["action"], values["probability"], values["evidence"], ground.holds and held
    )


def lost_reason(ground: Ground) -> Reason:
    """What an officer reads of a document that is reported lost or stolen."""
    values = ground.values
    known = [value for value in (values["type"], values["issuer"]) if value]
    return reasons.lost_document(values["tag"], values["document"] + 1, known, values["authority"], values["issuer_agrees"])


def hit_reason(ground: Ground, protected: bool, titles: Texts, labels: Texts) -> Reason:
    """On a protection case (`protected`) scenarios of the enforcement lane are set aside."""
    scenario = ground.values["scenario"]
    if protected and not ground.protection:
        return reasons.set_aside(scenario)
    observed = [(*labels.get(item["feature"], (item["feature"],) * 2), item["value"]) for item in ground.values["evidence"]]
    return reasons.scenario(scenario, titles.get(scenario, (scenario,) * 2), observed, ground.weight, ground.protection)
