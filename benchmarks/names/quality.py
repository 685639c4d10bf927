"""Quality of name matching: our matcher and its peers over the same passengers, the same list, the same pairs.

The whole list is scored (names/watchlist.csv); an alert is a passenger with any entry above the threshold, which is set
on the unrelated passengers; recall counts the true passengers whose own entry is above it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.names import cyrillic, data, measures, ours
from benchmarks.names.data import Passengers
from benchmarks.names.measures import Floats
from benchmarks.report import measurement
from watchlists import score, snapshot

RATES: Final = (0.01, 0.001)
# What of a passenger is used, in the order of the table: (with date of birth, with nationality).
SETTINGS: Final = {"names": (False, False), "dob": (True, False), "dob_country": (True, True)}
ONE_IN: Final = 10_000
# Lower bounds of recall, by setting and rate; F1 of human pairs; Cyrillic with date of birth; recall gap of cultures.
RECALL_TARGETS: Final = {("names", 0.01): 0.90, ("dob_country", 0.01): 0.975, ("dob_country", 0.001): 0.95}
HUMAN_F1, CYRILLIC_RECALL, CULTURE_GAP, OBSERVED_OVER_EXPECTED = 0.82, 0.95, 0.05, (0.5, 2.0)
_PAIRS: Final = ("pairs", "human_pairs")

Tell = Callable[[str], None]


def our_quality(folder: Path, settings: Sequence[str], tell: Tell, drawn: int = 40_000) -> dict[str, Any]:
    """Every figure of our matcher, in a minute or two; `drawn` synthetic passengers are unrelated besides those of the file."""
    chosen = {setting: SETTINGS[setting] for setting in settings}
    people = data.passengers(folder, drawn)
    figures: dict[str, Any] = {"passengers": people.frame.height, "unrelated": people.frame["truth_id"].null_count()}
    with TemporaryDirectory() as scratch:
        snap = ours.build(Path(scratch) / "snapshot", folder, "names")
        scores = {}
        for setting, (with_dob, with_country) in chosen.items():
            tell(f"ours: {setting}")
            began = time.process_time()
            scores[setting] = ours.best_scores(snap, people, with_dob=with_dob, with_country=with_country)
            figures.setdefault("cpu_ms", {})[setting] = round((time.process_time() - began) * 1e3 / people.frame.height, 3)
        figures["recall"] = {setting: measures.recalls(found, RATES) for setting, found in scores.items()}
        for group in ("category", "culture"):
            figures[group] = {setting: measures.recall_by(found, group, RATES) for setting, found in scores.items()}
        figures["culture_gap"] = {
            setting: {measures.rate(rate): measures.gap(figures["culture"][setting], rate) for rate in RATES}
            for setting in settings
        }
        tell("ours: Cyrillic originals")
        thresholds = {setting: row[measures.rate(0.01)]["threshold"] for setting, row in figures["recall"].items()}
        figures["cyrillic"] = _cyrillic(Path(scratch), folder, snap, thresholds)
        tell("ours: calibration")
        figures["calibration"] = _calibration(snap, people)
    tell("ours: pairs")
    figures |= pair_figures(folder, ours.pair_scores)
    return figures


def _cyrillic(scratch: Path, folder: Path, snap: snapshot.Snapshot, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Recall of each make at the thresholds of 1 alert in 100: of all, and of those that 9303 spells unlike the list."""
    genuine, listed = cyrillic.genuine(folder)
    extended = snapshot.replace(
        scratch / "cyrillic", [ours.imported(data.listed_of(folder), "names"), ours.imported(listed, "cyrillic")]
    )
    figures: dict[str, Any] = {}
    for make, people, where in (
        ("un", cyrillic.un(folder), snap),
        ("rewritten", cyrillic.rewritten(folder), snap),
        ("genuine", genuine, extended),
    ):
        names = where.entries.select(truth_id="entry_id", listed="name")
        changed = cyrillic.changed(people, names)
        for setting, (with_dob, with_country) in SETTINGS.items():
            if setting not in thresholds:
                continue
            scores = ours.best_scores(where, Passengers(people), with_dob=with_dob, with_country=with_country)
            found = scores["own"].to_numpy() > thresholds[setting]
            figures.setdefault(make, {"n": people.height, "changed": int(changed.sum())})[setting] = {
                "recall": round(float(found.mean()), 4),
                "of_changed": round(float(found[changed].mean()), 4),
            }
    return figures


def _calibration(snap: snapshot.Snapshot, people: Passengers) -> dict[str, Any]:
    """Observed over expected per decade at one listed passenger in 10,000, of all true ones and of the related ones.

    The prior is what a policy owner would know: that share, spread over the lists as the true passengers are.
    """
    shares = people.frame["truth_id"].drop_nulls().replace_strict(_sources(snap)).value_counts(normalize=True).rows()
    prior = {"default": 1e6 / ONE_IN} | {source: share * 1e6 / ONE_IN for source, share in shares}
    least = max(score.prior_log_odds(prior[source], count) for source, count in snap.sources.items())
    claims = ours.claims(snap, people, prior, float(np.log(measures.DECADES[0])) - least)
    listed = people.frame["truth_id"].is_not_null().to_numpy()
    related = ~listed | (people.frame["related"] == 1).fill_null(False).to_numpy()
    return {
        kind: measures.calibration(claims.of(kept), listed[kept], ONE_IN)
        for kind, kept in (("all", np.ones(listed.size, bool)), ("related", related))
    }


def _sources(snap: snapshot.Snapshot) -> dict[str, str]:
    return dict(snap.entries.select("entry_id", "source").iter_rows())


def pair_figures(folder: Path, scored: Callable[[pl.DataFrame], Floats]) -> dict[str, Any]:
    """PR-AUC and F1 of both files of pairs: F1 at its best threshold, and at the one that is best on the other file."""
    sides = {}
    for kind in _PAIRS:
        pairs = data.pairs(folder, kind)
        sides[kind] = (pairs["label"].to_numpy() == 1, scored(pairs))
    figures: dict[str, Any] = {}
    for kind, other in (_PAIRS, _PAIRS[::-1]):
        truth, scores = sides[kind]
        best, threshold = measures.best_f1(truth, scores)
        elsewhere = measures.best_f1(*sides[other])[1]
        figures[kind] = {
            "n": truth.size,
            "pr_auc": round(measures.average_precision(truth, scores), 4),
            "f1": round(best, 4),
            "f1_interval": measures.resampled(truth, scores, lambda t, s: measures.best_f1(t, s)[0]),
            "threshold": round(threshold, 4),
            "f1_elsewhere": round(measures.f1_at(truth, scores, elsewhere), 4),
        }
    return figures


def targets(own: Mapping[str, Any], peers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was asked beside what was measured: what, target, value, met."""
    rows = []

    def add(what: str, target: str, value: Any, met: bool) -> None:
        rows.append({"what": what, "target": target, "value": value, "met": met})

    for (setting, alerts), least in RECALL_TARGETS.items():
        bound = own["recall"][setting][measures.rate(alerts)]["interval"][0]
        add(f"recall, {setting}, {measures.rate(alerts)}, lower bound", f">= {least}", bound, bound >= least)
    f1 = own["human_pairs"]["f1"]
    add("F1 of human pairs", f">= {HUMAN_F1}", f1, f1 >= HUMAN_F1)
    for make in ("rewritten", "genuine"):
        for setting in [name for name in own["cyrillic"][make] if name.startswith("dob")]:
            recall = own["cyrillic"][make][setting]["recall"]
            add(f"Cyrillic originals, {make}, {setting}, 1/100", f">= {CYRILLIC_RECALL}", recall, recall >= CYRILLIC_RECALL)
    for rate in map(measures.rate, RATES):
        gap = own["culture_gap"]["dob_country"][rate]["gap"]
        add(f"recall gap of cultures, dob_country, {rate}", f"<= {CULTURE_GAP}", gap, gap <= CULTURE_GAP)
    low, high = OBSERVED_OVER_EXPECTED
    ratios = [row["ratio"] for row in own["calibration"]["all"] if row["estimable"]]
    span = [min(ratios), max(ratios)]
    add("observed over expected, decades", f"{low} to {high}", span, low <= span[0] and span[1] <= high)
    for setting in ("names", "dob_country"):
        for rate in map(measures.rate, RATES):
            best = max(peers, key=lambda peer: float(peers[peer]["recall"][setting][rate]["recall"]), default=None)
            if best is not None:
                value = [own["recall"][setting][rate]["recall"], peers[best]["recall"][setting][rate]["recall"]]
                add(f"recall, {setting}, {rate}, beside the best peer ({best})", "higher", value, value[0] > value[1])
    return rows


def names_quality(folder: Path) -> list[dict[str, Any]]:
    """Recall of related true passengers at 1 alert per 100 and per 1,000 unrelated ones, as rows of `forepost bench`.

    `interval` is the bootstrap's 95 % interval; `verdict` is of its lower bound.
    """
    people = data.passengers(folder)
    rows = []
    with TemporaryDirectory() as scratch:
        snap = ours.build(Path(scratch) / "snapshot", folder, "names")
        for setting in ("names", "dob_country"):
            with_dob, with_country = SETTINGS[setting]
            began = time.process_time()
            scores = ours.best_scores(snap, people, with_dob=with_dob, with_country=with_country)
            cpu = (time.process_time() - began) * 1e3
            for alerts, figures in zip(RATES, measures.recalls(scores, RATES).values(), strict=True):
                target = RECALL_TARGETS.get((setting, alerts))
                rows.append(
                    measurement(
                        f"names-quality/{setting}/{alerts:g}",
                        n=people.frame.height,
                        value=figures["recall"],
                        unit="recall",
                        met=None if target is None else figures["interval"][0] >= target,
                        target=target,
                        cpu_ms=cpu / people.frame.height,
                        interval=figures["interval"],
                    )
                )
    return rows
