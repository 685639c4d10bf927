"""Decisions: what matches, hits, risk and lot mean for each traveller under a policy.

Columns in, columns out. All comparisons are made on log-odds rounded to 1e-6, so that a replay decides alike.
DO_NOT_BOARD is not in the vocabulary of the result.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.frames import Manifest
from manifests.vocabulary import ENGINE_DIRECTIVES, ENTRY_AUTHORISATIONS, LANES, REFERRAL_KINDS
from scoring import reasons
from scoring.bookings import booked_only
from scoring.draws import NEAR, inclusion
from scoring.grounds import (
    NONE,
    ON_ARRIVAL,
    PRE_BOARDING,
    Floats,
    Texts,
    acting_hits,
    acting_lost,
    acting_matches,
    hit_reason,
    logit,
    lost_reason,
    match_reason,
    rounded,
)
from scoring.insufficient import at_fault
from scoring.people import Flags, People
from scoring.policy import Policy
from scoring.reasons import Reason

DIRECTIVES = ("BOARD", "HOLD", "INSUFFICIENT_DATA", "NOT_SCREENED")
BOARD, HOLD, INSUFFICIENT_DATA, NOT_SCREENED = range(4)
KINDS = (None, "ON_ARRIVAL", "PRE_BOARDING")  # by urgency
LANE_NAMES = ("enforcement", "protection", None)


def decide(
    policy: Policy,
    manifest: Manifest,
    matches: pl.DataFrame,
    hits: pl.DataFrame,
    risks: pl.DataFrame | None,
    draws: pl.Series,
    *,
    on: date,
    threshold: float | None = None,
    titles: Texts,
    labels: Texts,
    out: Collection[str] = (),
    now: datetime | None = None,
    redress: pl.DataFrame | None = None,
    lost: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """DECISIONS, one row per traveller in order.

    `risks`: RISKS of every traveller, None without a model, and `threshold`, the model's risk at the policy's alert
    budget; `on`: the date that stands in for a departure that is not known; `titles` of scenarios and `labels` of
    features, for the reasons; `out`: sources (watchlists, scenarios, model) that the policy wants and that are out; `now`:
    the time of the decision, None where a past flight is studied: then every officer would have had the whole time;
    `redress`: REDRESS of those who gave a number; `lost`: LOST of the travellers' documents.
    """
    people = People.of(manifest, on)
    matched = acting_matches(policy, manifest, matches, people)
    hit = acting_hits(hits, people)
    reported = acting_lost(lost, people)
    protected = people.any(ground.row for ground in hit if ground.protection)

    booked = booked_only(manifest)

    # The model never scores a child, nor a person who may be a victim: links to a facilitator would count against them.
    scored = ~people.minor & ~protected & ~booked & (risks is not None)
    prior = logit(policy.base_probability)
    odds = np.where(scored, rounded(risks["log_odds"].to_numpy()) if risks is not None else prior, prior)
    limit = max(threshold or 0.0, policy.floor_probability)
    model_acts = policy.model_role == "refer" and risks is not None and threshold is not None
    by_model = scored & people.adult & (odds >= logit(limit)) & model_acts

    urgency = np.where(by_model, ON_ARRIVAL, NONE)
    for ground in (*matched, *reported, *hit):
        urgency[ground.row] = max(urgency[ground.row], ground.urgency)
    # A redress number that is not this person's is a question to ask on arrival, and never one to a child.
    questioned = [(row, finding) for row, finding in _questioned(redress, people) if not people.minor[row]]
    for row, _ in questioned:
        urgency[row] = max(urgency[row], ON_ARRIVAL)

    # By lot, from those whom nothing else refers. Where the model only orders the queue it does not steer the lot either:
    # then there is one stratum.
    near = scored & (odds >= logit(NEAR * limit)) & model_acts
    chance = inclusion(people.adult & ~booked & (urgency == NONE), near, policy.control_sample_rate)
    control = draws.to_numpy() < chance
    urgency[control] = ON_ARRIVAL

    # A HOLD always has a decide-by time: without a departure the carrier is asked for that first. The referral is open.
    faults = at_fault(policy.insufficient_when, manifest)
    hold = people.any(ground.row for ground in matched if ground.holds) & ~booked
    untimed = hold & np.isnat(people.departure_at)
    faults += [(row, "flight.departure_at", False) for row in np.flatnonzero(untimed).tolist()]
    hold &= ~untimed

    # Whom nobody can decide on before the flight leaves gets the policy's contingency: boarded, and looked at on arrival.
    times = people.departure_at - np.timedelta64(policy.hold.decide_by_minutes, "m")
    if now is not None:
        moment = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
        times = np.where(times > moment, times, people.departure_at)
        late = hold & ~(times > moment)
        urgency[late] = ON_ARRIVAL
        hold &= ~late
        # Once the flight has left nobody stands at its gate.
        urgency[(people.departure_at <= moment) & (urgency == PRE_BOARDING)] = ON_ARRIVAL

    directives = np.where(people.any(row for row, _, _ in faults), INSUFFICIENT_DATA, BOARD)
    if not set(out) <= set(policy.answer_without):
        directives[:] = NOT_SCREENED
    directives[hold] = HOLD

    # On a protection case only the protection scenarios count.
    priority = odds.copy()
    for ground in hit:
        if ground.protection or not protected[ground.row]:
            priority[ground.row] += ground.weight

    told = [
        *((ground.row, match_reason(ground, bool(hold[ground.row]))) for ground in matched),
        *((ground.row, lost_reason(ground)) for ground in reported),
        *((ground.row, hit_reason(ground, bool(protected[ground.row]), titles, labels)) for ground in hit),
        *((row, reasons.REDRESS[finding]) for row, finding in questioned),
        *((row, reasons.CONTROL) for row in np.flatnonzero(control).tolist()),
        *((row, reasons.unreadable(field) if sent else reasons.missing(field)) for row, field, sent in faults),
        *_bases(odds, risks, scored, by_model, policy.base_probability),
    ]
    times = np.where(hold, times, np.datetime64("NaT"))
    lanes = np.where(urgency == NONE, 2, protected)
    return pl.DataFrame(
        [
            manifest.travellers["traveller"],
            _choose("directive", directives, DIRECTIVES, ENGINE_DIRECTIVES),
            pl.Series("entry_authorisation", ["NOT_CHECKED"] * people.count, ENTRY_AUTHORISATIONS),
            pl.Series("decide_by", times.astype("M8[us]"), pl.Datetime("us", "UTC")),
            pl.Series("telephone", [policy.hold.telephone if held else None for held in hold.tolist()], pl.String),
            _choose("kind", urgency, KINDS, REFERRAL_KINDS),
            _choose("lane", lanes, LANE_NAMES, LANES),
            pl.Series("priority", rounded(priority)),
            pl.Series("control", control),
            pl.Series("inclusion", chance),
            _gathered(told),
        ]
    )


def _questioned(redress: pl.DataFrame | None, people: People) -> Iterator[tuple[int, str]]:
    """Row and finding of each redress number that is not the traveller's."""
    if redress is None:
        return
    found = redress.filter(pl.col("finding").is_in(list(reasons.REDRESS)))
    yield from zip(people.rows(found["traveller"]), found["finding"].to_list(), strict=True)


def _bases(odds: Floats, risks: pl.DataFrame | None, scored: Flags, refers: Flags, base: float) -> Iterator[tuple[int, Reason]]:
    """The first addend of everybody's priority, referred or not: the model's, or the base rate where it does not count."""
    risk = risks["risk"].to_list() if risks is not None else [base] * len(odds)
    for row, values in enumerate(zip(odds.tolist(), risk, scored.tolist(), refers.tolist(), strict=True)):
        yield row, reasons.model(values[0], values[1], values[3]) if values[2] else reasons.base(values[0], base)


def _choose(name: str, codes: NDArray[np.int64], values: Sequence[str | None], dtype: pl.Enum) -> pl.Series:
    return pl.Series(name, [values[code] for code in codes.tolist()], dtype)


def _gathered(told: list[tuple[int, Reason]]) -> pl.Series:
    """The reasons of each traveller as a list, in the order told; everybody has at least one."""
    told = sorted(told, key=lambda item: item[0])
    flat = pl.DataFrame(
        {
            "row": pl.Series([row for row, _ in told], dtype=pl.UInt32),
            "code": pl.Series([reason.code for _, reason in told], dtype=pl.String),
            "en": pl.Series([reason.en for _, reason in told], dtype=pl.String),
            "fr": pl.Series([reason.fr for _, reason in told], dtype=pl.String),
            "log_odds": pl.Series([reason.log_odds for _, reason in told], dtype=pl.Float64),
        }
    )
    lists = flat.group_by("row", maintain_order=True).agg(pl.struct("code", "en", "fr", "log_odds").alias("reasons"))
    return lists["reasons"]
