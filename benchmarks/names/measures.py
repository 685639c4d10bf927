"""The figures of the name benchmark, as functions of scores and truth; what makes the scores does not matter here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED: Final = 20_260
RESAMPLES: Final = 400
DECADES: Final = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
# A decade with fewer true pairs than this, in the file as it is, tells nothing about calibration.
ESTIMABLE: Final = 10

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]


def recall_at(scores: pl.DataFrame, alerts: float) -> tuple[float, float, Truth]:
    """Threshold at which at most `alerts` of the unrelated raise any alert, recall of related true ones, and which.

    `scores` has truth_id (null: unrelated), related, `best` (of any entry) and `own` (of the true one).
    """
    threshold, found = found_at(*_sides(scores), alerts)
    return threshold, float(found.mean()), found > 0


def found_at(own: Floats, unrelated: Floats, alerts: float) -> tuple[float, Floats]:
    """The threshold, and of each true passenger the chance of an alert for the right entry.

    An alert is a score above the threshold. Scores that stand exactly on it raise alerts in the proportion that the
    budget still allows, as if ties were broken at random; -inf, which means no score at all, never does.
    """
    budget = int(alerts * unrelated.size)
    threshold = float(np.partition(unrelated, unrelated.size - 1 - budget)[unrelated.size - 1 - budget])
    found = (own > threshold).astype(np.float64)
    if threshold > -np.inf:
        share = (budget - int((unrelated > threshold).sum())) / int((unrelated == threshold).sum())
        found[own == threshold] = share
    return threshold, found


def interval(own: Floats, unrelated: Floats, alerts: float, resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % bootstrap interval of the recall at `alerts`: true and unrelated passengers are drawn again with replacement."""
    generator = np.random.default_rng(SEED)
    recalls = [
        float(
            found_at(
                own[generator.integers(own.size, size=own.size)],
                unrelated[generator.integers(unrelated.size, size=unrelated.size)],
                alerts,
            )[1].mean()
        )
        for _ in range(resamples)
    ]
    return _quantiles(recalls)


def recalls(scores: pl.DataFrame, rates: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Recall, its interval and the threshold at each alert rate."""
    own, unrelated = _sides(scores)
    figures = {}
    for alerts in rates:
        threshold, found = found_at(own, unrelated, alerts)
        low, high = interval(own, unrelated, alerts)
        figures[rate(alerts)] = {
            "recall": _rounded(float(found.mean())),
            "interval": [_rounded(low), _rounded(high)],
            "threshold": _rounded(threshold),
        }
    return figures


def recall_by(scores: pl.DataFrame, group: str, rates: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Per value of the column `group`: number of related true passengers and their recall at each rate."""
    own, unrelated = _sides(scores)
    related = scores.filter(pl.col("related") == 1)
    found = related.select(
        pl.col(group).fill_null("unknown"),
        *(pl.Series(rate(alerts), found_at(own, unrelated, alerts)[1]) for alerts in rates),
    )
    grouped = found.group_by(group).agg(pl.len().alias("n"), pl.all().exclude(group).mean()).sort(group)
    return {row.pop(group): {name: _rounded(value) for name, value in row.items()} for row in grouped.to_dicts()}


def gap(groups: dict[str, dict[str, Any]], alerts: float, least: int = 100) -> dict[str, Any]:
    """The widest difference of recall between known groups of at least `least` rows, and which they are."""
    large = {name: row[rate(alerts)] for name, row in groups.items() if row["n"] >= least and name != "unknown"}
    best, worst = max(large, key=lambda name: large[name]), min(large, key=lambda name: large[name])
    return {"gap": _rounded(large[best] - large[worst]), "best": best, "worst": worst, "groups": len(large)}


def rate(alerts: float) -> str:
    """0.01 as `1/100`."""
    return f"1/{round(1 / alerts):,}"


def average_precision(truth: Truth, scores: Floats) -> float:
    """Area under the precision-recall curve as a sum of steps (Davis and Goadrich 2006); ties are one step."""
    precision, gained, _ = _curve(truth, scores)
    return float((precision * np.diff(gained, prepend=0.0)).sum())


def best_f1(truth: Truth, scores: Floats) -> tuple[float, float]:
    """The highest F1 that any threshold gives, and that threshold: at or above it is a match."""
    precision, recall, thresholds = _curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = int(np.argmax(f1))
    return float(f1[best]), float(thresholds[best])


def f1_at(truth: Truth, scores: Floats, threshold: float) -> float:
    """F1 where scores at or above the threshold are matches; 0 where nothing is."""
    said = scores >= threshold
    right = int((said & truth).sum())
    return 2 * right / max(int(said.sum()) + int(truth.sum()), 1)


def resampled(truth: Truth, scores: Floats, figure: Callable[[Truth, Floats], float], resamples: int = RESAMPLES) -> list[float]:
    """95 % bootstrap interval of a figure of pairs."""
    generator = np.random.default_rng(SEED)
    drawn = (generator.integers(truth.size, size=truth.size) for _ in range(resamples))
    return [_rounded(end) for end in _quantiles([figure(truth[rows], scores[rows]) for rows in drawn])]


def _curve(truth: Truth, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision and recall where scores at or above each distinct score are matches, from the highest down."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), ranked.size - 1)
    right = np.cumsum(truth[order])[last]
    return right / (last + 1), right / max(int(truth.sum()), 1), ranked[last]


@dataclass(frozen=True)
class Claims:
    """Pairs of a passenger and an entry with the probability that was claimed: one element each."""

    passenger: NDArray[np.int64]  # row of the passengers
    probability: Floats
    true: Truth

    def of(self, kept: Truth) -> "Claims":
        """The claims about some of the passengers, numbered anew."""
        here = kept[self.passenger]
        return Claims((np.cumsum(kept) - 1)[self.passenger[here]], self.probability[here], self.true[here])


def calibration(claims: Claims, listed: Truth, one_in: float, resamples: int = RESAMPLES) -> list[dict[str, Any]]:
    """Observed over expected persons per decade of the claimed probability, at one listed passenger in `one_in`.

    `listed` says of each passenger whether they are on the list. Passengers are weighted so that the file has that share,
    which is the expectation of resampling it; the unrelated weigh 1. `expected` is the sum of the weighted
    probabilities, `observed` the weight of the pairs that are true, `interval` from drawing passengers again. As they stand
    in the file are counted: `true` pairs, `unrelated` pairs (of passengers on no list), `others` (a listed passenger with
    another entry, which may be the same person on another list).
    """
    weight = np.where(listed, (~listed).sum() / (one_in - 1) / max(int(listed.sum()), 1), 1.0)
    decade = np.searchsorted(DECADES, claims.probability, side="right") - 1
    size = (listed.size, len(DECADES) - 1)
    expected, observed = np.zeros(size), np.zeros(size)
    kept = decade >= 0
    cells = claims.passenger[kept], np.minimum(decade[kept], size[1] - 1)
    np.add.at(expected, cells, (claims.probability * weight[claims.passenger])[kept])
    np.add.at(observed, cells, (claims.true * weight[claims.passenger])[kept])
    generator = np.random.default_rng(SEED)
    drawn = [np.bincount(generator.integers(listed.size, size=listed.size), minlength=listed.size) for _ in range(resamples)]
    sums = np.array([(times @ observed, times @ expected) for times in drawn])  # (resamples, 2, decades)
    of_listed = listed[claims.passenger]
    rows = []
    for number, (wanted, seen) in enumerate(zip(expected.sum(axis=0), observed.sum(axis=0), strict=True)):
        here = np.minimum(decade, size[1] - 1) == number
        ratios = [top / bottom for top, bottom in sums[:, :, number].tolist() if bottom]
        true = int((here & claims.true).sum())
        rows.append(
            {
                "from": DECADES[number],
                "to": DECADES[number + 1],
                "true": true,
                "unrelated": int((here & ~of_listed).sum()),
                "others": int((here & of_listed & ~claims.true).sum()),
                "expected": _rounded(float(wanted)),
                "observed": _rounded(float(seen)),
                "ratio": _rounded(float(seen / wanted)) if wanted else None,
                "interval": [_rounded(end) for end in _quantiles(ratios)] if ratios else None,
                "estimable": true >= ESTIMABLE,
            }
        )
    return rows


def _sides(scores: pl.DataFrame) -> tuple[Floats, Floats]:
    own = scores.filter(pl.col("related") == 1)["own"].to_numpy()
    return own, scores.filter(pl.col("truth_id").is_null())["best"].to_numpy()


def _quantiles(values: list[float]) -> tuple[float, float]:
    return float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def _rounded(value: float) -> float:
    """Four decimals, or four digits of what is smaller: a change of less is no change."""
    return round(value, 4) if abs(value) >= 1e-2 else float(f"{value:.4g}")
