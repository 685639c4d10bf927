"""Figures against hand-computed values and against scikit-learn."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from training.evaluate import at_budget, auc, bands, pr_auc, scenario_rates, wilson
from training.fit import platt, thresholds

MAY = np.ones(4000, dtype=bool)


def ranked(positives: int = 20, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    label = np.zeros(rows, dtype=bool)
    label[:positives] = True
    return rng.normal(size=rows) + 2 * label, label


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_areas_agree_with_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    score, label = np.array([float(row[0]) for row in rows]), np.array([row[1] for row in rows])
    if 0 < label.sum() < label.size:
        assert auc(score, label) == pytest.approx(roc_auc_score(label, score))
    if label.sum() >= 10:
        assert pr_auc(score, label) == pytest.approx(average_precision_score(label, score))


def test_an_alert_budget_refers_so_many_and_never_a_minor() -> None:
    score, label = ranked()
    figures = at_budget(score, label, MAY, 2)
    assert figures["referrals"] == 8
    best = np.argsort(-score)[:8]
    assert figures["found"] == label[best].sum()
    assert figures["recall"] == label[best].sum() / 20
    assert at_budget(score, label, ~label, 2)["found"] == 0


def test_what_never_hit_is_not_referred() -> None:
    _, label = ranked()
    assert at_budget(np.where(np.arange(4000) < 3, 1.0, -np.inf), label, MAY, 6)["referrals"] == 3


def test_few_positives_are_not_estimable() -> None:
    score, label = ranked(positives=9)
    assert at_budget(score, label, MAY, 2)["recall"] == "not estimable, n = 9"
    assert pr_auc(score, label) == "not estimable, n = 9"


def test_the_interval_holds_the_share() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(5, 20)
    assert (low, high) == pytest.approx((0.1119, 0.4687), abs=1e-4)


def test_bands_hold_everybody_once() -> None:
    score, label = ranked()
    rows = bands(score, label)
    assert sum(int(row["travellers"]) for row in rows) == 4000
    assert sum(int(row["observed"]) for row in rows) == 20
    lowest = [float(row["lowest_probability"]) for row in rows]
    assert lowest == sorted(lowest, reverse=True)


def test_calibration_recovers_the_truth() -> None:
    rng = np.random.default_rng(2)
    raw = rng.normal(-3, 2, 200_000)
    label = (rng.random(raw.size) < 1 / (1 + np.exp(-(0.7 * raw - 1)))).astype(np.float64)
    assert platt(raw, label) == pytest.approx((0.7, -1.0), abs=0.05)


def test_thresholds_are_reached_by_so_many() -> None:
    probability = np.random.default_rng(1).random(5000)
    for budget, threshold in thresholds(probability, 5000).items():
        assert (probability >= threshold).sum() == int(5 * float(budget))


def test_scenarios_are_counted_by_plan() -> None:
    plans = pl.Series(["innocent"] * 8 + ["smuggled"] * 2)
    hits = pl.DataFrame({"row": [0, 8, 8, 9], "scenario": ["a", "a", "a", "a"]}, schema_overrides={"row": pl.UInt32})
    first, second = scenario_rates(hits, plans, ["a", "b"])
    assert first["per_1000"] == {"innocent": 125.0, "smuggled": 1000.0}
    assert first["count"] == {"innocent": 1, "smuggled": 2}
    assert second["fired"] == 0


def test_a_scenario_that_was_not_asked_has_no_figures() -> None:
    plans = pl.Series(["innocent", "smuggled"])
    hits = pl.DataFrame(schema={"row": pl.UInt32, "scenario": pl.String})
    asked, other = scenario_rates(hits, plans, ["a", "b"], not_asked=["b"])
    assert asked["per_1000"]["innocent"] == 0
    assert other["fired"] == "not asked"
    assert set(other["per_1000"].values()) == set(other["count"].values()) == {"not asked"}
