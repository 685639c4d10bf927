"""The whole flow on one screen: manifests → watchlists → features → rules → scoring → decisions. Pure: no clock, no store."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import polars as pl

from features.catalogue import BY_ID
from features.derive import derive
from manifests.frames import Manifest
from rules.evaluate import HITS, evaluate
from rules.scenario import Pack
from scoring.bookings import lawful_hits, lawful_lost, lawful_matches
from scoring.decide import decide
from scoring.model import Model
from scoring.policy import Policy
from watchlists.clearances import CLEARANCES, CLEARED_MATCHES, with_clearances
from watchlists.match import match
from watchlists.snapshot import Snapshot

LABELS = MappingProxyType(
    {
        **{name: (feature.en_label, feature.fr_label) for name, feature in BY_ID.items()},
        "match": ("lookout", "signalement"),  # as a scenario names the match that it read
    }
)


@dataclass(frozen=True)
class Screened:
    """What a screening found. `matches` are CLEARED_MATCHES: those with a clearance are on record and caused nothing.
    `lost`: LOST, None where the snapshot has no list of lost documents. `degraded`: sources that were out (watchlists,
    scenarios, model), in this order."""

    matches: pl.DataFrame
    lost: pl.DataFrame | None
    features: pl.DataFrame
    hits: pl.DataFrame
    risks: pl.DataFrame | None
    decisions: pl.DataFrame
    degraded: tuple[str, ...]


def screen(
    manifest: Manifest,
    history: pl.DataFrame,
    draws: pl.Series,
    *,
    snapshot: Snapshot | None,
    pack: Pack | None,
    model: Model | None,
    policy: Policy,
    at: datetime,
    now: datetime | None = None,
    clearances: pl.DataFrame | None = None,
    redress: pl.DataFrame | None = None,
) -> Screened:
    """Screen the travellers of one or more flights; how flights are batched changes nothing.

    `history`: HISTORY, one row per traveller; `draws`: `scoring.draws.draws`; `at`: the instant in UTC at
    which lookouts and on whose day scenarios must be valid; `now`: the time of the answer, None offline (see
    `decide`); `clearances`: CLEARANCES of the travellers, and `redress`: REDRESS of those who gave a number, None for
    nobody. A part that is None is out; a pack or model whose origin may not act under the policy is too.
    """
    degraded = _out(snapshot, pack, model, policy)
    if "watchlists" in degraded or snapshot is None:
        matches, lost = pl.DataFrame(schema=CLEARED_MATCHES), None
    else:
        prior, floor = policy.prior_per_million, policy.match_floor
        found = match(snapshot, manifest.travellers, manifest.documents, prior, floor, at)
        matches = with_clearances(snapshot, found, pl.DataFrame(schema=CLEARANCES) if clearances is None else clearances)
        lost = snapshot.lost.find(manifest.documents) if snapshot.lost else None
        if policy.pnr_purposes_required:
            matches, lost = lawful_matches(manifest, matches), None if lost is None else lawful_lost(manifest, lost)
    acting = matches.filter(pl.col("clearance").is_null())
    features = derive(manifest, history, None if lost is None else lost["traveller"])
    if "scenarios" in degraded or pack is None:
        hits, titles = pl.DataFrame(schema=HITS), {}
    else:
        hits = evaluate(pack, features, acting, at.date())
        if policy.pnr_purposes_required:
            hits = lawful_hits(manifest, hits, pack)
        titles = {scenario.id: (scenario.title_en, scenario.title_fr) for scenario in pack.scenarios}
    if "model" in degraded or model is None:
        risks, threshold = None, None
    else:
        risks = model.score(features)
        threshold = None if policy.model_budget is None else model.threshold(policy.model_budget)
    decisions = decide(
        policy,
        manifest,
        acting,
        hits,
        risks,
        draws,
        on=at.date(),
        threshold=threshold,
        titles=titles,
        labels=LABELS,
        out=degraded,
        now=now,
        redress=redress,
        lost=lost,
    )
    return Screened(matches, lost, features, hits, risks, decisions, degraded)


def _out(snapshot: Snapshot | None, pack: Pack | None, model: Model | None, policy: Policy) -> tuple[str, ...]:
    """Sources that the policy wants and that cannot act, so that no answer hides it."""
    scenarios_out = policy.pack is not None if pack is None else pack.origin not in policy.origins
    model_out = policy.model is not None if model is None else model.contract.origin not in policy.origins
    sources = {"watchlists": snapshot is None, "scenarios": scenarios_out, "model": model_out}
    return tuple(source for source, out in sources.items() if out)
