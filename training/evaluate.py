"""What a model is worth: recall and precision at alert budgets, calibration, and what the oracle and the scenarios reach.

Figures are over all travellers of the evaluation period; a referral can only be of somebody who is not known to be a
minor. A figure that rests on fewer than 10 positives is "not estimable".
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import CATALOGUE
from training.dataset import referable
from training.fit import BUDGETS, FEWEST_POSITIVES

Floats = npt.NDArray[np.float64]
Figure = float | str

BANDS = 10
NOT_ASKED = "not asked"
Z = 1.959963984540054  # two-sided 95 %


def evaluate(table: pl.DataFrame, log_odds: Floats, oracle: Floats | None, weights: Floats | None) -> dict[str, Any]:
    """All figures as plain values.

    `table`: KEYS, FEATURES and LABELS of the evaluation period; `log_odds` of the model, `oracle` P(finding plan), and
    `weights`, the sum of the weights of the enforcement scenarios that hit (0: none), one per row; None where unknown.
    """
    may = referable(table)
    label = (table["label"].fill_null(0) == 1).to_numpy()
    rankings: dict[str, Floats] = {"model": log_odds}
    if oracle is not None:
        rankings["oracle"] = np.log(np.clip(oracle, 1e-300, None))
    if weights is not None:
        rankings["scenarios"] = np.where(weights > 0, weights, -np.inf)
        rankings["scenarios_and_model"] = log_odds + weights
    labelled = table["label"].is_not_null().to_numpy()
    return {
        "travellers": table.height,
        "positives": int(label.sum()),
        "base_rate": float(label.mean()) if label.size else 0.0,
        "days": [str(table["day"].min()), str(table["day"].max())],
        "budgets": {
            name: {budget: at_budget(score, label, may, float(budget)) for budget in BUDGETS} for name, score in rankings.items()
        },
        "pr_auc": pr_auc(log_odds[labelled], label[labelled]),
        "auc": _estimable(label, auc(log_odds[labelled], label[labelled])),
        "calibration": bands(log_odds[labelled], label[labelled]),
        "feature_auc": feature_aucs(table.filter(pl.col("label").is_not_null())),
    }


def at_budget(score: Floats, label: npt.NDArray[np.bool_], may: npt.NDArray[np.bool_], per_1000: float) -> dict[str, Figure]:
    """Refer the highest scores, `per_1000` of a thousand travellers; equal scores in the order of the rows; -inf never."""
    count = int(label.size * per_1000 / 1000)
    score = np.where(may, score, -np.inf)
    order = np.argsort(-score, kind="stable")[:count]
    order = order[np.isfinite(score[order])]
    found = int(label[order].sum())
    positives = int(label.sum())
    low, high = wilson(found, positives)
    return {
        "referrals": len(order),
        "found": found,
        "recall": _estimable(label, found / positives if positives else 0.0),
        "recall_low": _estimable(label, low),
        "recall_high": _estimable(label, high),
        "precision": found / len(order) if len(order) else 0.0,
    }


def wilson(found: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a proportion (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    share, spread = found / count, Z * Z / count
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * float(np.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)))
    return max(0.0, centre - half), min(1.0, centre + half)


def auc(score: Floats, label: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve by ranks, ties counted half; .5 where one class is empty."""
    positives = int(label.sum())
    negatives = label.size - positives
    if positives == 0 or negatives == 0:
        return 0.5
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[label].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def pr_auc(score: Floats, label: npt.NDArray[np.bool_]) -> Figure:
    """Average precision: precision at each positive, equal scores taken together."""
    order = np.argsort(-score, kind="stable")
    hits = label[order]
    last = np.r_[np.flatnonzero(np.diff(score[order])), score.size - 1]
    found, taken = np.cumsum(hits)[last], last + 1
    gained = np.diff(np.r_[0, found])
    return _estimable(label, float((gained * found / taken).sum() / max(1, int(label.sum()))))


def feature_aucs(table: pl.DataFrame) -> dict[str, float]:
    """max(AUC, 1 - AUC) of each number and flag alone; a null counts as lowest or as highest, whichever separates better."""
    label = (table["label"] == 1).to_numpy()
    found = {}
    for feature in CATALOGUE:
        if feature.kind != "code":
            values = table[feature.id].cast(pl.Float64)
            sides = [auc(values.fill_null(side).to_numpy(), label) for side in (-1e300, 1e300)]
            found[feature.id] = max(max(side, 1 - side) for side in sides)
    return found


def bands(log_odds: Floats, label: npt.NDArray[np.bool_]) -> list[dict[str, Figure]]:
    """Expected and observed findings by score band, highest first: bands of halving size, so that the top is seen closely."""
    order = np.argsort(-log_odds, kind="stable")
    edges = np.unique(np.r_[0, (order.size / 2.0 ** np.arange(BANDS, -1, -1)).astype(np.int64)])
    probability = 1 / (1 + np.exp(-log_odds[order]))
    hits = label[order]
    rows: list[dict[str, Figure]] = []
    for start, end in pairwise(edges):
        expected, observed = float(probability[start:end].sum()), int(hits[start:end].sum())
        ratio: Figure = observed / expected if observed >= FEWEST_POSITIVES else f"not estimable, n = {observed}"
        rows.append(
            {
                "travellers": int(end - start),
                "lowest_probability": float(probability[end - 1]),
                "expected": expected,
                "observed": observed,
                "observed_over_expected": ratio,
            }
        )
    return rows


def scenario_rates(
    hits: pl.DataFrame, plans: pl.Series, scenarios: Sequence[str], not_asked: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Per scenario how often it fires, per 1,000 innocents and per 1,000 of each latent plan, with counts.

    `hits`: `row` (UInt32, position in `plans`) and `scenario`; every id of `scenarios` is listed, those that never fired too;
    the figures of one of `not_asked` are the words "not asked".
    """
    totals: Mapping[str, int] = dict(sorted(plans.cast(pl.String).value_counts().iter_rows()))
    fired = hits.select("row", "scenario").unique(maintain_order=True)
    fired = fired.with_columns(plan=plans[fired["row"]].cast(pl.String))
    rows: list[dict[str, Any]] = []
    for scenario in scenarios:
        if scenario in not_asked:
            words = dict.fromkeys(totals, NOT_ASKED)
            rows.append({"scenario": scenario, "fired": NOT_ASKED, "per_1000": words, "count": words})
            continue
        counts = dict(sorted(fired.filter(pl.col("scenario") == scenario)["plan"].value_counts().iter_rows()))
        rows.append(
            {
                "scenario": scenario,
                "fired": sum(counts.values()),
                "per_1000": {plan: 1000 * counts.get(plan, 0) / total for plan, total in totals.items()},
                "count": counts,
            }
        )
    return rows


def _estimable(label: npt.NDArray[np.bool_], value: float) -> Figure:
    positives = int(label.sum())
    return value if positives >= FEWEST_POSITIVES else f"not estimable, n = {positives}"
