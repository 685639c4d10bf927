"""Fit LightGBM on an earlier period, calibrate it on a later one, and freeze thresholds there.

Deterministic: fixed threads, row-wise histograms, one seed; two runs give the same artefact. Only features that the
catalogue lets into the model enter it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import CATALOGUE
from features.matrix import matrix
from training.dataset import DatasetError, periods, referable

Floats = npt.NDArray[np.float64]

BUDGETS = ("0.5", "1", "2", "6")  # referrals per 1,000 travellers
FEWEST_POSITIVES = 10
# Thresholds lie inside (0, 1) whatever the scores.
SMALLEST = 1e-12
PLATT_STEPS = 100


@dataclass(frozen=True)
class Settings:
    """Small trees and strong regularisation: labels are one in a thousand."""

    trees: int = 200
    leaves: int = 7
    rate: float = 0.05
    rows_per_leaf: int = 50
    l2: float = 10.0
    feature_share: float = 0.6
    row_share: float = 0.8
    threads: int = 1
    seed: int = 1


@dataclass(frozen=True)
class Fitted:
    """A fitted model with its calibration (log_odds = slope × raw + intercept) and thresholds by alert budget."""

    booster: lightgbm.Booster
    features: tuple[str, ...]
    slope: float
    intercept: float
    thresholds: dict[str, float]
    rows: int
    positives: int
    settings: Settings


def fit(table: pl.DataFrame, settings: Settings, progress: Callable[[float], None] = lambda share: None) -> Fitted:
    """Fit on the first period of the data set's table, calibrate and set thresholds on the second.

    `progress` gets the share of trees that stand. Raises DatasetError when either period has too few findings.
    """
    first, second, _ = periods(table)
    features = tuple(feature.id for feature in CATALOGUE if feature.model)
    _check(first, "fitting")
    _check(second, "calibration")
    booster = _boost(first, features, settings, progress)
    raw = np.asarray(booster.predict(matrix(second, features), raw_score=True), dtype=np.float64)
    labelled = second["label"].is_not_null().to_numpy()
    labels = second["label"].fill_null(0).to_numpy().astype(np.float64)
    slope, intercept = platt(raw[labelled], labels[labelled])
    if slope <= 0:
        raise DatasetError(
            f"data: the model does not rank findings of the calibration period (slope {slope:.3g}): more data is needed"
        )
    probability = 1 / (1 + np.exp(-(slope * raw + intercept)))
    return Fitted(
        booster=booster,
        features=features,
        slope=slope,
        intercept=intercept,
        thresholds=thresholds(probability[referable(second)], second.height),
        rows=first["label"].count(),
        positives=int(first["label"].sum()),
        settings=settings,
    )


def _check(period: pl.DataFrame, name: str) -> None:
    positives = int(period["label"].sum())
    if positives < FEWEST_POSITIVES:
        first, last = (str(day) for day in (period["day"].min(), period["day"].max()))
        raise DatasetError(
            f"data: {positives} findings in the {name} period {first} to {last}: at least {FEWEST_POSITIVES} "
            f"are needed, "
            "so simulate or collect more travellers"
        )


def _boost(
    period: pl.DataFrame, features: tuple[str, ...], settings: Settings, progress: Callable[[float], None]
) -> lightgbm.Booster:
    labelled = period.filter(pl.col("label").is_not_null())
    data = lightgbm.Dataset(
        matrix(labelled, features),
        labelled["label"].to_numpy().astype(np.float64),
        weight=labelled["weight"].to_numpy(),
        feature_name=list(features),
    )
    parameters = {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "min_data_in_leaf": settings.rows_per_leaf,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "num_threads": settings.threads,
        "seed": settings.seed,
        "deterministic": True,
        "force_row_wise": True,
        "zero_as_missing": False,
        "verbose": -1,
    }

    def tell(state: object) -> None:
        progress((state.iteration + 1) / settings.trees)  # type: ignore[attr-defined]

    return lightgbm.train(parameters, data, settings.trees, callbacks=[tell])


def platt(raw: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and intercept of P(y = 1) = sigmoid(slope × raw + intercept), maximum likelihood by Newton's method.

    Targets are smoothed as in Platt (1999): (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2).
    """
    positives = labels.sum()
    target = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (labels.size - positives + 2))
    design = np.stack([raw, np.ones_like(raw)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(PLATT_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ weights, -500, 500)))
        gradient = design.T @ (target - probability)
        hessian = (design * (probability * (1 - probability))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step * min(1.0, 5 / float(np.abs(step).max() + 1e-12))
        if float(np.abs(step).max()) < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def thresholds(probability: Floats, travellers: int) -> dict[str, float]:
    """Per alert budget the probability that so many of a thousand `travellers` reach; `probability`: of those who may "
    "be referred."""
    descending = np.sort(probability)[::-1]
    found = {}
    for budget in BUDGETS:
        place = min(max(0, int(travellers * float(budget) / 1000) - 1), descending.size - 1)
        found[budget] = float(np.clip(descending[place], SMALLEST, 1 - SMALLEST))
    return found
