import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.names import measures
from benchmarks.names.measures import Claims


def _scores(own: list[float], unrelated: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "truth_id": [*(f"E{row}" for row in range(len(own))), *([None] * len(unrelated))],
            "related": [*([1] * len(own)), *([None] * len(unrelated))],
            "own": [*own, *([float("-inf")] * len(unrelated))],
            "best": [*own, *unrelated],
        }
    )


def test_threshold_lets_one_in_ten_unrelated_alert() -> None:
    threshold, recall, found = measures.recall_at(_scores([0.5, 9.5, 20.0], [float(n) for n in range(10)]), 0.1)
    assert threshold == 8.0  # 9.0 alone is above
    assert recall == pytest.approx(2 / 3)
    assert found.tolist() == [False, True, True]


def test_unrelated_true_ones_count_neither_as_true_nor_as_unrelated() -> None:
    scores = _scores([9.5], [float(n) for n in range(10)])
    other = scores.head(1).with_columns(related=pl.lit(0, pl.Int64), own=pl.lit(0.0))
    assert measures.recall_at(pl.concat([scores, other]), 0.1)[1] == 1.0


def test_ties_on_the_threshold_alert_in_the_share_that_the_budget_allows() -> None:
    unrelated = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    threshold, found = measures.found_at(np.array([1.0, 0.5]), unrelated, 0.2)
    assert threshold == 1.0
    assert found.tolist() == [0.5, 0.0]  # two of the four that tie may alert


def test_no_score_is_never_an_alert() -> None:
    threshold, found = measures.found_at(np.array([-np.inf, 3.0]), np.full(100, -np.inf), 0.01)
    assert threshold == -np.inf
    assert found.tolist() == [0.0, 1.0]


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=40),
    st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=60),
    st.sampled_from([0.01, 0.1, 0.5]),
)
def test_expected_alerts_of_the_unrelated_never_exceed_the_budget(own: list[float], unrelated: list[float], rate: float) -> None:
    others = np.array(unrelated)
    _, alerts = measures.found_at(others, others, rate)
    assert alerts.sum() <= rate * others.size + 1e-9
    _, found = measures.found_at(np.array(own), others, rate)
    assert ((found >= 0) & (found <= 1)).all()


def test_interval_holds_the_recall_and_narrows_with_more_passengers() -> None:
    draw = np.random.default_rng(1)
    widths = []
    for size in (100, 1_600):
        own, unrelated = draw.normal(2, 1, size), draw.normal(0, 1, 10 * size)
        recall = measures.found_at(own, unrelated, 0.01)[1].mean()
        low, high = measures.interval(own, unrelated, 0.01, resamples=200)
        assert low <= recall <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_recall_is_told_by_group_at_the_common_threshold() -> None:
    scores = _scores([5.0, 5.0, 0.5, 0.5], [float(n) / 10 for n in range(20)]).with_columns(
        culture=pl.Series(["a", "b", "b", None, *([None] * 20)])
    )
    groups = measures.recall_by(scores, "culture", (0.1,))
    assert groups == {
        "a": {"n": 1, "1/10": 1.0},
        "b": {"n": 2, "1/10": 0.5},
        "unknown": {"n": 1, "1/10": 0.0},
    }
    assert measures.gap(groups, 0.1, least=1) == {"gap": 0.5, "best": "a", "worst": "b", "groups": 2}


def test_f1_and_average_precision_of_a_ranking() -> None:
    truth, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    assert measures.best_f1(truth, scores) == (pytest.approx(0.8), 2.0)  # precision 2/3, recall 1
    assert measures.f1_at(truth, scores, 3.5) == pytest.approx(2 / 3)
    assert measures.f1_at(truth, scores, 9.0) == 0.0
    assert measures.average_precision(truth, scores) == pytest.approx(1 / 2 + 2 / 3 / 2)


def test_tied_scores_are_one_step_whatever_their_order() -> None:
    scores = np.zeros(4)
    for truth in ([True, False, False, False], [False, False, False, True]):
        assert measures.average_precision(np.array(truth), scores) == pytest.approx(0.25)


def _claims(probability: float, hits: int, unrelated_hits: int) -> tuple[Claims, np.ndarray]:
    """100 listed passengers of whom `hits` are claimed rightly, and 9,900 others of whom some are claimed wrongly."""
    listed = np.arange(10_000) < 100
    passenger = np.concatenate([np.arange(hits), 100 + np.arange(unrelated_hits)])
    return Claims(passenger, np.full(passenger.size, probability), passenger < 100), listed


def test_calibrated_claims_have_ratio_one() -> None:
    claims, listed = _claims(0.2, hits=50, unrelated_hits=200)
    rows = measures.calibration(claims, listed, one_in=100, resamples=50)  # the file has that share: all weigh 1
    assert [row["true"] for row in rows] == [0, 0, 0, 0, 0, 50]
    assert rows[-1]["unrelated"] == 200
    assert rows[-1]["ratio"] == pytest.approx(1.0)
    low, high = rows[-1]["interval"]
    assert low < 1.0 < high


def test_calibration_weighs_the_listed_to_the_share_asked_for() -> None:
    claims, listed = _claims(0.2, hits=50, unrelated_hits=200)
    row = measures.calibration(claims, listed, one_in=9_901, resamples=10)[-1]
    assert row["observed"] == pytest.approx(50 / 100)  # one listed among 9,900 others: each of the 100 weighs .01
    assert row["expected"] == pytest.approx(0.2 * (200 + 0.5))


def test_a_decade_with_few_true_pairs_is_not_estimable() -> None:
    claims, listed = _claims(0.002, hits=3, unrelated_hits=500)
    row = measures.calibration(claims, listed, one_in=100, resamples=10)[3]
    assert (row["from"], row["to"], row["estimable"]) == (1e-3, 1e-2, False)


def test_claims_of_some_passengers_are_numbered_anew() -> None:
    claims = Claims(np.array([0, 2, 3]), np.array([0.1, 0.2, 0.3]), np.array([True, False, True]))
    kept = claims.of(np.array([False, True, True, True]))
    assert kept.passenger.tolist() == [1, 2]
    assert kept.probability.tolist() == [0.2, 0.3]


def test_bounds_of_decades_belong_to_the_higher_one() -> None:
    listed = np.array([True] * 4)
    claims = Claims(np.arange(4), np.array([1e-7, 1e-3, 0.1, 1.0]), np.ones(4, bool))
    rows = measures.calibration(claims, listed, one_in=2, resamples=5)
    assert [row["true"] for row in rows] == [0, 0, 0, 1, 0, 2]
