"""The exported graph gives what LightGBM gives, above all next to thresholds and where values are missing or zero."""

from collections.abc import Iterator
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pytest

from training.export import ExportError, thresholds, to_onnx

ROWS, WIDTH = 3000, 6
SPECIAL = [np.nan, 0.0, -0.0, 1e-35, -1e-35, np.inf, -np.inf, np.finfo(np.float32).tiny, np.finfo(np.float32).max]
TOLERANCE = 1e-6
FLOATS = (np.finfo(np.float32).min, np.finfo(np.float32).max)


def data(missing: bool, zeros: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
    values[:, 1] = rng.integers(0, 5, ROWS)
    values[:, 2] = rng.random(ROWS) < 0.2
    values[:, 3] = np.round(values[:, 3], 1)
    label = (values[:, 0] + values[:, 1] * values[:, 2] + rng.normal(size=ROWS) > 1).astype(np.float64)
    if zeros:
        values[rng.random((ROWS, WIDTH)) < 0.4] = 0
    if missing:
        values[rng.random((ROWS, WIDTH)) < 0.2] = np.nan
    return values, label


def boost(values: np.ndarray, label: np.ndarray, trees: int = 40, **extra: Any) -> lightgbm.Booster:
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "deterministic": True, **extra}
    return lightgbm.train(settings, lightgbm.Dataset(values, label), trees)


def graph(booster: lightgbm.Booster, slope: float = 1.0, intercept: float = 0.0) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(to_onnx(booster, slope, intercept), options, providers=["CPUExecutionProvider"])


def raw(session: onnxruntime.InferenceSession, values: np.ndarray) -> np.ndarray:
    return session.run(["raw"], {"features": values})[0].reshape(-1)


def beside_thresholds(booster: lightgbm.Booster, values: np.ndarray) -> Iterator[np.ndarray]:
    """Rows of the data with one feature put next to each of its thresholds, or to a special value."""
    for feature, splits in thresholds(booster).items():
        at = np.clip(splits, *FLOATS).astype(np.float32)  # a split on missing alone has the largest double
        with np.errstate(over="ignore"):  # next to the largest float
            below, above = np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))
        near = np.concatenate([below, at, above, np.float32(SPECIAL)])
        for others in (values[:1], values[7:8]):
            rows = np.repeat(others, near.size, axis=0)
            rows[:, feature] = near
            yield rows


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("zeros", [False, True])
def test_the_graph_agrees_beside_every_threshold(missing: bool, zeros: bool) -> None:
    values, label = data(missing, zeros)
    booster = boost(values, label)
    session = graph(booster)
    rows = np.concatenate([values, *beside_thresholds(booster, values)])
    assert len(rows) > ROWS + 6 * sum(splits.size for splits in thresholds(booster).values())
    expected = booster.predict(rows, raw_score=True)
    assert np.abs(raw(session, rows) - expected).max() <= TOLERANCE


def test_thresholds_rounded_to_float32_would_not_agree() -> None:
    """The rows beside thresholds do catch a converter that rounds: some threshold lies strictly between two floats."""
    values, label = data(False, False)
    splits = np.concatenate(list(thresholds(boost(values, label)).values()))
    rounded = splits.astype(np.float32).astype(np.float64)
    assert (rounded > splits).any()


@pytest.mark.parametrize("rows", [1, 2, 300])
def test_rows_do_not_depend_on_each_other(rows: int) -> None:
    values, label = data(True, True)
    booster = boost(values, label)
    session = graph(booster)
    np.testing.assert_allclose(raw(session, values[:rows]), raw(session, values)[:rows], rtol=0, atol=1e-12)


def test_calibration_is_inside_the_graph() -> None:
    values, label = data(True, False)
    booster = boost(values, label)
    outputs = graph(booster, 0.8, -1.5).run(["raw", "log_odds", "probability"], {"features": values})
    margin, log_odds, probability = (output.reshape(-1) for output in outputs)
    assert all(output.dtype == np.float64 for output in outputs)
    np.testing.assert_allclose(log_odds, 0.8 * margin - 1.5, atol=1e-12)
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-log_odds)), atol=1e-12)


def test_a_tree_without_a_split_is_a_constant() -> None:
    values = np.zeros((200, 2), np.float32)
    booster = boost(values, np.arange(200) % 2.0, trees=3)
    session = graph(booster)
    np.testing.assert_allclose(raw(session, values[:5]), booster.predict(values[:5], raw_score=True), atol=TOLERANCE)


def test_zero_as_missing_is_refused() -> None:
    values, label = data(False, True)
    with pytest.raises(ExportError, match="zero_as_missing"):
        to_onnx(boost(values, label, zero_as_missing=True), 1.0, 0.0)


def test_categorical_splits_are_refused() -> None:
    values, label = data(False, False)
    booster = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_per_group": 1},
        lightgbm.Dataset(values[:, 1:3], values[:, 1] % 2, categorical_feature=[0], params={"verbose": -1}),
        5,
    )
    assert label.size
    with pytest.raises(ExportError, match="only <="):
        to_onnx(booster, 1.0, 0.0)
